"""What the session worker knows of a list's rows: asked for when a row is painted, shown when it arrives."""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..processes.SessionWorker import SessionWorker
from ..Timers import singleShotTimer

KEPT = 1000  # rows
PAUSE = 30  # ms that rows are gathered before they are asked for


class PaintedRows:
    """Asks by the worker's request `do`, of `most` images at a time; `nothing` stands for what is not there
    yet. onArrived(): there is more than before."""

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
        """What a reply says of an image."""

    def of(self, key: str) -> Any:
        """What is known of an image."""
        if key in self._kept:
            return self._kept[key]
        self._wanted[key] = None
        self._wanted.move_to_end(key)
        while len(self._wanted) > 4 * self._most:  # rows that were scrolled past are forgotten
            self._wanted.popitem(last=False)
        if not self._asking and not self._timer.isActive():
            self._timer.start()
        return self._nothing

    def drop(self, key: str) -> None:
        """An image is otherwise now: ask anew when its row is next painted."""
        self._kept.pop(key, None)
        self._onArrived()

    @property
    def waiting(self) -> bool:
        """Whether some are still to come."""
        return self._asking or bool(self._wanted)

    def forget(self) -> None:
        """Another session: keep none, and ask for none."""
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
            self._onArrived()  # paints, and so asks for what is still to be seen
            if self._wanted:
                self._timer.start()

        def failed(text, code):
            self._asking = False  # shown without; what is opened says what is wrong

        self._worker.request(self._do, onResult=arrived, onError=failed, keys=keys)
