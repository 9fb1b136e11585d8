"""`cxradain segment` and `translate`: files in, files out, and none lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from cxradain import cli, files
from dicom_files import write
from PIL import Image
from small_models import chest


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_radiograph_of_a_folder_gets_a_mask(inbox: Path, tmp_path: Path, capsys) -> None:
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


def test_masks_equal_those_of_the_segmenter(inbox: Path, tmp_path: Path) -> None:
    from cxradain.imaging.radiograph import read_radiograph
    from cxradain.models.segmenter import Segmenter

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


def test_geometry_is_kept_of_a_file_without_an_ending(models: Path, tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(chest())
    image.SetSpacing((0.2, 0.3))
    image.SetOrigin((-12.0, 34.0))
    sitk.WriteImage(image, str(tmp_path / "IM0001.nrrd"))
    (tmp_path / "IM0001.nrrd").rename(tmp_path / "IM0001")
    assert run("segment", tmp_path / "IM0001", "--output", tmp_path / "out", "--device", "cpu") == 0
    mask = sitk.ReadImage(str(tmp_path / "out" / "IM0001.nrrd"))
    assert mask.GetSpacing() == pytest.approx((0.2, 0.3)) and mask.GetOrigin() == (-12, 34)


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
    write(tmp_path / "cr.dcm", chest(), PixelSpacing=[0.15, 0.16])
    out = tmp_path / "out"
    inputs = (tmp_path / "cr.dcm", inbox / "a.png")
    assert run("segment", *inputs, "--output", out, "--device", "cpu") == 0
    assert sitk.ReadImage(str(out / "cr.nrrd")).GetSpacing() == pytest.approx((0.16, 0.15))
    assert sitk.ReadImage(str(out / "a.nrrd")).GetSpacing() == (1, 1)


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


def test_unreadable_files_alone_are_a_failure(models: Path, tmp_path: Path, capsys) -> None:
    assert run("segment", tmp_path / "absent.png", "--output", tmp_path / "out") == 1
    assert "absent.png" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run("segment", tmp_path / "empty", "--output", tmp_path / "out") == 1
    assert "empty: holds no radiographs" in capsys.readouterr().err


def test_files_of_the_same_name_get_separate_results(inbox: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    image = Image.open(inbox / "a.png")
    for path in (inbox / "a.jpg", other / "a.png"):
        image.save(path)
    out = tmp_path / "out"
    inputs = (inbox / "a.png", inbox / "a.jpg", other / "a.png")
    assert run("segment", *inputs, "--output", out, "--format", "png", "--device", "cpu") == 0
    assert names(out) == ["a-2.png", "a-3.png", "a.png"]


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


def test_a_slice_of_four_axes_has_a_mask_in_its_own_two(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "four.nrrd"
    sitk.WriteImage(sitk.GetImageFromArray(chest()[None, None], isVector=False), str(path))
    assert run("segment", path, "--output", tmp_path / "out", "--format", "nrrd", "--device", "cpu") == 0
    mask = sitk.ReadImage(str(tmp_path / "out" / "four.nrrd"))
    assert mask.GetSize() == chest().shape[::-1]
