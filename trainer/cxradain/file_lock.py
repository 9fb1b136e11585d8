"""One run at a time changes the environment; the others wait."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lock(path: Path) -> Iterator[int]:
    """Hold the lock on the file while inside; yields its descriptor. It ends with the process, too.

    A child that inherits the descriptor (POSIX) keeps the lock, should its parent die. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not taken(descriptor):
            print("Another run.py is at work on the environment: waiting for it.", flush=True)
            while not taken(descriptor):
                time.sleep(0.2)
        yield descriptor
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def taken(descriptor: int) -> bool:
        """Try to take the lock; returns whether it is ours."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def taken(descriptor: int) -> bool:
        """Try to take the lock; returns whether it is ours."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
