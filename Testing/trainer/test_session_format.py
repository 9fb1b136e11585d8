"""A session folder of format 1, as the program of commit c6f795f made it, and what becomes of it.

`session_format_1.zip` holds copies of a MONOCHROME1 DICOM file with a window and a spacing, a picture that
cannot be read, one that was held out before its patient was known, and one of an unknown patient; with masks.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from cxradain import cli
from cxradain.imaging.image_facts import ImageFacts
from cxradain.sessions import folder as files
from cxradain.sessions import store
from cxradain.sessions.index import Index
from cxradain.sessions.records import MODEL, SessionError
from cxradain.sessions.store import Session
from session_data import image, picture

FACTS = ImageFacts(True, (199.5, 2199.5), (0.2, 0.3), ("L", "F"), "DICOM")
HELD_OUT = [False, True, True, False]  # as that program said, in the order of adding


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with zipfile.ZipFile(Path(__file__).with_name("session_format_1.zip")) as packed:
        packed.extractall(tmp_path / "s")
    return tmp_path / "s"


def on_disk(folder: Path) -> dict[str, bytes]:
    """All files but the lock's and the index's."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not str(path.relative_to(folder)).startswith(("lock", "index.sqlite"))
    }


def version_of(folder: Path) -> int:
    return json.loads((folder / files.SESSION).read_text())["version"]


def check(opened: Session) -> None:
    """All that was kept is there."""
    images = opened.images()
    assert images[0].facts == FACTS and images[0].header is not None
    assert [each.facts for each in images[1:]] == [ImageFacts()] * 3
    assert all(each.pixel_hash == each.key for each in images)
    assert [opened.is_held_out(each) for each in images] == HELD_OUT
    assert [each.held_out for each in images] == [False, False, True, False]
    assert bool(images[1].fault) and opened.radiograph(images[0]).inverted
    auto, corrected = opened.versions(images[0].key)
    assert (auto.reader, corrected.reader, corrected.base) == (MODEL, "ada", auto.id)
    assert corrected.clicks == ({"row": 3.0, "column": 4.0, "adds": True, "lung": 1},)
    assert opened.mask(corrected).max() == 2 and opened.newest(images[2].key, "ada").status == "approved"
    assert not opened.verify().problems


def test_a_folder_of_format_1_that_is_only_read_is_left_as_it_is(old: Path) -> None:
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    with Session(old, write=False) as opened:
        check(opened)
    assert cli.main(["session", "status", str(old)]) == 0
    assert {path: path.read_bytes() for path in old.rglob("*") if path.is_file()} == before


def test_a_folder_of_format_1_goes_on_in_format_4(old: Path) -> None:
    before = on_disk(old)
    with Session(old) as opened:
        check(opened)
        assert version_of(old) == opened.description.version == 4
        images = opened.images()
    changed = {name for name, data in on_disk(old).items() if before[name] != data}
    assert changed == {files.SESSION}, "a record is of the new format when it is next written"
    with Session(old) as opened:
        new = opened.add_image(image(picture(1), patient="p", facts=FACTS), picture(1))
        written = json.loads(files.record_path(old, new).read_text())
        assert written["facts"] == json.loads(json.dumps(FACTS.to_json())) and written["held_out"] is False
        assert not {"inverted", "window", "calibrated", "apart"} & set(written)
        opened.rebuild()
        assert opened.images() == [*images, new] and not opened.verify().problems


def test_the_format_is_brought_up_to_date_before_anything_else_is_written(old: Path, monkeypatch) -> None:
    def crash(folder: Path) -> Index:
        raise KeyboardInterrupt

    before, index = on_disk(old), (old / files.INDEX).read_bytes()
    monkeypatch.setattr(store, "open_for_writing", crash)
    with pytest.raises(KeyboardInterrupt):
        Session(old)
    assert version_of(old) == 4 and (old / files.INDEX).read_bytes() == index
    assert {name for name, data in on_disk(old).items() if before[name] != data} == {files.SESSION}


def test_a_format_that_cannot_be_written_leaves_the_folder_as_it_is(old: Path, monkeypatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    before = on_disk(old)
    with monkeypatch.context() as patch:
        patch.setattr(files, "write_durably", full)
        with pytest.raises(SessionError, match="was not opened: the disk is full"):
            Session(old)
    assert on_disk(old) == before
    with Session(old) as opened:
        check(opened)


def test_an_index_of_format_1_equals_a_rebuilt_one(old: Path) -> None:
    with Session(old) as opened:
        migrated = opened.images(), opened.versions(), opened.worklist("ada")
        masks = [opened.mask(version) for version in opened.versions()]
        twins = [opened.images_of(each.key) for each in opened.images()]
        assert twins == [[each] for each in opened.images()]
    (old / files.INDEX).unlink()
    with Session(old) as opened:
        assert (opened.images(), opened.versions(), opened.worklist("ada")) == migrated
        for version, mask in zip(opened.versions(), masks, strict=True):
            assert np.array_equal(opened.mask(version), mask)


def test_a_damaged_record_of_format_1_is_named(old: Path) -> None:
    path = next(path for path in old.glob("images/*.json") if '"inverted": true' in path.read_text())
    path.write_text(path.read_text().replace('"inverted": true', '"inverted": "yes"'))
    with Session(old) as opened:
        problems = opened.rebuild().problems
    assert any(str(path) in problem and "is damaged" in problem for problem in problems)


def test_a_session_of_a_newer_format_is_refused_in_a_sentence(old: Path) -> None:
    path = old / files.SESSION
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 5}))
    for write in (True, False):
        with pytest.raises(SessionError, match=r"was made by a newer version of this program\. Update it\."):
            Session(old, write=write)
