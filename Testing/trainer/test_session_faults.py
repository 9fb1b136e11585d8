"""Sessions under faults: two applications, full disks, damaged folders."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from cxradain import cli
from cxradain import files as atomic
from cxradain.commands.process import run_command
from cxradain.sessions import folder
from cxradain.sessions.index import Index
from cxradain.sessions.lock import SessionLocked, SessionTaken
from cxradain.sessions.records import NotSaved, RecordError, SessionError, translate_storage_errors
from cxradain.sessions.store import Session
from session_data import lungs, session

HERE = Path(__file__).resolve()


def script(text: str, *arguments: object) -> subprocess.Popen:
    """A Python process of its own, with the package and the tests' drawings on its path."""
    paths = os.pathsep.join([str(HERE.parent), str(HERE.parents[2] / "trainer")])
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


OWNER = """
    import sys
    from cxradain.sessions.store import Session
    from session_data import lungs

    opened = Session(sys.argv[1], program="the other program")
    key = opened.images()[0].key
    print(opened.add_mask(key, lungs(1), "B", "corrected").id, flush=True)
    sys.stdin.readline()
    try:
        opened.add_mask(key, lungs(2), "B", "corrected")
        print("saved", flush=True)
    except Exception as error:
        print(type(error).__name__, flush=True)
"""


def test_a_second_application_reads_and_may_take_over(tmp_path: Path) -> None:
    session(tmp_path / "s").close()
    other = script(OWNER, tmp_path / "s")
    theirs = other.stdout.readline().strip()
    with pytest.raises(SessionLocked, match="the other program") as refused:
        Session(tmp_path / "s")
    assert refused.value.owner.process == other.pid
    with Session(tmp_path / "s", write=False) as reading:
        assert [v.id for v in reading.versions()] == [theirs]
    with Session(tmp_path / "s", take_over=True) as mine:
        said, error = other.communicate("\n", timeout=60)
        assert said.strip() == "SessionTaken", error
        mine.add_mask(mine.images()[0].key, lungs(3), "A", "corrected")
        assert [v.reader for v in mine.versions()] == ["B", "A"]
        assert not mine.verify().problems


def test_a_crashed_owner_is_replaced_without_asking(tmp_path: Path) -> None:
    session(tmp_path / "s").close()
    other = script(OWNER, tmp_path / "s")
    theirs = other.stdout.readline().strip()
    other.kill()
    other.wait()
    with Session(tmp_path / "s") as mine:
        assert [v.id for v in mine.versions()] == [theirs]


def test_one_process_cannot_open_a_session_twice(tmp_path: Path) -> None:
    with session(tmp_path / "s") as first:
        with pytest.raises(SessionLocked):
            Session(tmp_path / "s")
        with Session(tmp_path / "s", take_over=True) as second:
            with pytest.raises(SessionTaken, match="taken over"):
                first.add_mask(first.images()[0].key, lungs(), "A", "corrected")
            second.add_mask(second.images()[0].key, lungs(), "A", "corrected")
    Session(tmp_path / "s").close()


def test_of_processes_that_race_one_opens_the_session(tmp_path: Path) -> None:
    session(tmp_path / "s").close()
    race = """
        import sys, time
        from cxradain.sessions.records import SessionError
        from cxradain.sessions.store import Session
        from session_data import lungs

        for turn in range(10):
            try:
                with Session(sys.argv[1], take_over=turn % 3 == 0) as opened:
                    print(opened.add_mask(opened.images()[0].key, lungs(turn), sys.argv[2], "corrected").id)
            except SessionError:
                time.sleep(0.01)
    """
    running = [script(race, tmp_path / "s", name) for name in "ABC"]
    told: list[str] = []
    for process in running:
        said, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
        told += said.split()
    with Session(tmp_path / "s") as opened:
        assert told and {v.id for v in opened.versions()} == set(told)
        assert [v.number for v in opened.versions()] == list(range(1, len(told) + 1))
        assert not opened.verify().problems


