"""Draw and Scissors, and the base class that they share with Level tracing: effects that draw an outline."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from .effect import SegmentEditorEffect, place_of
from .labelmap import ADD, REMOVE
from .shapes import polygon


class OutlineEffect(SegmentEditorEffect):
    """Collects a line on the image, where it stays while that is zoomed and moved, and hands its inside on,
    as one undo step."""

    mouse = True

    def __init__(self, widget: Any) -> None:
        self.line: list[tuple[float, ...]] = []  # column, row, slice
        self._view: Any = None  # the node of the view that it is drawn in
        self._pressed = False
        super().__init__(widget)

    def deactivate(self) -> None:
        self.line, self._pressed = [], False

    def _add(self, interactor: Any, sliceWidget: Any) -> None:
        """The line goes on to where the mouse is."""
        if not self.editing.ready():
            return
        if not self.line:
            self.editing.blank()  # whose geometry the line has
            self._view = sliceWidget.mrmlSliceNode()
        self.line.append(tuple(self.editing.from_view(self._view, np.array([place_of(interactor)]))[0]))

    def _finish(self) -> None:
        line, self.line = self.line, []
        self._pressed = False
        if len(line) < 3 or not self.editing.ready():
            return
        drawn, corners = self.editing.blank(), np.array(line)
        plane = round(float(np.median(corners[:, 2])))
        if 0 <= plane < len(drawn):
            self.saveStateForUndo()
            polygon(drawn[plane], corners[:, 1::-1])
            self.apply(drawn, plane)

    def apply(self, drawn: np.ndarray, plane: int) -> None:
        """Add what is drawn in a plane of `drawn`, the labelmap from `LabelmapEditing.blank`."""
        self.editing.write(ADD)

    def paint_cursor(self, painter: QtGui.QPainter, view: Any) -> None:
        if not self.line or view.mrmlSliceNode() is not self._view:
            return
        ratio, line = view.devicePixelRatioF(), self.editing.to_view(self._view, np.array(self.line))
        points = [QtCore.QPointF(x / ratio, view.height - 1 - y / ratio) for x, y in line]
        painter.setRenderHint(QtGui.QPainter.Antialiasing)
        painter.setPen(QtGui.QPen(QtGui.QColor(255, 255, 120), 1.5))
        painter.drawPolyline(QtGui.QPolygonF(points))


class DrawEffect(OutlineEffect):
    """Draws an outline: clicks add corners, dragging draws freely, right click or Return fills it."""

    effect, title = "Draw", "Draw"
    tip = "Draw an outline by clicks or by dragging; right click or Enter fills it."

    @property
    def drawPipelines(self) -> dict[Any, Any]:
        """As Slicer's effect, by view: what has the outline's points as `rasPoints`."""
        points = vtk.vtkPoints()
        points.SetNumberOfPoints(len(self.line))
        return {None: SimpleNamespace(rasPoints=points)}

    def interact(self, event: str, interactor: Any, sliceWidget: Any) -> bool:
        if event == "LeftButtonPressEvent" and not interactor.GetShiftKey():
            self._pressed = True
            self._add(interactor, sliceWidget)
        elif event == "MouseMoveEvent" and self._pressed:
            self._add(interactor, sliceWidget)
        elif event == "LeftButtonReleaseEvent" and self._pressed:
            self._pressed = False
        elif event in ("RightButtonPressEvent", "LeftButtonDoubleClickEvent") and self.line:
            self._finish()
        elif event == "RightButtonReleaseEvent" and not self.line and not self._pressed:
            return False
        elif event == "KeyPressEvent" and interactor.GetKeySym() in ("Return", "a"):
            self._finish()
        elif event == "KeyPressEvent" and interactor.GetKeySym() in ("BackSpace", "x") and self.line:
            self.line.pop()
        else:
            return False
        sliceWidget.sliceView().update()
        return True


class ScissorsEffect(OutlineEffect):
    """Erases the inside or outside of a dragged outline, or fills it."""

    effect, title = "Scissors", "Scissors"
    tip = "Drag around a part to erase its inside or its outside, or to fill it."
    own = {"Operation": "EraseInside", "Shape": "FreeForm", "ApplyToAllVisibleSegments": 0}  # noqa: RUF012
    operations = {  # noqa: RUF012
        "EraseInside": "Erase inside",
        "EraseOutside": "Erase outside",
        "FillInside": "Fill inside",
    }

    def setupOptionsFrame(self) -> None:
        self._operation = QtWidgets.QComboBox()
        for name, text in self.operations.items():
            self._operation.addItem(text, name)
        self.addLabeledOptionsWidget("Operation:", self._operation)
        self._operation.activated.connect(
            lambda row: self.setParameter("Operation", self._operation.itemData(row))
        )

    def updateGUIFromMRML(self) -> None:
        self._operation.setCurrentIndex(self._operation.findData(self.parameter("Operation")))

    def interact(self, event: str, interactor: Any, sliceWidget: Any) -> bool:
        if event == "LeftButtonPressEvent" and not interactor.GetShiftKey():
            self._pressed, self.line = True, []
            self._add(interactor, sliceWidget)
        elif event == "MouseMoveEvent" and self._pressed:
            self._add(interactor, sliceWidget)
        elif event == "LeftButtonReleaseEvent" and self._pressed:
            self._finish()
        else:
            return False
        sliceWidget.sliceView().update()
        return True

    def apply(self, drawn: np.ndarray, plane: int) -> None:
        operation = self.parameter("Operation")
        if operation.endswith("Outside"):
            drawn[plane] = 1 - drawn[plane]
        self.editing.write(ADD if operation.startswith("Fill") else REMOVE)
