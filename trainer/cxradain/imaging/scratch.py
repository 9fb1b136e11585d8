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

PREFIX, LOCK = "cxradain-scratch-", "lock"
YOUNG = 60.0  # seconds in which a folder may not have its lock yet


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder while inside, which only the user can open; what killed processes left is deleted.

    Raises OSError.
    """
    remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try_lock(descriptor)
        (folder / "files").mkdir()
        yield folder / "files"
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """Delete the scratch folders of the user's processes that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if _is_left(folder):
                shutil.rmtree(folder)


def _is_left(folder: Path) -> bool:
    status = folder.lstat()
    own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    if not own or not stat.S_ISDIR(status.st_mode):
        return False
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return time.time() - status.st_mtime > YOUNG
    try:
        return try_lock(descriptor)
    finally:
        os.close(descriptor)
