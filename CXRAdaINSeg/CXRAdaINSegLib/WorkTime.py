"""How long somebody works on an image, by the times at which something was done."""

from __future__ import annotations

import time
from collections.abc import Callable

PAUSE = 60.0  # seconds: longer gaps between two deeds count as this much, for nobody was there


class WorkTime:
    """Begins at once; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._last, self._spent = clock(), 0.0

    def touch(self) -> None:
        """Something was done."""
        now = self._clock()
        self._spent += min(now - self._last, PAUSE)
        self._last = now

    def take(self) -> float:
        """The seconds since it began, or since they were last taken."""
        self.touch()
        spent, self._spent = self._spent, 0.0
        return spent
