"""Patients of a session: none is in training and in validation, also if the patient becomes known later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from cxradain import cli
from cxradain.rounds.selection import select_images
from cxradain.sessions import folder as files
from cxradain.sessions.folder import REFERENCES
from cxradain.sessions.index import Index
from cxradain.sessions.records import SessionError
from cxradain.sessions.store import Session
from dicom_files import drawing, write
from PIL import Image
from session_data import image, lungs, picture, session


def run(*arguments: object) -> int:
    return cli.main(["session", *(str(argument) for argument in arguments)])


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures of each of twelve patients, which only their names tell."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(24):
        pixels = (picture(number) >> 4).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"pat{number // 2}_{number % 2}.png")
    return folder


def parts(opened: Session) -> dict[str, set[bool]]:
    """By patient, whether the images are set aside."""
    found: dict[str, set[bool]] = {}
    for each in opened.images():
        found.setdefault(each.patient, set()).add(opened.is_held_out(each))
    return found


@pytest.mark.parametrize("kind", [(), ("--references",)], ids=["copies", "references"])
def test_patients_known_later_never_span_training_and_validation(
    kind: tuple[str, ...], pictures: Path, tmp_path: Path, capsys
) -> None:
    folder = tmp_path / "s"
    run("create", folder, *kind)
    run("add", folder, pictures)
    said = capsys.readouterr().out
    assert "24 added." in said and "no known patient: 24 (each counts as a patient" in said
    run("status", folder)
    assert "no known patient: 24" in capsys.readouterr().out
    with Session(folder) as opened:
        aside = {each.key for each in opened.images() if opened.is_held_out(each)}
        assert select_images(opened).counts()["without_patient"] == 24
        for each in opened.images():
            opened.add_mask(each.key, lungs(each.sequence), "A", "corrected")
    assert run("add", folder, pictures, "--patient", r"pat\d+") == 0
    said = capsys.readouterr().out
    assert "0 added." in said and said.count("its patient is now known") == 24
    assert "no known patient" not in said
    with Session(folder) as opened:
        assert len(parts(opened)) == 12 and all(len(both) == 1 for both in parts(opened).values())
        found = select_images(opened)
        assert aside <= {each.key for each, _ in found.validation}
        assert found.labelled and found.counts()["without_patient"] == 0
        assert not opened.verify().problems and not opened.rebuild().problems
        assert all(len(both) == 1 for both in parts(opened).values()), "the records say it, not the index"
        images = opened.images()
    with Session(folder, write=False) as opened:
        assert opened.images() == images
    run("add", folder, pictures, "--patient", r"(\d)\.png")
    with Session(folder) as opened:
        assert opened.images() == images, "a patient who is known stays the one"
    run("status", folder)
    assert "no known patient" not in capsys.readouterr().out


def test_later_images_of_a_held_out_patient_are_held_out(tmp_path: Path) -> None:
    with session(tmp_path / "s", images=0, kind=REFERENCES) as opened:
        unknown = (image(picture(seed)) for seed in range(100))
        first = opened.add_image(next(each for each in unknown if opened.is_held_out(each)), None)
        hashes = (opened.keyed_hash("patient", str(number)) for number in range(100))
        patient = next(each for each in hashes if not opened.is_held_out(replace(first, patient=each)))
        before = opened.add_image(image(picture(200), patient=patient), None)
        assert not opened.is_held_out(before)
        told = opened.add_image(replace(first, patient=patient), None)
        assert told.held_out and opened.is_held_out(told) and opened.is_held_out(before)
        assert opened.is_held_out(opened.add_image(image(picture(201), patient=patient), None))
    files_there = sorted((tmp_path / "s" / files.IMAGES).glob("*.json"))
    assert sum('"held_out": true' in path.read_text() for path in files_there) == 1


def test_a_patient_that_cannot_be_saved_changes_nothing(tmp_path: Path, monkeypatch) -> None:
    with session(tmp_path / "s", images=1) as opened:
        (present,) = opened.images()
        with monkeypatch.context() as patch:
            patch.setattr(Index, "put_image", Mock(side_effect=OSError(5, "no")))
            with pytest.raises(SessionError, match="not saved"):
                opened.add_image(replace(present, patient="p"), picture(0))
        assert opened.images() == [present] and not opened.verify().problems


def test_a_name_stands_for_a_patient_without_an_id(tmp_path: Path) -> None:
    headers = [
        {"PatientID": "", "PatientName": "Roe^Richard"},
        {"PatientID": None, "PatientName": "ROE^Richard^^^"},
        {"PatientID": "", "PatientName": "Roe^Jane"},
        {"PatientID": "ROE^JANE", "PatientName": "Roe^Jane"},
        {"PatientID": "", "PatientName": ""},
        {"PatientID": "", "PatientName": "Anonymous^"},
        {"PatientID": "", "PatientName": "DE-IDENTIFIED"},
        {"PatientID": "", "PatientName": "ANON^0042"},
    ]
    for number, header in enumerate(headers):
        write(tmp_path / f"{number}.dcm", drawing() + number, **header)
    run("create", tmp_path / "s")
    assert run("add", tmp_path / "s", *sorted(tmp_path.glob("*.dcm"))) == 0
    with Session(tmp_path / "s") as opened:
        found = [each.patient for each in opened.images()]
    assert found[0] == found[1] and found[4] == found[5] == found[6] == ""
    assert len({found[0], found[2], found[3], found[7]}) == 4 and all(
        len(found[i]) == 64 for i in (0, 2, 3, 7)
    )
    for path in (p for p in (tmp_path / "s").rglob("*") if p.is_file()):
        assert b"roe" not in path.read_bytes().lower(), path
