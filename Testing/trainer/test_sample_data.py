"""The bundled samples: each opens, is attributed, and has a mask that lies on it."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pydicom
import pytest
from cxradain.radiograph import read_radiograph
from PIL import Image

FOLDER = Path(__file__).parents[2] / "Resources" / "SampleData"


def rows() -> list[dict[str, str]]:
    with (FOLDER / "samples.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


ROWS = rows()
each = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])


def test_there_are_six_normal_and_not_one_as_dicom_and_they_are_small() -> None:
    assert len(ROWS) == len({row["id"] for row in ROWS}) == 6
    assert [Path(row["file"]).suffix for row in ROWS].count(".dcm") == 1
    assert {"No Finding", "normal", "COVID-19", "bacterial pneumonia"} == {row["finding"] for row in ROWS}
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.suffix != ".pyc") < 4_000_000


def test_nothing_lies_there_unlisted() -> None:
    listed = {row["file"] for row in ROWS} | {row["mask"] for row in ROWS if row["mask"]}
    images = {".png", ".jpg", ".jpeg", ".dcm"}
    lying = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in images}
    assert lying == listed


@each
def test_it_opens_without_a_warning_with_dark_lungs_and_is_uncalibrated(row: dict[str, str]) -> None:
    radiograph = read_radiograph(FOLDER / row["file"])
    assert min(radiograph.shape) >= 640
    assert radiograph.warnings == () and radiograph.spacing is None and not radiograph.inverted
    seen = radiograph.intensities()
    assert seen.dtype == np.float32 and seen.min() >= 0 and seen.max() <= 1 and seen.std() > 0.1


@each
def test_it_is_attributed(row: dict[str, str]) -> None:
    text = (FOLDER / "ATTRIBUTION.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if f"`{row['file']}`" in line)
    licence = "no restriction" if row["licence"].startswith("NIH") else row["licence"]
    assert licence in line
    assert row["attribution"] and row["source"]
    assert bool(row["mask"]) == bool(row["mask_licence"])


@pytest.mark.parametrize("row", [row for row in ROWS if row["mask"]], ids=lambda row: row["file"])
def test_its_mask_lies_on_it(row: dict[str, str]) -> None:
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
    assert (dataset.PatientIdentityRemoved, dataset.BurnedInAnnotation) == ("YES", "NO")
    assert str(dataset.PatientName).startswith("Sample^") and not dataset.PatientBirthDate
    assert "PixelSpacing" not in dataset and "ImagerPixelSpacing" not in dataset
    assert dataset.file_meta.TransferSyntaxUID.is_compressed


def test_the_dicom_file_is_what_the_script_writes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_samples", FOLDER / "make_samples.py")
    make_samples = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_samples)
    row = next(row for row in ROWS if row["file"].endswith(".dcm"))
    bundled = FOLDER / row["file"]
    source = tmp_path / "source.png"
    Image.fromarray(pydicom.dcmread(bundled).pixel_array).save(source)
    make_samples.write_dicom(source, tmp_path / "again.dcm", row["id"], row["view"])
    again, there = pydicom.dcmread(tmp_path / "again.dcm"), pydicom.dcmread(bundled)
    assert again.SOPInstanceUID == there.SOPInstanceUID, "the identifiers follow from the name"
    assert np.array_equal(again.pixel_array, there.pixel_array)
    assert set(again.keys()) == set(there.keys())
