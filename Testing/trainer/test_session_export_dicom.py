"""DICOM exports of a session are read back, are valid, and identify the patient only on request."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from cxradain import DISCLAIMER, cli
from cxradain.sessions.deidentify import text_is_likely
from cxradain.sessions.folder import COPIES
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from dicom_files import write
from export_data import export, hides, labels
from PIL import Image, ImageDraw
from small_models import chest


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
        assert DISCLAIMER in seg.ContentDescription
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


def test_a_plane_is_given_on_request_only_and_changes_no_mask(made: Path) -> None:
    without, placed = export(made, "dicom-seg"), export(made, "dicom-seg", "--with-plane")
    for number, name in enumerate(("case-00001.dcm", "case-00002.dcm", "case-00003.dcm")):
        assert "FrameOfReferenceUID" not in pydicom.dcmread(without / "segmentations" / name)
        seg = pydicom.dcmread(placed / "segmentations" / name)
        shared = seg.SharedFunctionalGroupsSequence[0]
        assert shared.PlaneOrientationSequence[0].ImageOrientationPatient == [1, 0, 0, 0, 1, 0]
        measures = shared.PixelMeasuresSequence[0]
        assert measures.PixelSpacing == ([0.2, 0.3] if number == 0 else [1, 1]) and measures.SliceThickness
        positions = [f.PlanePositionSequence[0] for f in seg.PerFrameFunctionalGroupsSequence]
        assert [p.ImagePositionPatient for p in positions] == [[0, 0, 0]] * 2
        masks = segment_masks(seg)
        assert np.array_equal(masks["3341006"] > 0, labels(number) == 1)
        assert np.array_equal(masks["44029006"] > 0, labels(number) == 2)


def test_uids_are_the_same_in_every_export(made: Path) -> None:
    first, again = export(made, "dicom-seg"), export(made, "dicom-seg", "--status", "corrected")
    for path in first.rglob("*.dcm"):
        other = pydicom.dcmread(again / path.relative_to(first))
        assert pydicom.dcmread(path).SOPInstanceUID == other.SOPInstanceUID


def test_patient_identifiers_are_written_only_on_request_and_where_known(made: Path, capsys) -> None:
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


@pytest.mark.parametrize("more", [[], ["--with-plane"]], ids=["as it is", "with a plane"])
def test_dciodvfy_finds_no_error(more: list[str], made: Path) -> None:
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy of Debian's dicom3tools is not installed")
    for path in sorted(export(made, "dicom-seg", *more).rglob("*.dcm")):
        told = subprocess.run([program, str(path)], capture_output=True, text=True).stderr
        assert not [line for line in told.splitlines() if line.startswith("Error")], (path, told)


@pytest.mark.parametrize("dtype", ["i2", "u1", "f4", "i4"])
def test_pixels_of_any_type_become_dicom(dtype: str, tmp_path: Path) -> None:
    from cxradain.imaging.radiograph import Radiograph
    from cxradain.sessions.records import SessionImage, pixel_key

    pixels = (chest() // 16 - (0 if dtype == "u1" else 100.0)).astype(dtype)
    with Session.create(tmp_path / "s") as opened:
        one = opened.add_image(
            SessionImage(pixel_key(pixels), "", pixels.shape, pixels.dtype.str, "", 0), pixels
        )
        opened.add_mask(one.key, labels(), "A", "approved")
        assert isinstance(opened.radiograph(one), Radiograph)
    out = export(tmp_path / "s", "dicom-seg")
    image = pydicom.dcmread(out / "images" / "case-00001.dcm")
    values = image.pixel_array * float(image.get("RescaleSlope", 1)) + float(image.get("RescaleIntercept", 0))
    assert np.abs(values - pixels).max() <= np.ptp(pixels) / 65535
    seg = pydicom.dcmread(out / "segmentations" / "case-00001.dcm")
    assert seg.SegmentSequence[0].SegmentAlgorithmType == "MANUAL"


def test_burned_in_text_is_warned_of(tmp_path: Path, capsys) -> None:
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


def test_dicom_seg_of_a_mask_with_one_lung_or_none(tmp_path: Path, capsys) -> None:
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


def test_an_exported_image_says_how_it_lies_and_how_wide_its_pixels_are(tmp_path: Path) -> None:
    import SimpleITK as sitk
    from cxradain.imaging.radiograph import read_radiograph

    volume = sitk.GetImageFromArray(np.ascontiguousarray(chest()[::-1, ::-1])[None])
    volume.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
    sitk.WriteImage(volume, str(tmp_path / "ras.nii.gz"))
    write(tmp_path / "flat.dcm", chest()[::2].astype(np.uint16), PixelAspectRatio=[2, 1])
    with Session.create(tmp_path / "s") as session:
        for name in ("ras.nii.gz", "flat.dcm"):
            image, _ = add_file(session, tmp_path / name)
            session.add_mask(image.key, np.ones(image.shape, np.uint8), "ada", "approved")
    out = tmp_path / "out"
    arguments = ["session", "export", str(tmp_path / "s"), "--format", "dicom-seg", "--output", str(out)]
    assert cli.main(arguments) == 0
    turned, flat = (read_radiograph(out / "images" / f"case-0000{number}.dcm") for number in (1, 2))
    assert np.array_equal(turned.upright().pixels, chest())
    assert flat.facts.aspect == 2 and flat.shape == chest()[::2].shape
