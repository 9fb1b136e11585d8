"""What a session keeps of a DICOM header: codes and numbers that the standard defines, and nothing typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cxradain.sessions.deidentify import KEPT_ATTRIBUTES, kept_header, likely_burned_in, technique
from dicom_files import drawing, write
from pydicom import Dataset
from pydicom.datadict import dictionary_VR, tag_for_keyword

NAME = "PA ZQMUSTERMANN ERIKA"


def test_no_attribute_of_free_text_a_date_or_a_name_is_kept() -> None:
    """Of PS3.5 table 6.2-1 the representations that hold codes, numbers and UIDs alone."""
    representations = {name: dictionary_VR(tag_for_keyword(name)) for name in KEPT_ATTRIBUTES}
    assert set(representations.values()) == {"CS", "DS", "IS", "SS", "UI"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [n for n in KEPT_ATTRIBUTES if dictionary_VR(tag_for_keyword(n)) == "CS"])
def test_a_code_that_the_standard_does_not_define_is_not_kept(name: str) -> None:
    header = Dataset()
    for value in (NAME, "ZQMUSTERMANN", ["ZQMUSTERMANN", "ERIKA"], ["L", "ZQMUSTERMANN"]):
        setattr(header, name, value)
        assert "ZQ" not in str(technique(header)) and "ERIKA" not in str(technique(header))
        assert "ZQ" not in str(kept_header(header.to_json_dict())), "of another program's record, too"


@pytest.mark.filterwarnings("ignore")
def test_defined_terms_are_kept_as_they_are_meant() -> None:
    header = Dataset()
    header.Modality, header.ViewPosition, header.BodyPartExamined = "dx", " pa ", "CHEST"
    header.ImageType = ["DERIVED", "PRIMARY", "ERIKA", "100%"]
    header.PatientOrientation, header.Grid = ["L", "F"], ["FOCUSED", "RECIPROCATING"]
    header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    header.PixelSpacing, header.KVP = [0.2, 0.2], 120
    kept = Dataset.from_json(technique(header))
    assert (kept.Modality, kept.ViewPosition, kept.BodyPartExamined) == ("DX", "PA", "CHEST")
    assert list(kept.ImageType) == ["DERIVED", "PRIMARY"] and list(kept.PatientOrientation) == ["L", "F"]
    assert list(kept.Grid) == ["FOCUSED", "RECIPROCATING"] and kept.KVP == 120
    assert kept.SOPClassUID == header.SOPClassUID
    header.SOPClassUID = "1.2.826.0.1.77777.1"
    assert "SOPClassUID" not in Dataset.from_json(technique(header))


@pytest.mark.parametrize(
    "record",
    [
        {"00080060": {"vr": "CS", "Value": [5]}},
        {"00280030": {"vr": "DS", "Value": ["abc", "x"]}},
        {"zz": 1},
        {"00080060": {"vr": "CS", "BulkDataURI": "file:///etc/passwd"}},
        {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "ZQHEADER"}]}},
        {},
        None,
    ],
    ids=str,
)
def test_a_damaged_record_of_a_header_is_an_empty_one(record: dict | None) -> None:
    assert len(kept_header(record)) == 0
    assert likely_burned_in(record) is False


def test_adding_a_file_logs_nothing_of_its_header(tmp_path: Path) -> None:
    """pydicom and ITK quote what they find odd."""
    folder = tmp_path / "ZQMustermann_Erika"
    folder.mkdir()
    write(
        folder / "a.dcm", drawing(12, 60, 50), ViewPosition="pa zqmustermann erika", PatientID="ZQ" + "1" * 80
    )
    (folder / "b.nii").write_bytes(b"\x5c\x01\0\0" + b"\0" * 400)
    (folder / "c.nrrd").write_bytes(b"NRRD0004\ntype: uchar\nsixes: 4 4\n\n")
    code = (
        "import sys, logging; logging.basicConfig(level=logging.DEBUG)\n"
        "from pathlib import Path; from cxradain.sessions.store import Session\n"
        "from cxradain.sessions.sources import add_files\n"
        "with Session.create(sys.argv[1]) as session:\n"
        "    added = list(add_files(session, sorted(Path(sys.argv[2]).iterdir())))\n"
        "    assert added[0].new and not added[0].fault and all(file.fault for file in added[1:])\n"
    )
    command = [sys.executable, "-W", "default", "-c", code, str(tmp_path / "s"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = (done.stdout + done.stderr).lower()
    assert "zq" not in said and "erika" not in said
