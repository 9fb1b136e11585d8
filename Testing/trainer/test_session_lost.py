"""Pixels and masks whose record is missing are kept, reported, and restored with it."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from cxradain import cli
from cxradain.sessions import folder as files
from cxradain.sessions.folder import LOST
from cxradain.sessions.index import Index
from cxradain.sessions.store import Session
from session_data import image, lungs, picture, session


@pytest.fixture
def opened(tmp_path: Path):
    """A session of two images, the first with a mask of a reader."""
    with session(tmp_path / "s") as made:
        made.add_mask(made.images()[0].key, lungs(1), "A", "approved")
        yield made


def crashed(made: Session) -> None:
    """Close it as a crash does: the index has no note that it was closed."""
    with patch.object(Index, "remember"):
        made.close()


@pytest.mark.parametrize("crash", [False, True], ids=["rebuilt", "opened after a crash"])
def test_an_image_without_its_record_is_kept_in_lost_and_restored(opened, crash: bool, capsys) -> None:
    folder, first = opened.path, opened.images()[0]
    record, pixels = files.record_path(folder, first), files.file_path(folder, first)
    told, held = record.read_bytes(), pixels.read_bytes()
    record.unlink()
    crashed(opened) if crash else opened.close()
    Session(folder).close()
    assert cli.main(["session", "rebuild", str(folder)]) == 1
    said = capsys.readouterr()
    assert "1 images, 1 versions, 2 problems" in said.out
    assert str(folder / LOST / "images" / pixels.name) in said.err and "has no record" in said.err
    assert "1 masks of an image that is not in the session. Add the image again" in said.err
    assert (folder / LOST / "images" / pixels.name).read_bytes() == held
    record.write_bytes(told)
    assert cli.main(["session", "rebuild", str(folder)]) == 0
    with Session(folder, write=False) as again:
        assert not again.verify().problems and again.images()[0] == first
        assert np.array_equal(again.mask(again.newest(first.key)), lungs(1))
        assert np.array_equal(again.radiograph(first).pixels, picture(0))


def test_an_image_without_its_record_is_added_again_and_has_its_masks(opened) -> None:
    first = opened.images()[0]
    files.record_path(opened.path, first).unlink()
    assert len(opened.rebuild().problems) == 2
    opened.add_image(image(picture(0)), picture(0))
    assert len(opened.rebuild().problems) == 1, "only the file in lost/ is left to be deleted"
    assert not opened.verify().problems and opened.newest(first.key, "A").status == "approved"


def test_a_mask_whose_record_comes_later_is_restored(opened) -> None:
    (version,) = opened.versions()
    record = files.record_path(opened.path, version)
    told = record.read_bytes()
    record.unlink()
    crashed(opened)
    with Session(opened.path) as again:
        assert again.versions() == []
        assert (opened.path / LOST / "masks" / version.image / version.file).is_file()
        record.write_bytes(told)
        assert not again.rebuild().problems and again.versions() == [version]
        assert np.array_equal(again.mask(version), lungs(1))


def test_files_lost_twice_are_kept_twice(opened) -> None:
    first = opened.images()[0]
    pixels = files.file_path(opened.path, first)
    for content in (b"one", b"two"):
        files.record_path(opened.path, first).unlink(missing_ok=True)
        pixels.write_bytes(content)
        opened.rebuild()
    assert sorted(p.read_bytes() for p in (opened.path / LOST / "images").iterdir()) == [b"one", b"two"]


def test_only_half_written_files_are_deleted(opened) -> None:
    folder = opened.path
    for place in (folder, folder / "images"):
        (place / ".0123abcd.x.nrrd").touch()
        (place / "mine.txt").touch()
    assert not opened.rebuild().problems
    assert not list(folder.rglob(".*")) and len(list(folder.rglob("mine.txt"))) == 2
    assert not (folder / LOST).exists()


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"NRRD0004\n\nnothing")])
def test_a_lost_or_damaged_copy_is_restored_by_adding_the_image_again(opened, damage) -> None:
    first = opened.images()[0]
    pixels = files.file_path(opened.path, first)
    held = pixels.read_bytes()
    damage(pixels)
    assert len(opened.verify().problems) == 1
    assert opened.add_image(image(picture(0)), picture(0)) == first
    assert pixels.read_bytes() == held and not opened.verify().problems
