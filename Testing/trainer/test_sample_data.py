"""The bundled samples: each opens, is attributed, and has a mask that lies on it."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pydicom
import pytest
from cxradain import cli
from cxradain.imaging.radiograph import read_radiograph
from PIL import Image

RESOURCES = Path(__file__).parents[2] / "Resources"
FOLDER = RESOURCES / "SampleData"
BESIDE = tuple(RESOURCES / name for name in ("SampleMasks", "SampleThumbnails", "SampleCalibrated"))
CALIBRATED = BESIDE[2] / "with_spacing_made_up__00001281_000.dcm"


def rows() -> list[dict[str, str]]:
    with (FOLDER / "samples.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


ROWS = rows()
each = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])


def test_five_small_samples_normal_and_abnormal_and_one_of_made_up_spacing() -> None:
    assert len(ROWS) == len({row["id"] for row in ROWS}) == 6
    assert [Path(row["file"]).name for row in ROWS if row["file"].endswith(".dcm")][1:] == [CALIBRATED.name]
    assert {"No Finding", "normal", "COVID-19", "bacterial pneumonia"} == {row["finding"] for row in ROWS}
    files = [path for folder in (FOLDER, *BESIDE) for path in folder.iterdir()]
    assert sum(path.stat().st_size for path in files) < 3_000_000


def test_folder_has_only_the_files_of_its_table() -> None:
    listed = [row[column] for row in ROWS for column in ("file", "mask", "thumbnail") if row[column]]
    lying = {path.resolve() for folder in (FOLDER, *BESIDE) for path in folder.rglob("*")}
    tables = {FOLDER / "samples.csv", FOLDER / "ATTRIBUTION.md"}
    assert len(listed) == 6 + 3 + 6
    assert lying == {(FOLDER / name).resolve() for name in listed} | tables


def test_session_add_finds_five_radiographs_in_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert cli.main(["session", "create", str(tmp_path / "s")]) == 0
    assert cli.main(["session", "add", str(tmp_path / "s"), str(FOLDER)]) == 0
    said = capsys.readouterr()
    assert "5 added." in said.out and said.err == f"{FOLDER}: passed over 2: .md (1), .csv (1).\n"


def test_segment_finds_five_radiographs_in_the_folder(models: Path, tmp_path: Path) -> None:
    assert cli.main(["segment", str(FOLDER), "--output", str(tmp_path / "out"), "--device", "cpu"]) == 0
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {
        row["id"] for row in ROWS if not row["file"].startswith("..")
    }


def test_masks_of_the_samples_are_recognized(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["session", "create", str(tmp_path / "s")]) == 0
    assert cli.main(["session", "add", str(tmp_path / "s"), str(BESIDE[0])]) == 0
    assert "masks (3)" in capsys.readouterr().err
    masks = [RESOURCES / "SampleData" / row["mask"] for row in ROWS if row["mask"]]
    assert cli.main(["session", "add", str(tmp_path / "s"), *map(str, masks)]) == 1
    said = capsys.readouterr()
    assert "0 added." in said.out
    for mask in masks:
        assert f"{mask}: looks like a mask, not a radiograph" in said.err


def test_samples_include_healthy_and_diseased_adults() -> None:
    lines = (FOLDER / "ATTRIBUTION.md").read_text(encoding="utf-8").splitlines()
    adults = [line for line in lines if line.startswith("|") and "(adult, " in line]
    found = {row["finding"] for row in ROWS if any(f"`{row['file']}`" in line for line in adults)}
    assert found == {"No Finding", "COVID-19"}


@each
def test_sample_opens_in_other_software(row: dict[str, str]) -> None:
    if row["file"].endswith(".dcm"):
        pixels = pydicom.dcmread(FOLDER / row["file"]).pixel_array
    else:
        with Image.open(FOLDER / row["file"]) as image:
            pixels = np.asarray(image)
    assert pixels.ndim == 2 and pixels.dtype == np.uint8
    assert np.array_equal(pixels, read_radiograph(FOLDER / row["file"]).pixels)


@each
def test_sample_is_read_without_warning_with_dark_lungs_and_uncalibrated(row: dict[str, str]) -> None:
    radiograph, made_up = read_radiograph(FOLDER / row["file"]), Path(row["file"]).name == CALIBRATED.name
    assert min(radiograph.shape) >= 512 if made_up else 640
    assert radiograph.warnings == () and not radiograph.inverted
    assert (radiograph.spacing is not None) is made_up
    seen = radiograph.intensities()
    assert seen.dtype == np.float32 and seen.min() >= 0 and seen.max() <= 1 and seen.std() > 0.1


@each
def test_sample_is_attributed(row: dict[str, str]) -> None:
    text = (FOLDER / "ATTRIBUTION.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if f"`{row['file']}`" in line)
    licence = "no restriction" if row["licence"].startswith("NIH") else row["licence"]
    assert licence in line
    assert row["attribution"] and row["source"]
    assert bool(row["mask"]) == bool(row["mask_licence"]) == ("; mask: V7 Labs" in row["attribution"])
    assert "For research, not for diagnosis." in text


@pytest.mark.parametrize("row", [row for row in ROWS if row["mask"]], ids=lambda row: row["file"])
def test_mask_lies_on_the_lungs_of_its_sample(row: dict[str, str]) -> None:
    with Image.open(FOLDER / row["mask"]) as image:
        mask = np.asarray(image)
    seen = read_radiograph(FOLDER / row["file"]).intensities()
    assert mask.dtype == np.uint8 and max(mask.shape) == 384 and set(np.unique(mask)) == {0, 1, 2}
    scale = 384 / max(seen.shape)
    assert np.allclose(np.multiply(seen.shape, scale), mask.shape, atol=1), "the same aspect"
    right, left = (np.argwhere(mask == lung) for lung in (1, 2))
    assert right[:, 1].mean() < left[:, 1].mean(), "the patient's right is on the image's left"
    small = np.asarray(Image.fromarray(seen).resize(mask.shape[::-1], Image.Resampling.BOX))
    between = (mask == 0) & np.maximum.accumulate(mask == 1, 1)
    between &= np.maximum.accumulate((mask == 2)[:, ::-1], 1)[:, ::-1]
    assert small[mask > 0].mean() < small[between].mean(), "the lungs are darker than the spine between them"


def test_the_dicom_file_is_a_deidentified_chest() -> None:
    dataset = pydicom.dcmread(next(FOLDER.glob("*.dcm")))
    assert (dataset.Modality, dataset.BodyPartExamined, dataset.ViewPosition) == ("CR", "CHEST", "PA")
    assert (dataset.PatientName, dataset.PatientID) == ("Sample^Radiograph", "SAMPLE")
    assert (dataset.PatientIdentityRemoved, dataset.BurnedInAnnotation) == ("YES", "NO")
    assert dataset.DeidentificationMethod and list(dataset.PatientOrientation) == ["L", "F"]
    telling = ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "StudyID")
    assert not any(dataset[keyword].value for keyword in (*telling, "ReferringPhysicianName"))
    assert not any(element.tag.is_private for element in dataset)
    assert "PixelSpacing" not in dataset and "ImagerPixelSpacing" not in dataset
    assert dataset.file_meta.TransferSyntaxUID.is_compressed
    uids = {dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID}
    assert len(uids) == 3 and all(uid.is_valid for uid in uids)


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", RESOURCES / "make_samples.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_dicom_sample_is_what_the_script_writes(tmp_path: Path) -> None:
    script = load_script()
    row = next(row for row in ROWS if row["file"].endswith(".dcm"))
    bundled = pydicom.dcmread(FOLDER / row["file"])
    source = tmp_path / "source.png"
    Image.fromarray(bundled.pixel_array).save(source)
    for target in ("again.dcm", "twice.dcm"):
        script.write_dicom(source, tmp_path / target, row["id"], row["view"])
    assert (tmp_path / "again.dcm").read_bytes() == (tmp_path / "twice.dcm").read_bytes()
    again = pydicom.dcmread(tmp_path / "again.dcm")
    assert np.array_equal(again.pixel_array, bundled.pixel_array)
    del again.PixelData, bundled.PixelData  # another version of the encoder may write other bytes
    assert again == bundled


def test_the_calibrated_sample_says_that_its_spacing_is_made_up(tmp_path: Path) -> None:
    bundled = pydicom.dcmread(CALIBRATED)
    assert "made up" in bundled.ImageComments and "Made up" in bundled.PixelSpacingCalibrationDescription
    assert read_radiograph(CALIBRATED).spacing == (0.7, 0.7)
    script = load_script()
    source = FOLDER / f"{script.ORIGINAL}.png"
    script.write_dicom(source, tmp_path / "again.dcm", script.CALIBRATED, "", script.SPACING)
    again = pydicom.dcmread(tmp_path / "again.dcm")
    assert np.array_equal(again.pixel_array, bundled.pixel_array)
    lines = (FOLDER / "ATTRIBUTION.md").read_text("utf-8").splitlines()
    assert "pixel spacing of 0.7 mm made up" in next(line for line in lines if CALIBRATED.name in line)


def test_a_color_picture_becomes_its_luminance(tmp_path: Path) -> None:
    gray = np.arange(64 * 64, dtype=np.uint16).astype(np.uint8).reshape(64, 64)
    color = np.stack([gray, gray, gray], 2)
    color[0, 0] = 255, 0, 0
    Image.fromarray(color).save(tmp_path / "color.png")
    load_script().write_dicom(tmp_path / "color.png", tmp_path / "made.dcm", "color", "AP")
    made = pydicom.dcmread(tmp_path / "made.dcm").pixel_array
    assert made[0, 0] == 76, "0.299 of 255"
    assert np.array_equal(made.ravel()[1:], gray.ravel()[1:])


def test_the_script_rebuilds_the_folder(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    originals = shared_data.parent / "samples"
    if not originals.is_dir():
        pytest.skip(f"no radiographs at their original size at {originals}")
    script = load_script()
    monkeypatch.setattr(script, "HERE", tmp_path)
    script.main(originals, shared_data)
    made = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert len(made) == 6 + sum(bool(row["mask"]) for row in ROWS) + 6 + 1
    for path in made:
        if path.parts[0] == "SampleThumbnails":  # another Pillow may pack it otherwise
            with Image.open(tmp_path / path) as again, Image.open(RESOURCES / path) as bundled:
                assert np.array_equal(np.asarray(again), np.asarray(bundled)), path
        elif path.suffix != ".dcm":  # compared above
            assert (tmp_path / path).read_bytes() == (RESOURCES / path).read_bytes(), path
