"""The marker of the patient's right, in a strip beside a slice view: over the image it could cover the side
marker on the film."""

from __future__ import annotations

from typing import Any

import qt

from ..Events import WidgetEvents

WIDTH = 42  # pixels
STRIP = "background: black;"
LABEL = "color: white; font: bold 18px; border: 2px solid white; padding: 1px;"


class SideMarker:
    """A framed letter at half the view's height, in a strip. The strip stays when there is no letter, so that
    the view keeps its width."""

    def __init__(self):
        self.side = "left"
        self._view: Any = None  # the slice view's widget, with bar and strip
        self._strip: Any = None
        self._label: Any = None
        self._events: Any = None

    @property
    def text(self) -> str:
        """The letter shown, or ""."""
        return self._label.text if self._label is not None else ""

    def show(self, view, text: str, side: str) -> None:
        """Show a letter on the left or right side of a slice view's widget."""
        if view is not self._view:
            self.close()
            self._attach(view)
        self._label.text = text
        self._label.visible = bool(text)
        self.side = side
        left, right = (WIDTH, 0) if side == "left" else (0, WIDTH)
        view.layout().setContentsMargins(left, 0, right, 0)
        view.layout().activate()  # at once, before the image is fitted
        self._place()

    def close(self) -> None:
        """Remove the strip from the view."""
        if self._view is None:
            return
        self._events.stop()
        self._strip.hide()
        self._strip.deleteLater()
        self._view.layout().setContentsMargins(0, 0, 0, 0)
        self._view = self._strip = self._label = self._events = None

    def _attach(self, view) -> None:
        self._view = view
        self._strip, self._label = qt.QFrame(view), qt.QLabel()
        self._strip.objectName, self._label.objectName = "SideMarkerStrip", "SideMarker"
        self._strip.setStyleSheet(STRIP)
        self._label.setStyleSheet(LABEL)
        self._label.setAlignment(qt.Qt.AlignCenter)
        layout = qt.QVBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._label, 0, qt.Qt.AlignCenter)
        self._strip.setLayout(layout)
        self._events = WidgetEvents(view, qt.QEvent.Resize, self._place)
        self._strip.show()

    def _place(self) -> None:
        x = 0 if self.side == "left" else self._view.width - WIDTH
        self._strip.setGeometry(x, 0, WIDTH, self._view.height)
