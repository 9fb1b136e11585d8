"""Temporary folders for patients' images: the user's alone, and none outlives its process for long.

What a killed process leaves is deleted when the next one begins: a folder whose lock nobody holds.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..file_lock import try_lock

PREFIX, LOCK, FILES = "cxradain-scratch-", "lock", "files"
YOUNG = 60.0  # seconds in which a folder may not have its lock yet


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder while inside, which only the user can open; what killed processes left is deleted.

    Raises OSError.
    """
    remove_leftovers()
    folder, descriptor = _new_folder()
    try:
        yield folder / FILES
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> tuple[Path, int]:
    """A folder of which this process holds the lock. Raises OSError.

    Before it has it, another process that begins may take the folder for one that was left: then another one
    is made.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        with suppress(FileNotFoundError):
            if try_lock(descriptor):
                (folder / FILES).mkdir()
                return folder, descriptor
        os.close(descriptor)


def remove_leftovers() -> None:
    """Delete the scratch folders of the user's processes that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            _remove_if_left(folder)


def _remove_if_left(folder: Path) -> None:
    status = folder.lstat()
    own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    if not own or not stat.S_ISDIR(status.st_mode):
        return
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        if time.time() - status.st_mtime > YOUNG:
            shutil.rmtree(folder)
        return
    try:
        if not try_lock(descriptor):  # it is in use
            return
        shutil.rmtree(folder / FILES, ignore_errors=True)
        if os.name != "nt":  # which deletes no open file
            shutil.rmtree(folder)
    finally:
        os.close(descriptor)
    shutil.rmtree(folder, ignore_errors=True)