@pytest.mark.parametrize("failing", range(5))
def test_a_full_disk_is_reported_and_leaves_no_file(failing: int, tmp_path: Path, monkeypatch) -> None:
    """The disk is full at each write of a mask in turn."""
    with session(tmp_path / "s") as opened:
        key = opened.images()[0].key
        before = opened.add_mask(key, lungs(0), "A", "corrected")
        there = sorted((tmp_path / "s" / "masks").rglob("*"))
        calls = 0
        sync = os.fsync

        def full(descriptor: int) -> None:
            nonlocal calls
            calls += 1
            if calls > failing:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            sync(descriptor)

        with monkeypatch.context() as patch:
            patch.setattr(atomic.os, "fsync", full)
            if failing == 4:  # all files are written: the index refuses
                patch.setattr(Index, "put_version", Mock(side_effect=_sqlite_full()))
            with pytest.raises(NotSaved, match="mask was not saved: the disk is full"):
                opened.add_mask(key, lungs(1), "A", "corrected")
        assert sorted((tmp_path / "s" / "masks").rglob("*")) == there
        assert opened.versions() == [before]
        assert opened.add_mask(key, lungs(1), "A", "corrected").number == 2
        assert not opened.verify().problems


def _sqlite_full() -> Exception:
    return sqlite3.OperationalError("database or disk is full")


class FullLock:
    """The lock's database on a full disk: SQLite ends the transaction itself, and says why."""

    def __init__(self, database, failing: str):
        self._database, self._failing = database, failing

    def execute(self, query: str, *values):
        if query.startswith(self._failing):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise _sqlite_full()
        return self._database.execute(query, *values)

    def __enter__(self):
        return self._database.__enter__()

    def __exit__(self, kind, *error):
        if kind is None and self._failing == "COMMIT":
            self._database.rollback()
            raise _sqlite_full()
        return self._database.__exit__(kind, *error)

    def __getattr__(self, name: str):
        return getattr(self._database, name)


@pytest.mark.parametrize("failing", ["BEGIN", "INSERT", "COMMIT"])
def test_a_session_on_a_full_disk_says_why_it_does_not_open(
    failing: str, tmp_path: Path, monkeypatch
) -> None:
    session(tmp_path / "s").close()
    connect = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda path, **options: FullLock(connect(path, **options), failing))
        with pytest.raises(NotSaved, match="session was not opened: the disk is full"):
            Session(tmp_path / "s")
    Session(tmp_path / "s").close()


def test_an_export_on_a_full_disk_or_where_nothing_may_be_written(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    with session(tmp_path / "s") as opened:
        opened.add_mask(opened.images()[0].key, lungs(0), "A", "corrected")

    def export(format: str, output: Path) -> str:
        words = ["session", "export", str(tmp_path / "s"), "--format", format, "--output", str(output)]
        assert cli.main(words) == 2
        return capsys.readouterr().err

    (tmp_path / "file").touch()
    assert "was not saved: Not a directory. Check the folder" in export("png", tmp_path / "file" / "out")
    for format in ("png", "nifti", "nnunet", "coco"):
        with monkeypatch.context() as patch:
            patch.setattr(
                atomic.os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(errno.ENOSPC, "x"))
            )
            said = export(format, tmp_path / format)
        assert f"export to {tmp_path / format} was not saved: the disk is full" in said


@pytest.mark.skipif(os.name == "nt", reason="limits on a process's files are POSIX's")
def test_a_file_size_limit_is_reported(tmp_path: Path) -> None:
    """A real refusal rather than a made one: the process may write files of 300 bytes at most."""
    session(tmp_path / "s").close()
    limited = """
        import resource, signal, sys
        from cxradain.sessions.records import SessionError
        from cxradain.sessions.store import Session
        from session_data import lungs

        with Session(sys.argv[1]) as opened:
            key = opened.images()[0].key
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300, resource.RLIM_INFINITY))
            try:
                opened.add_mask(key, lungs(1), "A", "corrected")
            except SessionError as error:
                print(error)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            opened.add_mask(key, lungs(1), "A", "corrected")
    """
    said, error = script(limited, tmp_path / "s").communicate(timeout=60)
    assert "not saved: the disk is full" in said, (said, error)
    with Session(tmp_path / "s") as opened:
        assert [v.number for v in opened.versions()] == [1]
        assert not opened.verify().problems


def test_a_mask_is_reported_unsaved_when_its_folder_is_gone(tmp_path: Path) -> None:
    opened = session(tmp_path / "s")
    key = opened.images()[0].key
    shutil.rmtree(tmp_path / "s" / "masks")
    with pytest.raises(NotSaved, match="mask was not saved"):
        opened.add_mask(key, lungs(), "A", "corrected")
    opened.close()


