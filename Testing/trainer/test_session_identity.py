"""Which image a file is: a mended header updates it, another patient's equal pixels are another image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cxradain import cli
from cxradain.imaging.image_facts import ImageFacts
from cxradain.imaging.turn import Turn
from cxradain.sessions import folder as files
from cxradain.sessions.folder import COPIES, REFERENCES
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from cxradain.sessions.thumbnails import png
from dicom_files import drawing, write
from PIL import Image as Picture
from session_data import image, lungs, picture, session

KINDS = pytest.mark.parametrize("kind", [COPIES, REFERENCES])
PIXELS = drawing(12)
LABELS = lungs(height=PIXELS.shape[0], width=PIXELS.shape[1])


def add(opened: Session, path: Path, **options: object):
    made, fault = add_file(opened, path, **options)
    assert not fault
    return made


@KINDS
def test_a_mended_header_updates_the_image_and_keeps_its_versions(tmp_path: Path, kind: str) -> None:
    wrong = write(tmp_path / "1.dcm", PIXELS, PatientID="a")
    mended = write(
        tmp_path / "2.dcm",
        PIXELS,
        PatientID="a",
        PhotometricInterpretation="MONOCHROME1",
        PixelSpacing=[0.5, 0.25],
        WindowCenter=2048,
        WindowWidth=2049,
        PatientOrientation=["R", "F"],
    )
    with Session.create(tmp_path / "s", kind) as opened:
        first = add(opened, wrong)
        version = opened.add_mask(first.key, LABELS, "ada", "corrected")
        shown = png(opened, first)
        again = add(opened, mended)
        facts = ImageFacts(True, (1023.5, 3071.5), (0.5, 0.25), ("R", "F"), "DICOM", Turn(0, True), view="PA")
        assert again.facts == facts
        assert again == replace(
            first,
            facts=again.facts,
            header=again.header,
            placement=again.placement,
            warnings=again.warnings,
            reference=str(mended) if kind == REFERENCES else None,
        )
        assert again.placement.spacing == (0.25, 0.5) and again.header != first.header
        assert opened.images() == [again] and opened.versions(first.key) == [version]
        assert opened.radiograph(again).facts == again.facts and png(opened, again) != shown
        assert not opened.verify().problems and not opened.rebuild().problems
        assert opened.images() == [again], "the record says it, not the index"


@KINDS
def test_adding_reports_the_updated_images(tmp_path: Path, kind: str, capsys) -> None:
    folder = tmp_path / "s"
    Session.create(folder, kind).close()
    path = write(tmp_path / "1.dcm", PIXELS, PatientID="", PatientName="")
    cli.main(["session", "add", str(folder), str(path)])
    write(path, PIXELS, PatientID="a", PatientName="", PhotometricInterpretation="MONOCHROME1")
    capsys.readouterr()
    assert cli.main(["session", "add", str(folder), str(path)]) == 0
    said = capsys.readouterr().out
    assert "is already in the session, updated (" in said and "polarity), as " in said
    assert said.splitlines()[-1].startswith("0 added. 1 updated: ") and "polarity." in said
    assert cli.main(["session", "add", str(folder), str(path)]) == 0
    assert "0 added.\n" in capsys.readouterr().out, "nothing is new the second time"


@KINDS
def test_the_patient_becomes_known_with_the_mended_header(tmp_path: Path, kind: str) -> None:
    unknown = write(tmp_path / "1.dcm", PIXELS, PatientID="", PatientName="")
    known = write(tmp_path / "2.dcm", PIXELS, PatientID="a", PixelSpacing=[0.5, 0.5])
    with Session.create(tmp_path / "s", kind) as opened:
        first = add(opened, unknown)
        again = add(opened, known)
        assert first.patient == "" != again.patient and again.key == first.key
        assert again.facts.spacing == (0.5, 0.5) and opened.images() == [again]
        assert add(opened, unknown).patient == again.patient, "who is known stays so"


def test_a_picture_of_the_same_pixels_undoes_nothing(tmp_path: Path) -> None:
    stated = write(tmp_path / "1.dcm", PIXELS, PhotometricInterpretation="MONOCHROME1", PixelSpacing=[1, 2])
    Picture.fromarray(PIXELS).save(tmp_path / "1.png")
    with Session.create(tmp_path / "s") as opened:
        first = add(opened, stated)
        assert add(opened, tmp_path / "1.png") == first
    with Session.create(tmp_path / "other way round") as opened:
        first = add(opened, tmp_path / "1.png")
        assert add(opened, stated).facts.inverted and not first.facts.inverted


@KINDS
def test_two_patients_with_equal_pixels_are_two_images(tmp_path: Path, kind: str, capsys) -> None:
    paths = [write(tmp_path / f"{who}.dcm", PIXELS, PatientID=who) for who in "abc"]
    folder = tmp_path / "s"
    Session.create(folder, kind).close()
    assert cli.main(["session", "add", str(folder), *map(str, paths)]) == 0
    said = capsys.readouterr().out
    assert "3 added." in said and said.count("has the pixels of another patient's image and is added as") == 2
    with Session(folder) as opened:
        images = opened.images()
        assert len({each.key for each in images}) == len({each.patient for each in images}) == 3
        assert {each.pixel_hash for each in images} == {images[0].key}, (
            "the first has the pixels' hash as key"
        )
        opened.add_mask(images[1].key, LABELS, "ada", "corrected")
        assert [len(opened.versions(each.key)) for each in images] == [0, 1, 0]
        assert all(np.array_equal(opened.radiograph(each).pixels, PIXELS) for each in images)
        for path, each in zip(paths, images, strict=True):
            assert add(opened, path) == each
        assert not opened.verify().problems and not opened.rebuild().problems
        assert opened.images() == images


def test_a_pattern_for_names_makes_no_second_image(tmp_path: Path) -> None:
    import re

    for name in ("pat1.png", "pat2.png"):
        Picture.fromarray(PIXELS).save(tmp_path / name)
    with Session.create(tmp_path / "s") as opened:
        first, again = (
            add(opened, tmp_path / f"pat{number}.png", patient_pattern=re.compile(r"pat\d"))
            for number in "12"
        )
        assert first == again and first.patient


@pytest.mark.parametrize("lost", ["gone", "replaced", "whole"])
def test_an_original_is_found_where_it_is_added_from_if_its_place_has_it_no_more(
    tmp_path: Path, lost: str
) -> None:
    path, copy = (write(tmp_path / name, PIXELS, PatientID="a") for name in ("1.dcm", "copy.dcm"))
    with Session.create(tmp_path / "s", REFERENCES) as opened:
        first = add(opened, path)
        if lost == "gone":
            path.unlink()
        elif lost == "replaced":
            write(path, drawing(13), PatientID="b")
        again = add(opened, copy)
        assert again == replace(first, reference=str(path if lost == "whole" else copy))
        assert np.array_equal(opened.radiograph(again).pixels, PIXELS) and opened.images() == [again]


def test_a_patient_mended_in_the_original_itself_is_updated(tmp_path: Path) -> None:
    path = write(tmp_path / "1.dcm", PIXELS, PatientID="a")
    with Session.create(tmp_path / "s", REFERENCES) as opened:
        first = add(opened, path)
        write(path, PIXELS, PatientID="b")
        again = add(opened, path)
        assert again.patient != first.patient and again.key == first.key and opened.images() == [again]


def patients(opened: Session, held_out: bool):
    """Names of patients, and whether the lot falls on them."""
    some = image(picture(999))
    for number in range(1000):
        name = opened.keyed_hash("patient", str(number))
        if opened.is_held_out(replace(some, patient=name)) == held_out:
            yield name


@pytest.mark.parametrize("first", [True, False], ids=["held out first", "held out second"])
def test_equal_pixels_of_two_patients_are_on_one_side(tmp_path: Path, first: bool) -> None:
    with session(tmp_path / "s", images=0, kind=REFERENCES) as opened:
        drawn, other = next(patients(opened, True)), next(patients(opened, False))
        others_second = opened.add_image(image(picture(1), patient=other), None)
        assert not opened.is_held_out(others_second)
        for patient in (drawn, other) if first else (other, drawn):
            added = opened.add_image(image(picture(0), patient=patient), None)
        assert added == opened.image(added.key)
        assert len(opened.images()) == 3 and all(map(opened.is_held_out, opened.images()))
        opened.rebuild()
        assert all(map(opened.is_held_out, opened.images())), "the records say it, not the index"


def test_a_crash_between_two_images_of_equal_pixels_is_mended_when_the_session_is_opened(
    tmp_path: Path,
) -> None:
    with session(tmp_path / "s", images=0, kind=REFERENCES) as opened:
        for patient in (next(patients(opened, True)), next(patients(opened, False))):
            opened.add_image(image(picture(0), patient=patient), None)
        marked = opened.images()[-1]
        path = files.record_path(opened.path, marked)
        path.write_text(path.read_text().replace('"held_out": true', '"held_out": false'))
        opened.rebuild()
        assert not all(map(opened.is_held_out, opened.images()))
    with Session(tmp_path / "s") as opened:
        assert all(map(opened.is_held_out, opened.images()))


def test_held_out_images_stay_held_out_when_their_patient_changes(tmp_path: Path) -> None:
    path = tmp_path / "1.png"
    path.touch()
    with session(tmp_path / "s", images=0, kind=REFERENCES) as opened:
        one, another, *_ = [name for name, _ in zip(patients(opened, False), range(2), strict=False)]
        unknown = (image(picture(seed), reference=str(path)) for seed in range(100))
        first = opened.add_image(next(each for each in unknown if opened.is_held_out(each)), None)
        first = opened.add_image(replace(first, patient=one), None)
        beside = opened.add_image(image(picture(200), patient=one), None)
        later = opened.add_image(image(picture(201), patient=another), None)
        assert [opened.is_held_out(each) for each in (first, beside, later)] == [True, True, False]
        moved = opened.add_image(replace(first, patient=another), None)
        assert moved.key == first.key and moved.patient == another
        assert all(opened.is_held_out(opened.image(each.key)) for each in (moved, beside, later))
