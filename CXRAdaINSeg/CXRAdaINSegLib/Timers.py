"""Calls at a later time, on the main thread.

`qt.QTimer.singleShot` is not used: in 3D Slicer each call of it makes a timer of the module manager that is
never deleted (Base/Python/slicerqt.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cache

import qt

LOOK = 20  # ms between two looks at whether something is so

Slot = Callable[..., object]

_waiting: deque[Callable[[], object]] = deque()


def callLater(callback: Callable[[], object]) -> None:
    """Call from the event loop, outside whatever runs now; in the order of the calls."""
    _waiting.append(callback)
    if len(_waiting) == 1:
        _emptyTimer().start()


def callAfter(milliseconds: int, callback: Callable[[], object]) -> None:
    """Call once, after a time. The callback is kept until then."""
    # Of the application: Qt deletes it, and not Python, which could do so in the middle of its signal.
    timer = qt.QTimer(qt.QCoreApplication.instance())

    def onTimeout():
        timer.deleteLater()
        callback()

    timer.setSingleShot(True)
    timer.connect("timeout()", onTimeout)
    timer.start(milliseconds)


def callWhen(condition: Callable[[], bool], callback: Callable[[], object]) -> None:
    """Call now, or once a condition holds."""
    if condition():
        callback()
    else:
        callAfter(LOOK, lambda: callWhen(condition, callback))


def singleShotTimer(milliseconds: int, onTimeout: Slot):
    """A timer that, each time it is started, calls once; started again meanwhile, it waits anew."""
    timer = qt.QTimer()
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.connect("timeout()", onTimeout)
    return timer


@cache
def _emptyTimer():
    """The timer of `callLater`, which has no interval."""
    return singleShotTimer(0, _callNext)


def _callNext() -> None:
    callback = _waiting.popleft()
    if _waiting:  # before the call, which may run an event loop of its own, or raise
        _emptyTimer().start()
    callback()
