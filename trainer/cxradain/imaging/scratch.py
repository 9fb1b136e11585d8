"""Temporary folders for patients' images: accessible to the user only, and cleaned up after crashes.

A folder whose lock nobody holds was left by a killed process; the next process deletes it.
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
YOUNG = 60.0  # seconds for which a new folder may not have its lock yet


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty temporary folder that only the user can open; folders of killed processes are deleted.

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
    """Create a folder whose lock this process holds. Raises OSError.

    Before it has the lock, a starting process may take the folder for an abandoned one and delete it; then
    another folder is created.
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
    """Delete the scratch folders that the user's killed processes left."""
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
        if not try_lock(descriptor):  # in use
            return
        shutil.rmtree(folder / FILES, ignore_errors=True)
        if os.name != "nt":  # Windows cannot delete an open file
            shutil.rmtree(folder)
    finally:
        os.close(descriptor)
    shutil.rmtree(folder, ignore_errors=True)
