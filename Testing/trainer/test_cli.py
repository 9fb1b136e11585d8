"""The command line: files in, files out, and what is said when something is wrong."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from cxradain import cli, files
from cxradain.commands import batch, info
from cxradain.files import output_names, replace_atomically, stem
from PIL import Image
from small_models import chest, save_small_model

TRAINER = Path(cli.__file__).parents[1]


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of bundled models holds the small one alone."""
    folder = tmp_path / "models"
    save_small_model(folder / "compact")
    monkeypatch.setenv("CXRADAIN_MODELS", str(folder))
    return folder


@pytest.fixture
def inbox(tmp_path: Path, models: Path) -> Path:
    """A folder of two radiographs."""
    folder = tmp_path / "in"
    folder.mkdir()
    for seed, name in enumerate(("a.png", "b.png")):
        Image.fromarray((chest(seed=seed) // 16).astype(np.uint8)).save(folder / name)
    return folder


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_becomes_one_mask_each(inbox: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    assert run("segment", inbox, "--output", out, "--format", "png", "--device", "cpu") == 0
    assert names(out) == ["a.png", "b.png"]
    for name in names(out):
        mask = np.asarray(Image.open(out / name))
        assert mask.shape == (150, 120) and mask.dtype == np.uint8
        assert set(np.unique(mask)) <= {0, 1, 2}
    said = capsys.readouterr()
    assert [line.split(":")[0] for line in said.out.splitlines()] == [str(out / n) for n in names(out)]
    assert said.err == ""


def test_masks_are_the_segmenters(inbox: Path, tmp_path: Path) -> None:
    from cxradain.radiograph import read_radiograph
    from cxradain.segmenter import Segmenter

    for mode in ("student", "teacher", "direct"):
        out = tmp_path / mode
        assert run("segment", inbox / "a.png", "--output", out, "--mode", mode, "--device", "cpu") == 0
        found = Segmenter(device="cpu").predict(read_radiograph(inbox / "a.png"), mode)
        written = sitk.GetArrayFromImage(sitk.ReadImage(str(out / "a.nrrd")))
        assert np.array_equal(written, found.labels)


@pytest.mark.parametrize(("format", "ending"), [("nrrd", ".nrrd"), ("nifti", ".nii.gz")])
@pytest.mark.parametrize("source", ["nrrd", "nii.gz", "mha"])
def test_geometry_is_kept(format: str, ending: str, source: str, models: Path, tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(chest())
    image.SetSpacing((0.2, 0.3))
    image.SetOrigin((-12.0, 34.0))
    path = tmp_path / f"placed.{source}"
    sitk.WriteImage(image, str(path))
    assert run("segment", path, "--output", tmp_path / "out", "--format", format, "--device", "cpu") == 0
    given, mask = sitk.ReadImage(str(path)), sitk.ReadImage(str(tmp_path / "out" / f"placed{ending}"))
    assert mask.GetSize() == given.GetSize()
    assert mask.GetSpacing() == pytest.approx(given.GetSpacing())
    assert mask.GetOrigin() == pytest.approx(given.GetOrigin())
    assert mask.GetDirection() == pytest.approx(given.GetDirection())


def test_a_volume_of_one_slice_gets_a_mask_of_one_slice(models: Path, tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(chest()[None])
    image.SetSpacing((0.2, 0.3, 1.5))
    image.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
    sitk.WriteImage(image, str(tmp_path / "slice.nrrd"))
    assert run("segment", tmp_path / "slice.nrrd", "--output", tmp_path / "out", "--device", "cpu") == 0
    mask = sitk.ReadImage(str(tmp_path / "out" / "slice.nrrd"))
    assert mask.GetSize() == (120, 150, 1)
    assert mask.GetSpacing() == pytest.approx((0.2, 0.3, 1.5))
    assert mask.GetDirection() == image.GetDirection()


def test_a_calibrated_dicom_gives_its_spacing_and_an_uncalibrated_image_none(
    inbox: Path, tmp_path: Path
) -> None:
    write_dicom(tmp_path / "cr.dcm", spacing=[0.15, 0.16])
    out = tmp_path / "out"
    inputs = (tmp_path / "cr.dcm", inbox / "a.png")
    assert run("segment", *inputs, "--output", out, "--device", "cpu") == 0
    assert sitk.ReadImage(str(out / "cr.nrrd")).GetSpacing() == pytest.approx((0.16, 0.15))
    assert sitk.ReadImage(str(out / "a.nrrd")).GetSpacing() == (1, 1)


def write_dicom(path: Path, spacing: list[float]) -> None:
    """A computed radiograph of the drawn chest."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = ComputedRadiographyImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = generate_uid()
    data.Modality, data.BodyPartExamined, data.ViewPosition = "CR", "CHEST", "PA"
    data.PatientName, data.PatientID = "Secret^Name", "SECRET-ID"
    data.PixelSpacing = spacing
    data.set_pixel_data(chest(), "MONOCHROME2", 12)
    data.save_as(path, enforce_file_format=True)


def test_overlays_are_pictures_in_color(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("segment", inbox, "--output", out, "--overlay", "--device", "cpu") == 0
    assert names(out) == ["a-overlay.png", "a.nrrd", "b-overlay.png", "b.nrrd"]
    picture = Image.open(out / "a-overlay.png")
    assert (picture.mode, picture.size) == ("RGB", (120, 150))


def test_a_bad_file_among_good_ones_is_named_and_the_rest_go_on(inbox: Path, tmp_path: Path, capsys) -> None:
    (inbox / "aa-broken.png").write_bytes((inbox / "a.png").read_bytes()[:200])
    Image.fromarray(np.full((80, 80), 7, np.uint8)).save(inbox / "blank.png")
    out, absent = tmp_path / "out", tmp_path / "absent.dcm"
    files = (inbox / name for name in names(inbox))
    assert run("segment", absent, *files, "--output", out, "--device", "cpu") == 1
    assert names(out) == ["a.nrrd", "b.nrrd"]
    complaints = capsys.readouterr().err.splitlines()
    assert len(complaints) == 3
    for line, name in zip(complaints, ("absent.dcm", "aa-broken.png", "blank.png"), strict=True):
        assert name in line


def test_nothing_but_bad_files_is_a_failure_too(models: Path, tmp_path: Path, capsys) -> None:
    assert run("segment", tmp_path / "absent.png", "--output", tmp_path / "out") == 1
    assert "absent.png" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run("segment", tmp_path / "empty", "--output", tmp_path / "out") == 1
    assert "empty: holds no radiographs" in capsys.readouterr().err


def test_files_alike_get_a_result_each(inbox: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    image = Image.open(inbox / "a.png")
    for path in (inbox / "a.jpg", other / "a.png"):
        image.save(path)
    out = tmp_path / "out"
    inputs = (inbox / "a.png", inbox / "a.jpg", other / "a.png")
    assert run("segment", *inputs, "--output", out, "--format", "png", "--device", "cpu") == 0
    assert names(out) == ["a-2.png", "a-3.png", "a.png"]


@pytest.mark.parametrize(
    ("inputs", "endings", "expected"),
    [
        (["a.png", "b.png"], [".nrrd"], ["a", "b"]),
        (["x/a.png", "x/a.jpg", "y/a.png"], [".nrrd"], ["a", "a-2", "a-3"]),
        (["a.png", "a.jpg", "a-2.png"], [".nrrd"], ["a", "a-3", "a-2"]),
        (["a.png", "A.png"], [".nrrd"], ["a", "A-2"]),
        (["a.png", "a-overlay.png"], [".png", "-overlay.png"], ["a", "a-overlay-2"]),
        (["1.2.840.1", "1.2.840.2"], [".nrrd"], ["1.2.840.1", "1.2.840.2"]),
    ],
)
def test_names_are_the_stems_and_never_the_same(inputs, endings, expected) -> None:
    assert output_names(inputs, endings) == expected


def test_stems() -> None:
    given = ("a.nii.gz", "b.c.dcm", "IM0001", ".hidden", "1.2.3", "dir.x/e.TIFF")
    assert [stem(name) for name in given] == ["a", "b.c", "IM0001", ".hidden", "1.2.3", "e"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mask.nrrd"
    path.write_text("old")

    def fail(temporary: Path) -> None:
        assert temporary.suffix == ".nrrd" and temporary.parent == tmp_path
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        replace_atomically(path, fail)
    assert names(tmp_path) == ["mask.nrrd"] and path.read_text() == "old"


def test_the_old_result_is_there_until_the_new_one_is_whole(inbox: Path, tmp_path: Path, monkeypatch) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").write_text("old")
    seen = []
    real = files.os.replace

    def watch(source, target):
        seen.append(((out / "a.png").read_text(), np.asarray(Image.open(source)).shape))
        real(source, target)

    monkeypatch.setattr(files.os, "replace", watch)
    arguments = ("segment", inbox / "a.png", "--output", out, "--format", "png", "--device", "cpu")
    assert run(*arguments) == 0
    assert seen == [("old", (150, 120))]
    assert names(out) == ["a.png"]
    assert Image.open(out / "a.png").size == (120, 150)


def test_an_output_that_cannot_be_written_is_a_failure_of_its_input(
    inbox: Path, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "out"
    (out / "a.nrrd").mkdir(parents=True)
    assert run("segment", inbox, "--output", out, "--device", "cpu") == 1
    assert names(out) == ["a.nrrd", "b.nrrd"]
    assert "a.png" in capsys.readouterr().err


def test_inputs_are_never_overwritten(inbox: Path, capsys) -> None:
    before = (inbox / "a.png").read_bytes()
    for command in (("segment", "--format", "png"), ("translate",)):
        assert run(*command, inbox, "--output", inbox, "--device", "cpu") == 2
        assert "another --output" in capsys.readouterr().err
    assert (inbox / "a.png").read_bytes() == before and names(inbox) == ["a.png", "b.png"]


def test_translations_are_images_of_the_radiographs_size(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("translate", inbox, "--output", out, "--device", "cpu") == 0
    assert names(out) == ["a.png", "b.png"]
    picture = Image.open(out / "a.png")
    assert (picture.mode, picture.size) == ("L", (120, 150))


def test_info_tells_of_model_and_machine(models: Path, capsys) -> None:
    assert run("info", "--device", "cpu") == 0
    said = capsys.readouterr().out
    for word in ("not for diagnosis", "torch: ", "device: cpu", "model: small 1", "canvas: 64"):
        assert word in said


def test_info_tells_what_was_read_and_nothing_of_the_patient(tmp_path: Path, capsys) -> None:
    write_dicom(tmp_path / "cr.dcm", spacing=[0.15, 0.16])
    Image.fromarray((chest() // 16).astype(np.uint8)).save(tmp_path / "plain.png")
    assert run("info", tmp_path / "cr.dcm", tmp_path / "plain.png", tmp_path / "gone.png") == 1
    said = capsys.readouterr()
    first, second = said.out.splitlines()
    assert "cr.dcm: 120 x 150 pixels, uint16" in first and "0.15 x 0.16 mm" in first
    assert "uncalibrated" in second
    assert "gone.png" in said.err
    assert "secret" not in (said.out + said.err).lower()


def test_a_card_is_shown_whole() -> None:
    card = {"name": "x", "figures": {"dev": [0.9, {"n": 3}]}, "limits": []}
    assert list(info.lines(card)) == [
        "name: x",
        "figures:",
        "  dev:",
        "    - 0.9",
        "    -",
        "      n: 3",
        "limits: []",
    ]


@pytest.fixture
def dataset(tmp_path: Path, models: Path) -> Path:
    """Four labelled cases in the split "dev", one of them without its image's file, and one unlabelled."""
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    with (folder / "manifest.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "split", "source", "patient_group", "mask"])
        for number in range(5):
            name, labelled = f"case{number}", number < 4
            split = "dev" if labelled else "unlabelled"
            rows.writerow([name, split, f"s{number % 2}", f"p{number}", "masks" if labelled else ""])
            pixels = chest(seed=number)
            if number != 3:
                Image.fromarray((pixels // 16).astype(np.uint8)).save(folder / "images" / f"{name}.png")
            mask = np.zeros(pixels.shape, np.uint8)
            mask[40:110, 20:50], mask[40:110, 70:100] = 1, 2
            Image.fromarray(mask).save(folder / "masks" / f"{name}.png")
    return folder


def test_evaluate_writes_figures_and_a_page(dataset: Path, tmp_path: Path, capsys) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "page.html"
    where = ("--data", dataset, "--split", "dev", "--json", figures, "--report", page)
    assert run("evaluate", *where, "--mode", "direct", "--device", "cpu") == 1
    results = json.loads(figures.read_text())
    assert list(results["failed"]) == ["case3"]
    assert (results["mode"], results["model"], results["split"]) == ("direct", "small 1", "dev")
    for part in (results["overall"], *results["sources"].values()):
        for region in ("union", "right", "left"):
            for metric in ("dice", "iou", "assd", "hd95"):
                assert set(part[region][metric]) == {"mean", "ci95", "p10", "n"}
    assert sorted(results["sources"]) == ["s0", "s1"]
    said = capsys.readouterr()
    assert "case3" in said.err and "overall: " in said.out
    html = page.read_text()
    assert "not for diagnosis" in html and html.count("<img") == 3


def test_evaluate_of_a_split_without_masks_tells_of_flags(dataset: Path, tmp_path: Path, capsys) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "page.html"
    where = ("--data", dataset, "--split", "unlabelled", "--json", figures, "--report", page)
    assert run("evaluate", *where, "--device", "cpu") == 0
    assert json.loads(figures.read_text())["flags"]["any"]["n"] == 1
    assert "flagged" in capsys.readouterr().out and "low_confidence" in page.read_text()


def test_wrong_use_is_told_apart(dataset: Path, inbox: Path, tmp_path: Path, capsys) -> None:
    out = ("--output", tmp_path / "out")
    for arguments, word in (
        (("evaluate", "--data", dataset, "--split", "test", "--json", tmp_path / "f.json"), "dev"),
        (("evaluate", "--data", tmp_path / "no", "--split", "dev", "--json", tmp_path / "f.json"), "folder"),
        (("segment", inbox, *out, "--model", tmp_path / "no-model"), "no-model"),
        (("segment", inbox, *out, "--device", "abacus"), "abacus"),
    ):
        assert run(*arguments) == 2
        assert word in capsys.readouterr().err
    for arguments in (
        (),
        ("segment", inbox),
        ("segment", *out),
        ("polish",),
        ("segment", inbox, *out, "--mode", "x"),
    ):
        with pytest.raises(SystemExit) as stop:
            run(*arguments)
        assert stop.value.code == 2


def test_help_comes_without_torch_and_at_once() -> None:
    code = (
        "import sys; from cxradain import cli\n"
        "try: cli.main(['segment', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'torch', 'numpy', 'monai', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    assert "--overlay" in done.stdout


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(TRAINER)}


def test_the_next_radiograph_is_read_while_one_is_computed(inbox: Path, monkeypatch) -> None:
    paths = [inbox / "a.png", inbox / "b.png"]
    threads, second_read = [], threading.Event()

    def read(path: Path):
        threads.append(threading.current_thread())
        if path == paths[1]:
            second_read.set()
        return path

    monkeypatch.setattr(batch, "read_radiograph", read)
    reading = batch.read_ahead(paths)
    path, first = next(reading)
    assert first.result() == path == paths[0]
    assert second_read.wait(10), "the second file is read before it is asked for"
    assert [path for path, _ in reading] == [paths[1]]
    assert threading.main_thread() not in threads


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_cleanly(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "cxradain", "segment", *[str(inbox / "a.png")] * 500]
    process = subprocess.Popen(
        [*command, "--output", str(out), "--device", "cpu"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.splitlines() == ["cxradain: stopped."]
    assert time.monotonic() - start < 30
    assert not [name for name in names(out) if name.startswith(".")]


def test_a_terminal_sees_progress_on_standard_error(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with batch.progress_bar(4) as advance:
        advance(3)
        print("a result")
    said = capsys.readouterr()
    assert said.out == "a result\n"
    assert "3/4" in said.err
