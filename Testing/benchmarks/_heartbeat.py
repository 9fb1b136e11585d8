"""Measures how long the window's main thread is blocked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Heartbeat:
    """A timer of 1 ms in the event loop; `beats` are (wall time, process time) in seconds."""

    def __init__(self) -> None:
        import qt

        self.beats: list[tuple[float, float]] = []
        self._timer = qt.QTimer()
        self._timer.setInterval(1)
        self._timer.connect("timeout()", self._beat)

    def _beat(self) -> None:
        self.beats.append((time.perf_counter(), time.process_time()))

    @contextmanager
    def beating(self) -> Iterator[None]:
        """A context in which the timer runs."""
        self.beats.clear()
        self._beat()
        self._timer.start()
        try:
            yield
        finally:
            self._timer.stop()
            self._beat()

    def stall(self, since: float = 0.0, until: float = float("inf")) -> tuple[float, float]:
        """The longest pause that ends within a time, and the most process time in a pause; in seconds."""
        pauses = [
            (b[0] - a[0], b[1] - a[1])
            for a, b in zip(self.beats, self.beats[1:], strict=False)
            if since <= b[0] and b[0] <= until
        ]
        return max(pause for pause, _ in pauses), max(own for _, own in pauses)
