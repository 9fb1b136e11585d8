"""Writing so that what was reported as written survives a crash, and saying why it could not be."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..files import replace_atomically
from .records import SessionError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NotSaved(SessionError):
    """A write that the disk refused; nothing of it is left, and what was saved before is as it was."""


def write_durably(path: Path, data: bytes) -> None:
    """Write a file and the folder's entry for it through to the disk. Raises OSError."""
    replace_atomically(path, lambda temporary: temporary.write_bytes(data))
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder where it is missing, and put its name on the disk. Raises OSError."""
    if not path.is_dir():
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Put a folder's entries on the disk. Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def saying_why(what: str, done: str = "saved", again: str = "save") -> Iterator[None]:
    """Turn what a disk answers into NotSaved; `what` begins the message, for example "The mask", `done` says
    what was not done with it, and `again` what to do once that is possible."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in FULL:
            raise NotSaved(_full(f"{what} was not {done}", reason, again)) from error
        raise NotSaved(f"{what} was not {done}: {reason}. Check the folder and {again} again.") from error
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise NotSaved(_full(f"{what} was not {done}", str(error), again)) from error
        raise NotSaved(f"{what} was not {done}: its database says {error}. Try again.") from error


def _full(failed: str, reason: str, again: str) -> str:
    return f"{failed}, for the disk is full ({reason}). Free some space and {again} again."
