"""What a session exports is read back by others' means, and tells nothing of the patient."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from cxradain import cli
from cxradain.evaluation.dataset import cases as dataset_cases
from cxradain.evaluation.dataset import read_manifest, read_mask
from cxradain.sessions.burned_in import text_is_likely
from cxradain.sessions.export_cases import NOTE, best, choose
from cxradain.sessions.records import MODEL, Origin
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import COPIES, REFERENCES, Session
from dicom_files import write
from PIL import Image, ImageDraw
from small_models import chest

ORIGIN = Origin(model_id="compact 1", model_hash="ab" * 32, mode="student")
PATIENT = {"PatientName": "Roe^Richard", "PatientID": "ID-31337", "StudyDate": "20200102"}
HIDDEN = ("Roe", "ID-31337", "20200102", "Reader Ann")


def labels(number: int = 0) -> np.ndarray:
    """(150, 120) labels of both lungs with an uneven outline."""
    rows, columns = np.mgrid[0:150, 0:120]
    made = np.zeros((150, 120), np.uint8)
    for lung, middle in ((1, 35), (2, 84)):
        made[((rows - 75 - number) / 50) ** 2 + ((columns - middle) / 18) ** 2 < 1] = lung
    return made


@pytest.fixture(params=[COPIES, REFERENCES])
def made(request, tmp_path: Path) -> Path:
    """A session of a CR, an inverted DX and a PNG, each with a corrected mask."""
    source = tmp_path / "Roe"
    source.mkdir()
    dx = pydicom.uid.DigitalXRayImageStorageForPresentation
    write(
        source / "Roe_1.dcm",
        chest(),
        PixelSpacing=[0.2, 0.3],
        StudyInstanceUID=uid(1),
        SeriesInstanceUID=uid(2),
        **PATIENT,
    )
    write(
        source / "Roe_2.dcm",
        chest(seed=1),
        PhotometricInterpretation="MONOCHROME1",
        SOPClassUID=dx,
        Modality="DX",
        StudyInstanceUID=uid(1),
        SeriesInstanceUID=uid(3),
        **PATIENT,
    )
    Image.fromarray((chest(seed=2) // 16).astype(np.uint8)).save(source / "Roe_3.png")
    with Session.create(tmp_path / "s", request.param) as opened:
        for number, path in enumerate(sorted(source.iterdir())):
            image, fault = add_file(opened, path)
            assert not fault
            opened.add_mask(image.key, labels(number), "Reader Ann", "corrected", ORIGIN)
    return tmp_path / "s"


def uid(number: int) -> str:
    return f"1.2.826.0.1.3680043.8.498.{number}"


def export(session: Path, format: str, *more: str) -> Path:
    if format == "dicom-seg":
        pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    out = session.parent / f"out-{format}{len(more)}"
    assert cli.main(["session", "export", str(session), "--format", format, "--output", str(out), *more]) == 0
    assert NOTE in (out / "README.txt").read_text()
    return out


def hides(folder: Path) -> bool:
    """Whether no file or file name below tells the patient or the reader."""
    every = [p for p in folder.rglob("*") if p.is_file()]
    told = [(p, text) for p in every for text in HIDDEN if text.encode() in p.read_bytes() or text in p.name]
    assert not told, told
    return bool(every)


def test_png_is_the_shared_data_set_format(made: Path) -> None:
    out = export(made, "png")
    assert hides(out)
    cases = read_manifest(out)
    assert [case.id for case in cases] == ["case-00001", "case-00002", "case-00003"]
    assert cases[0].patient_group == cases[1].patient_group != cases[2].patient_group
    assert {case.split for case in cases} <= {"train", "validation"}
    assert cases[0].split == cases[1].split
    assert dataset_cases(out, cases[0].split)
    for number, case in enumerate(cases):
        assert np.array_equal(read_mask(case), labels(number))
    images = [np.asarray(Image.open(case.image)) for case in cases]
    assert np.array_equal(images[0], chest())
    second = chest(seed=1)
    assert np.array_equal(images[1], second.max() - second + second.min())
    assert np.array_equal(images[2], chest(seed=2) // 16)


def test_nifti_keeps_values_and_geometry(made: Path) -> None:
    out = export(made, "nifti")
    assert hides(out)
    image = sitk.ReadImage(str(out / "images" / "case-00001.nii.gz"))
    mask = sitk.ReadImage(str(out / "masks" / "case-00001.nii.gz"))
    assert np.array_equal(sitk.GetArrayFromImage(image), chest())
    assert np.array_equal(sitk.GetArrayFromImage(mask), labels(0))
    assert image.GetSpacing() == mask.GetSpacing() == pytest.approx((0.3, 0.2))


def test_nnunet_finds_what_it_looks_for(made: Path) -> None:
    out = export(made, "nnunet")
    assert hides(out)
    told = json.loads((out / "dataset.json").read_text())
    assert told["numTraining"] == 3 and NOTE in told["description"]
    assert told["labels"] == {"background": 0, "right_lung": 1, "left_lung": 2}
    ending = told["file_ending"]
    images = sorted(p.name.removesuffix("_0000" + ending) for p in (out / "imagesTr").iterdir())
    masks = sorted(p.name.removesuffix(ending) for p in (out / "labelsTr").iterdir())
    assert images == masks == ["case-00001", "case-00002", "case-00003"]
    split = json.loads((out / "splits_final.json").read_text())[0]
    assert sorted(split["train"] + split["val"]) == images
    assert np.array_equal(np.asarray(Image.open(out / "labelsTr" / f"case-00003{ending}")), labels(2))


def test_coco_draws_the_same_masks(made: Path) -> None:
    from skimage.draw import polygon2mask

    out = export(made, "coco")
    assert hides(out)
    exact, outlined = (
        json.loads((out / f"instances_{kind}.json").read_text()) for kind in ("rle", "polygons")
    )
    assert NOTE in exact["info"]["description"] and len(exact["annotations"]) == 6
    for run, outline in zip(exact["annotations"], outlined["annotations"], strict=True):
        wanted = labels(run["image_id"] - 1) == run["category_id"]
        size, counts = run["segmentation"]["size"], run["segmentation"]["counts"]
        values = np.repeat(np.arange(len(counts)) % 2, counts)
        assert np.array_equal(values.reshape(size[::-1]).T == 1, wanted)
        assert run["area"] == wanted.sum()
        x, y, width, height = run["bbox"]
        assert wanted[y : y + height, x : x + width].sum() == wanted.sum()
        (points,) = outline["segmentation"]
        corners = np.flip(np.reshape(points, (-1, 2)), 1) - 0.5
        drawn = polygon2mask(wanted.shape, corners)
        assert 2 * (drawn & wanted).sum() / (drawn.sum() + wanted.sum()) > 0.99


def segment_masks(dataset: pydicom.Dataset) -> dict[str, np.ndarray]:
    """Masks by SNOMED CT code, read with highdicom."""
    from highdicom.seg import Segmentation

    found = Segmentation.from_dataset(dataset)
    masks = found.get_pixels_by_source_instance([found.get_source_image_uids()[0][2]])
    return {
        found.get_segment_description(number).segmented_property_type.value: masks[0, ..., number - 1]
        for number in range(1, found.number_of_segments + 1)
    }


def test_dicom_seg_agrees_with_the_image_beside_it(made: Path) -> None:
    out = export(made, "dicom-seg")
    assert hides(out)
    original = {pydicom.dcmread(p).SOPInstanceUID for p in (made.parent / "Roe").glob("*.dcm")}
    patients = []
    for number, name in enumerate(("case-00001.dcm", "case-00002.dcm", "case-00003.dcm")):
        image, seg = (pydicom.dcmread(out / place / name) for place in ("images", "segmentations"))
        masks = segment_masks(seg)
        assert np.array_equal(masks["3341006"] > 0, labels(number) == 1)
        assert np.array_equal(masks["44029006"] > 0, labels(number) == 2)
        referred = seg.ReferencedSeriesSequence[0]
        assert referred.SeriesInstanceUID == image.SeriesInstanceUID
        assert referred.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == image.SOPInstanceUID
        assert seg.StudyInstanceUID == image.StudyInstanceUID and seg.PatientID == image.PatientID
        assert image.SOPInstanceUID not in original
        item = seg.SegmentSequence[0]
        assert item.SegmentAlgorithmType == "SEMIAUTOMATIC"
        algorithm = item.SegmentationAlgorithmIdentificationSequence[0]
        assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == ("compact 1", "ab" * 32)
        assert NOTE in seg.ContentDescription
        patients.append(image.PatientID)
    assert patients[0] == patients[1] != patients[2]
    images = [pydicom.dcmread(out / "images" / f"case-0000{n}.dcm") for n in (1, 2, 3)]
    assert [i.SOPClassUID.name.split(" Image")[0] for i in images] == [
        "Computed Radiography",
        "Computed Radiography",
        "Secondary Capture",
    ]
    assert np.array_equal(images[0].pixel_array, chest()) and images[0].PixelSpacing == [0.2, 0.3]
    assert images[1].PhotometricInterpretation == "MONOCHROME1"
    assert np.array_equal(images[1].pixel_array, chest(seed=1))


def test_uids_are_the_same_in_every_export(made: Path) -> None:
    first, again = export(made, "dicom-seg"), export(made, "dicom-seg", "--status", "corrected")
    for path in first.rglob("*.dcm"):
        other = pydicom.dcmread(again / path.relative_to(first))
        assert pydicom.dcmread(path).SOPInstanceUID == other.SOPInstanceUID


def test_identifiers_only_when_asked_and_had(made: Path, capsys) -> None:
    with Session(made, write=False) as opened:
        copies = opened.description.images == COPIES
    pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    arguments = ["session", "export", str(made), "--format", "dicom-seg", "--identifiers", "--output"]
    if copies:
        assert cli.main([*arguments, str(made.parent / "out")]) == 2
        assert "no identifiers" in capsys.readouterr().err
        return
    out = export(made, "dicom-seg", "--identifiers")
    for name in ("Roe_1.dcm", "Roe_2.dcm"):
        source = made.parent / "Roe" / name
        assert (out / "images" / name).read_bytes() == source.read_bytes()
        image, seg = pydicom.dcmread(source), pydicom.dcmread(out / "segmentations" / name)
        assert seg.PatientName == "Roe^Richard" and seg.StudyInstanceUID == image.StudyInstanceUID
        referred = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
        assert referred.ReferencedSOPInstanceUID == image.SOPInstanceUID
    assert pydicom.dcmread(out / "images" / "Roe_3.dcm").PatientID == "Roe_3"


def test_dciodvfy_finds_no_error(made: Path) -> None:
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy of Debian's dicom3tools is not installed")
    for path in sorted(export(made, "dicom-seg").rglob("*.dcm")):
        told = subprocess.run([program, str(path)], capture_output=True, text=True).stderr
        assert not [line for line in told.splitlines() if line.startswith("Error")], (path, told)


@pytest.mark.parametrize("dtype", ["i2", "u1", "f4", "i4"])
def test_pixels_of_any_type_become_dicom(dtype: str, tmp_path: Path) -> None:
    from cxradain.radiograph import Radiograph
    from cxradain.sessions import sources
    from cxradain.sessions.records import Image as Record
    from cxradain.sessions.records import pixel_key

    pixels = (chest() // 16 - (0 if dtype == "u1" else 100.0)).astype(dtype)
    with Session.create(tmp_path / "s") as opened:
        one = opened.add_image(Record(pixel_key(pixels), "", pixels.shape, pixels.dtype.str, "", 0), pixels)
        opened.add_mask(one.key, labels(), "A", "approved")
        assert isinstance(sources.radiograph(opened, one), Radiograph)
    out = export(tmp_path / "s", "dicom-seg")
    image = pydicom.dcmread(out / "images" / "case-00001.dcm")
    values = image.pixel_array * float(image.get("RescaleSlope", 1)) + float(image.get("RescaleIntercept", 0))
    assert np.abs(values - pixels).max() <= np.ptp(pixels) / 65535
    seg = pydicom.dcmread(out / "segmentations" / "case-00001.dcm")
    assert seg.SegmentSequence[0].SegmentAlgorithmType == "MANUAL"


def test_a_lung_that_is_not_there_and_none_at_all(tmp_path: Path, capsys) -> None:
    pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    Image.fromarray((chest() // 16).astype(np.uint8)).save(tmp_path / "a.png")
    Image.fromarray((chest(seed=1) // 16).astype(np.uint8)).save(tmp_path / "b.png")
    with Session.create(tmp_path / "s") as opened:
        for name, mask in (("a.png", np.where(labels() == 2, 2, 0)), ("b.png", labels() * 0)):
            image, _ = add_file(opened, tmp_path / name)
            opened.add_mask(image.key, mask, "A", "corrected")
    arguments = ["session", "export", str(tmp_path / "s"), "--output", str(tmp_path / "o"), "--format"]
    assert cli.main([*arguments, "dicom-seg"]) == 1
    assert "cannot be empty" in capsys.readouterr().err
    assert list(segment_masks(pydicom.dcmread(tmp_path / "o" / "segmentations" / "case-00001.dcm"))) == [
        "44029006"
    ]
    assert cli.main([*arguments, "png"]) == 2  # the folder is there already


def test_the_version_that_stands_for_an_image(tmp_path: Path) -> None:
    Image.fromarray((chest() // 16).astype(np.uint8)).save(tmp_path / "a.png")
    with Session.create(tmp_path / "s") as opened:
        image, _ = add_file(opened, tmp_path / "a.png")

        def chosen(statuses=("approved", "corrected"), readers=None) -> int | None:
            found = best(opened.versions(), statuses, readers)
            return found and found.number

        add = lambda reader, status: opened.add_mask(image.key, labels(), reader, status)  # noqa: E731
        add(MODEL, "auto")
        assert (chosen(), chosen(("auto",))) == (None, 1)
        add("A", "approved")
        add("B", "corrected")
        assert (chosen(), chosen(readers=("B",))) == (2, 3)
        add("B", "approved")
        assert chosen() == 4
        add("B", "flagged")  # B takes it back
        assert (chosen(), chosen(readers=("B",))) == (2, None)
        assert [case.version.number for case in choose(opened)] == [2]


def test_text_in_the_pixels_is_told_of(tmp_path: Path, capsys) -> None:
    drawn = Image.fromarray((chest(600, 480) // 16).astype(np.uint8))
    assert not text_is_likely(np.asarray(drawn))
    ImageDraw.Draw(drawn).text((20, 20), "ROE RICHARD 1950", fill=255, font_size=20)
    assert text_is_likely(np.asarray(drawn))
    drawn.save(tmp_path / "a.png")
    write(tmp_path / "b.dcm", chest(), BurnedInAnnotation="YES")
    with Session.create(tmp_path / "s") as opened:
        for path in (tmp_path / "a.png", tmp_path / "b.dcm"):
            image, _ = add_file(opened, path)
            opened.add_mask(image.key, np.zeros(image.shape, np.uint8), "A", "corrected")
    export(tmp_path / "s", "png")
    assert capsys.readouterr().err.count("text in the pixels") == 2


def test_the_manifest_says_how_each_mask_was_made(made: Path) -> None:
    with (export(made, "coco") / "manifest.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["values"] for row in rows] == ["as stored", "inverted", "as stored"]
    assert {(row["status"], row["reader"], row["model_id"]) for row in rows} == {
        ("corrected", "reader-0001", "compact 1")
    }
