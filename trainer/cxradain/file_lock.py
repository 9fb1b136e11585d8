"""Locks of the operating system on files: one process holds the lock, until it releases it or ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lock(path: Path, on_wait: Callable[[], object] = lambda: None) -> Iterator[int]:
    """Hold the lock on a file, waiting for it as long as it takes; yields the file's descriptor.

    on_wait: called once if another process holds it. A child process that inherits the descriptor (POSIX)
        keeps the lock if its parent dies. Raises OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not try_lock(descriptor):
            on_wait()
            while not try_lock(descriptor):
                time.sleep(0.2)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def lock_within(path: Path, seconds: float) -> Iterator[bool]:
    """Try for at most `seconds` to lock a file, which is created if missing; yields whether this process
    holds the lock. Raises OSError."""
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
        """Try to lock an open file; returns whether this process now holds the lock."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Try to lock an open file; returns whether this process now holds the lock."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
