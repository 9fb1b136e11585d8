"""Deferred calls on the main thread.

`qt.QTimer.singleShot` is not used: in 3D Slicer each call of it creates a child timer of the module manager
that is never deleted (Base/Python/slicerqt.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cache

import qt

POLL_INTERVAL = 20  # ms

Slot = Callable[..., object]

_waiting: deque[Callable[[], object]] = deque()


def callLater(callback: Callable[[], object]) -> None:
    """Call from the event loop, after the running code has returned; first in, first out."""
    _waiting.append(callback)
    if len(_waiting) == 1:
        _emptyTimer().start()


def callAfter(milliseconds: int, callback: Callable[[], object]) -> None:
    """Call once after a delay. The callback is kept alive until then."""
    # A child of the application, so that Qt deletes it: Python might while the signal is being emitted.
    timer = qt.QTimer(qt.QCoreApplication.instance())

    def onTimeout():
        timer.deleteLater()
        callback()

    timer.setSingleShot(True)
    timer.connect("timeout()", onTimeout)
    timer.start(milliseconds)


def callWhen(condition: Callable[[], bool], callback: Callable[[], object]) -> None:
    """Call now if a condition holds, otherwise as soon as it does."""
    if condition():
        callback()
    else:
        callAfter(POLL_INTERVAL, lambda: callWhen(condition, callback))


class CallsInOrder:
    """Calls that wait for a condition and for the calls that were added before them. True while any waits."""

    def __init__(self, condition: Callable[[], bool]):
        self._condition = condition
        self._calls: deque[Slot] = deque()

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, callback: Slot) -> None:
        """Call now if nothing waits and the condition holds, otherwise as soon as it is its turn."""
        self._calls.append(callback)
        if len(self._calls) == 1:
            callWhen(self._condition, self._callNext)

    def _callNext(self) -> None:
        try:
            self._calls.popleft()()
        finally:  # whatever that has raised
            if self._calls:
                callWhen(self._condition, self._callNext)


def singleShotTimer(milliseconds: int, onTimeout: Slot):
    """A timer that calls once each time it is started; starting it again restarts the delay."""
    timer = qt.QTimer()
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.connect("timeout()", onTimeout)
    return timer


@cache
def _emptyTimer():
    """The zero-interval timer of `callLater`."""
    return singleShotTimer(0, _callNext)


def _callNext() -> None:
    callback = _waiting.popleft()
    if _waiting:  # before the call, which may run an event loop of its own, or raise
        _emptyTimer().start()
    callback()
