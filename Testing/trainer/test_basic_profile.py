"""Exports beside the Basic Application Level Confidentiality Profile of DICOM PS3.15."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from cxradain.sessions.deidentify import KEPT_ATTRIBUTES, TERMS, WORDS
from cxradain.sessions.folder import COPIES, REFERENCES
from cxradain.sessions.records import Origin
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from dicom_files import dataset
from export_data import export, labels
from pydicom import DataElement, Dataset, Sequence
from pydicom.datadict import dictionary_VR, tag_for_keyword
from small_models import chest

TABLE = Path(__file__).with_name("basic_profile.txt")
MARK, DATE, TIME, UID = "ZQMARK", "19990909", "091909.19", "1.2.826.0.1.777"
MARKS = [text.encode() for text in (MARK, DATE, TIME, UID)]
VALUES = {"PN": f"{MARK}^A", "DA": DATE, "TM": TIME, "DT": f"{DATE}091909", "AS": "099Y", "UI": f"{UID}.1"}
VALUES |= dict.fromkeys(("AE", "CS", "LO", "LT", "SH", "ST", "UC", "UR", "UT"), MARK)
VALUES |= dict.fromkeys(("OB", "OW", "UN"), MARK.encode())
# What an export writes itself into attributes that the profile would remove or empty: pseudonyms, what the
# program says of its own work, and the time of the export, which is no date of the patient's.
NOW = r"20\d{6}(\d{6}(\.\d+)?)?|\d{6}(\.\d+)?"
OWN = {
    "PatientName": r"Anonymous\^[0-9a-f]{12}",
    "PatientID": r"[0-9a-f]{12}",
    "SeriesDescription": r"(Lungs, (approved|corrected)\. )?For research, not for diagnosis\.",
    "DeviceSerialNumber": "1",
    "ContributionDescription": "Acquisition equipment of .*|Software library used .*",
    **dict.fromkeys(("InstanceCreationDate", "InstanceCreationTime", "ContributionDateTime"), NOW),
    **dict.fromkeys(("ContentDate", "ContentTime"), NOW),
}


def profile() -> dict[str, str]:
    """What the profile does with each attribute, by its keyword."""
    actions, action = {}, ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith(("#", " ")):
            action = line.strip()
        elif line.startswith(" "):
            actions |= dict.fromkeys(line.split(), action)
    assert len(actions) > 600
    return actions


def test_no_attribute_that_is_kept_is_one_that_the_profile_touches() -> None:
    assert not [name for name in KEPT_ATTRIBUTES if name in profile()]


def test_every_code_that_is_kept_has_a_list_of_the_terms_it_may_have() -> None:
    codes = {name for name in KEPT_ATTRIBUTES if dictionary_VR(tag_for_keyword(name)) == "CS"}
    assert codes - {"PatientOrientation"} == TERMS.keys() | WORDS.keys()


def identifying(tmp_path: Path) -> Path:
    """A radiograph's file in which all attributes of the profile are marked, and free text where it fits."""
    made = dataset(chest(), PixelSpacing=[0.2, 0.3], KVP=120)
    of_files = [name for name in profile() if tag_for_keyword(name) >> 16 not in (0, 2)]
    for name in of_files:
        value = VALUES.get(dictionary_VR(tag_for_keyword(name)))
        if value is not None:
            setattr(made, name, value)
        elif dictionary_VR(tag_for_keyword(name)) == "SQ":
            inside = Dataset()
            inside.TextValue, inside.CodeMeaning, inside.ReferencedSOPInstanceUID = MARK, MARK, f"{UID}.2"
            setattr(made, name, Sequence([inside]))
    for name in (*TERMS, *WORDS):
        setattr(made, name, ["L", MARK] if name == "ImageType" else MARK)
    made.Modality = "CR"
    made.ImageComments = made.StudyDescription = made.DerivationDescription = MARK
    block = made.private_block(0x0009, MARK, create=True)
    block.add_new(1, "LO", MARK)
    made.add_new(0x50003000, "OW", MARK.encode())  # a curve
    made.add_new(0x60003000, "OW", MARK.encode())  # an overlay, and what is written beside it
    made.add_new(0x60004000, "LT", MARK)
    made.SOPInstanceUID, made.StudyInstanceUID, made.SeriesInstanceUID = (f"{UID}.{n}" for n in (3, 4, 5))
    path = tmp_path / "source.dcm"
    made.save_as(path, enforce_file_format=True)
    assert all(mark in path.read_bytes() for mark in MARKS)
    return path


def elements(data: Dataset) -> Iterator[DataElement]:
    for element in data:
        yield element
        if element.VR == "SQ":
            for item in element.value:
                yield from elements(item)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", [COPIES, REFERENCES])
def test_an_export_is_as_the_profile_wants_it(mode: str, tmp_path: Path) -> None:
    source = identifying(tmp_path)
    with Session.create(tmp_path / "s", mode) as session:
        image, fault = add_file(session, source)
        assert not fault
        origin = Origin(
            model_id="compact 1", model_hash="ab" * 32, mode="student", comment=MARK, tools=("Paint",)
        )
        session.add_mask(image.key, labels(), MARK, "corrected", origin)
    actions = profile()
    for format in ("dicom-seg", "png", "nifti", "nnunet", "coco"):
        out = export(tmp_path / "s", format)
        for path in (p for p in out.rglob("*") if p.is_file()):
            found = [mark for mark in MARKS if mark in path.read_bytes() or mark.decode() in path.name]
            assert not found, (path, found)
    for path in (tmp_path / "out-dicom-seg0").rglob("*.dcm"):
        data = pydicom.dcmread(path)
        for element in (*elements(data.file_meta), *elements(data)):
            assert not element.tag.is_private and element.tag.group >> 8 not in (0x50, 0x60)
            action = actions.get(element.keyword, "")
            text = "" if element.VR == "SQ" else str(element.value or "")
            if not action or action in ("U", "X/Z/U*") or not text:
                continue  # marked UIDs are not there, as none of the marks is
            assert re.fullmatch(OWN.get(element.keyword, ""), text), (path.name, element)
    if mode == COPIES:
        kept = [p for p in (tmp_path / "s").rglob("*") if p.is_file() and p.suffix != ".sqlite"]
        masks = [p for p in kept if "masks" in p.parts]  # which name the reader, for the session's own users
        for path in set(kept) - set(masks):
            assert not [mark for mark in MARKS if mark in path.read_bytes()], path
