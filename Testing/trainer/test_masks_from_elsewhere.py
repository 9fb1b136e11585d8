"""Masks as other programs write them: which lung is which is what the file says, or it is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from cxradain import cli
from cxradain.exchange.segment_codes import Code, SegmentNames
from cxradain.imaging.lungs import side_named_in
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from dicom_files import write
from PIL import Image
from session_data import lungs, picture

RIGHT_CODE, LEFT_CODE = ("24028007", "SCT", "Right"), ("7771000", "SCT", "Left")
LUNG, TISSUE, MASS = ("39607008", "SCT", "Lung"), ("85756007", "SCT", "Tissue"), ("4147007", "SCT", "Mass")
RIGHT_LUNG, LEFT_LUNG = ("3341006", "SCT", "Right lung"), ("44029006", "SCT", "Left lung")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A session of one image of 40 x 30 pixels, A.png, under its own name."""
    Image.fromarray((picture() >> 4).astype(np.uint8)).save(tmp_path / "A.png")
    with Session.create(tmp_path / "s") as opened:
        add_file(opened, tmp_path / "A.png", keep_name=True)
    return tmp_path / "s"


def run(session: Path, *paths: Path) -> int:
    return cli.main(["session", "import", str(session), *map(str, paths), "--reader", "Ann"])


def newest(session: Path) -> np.ndarray:
    with Session(session, write=False) as opened:
        return opened.mask(opened.versions()[-1])


def count(session: Path) -> int:
    with Session(session, write=False) as opened:
        return len(opened.versions())


# --- DICOM segmentations


@pytest.mark.parametrize("lung", [1, 2])
def test_our_own_export_of_one_lung_is_imported_again(lung: int, made: Path, tmp_path: Path) -> None:
    pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    one = np.where(lungs(5) == lung, lungs(5), 0).astype(np.uint8)
    with Session(made) as opened:
        opened.add_mask(opened.images()[0].key, one, "Ann", "corrected")
    out = tmp_path / "out"
    assert cli.main(["session", "export", str(made), "--format", "dicom-seg", "--output", str(out)]) == 0
    (path,) = (out / "segmentations").glob("*.dcm")
    groups = pydicom.dcmread(path).SharedFunctionalGroupsSequence[0]
    assert "SegmentIdentificationSequence" in groups, "where highdicom puts what all frames have"
    assert run(made, path) == 0
    assert count(made) == 2 and np.array_equal(newest(made), one)


@pytest.fixture
def radiograph(tmp_path: Path) -> tuple[Path, pydicom.Dataset]:
    """A session of references to a CR, and the CR."""
    uids = {f"{name}InstanceUID": pydicom.uid.generate_uid() for name in ("Study", "Series")}
    empty = dict.fromkeys(
        ("StudyDate", "StudyTime", "AccessionNumber", "PatientBirthDate", "PatientSex", "StudyID"), ""
    )
    write(tmp_path / "cr.dcm", picture(), ReferringPhysicianName="", **uids, **empty)
    with Session.create(tmp_path / "s", "references") as opened:
        add_file(opened, tmp_path / "cr.dcm")
    return tmp_path / "s", pydicom.dcmread(tmp_path / "cr.dcm")


def dicom_seg(source: pydicom.Dataset, kind: str, segments: list[dict]) -> pydicom.Dataset:
    """The lungs as a DICOM segmentation of segments with such codes: label, type, modifier, region, ..."""
    hd = pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    described = []
    for number, segment in enumerate(segments, 1):
        one = hd.seg.SegmentDescription(
            segment_number=number,
            segment_label=segment["label"],
            segmented_property_category=hd.sr.CodedConcept("123037004", "SCT", "Anatomical structure"),
            segmented_property_type=hd.sr.CodedConcept(*segment["type"]),
            algorithm_type="MANUAL",
            anatomic_regions=[hd.sr.CodedConcept(*segment["region"])] if "region" in segment else None,
        )
        for name, owner, sequence in (
            ("modifier", "SegmentedPropertyTypeCodeSequence", "SegmentedPropertyTypeModifierCodeSequence"),
            ("region_modifier", "AnatomicRegionSequence", "AnatomicRegionModifierSequence"),
        ):
            if name in segment:
                item = getattr(one, owner)[0]
                setattr(item, sequence, pydicom.Sequence([hd.sr.CodedConcept(*segment[name])]))
        described.append(one)
    labels = lungs(4)
    pixels = labels if kind == "LABELMAP" else np.stack([labels == 1, labels == 2], -1).astype(np.uint8)
    uids = (hd.UID(), 2, hd.UID(), 1)
    return hd.seg.Segmentation([source], pixels[None], kind, described, *uids, "m", "n", "1", "d")


