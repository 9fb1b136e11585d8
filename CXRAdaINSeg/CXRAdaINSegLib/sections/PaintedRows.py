"""Data of a list's rows from the session worker: requested when a row is painted, shown when it arrives."""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..processes.SessionWorker import SessionWorker
from ..Timers import singleShotTimer

KEPT = 1000  # rows
PAUSE = 30  # ms; rows painted within this time are requested together


class PaintedRows:
    """Sends the worker's request `do` for at most `most` images at a time. `nothing` is returned for data
    that has not arrived. onArrived(): more data has arrived."""

    def __init__(
        self, worker: SessionWorker, do: str, most: int, nothing: Any, onArrived: Callable[[], None]
    ):
        self._worker, self._do, self._most, self._nothing = worker, do, most, nothing
        self._onArrived = onArrived
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._asking = False
        self._timer = singleShotTimer(PAUSE, self._ask)

    @abstractmethod
    def _answerOf(self, key: str, header, arrays) -> Any:
        """The data of an image in the worker's reply."""

    def of(self, key: str) -> Any:
        """An image's data, requested if it is not cached."""
        if key in self._kept:
            return self._kept[key]
        self._wanted[key] = None
        self._wanted.move_to_end(key)
        while len(self._wanted) > 4 * self._most:  # drop rows that were scrolled past
            self._wanted.popitem(last=False)
        if not self._asking and not self._timer.isActive():
            self._timer.start()
        return self._nothing

    def drop(self, key: str) -> None:
        """Drop an image's data, because it has changed: it is requested again when the row is painted."""
        self._kept.pop(key, None)
        self._onArrived()

    @property
    def waiting(self) -> bool:
        """Whether requests are pending."""
        return self._asking or bool(self._wanted)

    def forget(self) -> None:
        """Drop all data and requests, for another session."""
        self._timer.stop()
        self._kept.clear()
        self._wanted.clear()
        self._asking = False

    def _ask(self) -> None:
        keys = [self._wanted.popitem()[0] for _count in range(min(self._most, len(self._wanted)))]
        if not keys:
            return
        self._asking = True

        def arrived(header, arrays):
            for key in keys:
                self._kept[key] = self._answerOf(key, header, arrays)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            self._asking = False
            self._onArrived()  # repaints, which requests the rows still missing
            if self._wanted:
                self._timer.start()

        def failed(text, code):
            self._asking = False  # the row stays without; opening the image shows the problem

        self._worker.request(self._do, onResult=arrived, onError=failed, keys=keys)
