"""Thumbnails for the worklist."""

from __future__ import annotations

from collections.abc import Callable

import qt
from cxradain.engine.session_service import MOST_THUMBNAILS

from ..processes.SessionWorker import SessionWorker
from .PaintedRows import PaintedRows


class Thumbnails(PaintedRows):
    """The images' thumbnails as icons; empty until they arrive, or if there is none."""

    def __init__(self, worker: SessionWorker, onArrived: Callable[[], None]):
        super().__init__(worker, "thumbnails", MOST_THUMBNAILS, iconOf(b""), onArrived)

    def _dataIn(self, key: str, header, arrays):
        return iconOf(bytes(arrays[key])) if key in arrays else self._placeholder


def iconOf(png: bytes):
    """A square icon from the bytes of a PNG file; an empty icon if they are not a picture.

    It is square so that the names beside the icons are aligned.
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