CODED = {
    "modifier of the type": [
        {"label": "Segment_1", "type": LUNG, "modifier": RIGHT_CODE},
        {"label": "Segment_2", "type": LUNG, "modifier": LEFT_CODE},
    ],
    "anatomic region": [
        {"label": "Segment_1", "type": TISSUE, "region": RIGHT_LUNG},
        {"label": "Segment_2", "type": TISSUE, "region": LEFT_LUNG},
    ],
    "modifier of the region": [
        {"label": "a", "type": TISSUE, "region": LUNG, "region_modifier": RIGHT_CODE},
        {"label": "b", "type": TISSUE, "region": LUNG, "region_modifier": LEFT_CODE},
    ],
    "label": [
        {"label": "right lung", "type": LUNG},
        {"label": "Left Lung", "type": ("L1", "99OWN", "Thing")},
    ],
}


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
@pytest.mark.parametrize("codes", CODED)
def test_the_side_is_found_wherever_the_standard_lets_it_stand(
    codes: str, kind: str, radiograph, tmp_path: Path
) -> None:
    session, source = radiograph
    dicom_seg(source, kind, CODED[codes]).save_as(tmp_path / "seg.dcm")
    assert run(session, tmp_path / "seg.dcm") == 0
    assert np.array_equal(newest(session), lungs(4))


def test_a_label_that_contradicts_its_code_is_said(radiograph, tmp_path: Path, capsys) -> None:
    session, source = radiograph
    segments = [{"label": "Left lung", "type": RIGHT_LUNG}, {"label": "R", "type": LEFT_LUNG}]
    dicom_seg(source, "BINARY", segments).save_as(tmp_path / "seg.dcm")
    assert run(session, tmp_path / "seg.dcm") == 0
    told = capsys.readouterr().err
    assert f"{tmp_path / 'seg.dcm'}: warning: the label 'Left lung' names the other lung" in told
    assert told.count("warning") == 1 and np.array_equal(newest(session), lungs(4))


def test_a_mass_in_the_right_lung_is_no_right_lung(radiograph, tmp_path: Path, capsys) -> None:
    session, source = radiograph
    segments = [{"label": "right lung", "type": MASS, "region": RIGHT_LUNG}, {"label": "x", "type": MASS}]
    dicom_seg(source, "BINARY", segments).save_as(tmp_path / "seg.dcm")
    assert run(session, tmp_path / "seg.dcm") == 1
    assert "names no segment of the right or left lung" in capsys.readouterr().err


def test_older_codes_say_the_same() -> None:
    lung = Code("T-28000", "SRT", "Lung")
    assert SegmentNames(lung, ("G-A101",), Code(), (), "").lung == 2
    assert SegmentNames(Code("T-28100", "SRT"), (), Code(), (), "").lung == 1
    assert SegmentNames(lung, ("24028007", "7771000"), Code(), (), "").lung == 0
    assert SegmentNames(Code("X", "99OWN", "Left lung"), (), Code(), (), "").lung == 2


# --- Slicer's segmentations


def slicer_file(path: Path, labels: np.ndarray, offset: str, tags: bool = False) -> Path:
    image = sitk.GetImageFromArray(labels[None])
    image.SetMetaData("Segmentation_ReferenceImageExtentOffset", offset)
    side = {1: "^".join(("SCT", "24028007", "Right")), 2: "^".join(("SCT", "7771000", "Left"))}
    for number, name in enumerate(("right lung", "left lung")):
        image.SetMetaData(f"Segment{number}_Name", f"Segment_{number + 1}" if tags else name)
        image.SetMetaData(f"Segment{number}_LabelValue", str(number + 1))
        terms = ("Category", "SCT^91723000^Structure", "SCT^39607008^Lung", side[number + 1], "", "^^", "^^")
        entry = "TerminologyEntry:" + "~".join(terms)
        image.SetMetaData(f"Segment{number}_Tags", f"Segmentation.Status:completed|{entry}|" if tags else "|")
    sitk.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("tags", [False, True])
