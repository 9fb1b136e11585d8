"""qMRMLSliceView: the widget that shows a rendered slice and passes mouse and key events to VTK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6 import QtCore, QtGui

from .rendered_widget import RenderedWidget, widget_pixels
from .rendering import SliceRendering

Qt = QtCore.Qt
BUTTONS = {Qt.LeftButton: "LeftButton", Qt.RightButton: "RightButton", Qt.MiddleButton: "MiddleButton"}


class qMRMLSliceView(RenderedWidget):
    """Shows a slice. `overlays` are functions of a QPainter and this widget that paint over it."""

    def __init__(self, rendering: SliceRendering, parent: Any = None) -> None:
        super().__init__(rendering, parent)
        self.overlays: list[Callable[[QtGui.QPainter, qMRMLSliceView], None]] = []
        self.paused: Callable[[], bool] = lambda: False
        self._soon = QtCore.QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.repaint)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)

    # Slicer's interface

    def interactor(self) -> Any:
        return self.rendering.interactor

    def mrmlSliceNode(self) -> Any:
        return self.rendering.node

    def convertRASToXYZ(self, ras: Any) -> list[float]:
        inverse = self.mrmlSliceNode().GetXYToRAS().NewInstance()
        inverse.DeepCopy(self.mrmlSliceNode().GetXYToRAS())
        inverse.Invert()
        return list(inverse.MultiplyPoint((*ras, 1))[:3])

    def setViewCursor(self, cursor: Any) -> None:
        self.setCursor(cursor)

    def unsetViewCursor(self) -> None:
        self.unsetCursor()

    def scheduleRender(self) -> None:
        """Render from the event loop; several calls are rendered once."""
        self._stale = True
        if not self._soon.isActive():
            self._soon.start()

    def forceRender(self) -> None:
        """Render at once."""
        self._stale = True
        self._soon.stop()
        self.repaint()

    # Painting

    @property
    def is_painted(self) -> bool:
        """Whether no render is pending."""
        return not self._stale

    def shown_pixels(self) -> np.ndarray:
        """What the widget shows now: (height, width, 3) uint8, in device pixels."""
        self._soon.stop()
        return widget_pixels(self)

    def _waits(self) -> bool:
        return self._soon.isActive() or self.paused()

    def _paint_over(self, painter: QtGui.QPainter) -> None:
        for overlay in self.overlays:
            painter.save()
            overlay(painter, self)
            painter.restore()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._soon.stop()  # Qt paints next, and the picture of before has another size

    # Events, passed to VTK in device pixels from the bottom left

    def mousePressEvent(self, event: Any) -> None:
        self._mouse(event, "PressEvent")

    def mouseReleaseEvent(self, event: Any) -> None:
        self._mouse(event, "ReleaseEvent")

    def mouseDoubleClickEvent(self, event: Any) -> None:
        self._mouse(event, "PressEvent", repeat=1)
        self._mouse(event, "DoubleClickEvent", repeat=1)

    def mouseMoveEvent(self, event: Any) -> None:
        self._place(event)
        self._invoke("MouseMoveEvent")

    def wheelEvent(self, event: Any) -> None:
        if not event.angleDelta().y():
            return
        # The wheel zooms: a radiograph has a single slice, and browsing would leave it.
        self._place(event, control=not event.modifiers() & Qt.ShiftModifier)
        forward = event.angleDelta().y() > 0
        self._invoke("MouseWheelForwardEvent" if forward else "MouseWheelBackwardEvent")
        self.interactor().SetControlKey(0)

    def enterEvent(self, event: Any) -> None:
        self._place(event)
        self._invoke("EnterEvent")

    def leaveEvent(self, event: Any) -> None:
        self._invoke("LeaveEvent")

    def keyPressEvent(self, event: Any) -> None:
        if not self._key(event, "KeyPressEvent"):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: Any) -> None:
        if not self._key(event, "KeyReleaseEvent"):
            super().keyReleaseEvent(event)

    def _invoke(self, event: str) -> None:
        """Pass an event to VTK, once there is a picture: before that VTK has no window."""
        if not self._picture.isNull():
            self.interactor().InvokeEvent(event)

    def _mouse(self, event: Any, kind: str, repeat: int = 0) -> None:
        name = BUTTONS.get(event.button())
        if name:
            self._place(event)
            self.interactor().SetRepeatCount(repeat)
            self._invoke(name + kind)

    def _place(self, event: Any, control: bool = False) -> None:
        ratio, position, keys = self.devicePixelRatioF(), event.position(), None
        keys = event.modifiers() if hasattr(event, "modifiers") else Qt.NoModifier
        interactor = self.interactor()
        interactor.SetEventInformation(
            int(position.x() * ratio),
            self.rendering.window.GetSize()[1] - int(position.y() * ratio) - 1,
            int(control or bool(keys & Qt.ControlModifier)),
            int(bool(keys & Qt.ShiftModifier)),
        )
        interactor.SetAltKey(int(bool(keys & Qt.AltModifier)))

    def _key(self, event: Any, kind: str) -> bool:
        """Pass a key event to VTK; returns whether views handle that key."""
        name = {Qt.Key_Escape: "Escape", Qt.Key_Return: "Return", Qt.Key_Backspace: "BackSpace"}.get(
            event.key()
        )
        text = event.text()
        if not (name or text):  # a modifier alone, an arrow: VTK would take no name at all for "g"
            return False
        self.interactor().SetKeySym(name or text)
        self.interactor().SetKeyCode(text[:1] if text[:1].isascii() and text else "\0")
        self._invoke(kind)
        return name is not None and name != "Escape"
