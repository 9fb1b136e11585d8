"""Whether another process lives, and waiting for it to be over."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path


def alive(process: int) -> bool:
    """Whether it runs; one that ended and that nobody waited for does not."""
    try:
        os.kill(process, 0)
    except OSError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not (status.exists() and status.read_text().rpartition(") ")[2].startswith("Z"))


def soon(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether the condition comes true in that time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()
