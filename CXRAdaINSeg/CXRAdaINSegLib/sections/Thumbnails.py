"""Small pictures for the worklist: asked for when a row is painted, shown when they arrive."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import qt
from cxradain.engine.session_service import MOST_THUMBNAILS

from ..processes.SessionWorker import SessionWorker
from ..Timers import singleShotTimer

KEPT = 1000  # pictures
WANTED = 4 * MOST_THUMBNAILS  # rows that were scrolled past are forgotten
PAUSE = 30  # ms that rows are gathered before they are asked for


class Thumbnails:
    """onArrived(): some that were not there before are there now."""

    def __init__(self, worker: SessionWorker, onArrived: Callable[[], None]):
        self._worker, self._onArrived = worker, onArrived
        self._kept: OrderedDict[str, object] = OrderedDict()  # icons
        self._none = iconOf(b"")
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._asking = False
        self._timer = singleShotTimer(PAUSE, self._ask)

    def of(self, key: str):
        """The picture of an image, an empty one where there is none yet."""
        if key in self._kept:
            return self._kept[key]
        self._wanted[key] = None
        self._wanted.move_to_end(key)
        while len(self._wanted) > WANTED:
            self._wanted.popitem(last=False)
        if not self._asking and not self._timer.isActive():
            self._timer.start()
        return self._none

    def drop(self, key: str) -> None:
        """An image looks otherwise now: ask for its picture anew when its row is next painted."""
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
        keys = [self._wanted.popitem()[0] for _count in range(min(MOST_THUMBNAILS, len(self._wanted)))]
        if not keys:
            return
        self._asking = True

        def arrived(header, arrays):
            for key in keys:
                self._kept[key] = iconOf(bytes(arrays[key])) if key in arrays else self._none
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            self._asking = False
            self._onArrived()  # paints, and so asks for what is still to be seen
            if self._wanted:
                self._timer.start()

        def failed(text, code):
            self._asking = False  # shown without pictures; what is opened says what is wrong

        self._worker.request("thumbnails", onResult=arrived, onError=failed, keys=keys)


def iconOf(png: bytes):
    """A square icon, which a view scales, of a PNG file's bytes; an empty one of what is none.

    Square, so that the names beside them stand in line.
    """
    picture = qt.QPixmap()
    picture.loadFromData(qt.QByteArray(png))
    side = max(picture.width(), picture.height(), 1)
    square = qt.QPixmap(side, side)
    square.fill(qt.Qt.transparent)
    if not picture.isNull():
        painter = qt.QPainter(square)
        painter.drawPixmap((side - picture.width()) // 2, (side - picture.height()) // 2, picture)
        painter.end()
    return qt.QIcon(square)