@pytest.mark.parametrize("value", [1 << 53, 1 << 63, 1 << 2000, -1e308, "1", None], ids=range(6))
@pytest.mark.parametrize("name", ["seconds", "disagreement"])
def test_a_number_that_no_index_holds_is_a_damaged_record(name: str, value: Any, tmp_path: Path) -> None:
    with session(tmp_path / "s", 2) as opened:
        first, second = (
            opened.add_mask(image.key, lungs(1), "anna", "corrected") for image in opened.images()
        )
    record = tmp_path / "s" / "masks" / first.image / f"{first.number:04d}-{first.id}.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {name: value}))
    (tmp_path / "s" / "index.sqlite").unlink()
    with Session(tmp_path / "s") as opened:
        kept = [version.id for version in opened.versions()]
        if name == "disagreement" and value is None:
            assert len(kept) == 2
        else:
            assert kept == [second.id]
            assert any(f"{record}: is damaged" in problem for problem in opened.verify().problems)


@pytest.mark.parametrize("seed", range(30))
def test_damaged_folders_raise_only_session_errors(seed: int, tmp_path: Path) -> None:
    """Files of a session overwritten in places, cut, emptied, removed, exchanged or made folders."""
    chance = random.Random(seed)
    with session(tmp_path / "s", images=2) as opened:
        for row in opened.worklist():
            for shape in range(2):
                opened.add_mask(row.key, lungs(shape), "A", "corrected")
    every = sorted(p for p in (tmp_path / "s").rglob("*") if p.is_file())
    for path in chance.sample(every, chance.randint(1, 4)):
        _damage(path, chance, every)
    for write in (False, True):
        try:
            with Session(tmp_path / "s", write=write) as opened:
                opened.verify()
                opened.worklist("A")
                for version in opened.versions():
                    try:
                        labels = opened.mask(version)
                        assert labels.dtype == np.uint8 and labels.max() <= 2
                    except SessionError as error:
                        assert str(tmp_path) in str(error)
                if write:
                    opened.rebuild()
                    assert not any("index" in problem for problem in opened.verify().problems)
        except SessionError as error:
            assert str(error)


def _damage(path: Path, chance: random.Random, every: list[Path]) -> None:
    data = bytearray(path.read_bytes())
    kind = chance.randrange(7)
    if kind == 0 and data:
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
    elif kind == 1:
        path.write_bytes(data[: chance.randrange(len(data) + 1)])
    elif kind == 2:
        path.write_bytes(chance.randbytes(chance.randrange(500)))
    elif kind == 3:
        path.unlink()
    elif kind == 4:
        path.write_bytes(chance.choice([p for p in every if p.is_file()]).read_bytes())
    elif kind == 5:
        path.unlink()
        path.mkdir()
    else:  # JSON of another shape, where it is JSON
        path.write_bytes(bytes(data).replace(b": 1", b": [[1e999]]", 1).replace(b'"A"', b"{}", 1))


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("attempt to write a readonly database", "Check the folder and save again."),
        ("unable to open database file", "Check the folder and save again."),
        ("database is locked", "Try again."),
    ],
)
def test_only_a_database_that_others_use_is_worth_another_try(reason: str, advice: str) -> None:
    with pytest.raises(NotSaved) as raised, translate_storage_errors("The mask"):
        raise sqlite3.OperationalError(reason)
    assert str(raised.value) == f"The mask was not saved: its database says {reason}. {advice}"


def test_an_error_of_the_system_is_told_in_words_and_with_what_to_do(capsys) -> None:
    def refused() -> int:
        raise PermissionError(errno.EACCES, "Permission denied", "s/masks")

    assert run_command("cxradain", refused) == 2
    told = "cxradain: s/masks: Permission denied. Check the file, its folder and their permissions.\n"
    assert capsys.readouterr().err == told


def test_a_mask_that_cannot_be_opened_is_told_in_words_and_without_a_number(
    monkeypatch, tmp_path: Path
) -> None:
    refused = PermissionError(errno.EACCES, "Permission denied", "s/masks/0001.nrrd")
    with session(tmp_path / "s") as opened:
        version = opened.add_mask(opened.images()[0].key, lungs(0), "A", "corrected")
        monkeypatch.setattr(folder, "read_limited", Mock(side_effect=refused))
        with pytest.raises(RecordError, match=r"cannot be read \(Permission denied\)\. Restore"):
            folder.read_mask(opened.path, version)
