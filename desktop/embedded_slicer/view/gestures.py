"""Simulated mouse input in a slice view, for tests and demonstrations, in image coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from PySide6 import QtCore, QtTest

Qt = QtCore.Qt
Point = tuple[float, float]


class SliceGestures:
    """Clicks and drags; points are (row, column) of the background volume, pixel centers at integers."""

    def __init__(self, widget: Any) -> None:
        self.widget, self.view = widget, widget.sliceView()

    def ijkToView(self, row: float, column: float, slice_: float = 0) -> tuple[float, float]:
        """The (x, y) position in the view's widget, in Qt's pixels from the top left."""
        volume = self.widget.sliceLogic().GetBackgroundLayer().GetVolumeNode()
        if volume is None:
            raise ValueError("The view shows no volume.")
        to_ras = vtk.vtkMatrix4x4()
        volume.GetIJKToRASMatrix(to_ras)
        ras = list(to_ras.MultiplyPoint((column, row, slice_, 1)))
        if volume.GetParentTransformNode() is not None:
            to_world = vtk.vtkGeneralTransform()
            volume.GetParentTransformNode().GetTransformToWorld(to_world)
            ras[:3] = to_world.TransformPoint(ras[:3])
        x, y, _ = self.view.convertRASToXYZ(ras[:3])
        ratio = self.view.devicePixelRatioF()
        return x / ratio, (self.view.rendering.window.GetSize()[1] - 1 - y) / ratio

    def hoverIjk(self, row: float, column: float) -> None:
        """Move the mouse to a point."""
        QtTest.QTest.mouseMove(self.view, self.placeOf(row, column))

    def clickIjk(
        self, row: float, column: float, modifiers: Any = Qt.NoModifier, button: Any = Qt.LeftButton
    ) -> None:
        """Move the mouse to a point and click."""
        self.hoverIjk(row, column)
        QtTest.QTest.mouseClick(self.view, button, modifiers, self.placeOf(row, column))

    def dragIjk(
        self, points: list[Point], modifiers: Any = Qt.NoModifier, button: Any = Qt.LeftButton
    ) -> None:
        """Press at the first point, move through the others, and release at the last."""
        places = [self.placeOf(*point) for point in points]
        QtTest.QTest.mousePress(self.view, button, modifiers, places[0])
        for place in places[1:]:
            QtTest.QTest.mouseMove(self.view, place)
            QtCore.QCoreApplication.processEvents()
        QtTest.QTest.mouseRelease(self.view, button, modifiers, places[-1])

    def pixels(self) -> np.ndarray:
        """The view's present pixels, (height, width, 3) uint8."""
        QtCore.QCoreApplication.processEvents()
        return self.view.shown_pixels()

    def placeOf(self, row: float, column: float) -> QtCore.QPoint:
        """The rounded position of a point in the view's widget."""
        return QtCore.QPoint(*(round(value) for value in self.ijkToView(row, column)))
