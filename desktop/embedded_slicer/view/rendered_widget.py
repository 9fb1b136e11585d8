"""A Qt widget that shows what VTK renders into memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets

DPI = 72  # of a screen of scale 1, as in VTK's own Qt widgets


class RenderedWidget(QtWidgets.QWidget):
    """Shows a rendering, which has `resize`, `pixels` and `window`, and renders again when painted while
    `_stale`."""

    def __init__(self, rendering: Any, parent: Any = None) -> None:
        super().__init__(parent)
        self.rendering = rendering
        self._stale = True
        self._picture = QtGui.QImage()
        self._memory: np.ndarray | None = None  # the picture's pixels, which QImage does not keep alive

    def _waits(self) -> bool:
        """Whether to show the picture of before for now, although it is stale."""
        return False

    def _render(self) -> np.ndarray:
        """(height, width, 3) uint8."""
        return self.rendering.pixels()

    def _paint_over(self, painter: QtGui.QPainter) -> None:
        """Paint over the picture."""

    def paintEvent(self, event: Any) -> None:
        if (self._stale and not self._waits()) or self._picture.isNull():
            self._stale = False
            self._memory = np.ascontiguousarray(self._render())
            height, width = self._memory.shape[:2]
            self._picture = QtGui.QImage(
                self._memory.data, width, height, 3 * width, QtGui.QImage.Format_RGB888
            )
            self._picture.setDevicePixelRatio(self.devicePixelRatioF())
        painter = QtGui.QPainter(self)
        painter.drawImage(0, 0, self._picture)
        self._paint_over(painter)
        painter.end()

    def resizeEvent(self, event: Any) -> None:
        self._fit()

    def event(self, event: QtCore.QEvent) -> bool:
        if event.type() == QtCore.QEvent.DevicePixelRatioChange:
            self._fit()
            self.update()
        return super().event(event)

    def _fit(self) -> None:
        """Render in the widget's size, with text in the size that the screen's scale gives it."""
        ratio = self.devicePixelRatioF()
        self.rendering.resize(round(self.width * ratio), round(self.height * ratio))
        self.rendering.window.SetDPI(round(DPI * ratio))
        self._stale = True


def widget_pixels(widget: QtWidgets.QWidget) -> np.ndarray:
    """What a widget shows: (height, width, 3) uint8, in device pixels."""
    image = widget.grab().toImage().convertToFormat(QtGui.QImage.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()
