"""Data of a list's rows from the session worker: requested when a row is painted, shown when it arrives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..processes.SessionWorker import SessionWorker
from ..Timers import singleShotTimer

KEPT = 1000  # rows
PAUSE = 30  # ms; rows painted within this time are requested together


class PaintedRows(ABC):
    """Sends the worker's request `do` for at most `batchSize` images at a time, and returns `placeholder` for
    data that has not arrived. onArrived(): more data has arrived."""

    def __init__(
        self, worker: SessionWorker, do: str, batchSize: int, placeholder: Any, onArrived: Callable[[], None]
    ):
        self._worker, self._do, self._batchSize, self._placeholder = worker, do, batchSize, placeholder
        self._onArrived = onArrived
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._missing: OrderedDict[str, None] = OrderedDict()
        self._requesting = False
        self._timer = singleShotTimer(PAUSE, self._requestBatch)

    @abstractmethod
    def _dataIn(self, key: str, header, arrays) -> Any:
        """The data of an image in the worker's reply."""

    def of(self, key: str) -> Any:
        """An image's data, requested if it is not cached."""
        if key in self._kept:
            return self._kept[key]
        self._missing[key] = None
        self._missing.move_to_end(key)
        while len(self._missing) > 4 * self._batchSize:  # drop rows that were scrolled past
            self._missing.popitem(last=False)
        if not self._requesting and not self._timer.isActive():
            self._timer.start()
        return self._placeholder

    def drop(self, key: str) -> None:
        """Drop an image's data, because it has changed: it is requested again when the row is painted."""
        self._kept.pop(key, None)
        self._onArrived()

    @property
    def waiting(self) -> bool:
        """Whether requests are pending; for tests."""
        return self._requesting or bool(self._missing)

    def forget(self) -> None:
        """Drop all data and requests, for another session."""
        self._timer.stop()
        self._kept.clear()
        self._missing.clear()
        self._requesting = False

    def _requestBatch(self) -> None:
        keys = [self._missing.popitem()[0] for _count in range(min(self._batchSize, len(self._missing)))]
        if not keys:
            return
        self._requesting = True

        def arrived(header, arrays):
            for key in keys:
                self._kept[key] = self._dataIn(key, header, arrays)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            self._requesting = False
            self._onArrived()  # repaints, which requests the rows still missing
            if self._missing:
                self._timer.start()

        def failed(text, code):
            self._requesting = False  # the row stays without; opening the image shows the problem

        self._worker.request(self._do, onResult=arrived, onError=failed, keys=keys)
