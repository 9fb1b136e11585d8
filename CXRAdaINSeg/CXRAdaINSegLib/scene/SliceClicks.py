"""Click-to-segment mode: reports left clicks in slice views, and finds the lung that a click is meant for.

Its observers precede those of the views (window/level and so on) and abort left presses and releases. They
are removed when the mode ends. The other buttons and the wheel work as usual.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import qt
import slicer
import vtk
from slicer.i18n import tr as _

from .SliceViews import viewsOf
from .VolumeImages import pixelAt

PRIORITY = 100.0  # the views' observers have 0 to 10
MAX_DRIFT = 8  # screen pixels between the press and the release of a click
STEP = 4  # image pixels: the grid on which distances are measured


class SliceClicks:
    """Reports clicks on the volume that `volume()` returns.

    onClick(row, column, removes, both): a click inside the image, with Ctrl (removes) or Shift (both) held.
    onLeave(): the layout changed.
    """

    def __init__(
        self,
        volume: Callable[[], Any],
        onClick: Callable[[float, float, bool, bool], None],
        onLeave: Callable[[], None],
    ):
        self._volume, self._onClick, self._onLeave = volume, onClick, onLeave
        self._observed: list[tuple[Any, int]] = []
        self._views: list[Any] = []
        self._pressed: tuple[int, int] | None = None

    @property
    def active(self) -> bool:
        """Whether clicks are reported."""
        return bool(self._observed)

    def start(self) -> None:
        """Start the mode; without slice views this does nothing."""
        self.stop()
        manager = slicer.app.layoutManager()
        if manager is None:
            return
        for name in manager.sliceViewNames():
            self._observe(manager.sliceWidget(name))
        manager.connect("layoutChanged(int)", self._onLayoutChanged)

    def stop(self) -> None:
        """End the mode and restore the views."""
        if not self._observed:
            return
        for interactor, tag in self._observed:
            interactor.RemoveObserver(tag)
        for view in self._views:
            view.unsetViewCursor()
        self._observed, self._views, self._pressed = [], [], None
        manager = slicer.app.layoutManager()
        if manager is not None:
            manager.disconnect("layoutChanged(int)", self._onLayoutChanged)

    def _observe(self, widget) -> None:
        view, interactor = widget.sliceView(), widget.sliceView().interactor()
        handlers = {
            vtk.vtkCommand.LeftButtonPressEvent: self._onPress,
            vtk.vtkCommand.LeftButtonDoubleClickEvent: self._onPress,  # or it would change the layout
            vtk.vtkCommand.LeftButtonReleaseEvent: self._onRelease,
        }
        for event, handler in handlers.items():
            self._add(interactor, event, handler, widget)
        view.setViewCursor(qt.QCursor(qt.Qt.CrossCursor))
        self._views.append(view)

    def _add(self, interactor, event: int, handler, widget) -> None:
        own: list[int] = []

        def onEvent(caller, _event):
            if handler(widget, caller):
                caller.GetCommand(own[0]).SetAbortFlag(1)

        own.append(interactor.AddObserver(event, onEvent, PRIORITY))
        self._observed.append((interactor, own[0]))

    def _onPress(self, widget, interactor) -> bool:
        self._pressed = interactor.GetEventPosition()
        return True

    def _onRelease(self, widget, interactor) -> bool:
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            return False
        x, y = interactor.GetEventPosition()
        pixel = self._pixelAt(widget, x, y)
        moved = max(abs(x - pressed[0]), abs(y - pressed[1])) > MAX_DRIFT
        if pixel is not None and moved:
            slicer.util.showStatusMessage(_("The mouse was dragged: to segment, click without moving."), 3000)
        elif pixel is not None:
            self._onClick(*pixel, bool(interactor.GetControlKey()), bool(interactor.GetShiftKey()))
        return True

    def _pixelAt(self, widget, x: int, y: int) -> tuple[float, float] | None:
        """Image row and column of a view's pixel; None outside, or if the view shows another image."""
        volume = self._volume()
        if widget.mrmlSliceNode().GetID() not in viewsOf(volume):
            return None
        world = widget.mrmlSliceNode().GetXYToRAS().MultiplyPoint((x, y, 0, 1))[:3]
        return pixelAt(volume, world)

    def _onLayoutChanged(self, _layout) -> None:
        self._onLeave()


def lungAt(row: float, column: float, labels, predicted, allowed=(1, 2)) -> int:
    """The lung at a point: by the masks, or else by the model's masks, or else the nearest lung.

    labels, predicted: (H, W) uint8, the masks, and the model's masks or None.
    allowed: the lungs to choose from; the first one if there are no masks.
    """
    known = [masks for masks in (labels, predicted) if masks is not None]
    for masks in known:
        r, c = min(max(round(row), 0), masks.shape[0] - 1), min(max(round(column), 0), masks.shape[1] - 1)
        if masks[r, c] in allowed:
            return int(masks[r, c])
    distances = {
        lung: min((distanceTo(masks == lung, row, column) for masks in known), default=np.inf)
        for lung in allowed
    }
    return min(allowed, key=distances.__getitem__)


def distanceTo(mask: np.ndarray, row: float, column: float) -> float:
    """Distance in pixels to the nearest mask pixel, on a grid of `STEP`; infinite for an empty mask."""
    rows, columns = np.nonzero(mask[::STEP, ::STEP])
    if not len(rows):
        return float("inf")
    return float(np.sqrt(np.min((rows * STEP - row) ** 2 + (columns * STEP - column) ** 2)))