def test_a_segmentation_cut_out_of_its_image_is_put_back(tags: bool, made: Path, tmp_path: Path) -> None:
    whole = lungs(3)
    rows, columns = np.nonzero(whole)
    cut = whole[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    offset = f"{columns.min()} {rows.min()} 0"
    assert cut.shape != whole.shape
    assert run(made, slicer_file(tmp_path / "A.seg.nrrd", cut, offset, tags)) == 0
    assert np.array_equal(newest(made), whole)


def test_a_segmentation_that_reaches_beyond_its_image_is_refused(made: Path, tmp_path: Path, capsys) -> None:
    for offset in ("5 5 0", "-1 0 0"):
        assert run(made, slicer_file(tmp_path / "A.seg.nrrd", lungs(3)[:-1], offset)) == 1
        assert "reaches beyond A.png" in capsys.readouterr().err


# --- Pictures


def test_an_indexed_picture_is_read_by_its_colors_not_its_indices(made: Path, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    labels = lungs(3)
    indexed = Image.fromarray((2 - labels).astype(np.uint8), "P")  # in another order
    indexed.putpalette([2, 2, 2, 1, 1, 1, 0, 0, 0])
    indexed.save(tmp_path / "m" / "A.png")
    assert run(made, tmp_path / "m" / "A.png") == 0
    assert np.array_equal(newest(made), labels)
    usual = Image.fromarray(labels, "P")
    usual.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    usual.save(tmp_path / "m" / "A.png")
    usual.convert("RGB").save(tmp_path / "m" / "A.bmp")
    for name in ("A.png", "A.bmp"):
        assert run(made, tmp_path / "m" / name) == 0
        assert np.array_equal(newest(made), labels)


def test_colors_that_say_nothing_are_refused(made: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "m").mkdir()
    indexed = Image.fromarray(lungs(3), "P")
    indexed.putpalette([0, 0, 0, 10, 200, 30, 240, 0, 250])
    indexed.save(tmp_path / "m" / "A.png")
    assert run(made, tmp_path / "m" / "A.png") == 1
    assert "has colors, which do not say which lung is which" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["A.tif", "A.tiff", "A.bmp"])
def test_tiff_and_bmp_are_masks_too(name: str, made: Path, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    Image.fromarray(lungs(2)).save(tmp_path / "m" / name)
    assert run(made, tmp_path / "m") == 0
    assert np.array_equal(newest(made), lungs(2))


def test_a_jpeg_is_refused_with_the_reason(made: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "m").mkdir()
    Image.fromarray(lungs(2)).save(tmp_path / "m" / "A.jpg")
    assert run(made, tmp_path / "m" / "A.jpg") == 1
    assert "is a JPEG, which changes labels" in capsys.readouterr().err


# --- A file a lung


@pytest.mark.parametrize(
    "names",
    [
        ("A_right.png", "A_left.png"),
        ("rightMask/A.png", "leftMask/A.png"),
        ("right lung/A.tif", "left lung/A.tif"),
        ("A-lung-left.bmp", "A-lung-right.bmp"),
        ("Right_A.png", "Left_A.png"),
    ],
)
@pytest.mark.parametrize("value", [255, 1])
def test_two_files_of_one_lung_each_make_one_mask(
    names: tuple[str, str], value: int, made: Path, tmp_path: Path, capsys
) -> None:
    for name in names:
        path = tmp_path / "m" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lung = side_named_in(name)
        Image.fromarray(((lungs(3) == lung) * value).astype(np.uint8)).save(path)
    assert run(made, tmp_path / "m") == 0
    assert count(made) == 1 and np.array_equal(newest(made), lungs(3))
    assert capsys.readouterr().err == ""
    assert run(made, *(tmp_path / "m" / name for name in names)) == 0
    assert count(made) == 2


def test_a_lung_whose_other_one_is_not_there_is_said(made: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "m").mkdir()
    Image.fromarray(((lungs(3) == 2) * 255).astype(np.uint8)).save(tmp_path / "m" / "A_left.png")
    assert run(made, tmp_path / "m") == 0
    assert "holds only the left lung, so that the version has no right lung" in capsys.readouterr().err
    assert np.array_equal(newest(made), np.where(lungs(3) == 2, 2, 0))


def test_a_shape_that_does_not_say_which_lung_or_says_both_is_refused(
    made: Path, tmp_path: Path, capsys
) -> None:
    (tmp_path / "m").mkdir()
    shape = ((lungs(3) == 2) * 255).astype(np.uint8)
    Image.fromarray(shape).save(tmp_path / "m" / "A.png")
    Image.fromarray((shape > 0) * np.uint8(2)).save(tmp_path / "m" / "A_right.png")
    assert run(made, tmp_path / "m") == 1
    told = capsys.readouterr().err
    assert "says which lung" in told and "its label 2 means left lung" in told
    assert count(made) == 0
    for name in ("left_A.png", "A_left.png"):
        Image.fromarray(shape).save(tmp_path / "m" / name)
    assert run(made, tmp_path / "m" / "left_A.png", tmp_path / "m" / "A_left.png") == 1
    assert "second file with a left lung" in capsys.readouterr().err


def test_the_side_in_an_images_own_name_is_no_lung(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Image.fromarray((picture() >> 4).astype(np.uint8)).save(tmp_path / "in" / "left.png")
    with Session.create(tmp_path / "s") as opened:
        add_file(opened, tmp_path / "in" / "left.png", keep_name=True)
    right = (lungs(3) == 1).astype(np.uint8)
    Image.fromarray(right).save(tmp_path / "left.png")
    assert run(tmp_path / "s", tmp_path / "left.png") == 0
    assert np.array_equal(newest(tmp_path / "s"), right)
