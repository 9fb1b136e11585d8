"""Measures how long the window's main thread is blocked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Turn(NamedTuple):
    """A turn of the event loop: `perf_counter` at its end; seconds by the clock, and of computing by the
    process and by its main thread; what was going on."""

    end: float
    clock: float
    process: float
    thread: float
    doing: str


class Heartbeat:
    """A timer of 1 ms in the event loop, which ends a turn each time. `doing` names what is going on."""

    def __init__(self) -> None:
        import qt

        self.turns: list[Turn] = []
        self.doing = ""
        self._timer = qt.QTimer()
        self._timer.setInterval(1)
        self._timer.connect("timeout()", self._beat)

    def _beat(self) -> None:
        now = _now()
        took = (after - before for before, after in zip(self._last, now, strict=True))
        self.turns.append(Turn(now[0], *took, self.doing))
        self._last = now

    def skip(self) -> None:
        """Leave out what has run since the last beat: it was none of the window's."""
        self._last = _now()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """A context in which the timer runs."""
        self.turns.clear()
        self.skip()
        self._timer.start()
        try:
            yield
        finally:
            self._timer.stop()
            self._beat()

    def stall(self, since: float = 0.0, until: float = float("inf")) -> tuple[float, float]:
        """The longest turn that ends within a time, and the most process time in a turn; in seconds."""
        turns = [turn for turn in self.turns if since <= turn.end <= until]
        return max(turn.clock for turn in turns), max(turn.process for turn in turns)

    def longest(self) -> dict[str, float]:
        """The most seconds of the main thread's computing in a turn, by what was going on."""
        longest: dict[str, float] = {}
        for turn in self.turns:
            longest[turn.doing] = max(turn.thread, longest.get(turn.doing, 0.0))
        return longest


def _now() -> tuple[float, float, float]:
    return time.perf_counter(), time.process_time(), time.thread_time()
