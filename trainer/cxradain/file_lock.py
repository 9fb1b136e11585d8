"""Locks on files, of the operating system: one process has the lock, and it ends with the process."""

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
        if not try_lock(descriptor):
            print("Another run.py is at work on the environment: waiting for it.", flush=True)
            while not try_lock(descriptor):
                time.sleep(0.2)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def lock_within(path: Path, seconds: float) -> Iterator[bool]:
    """Try for so long to lock the file, which is made where it is missing; yields whether this process holds
    the lock while inside. It ends with the process, too. Raises OSError."""
    until = time.monotonic() + seconds
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while not (held := try_lock(descriptor)) and time.monotonic() < until:
            time.sleep(0.05)
        yield held
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Try to lock an open file; whether this process holds the lock now."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Try to lock an open file; whether this process holds the lock now."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
