"""A session's own files and folders: none leads out of it or is another's, and broken ones are made anew."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from cxradain.cli import main
from cxradain.sessions import folder as files
from cxradain.sessions import thumbnails
from cxradain.sessions.records import NotSaved, RecordError, SessionError
from cxradain.sessions.store import Session
from session_data import image, lungs, picture, session

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes as POSIX has them")
FOLDERS = [files.IMAGES, files.MASKS, files.LOST, files.THUMBNAILS, files.LOCK, files.ROUNDS]


def made(path: Path) -> Path:
    """A closed session of two images, each with a mask."""
    with session(path) as opened:
        for number, each in enumerate(opened.images()):
            opened.add_mask(each.key, lungs(number), "anna", "approved")
    return path


def as_after_a_crash(path: Path) -> None:
    """The session's last writer has not closed it."""
    database = sqlite3.connect(path / files.INDEX)
    with database:
        database.execute("UPDATE state SET value = '0' WHERE name = 'closed'")
    database.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@posix
@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_a_session_that_is_a_link_opens_nothing_and_moves_nothing(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture
) -> None:
    path, mine = made(tmp_path / "s"), tmp_path / "mine"
    mine.mkdir()
    if (path / name).exists():
        shutil.copytree(path / name, mine, dirs_exist_ok=True)
        shutil.rmtree(path / name)
    for own in ("scan.nrrd", ".0123abcd.notes.txt", "important.alive", "owner.sqlite"):
        (mine / own).write_bytes(b"mine")
    before = contents(mine)
    (path / name).symlink_to(mine)
    for command in ("rebuild", "verify", "status"):
        assert main(["session", command, str(path)]) == 2
        assert f"{path / name}: is a link" in capsys.readouterr().err
    with pytest.raises(SessionError, match="is a link"):
        Session(path, write=False)
    assert contents(mine) == before


@posix
@pytest.mark.parametrize("name", [files.SESSION, files.INDEX, f"{files.INDEX}-wal", files.OWNER])
def test_a_file_of_a_session_that_is_a_link_is_not_opened(tmp_path: Path, name: str) -> None:
    path, mine = made(tmp_path / "s"), tmp_path / "mine"
    database = sqlite3.connect(mine)
    database.executescript("CREATE TABLE bookmarks (x); INSERT INTO bookmarks VALUES (1);")
    database.close()
    if name == files.SESSION:
        mine.write_bytes((path / name).read_bytes())
    before = mine.read_bytes()
    (path / name).unlink(missing_ok=True)
    (path / name).symlink_to(mine)
    for write in (True, False):
        with pytest.raises(SessionError, match="is a link"):
            Session(path, write=write)
    assert mine.read_bytes() == before
    (path / name).unlink()
    os.mkfifo(path / name)
    with pytest.raises(SessionError, match="is of another kind"):
        Session(path)


@posix
@pytest.mark.parametrize("place", [f"{files.MASKS}/{'0' * 32}", f"{files.LOST}/{files.IMAGES}"])
def test_a_folder_within_them_that_is_a_link_is_refused(tmp_path: Path, place: str) -> None:
    path, mine = made(tmp_path / "s"), tmp_path / "mine"
    mine.mkdir()
    (path / place).parent.mkdir(exist_ok=True)
    (path / place).symlink_to(mine)
    with pytest.raises(SessionError, match="is a link"):
        Session(path)


@posix
def test_pixels_and_masks_that_are_links_or_pipes_are_not_read(tmp_path: Path) -> None:
    path = made(tmp_path / "s")
    with Session(path, write=False) as opened:
        first, second = opened.images()
        version = opened.versions(first.key)[0]
        pixels, mask = path / (first.file or ""), files.mask_path(path, version)
        for file, read, error in ((pixels, opened.radiograph, ValueError), (mask, opened.mask, RecordError)):
            file.rename(tmp_path / file.name)
            file.symlink_to(tmp_path / file.name)
            with pytest.raises(error, match="is a link"):
                read(first if file == pixels else version)
            file.unlink()
            os.mkfifo(file)
            with pytest.raises(error, match="is no file"):
                read(first if file == pixels else version)
        small = files.thumbnail_path(path, second.key)
        small.parent.mkdir(exist_ok=True)
        os.mkfifo(small)
        assert thumbnails.png(opened, second).startswith(thumbnails.START), "made anew, the pipe left alone"


