"""Paint and Erase with a round brush."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6 import QtCore, QtGui

from ..ctk import ctkSliderWidget
from .effect import SegmentEditorEffect, place_of
from .labelmap import ADD, REMOVE
from .shapes import stroke


class BrushEffect(SegmentEditorEffect):
    """Changes the segment while the mouse moves; each stroke, from press to release, is one undo step."""

    mouse, mode = True, ADD
    common = {  # noqa: RUF012
        "BrushDiameterIsRelative": 1,
        "BrushRelativeDiameter": 3.0,
        "BrushAbsoluteDiameter": 5.0,
        "BrushSphere": 0,
        "BrushPixelMode": 0,
        "EditIn3DViews": 0,
    }

    def __init__(self, widget: Any) -> None:
        self._last: np.ndarray | None = None  # (column, row, slice) of the last position in a stroke
        self._place: tuple[int, int] | None = None
        super().__init__(widget)

    def setupOptionsFrame(self) -> None:
        self._diameter = ctkSliderWidget()
        self._diameter.minimum, self._diameter.maximum = 1, 25
        self._diameter.singleStep, self._diameter.decimals = 0.5, 1
        self._diameter.suffix = " %"
        self._diameter.setToolTip("Of the view's height. Shift and the mouse wheel change it, too.")
        self.addLabeledOptionsWidget("Diameter:", self._diameter)
        self._diameter.valueChanged.connect(self._onDiameterChanged)

    def updateGUIFromMRML(self) -> None:
        relative = self.integerParameter("BrushDiameterIsRelative")
        blocked = self._diameter.blockSignals(True)
        self._diameter.minimum = 1 if relative else 0.1
        self._diameter.maximum = 25 if relative else 100
        self._diameter.suffix = " %" if relative else " mm"
        self._diameter.setValue(self.doubleParameter(self._name()))
        self._diameter.blockSignals(blocked)

    def _name(self) -> str:
        relative = self.integerParameter("BrushDiameterIsRelative")
        return "BrushRelativeDiameter" if relative else "BrushAbsoluteDiameter"

    def _onDiameterChanged(self, value: float) -> None:
        if value != self.doubleParameter(self._name()):
            self.setCommonParameter(self._name(), value)

    def radius(self, sliceNode: Any) -> float:
        """The brush's radius in mm."""
        if not self.integerParameter("BrushDiameterIsRelative"):
            return self.doubleParameter("BrushAbsoluteDiameter") / 2
        return self.doubleParameter("BrushRelativeDiameter") / 100 * sliceNode.GetFieldOfView()[1] / 2

    def deactivate(self) -> None:
        self._last = self._place = None

    def interact(self, event: str, interactor: Any, sliceWidget: Any) -> bool:
        self._place = None if event == "LeaveEvent" else place_of(interactor)
        sliceWidget.sliceView().update()  # the brush's outline
        if event == "LeftButtonPressEvent" and not interactor.GetShiftKey():
            if self.editing.ready():
                self.saveStateForUndo()
                self._last = None
                self._paint(sliceWidget)
            return True
        if event == "MouseMoveEvent" and self._last is not None:
            self._paint(sliceWidget)
            return True
        if event == "LeftButtonReleaseEvent" and self._last is not None:
            self._paint(sliceWidget)
            self._last = None
            return True
        if event.startswith("MouseWheel") and interactor.GetShiftKey():
            factor = 1.2 if "Forward" in event else 1 / 1.2
            self.setCommonParameter(self._name(), max(self.doubleParameter(self._name()) * factor, 0.2))
            return True
        return False

    def _paint(self, sliceWidget: Any) -> None:
        drawn = self.editing.blank()
        at = self.editing.from_view(sliceWidget.mrmlSliceNode(), np.array([self._place]))[0]
        before, self._last = at if self._last is None else self._last, at
        plane = round(at[2])
        if not 0 <= plane < len(drawn):
            return
        touched = stroke(
            drawn[plane],
            (before[1], before[0]),
            (at[1], at[0]),
            self.radius(sliceWidget.mrmlSliceNode()),
            self.editing.spacing(),
        )
        if touched is not None:
            origin = self.editing.image().GetExtent()
            top, bottom, left, right = (int(each) for each in touched)
            self.editing.write(
                self.mode,
                (
                    origin[0] + left,
                    origin[0] + right - 1,
                    origin[2] + top,
                    origin[2] + bottom - 1,
                    origin[4] + plane,
                    origin[4] + plane,
                ),
            )

    def paint_cursor(self, painter: QtGui.QPainter, view: Any) -> None:
        if self._place is None:
            return
        node = view.mrmlSliceNode()
        ratio = view.devicePixelRatioF()
        radius = self.radius(node) / node.GetFieldOfView()[1] * view.height
        center = QtCore.QPointF(self._place[0] / ratio, view.height - 1 - self._place[1] / ratio)
        painter.setRenderHint(QtGui.QPainter.Antialiasing)
        for width, color in ((3, QtGui.QColor(0, 0, 0, 140)), (1, QtGui.QColor(255, 255, 120))):
            painter.setPen(QtGui.QPen(color, width))
            painter.drawEllipse(center, radius, radius)


class PaintEffect(BrushEffect):
    effect, title, tip = "Paint", "Paint", "Paint with a round brush."


class EraseEffect(BrushEffect):
    effect, title, tip = "Erase", "Erase", "Erase with a round brush."
    mode = REMOVE
    own = {"EraseAllSegments": 0}  # noqa: RUF012
