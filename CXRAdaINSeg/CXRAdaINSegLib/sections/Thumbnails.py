"""Small pictures for the worklist."""

from __future__ import annotations

from collections.abc import Callable

import qt
from cxradain.engine.session_service import MOST_THUMBNAILS

from ..processes.SessionWorker import SessionWorker
from .PaintedRows import PaintedRows


class Thumbnails(PaintedRows):
    """Icons; an empty one where there is none."""

    def __init__(self, worker: SessionWorker, onArrived: Callable[[], None]):
        super().__init__(worker, "thumbnails", MOST_THUMBNAILS, iconOf(b""), onArrived)

    def _answerOf(self, key: str, header, arrays):
        return iconOf(bytes(arrays[key])) if key in arrays else self._nothing


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