def test_an_index_that_is_none_is_made_anew_by_opening_and_by_rebuild(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = made(tmp_path / "s")
    index = path / files.INDEX

    def without_a_table() -> None:
        with sqlite3.connect(index) as database:
            database.execute("DROP TABLE versions")
        database.close()

    def of_another_format() -> None:
        with index.open("r+b") as file:
            file.seek(47)
            file.write(b"\x09")

    def another_database() -> None:
        index.unlink()
        with sqlite3.connect(index) as database:
            database.execute("CREATE TABLE images (x)")
        database.close()

    def a_folder() -> None:
        index.unlink()
        index.mkdir()
        (index / "mine.txt").write_text("mine")

    for spoil in (without_a_table, of_another_format, another_database, a_folder):
        for command in (["rebuild"], ["status"]):
            spoil()
            assert main(["session", command[0], str(path)]) == 0, spoil
            with Session(path) as opened:
                assert len(opened.versions()) == 2 and not opened.verify().problems
        assert "2 images" in capsys.readouterr().out
    assert list(path.glob("lost-index.sqlite-*/mine.txt")), "no folder of the user's is deleted"


def test_a_record_that_cannot_be_read_for_a_moment_keeps_its_row(tmp_path: Path) -> None:
    path = made(tmp_path / "s")
    with Session(path) as opened:
        key = opened.images()[0].key
    as_after_a_crash(path)
    record = path / files.IMAGES / f"{key}.json"
    record.rename(tmp_path / "away")
    record.write_text("{")
    with Session(path) as opened:
        assert len(opened.images()) == 2
        assert not any("gone" in problem for problem in opened.verify().problems), "it is there"
    as_after_a_crash(path)
    record.unlink()
    (tmp_path / "away").rename(record)
    with Session(path) as opened:
        assert len(opened.images()) == 2 and not opened.verify().problems


def gone(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replaced(path: Path) -> None:
    copy = path.with_name("backup")
    shutil.copytree(path, copy)
    path.rename(path.with_name("elsewhere"))
    copy.rename(path)


def index_replaced(path: Path) -> None:
    (path / files.INDEX).rename(path / "old")
    shutil.copy(path / "old", path / files.INDEX)


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no folder of open files")
@pytest.mark.parametrize("change", [gone, replaced, index_replaced])
def test_no_write_succeeds_once_the_folder_is_gone_or_another(tmp_path: Path, change) -> None:
    path = made(tmp_path / "s")
    opened = Session(path)
    delegated = Session(path, token=opened.token)
    key = opened.images()[0].key
    change(path)
    there = path.exists()
    pixels = picture(9)
    for each in (opened, delegated):
        with pytest.raises(NotSaved, match="nothing was saved"):
            each.add_mask(key, lungs(3), "anna", "approved")
        with pytest.raises(NotSaved, match="nothing was saved"):
            each.add_image(image(pixels), pixels)
    with pytest.raises(NotSaved):
        opened.rebuild()
    for each in opened.images():
        with suppress(ValueError):  # its pixels are gone
            thumbnails.png(opened, each)
    assert path.exists() == there, "no folder is made anew at the old path"
    delegated.close()
    opened.close()
    if there:
        with Session(path, take_over=True) as again:
            assert len(again.versions()) == 2 and not again.verify().problems


def test_a_session_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    import errno

    from cxradain.sessions import store

    def full(folder: Path):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(store, "open_for_writing", full)
        with pytest.raises(NotSaved, match="disk is full"):
            Session.create(tmp_path / "s")
    assert not (tmp_path / "s").exists()
    with monkeypatch.context() as context:
        context.setattr(files, "write_durably", lambda *arguments: full(tmp_path))
        with pytest.raises(NotSaved, match="disk is full"):
            Session.create(tmp_path / "s")
    assert not (tmp_path / "s").exists()
    Session.create(tmp_path / "s").close()


@pytest.mark.parametrize("times", [150])
def test_ctrl_c_at_any_moment_of_a_write_leaves_it_whole_or_undone(tmp_path: Path, times: int) -> None:
    """The interrupt comes after so many lines of the store's own code, each number in its turn."""
    import sys

    path = made(tmp_path / "s")
    package = os.path.join("cxradain", "sessions")
    kept: set[str] = set()
    interrupted = 0
    for after in range(times):
        opened = Session(path)
        key, lines = opened.images()[0].key, 0

        def trace(frame, event, argument, after=after):
            nonlocal lines
            if package not in frame.f_code.co_filename:
                return None
            if event == "line":
                lines += 1
                if lines == after + 1:
                    raise KeyboardInterrupt
            return trace

        labels = np.roll(lungs(1), after, axis=0)
        sys.settrace(trace)
        try:
            kept.add(opened.add_mask(key, labels, "anna", "corrected").id)
        except KeyboardInterrupt:
            interrupted += 1
        finally:
            sys.settrace(None)
        opened.close()
        with Session(path, write=False) as reading:
            report = reading.verify()
            assert not report.problems, (after, report.problems)
            assert kept <= {version.id for version in reading.versions()}
    assert interrupted > 40
