"""Threshold and Level tracing, which use the intensities of the source volume."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from PySide6 import QtGui, QtWidgets
from vtkmodules.util.numpy_support import vtk_to_numpy

from .effect import SegmentEditorEffect, place_of
from .labelmap import SET
from .outlines import OutlineEffect

PREVIEW = (255, 255, 120, 110)  # red, green, blue, opacity


class ThresholdEffect(SegmentEditorEffect):
    """Sets the segment to the pixels in an intensity range, within the editable area."""

    effect, title = "Threshold", "Threshold"
    tip = "Set the segment to a range of the image's values."
    own = {"MinimumThreshold": 0.0, "MaximumThreshold": 0.0}  # noqa: RUF012

    def __init__(self, widget: Any) -> None:
        self._volume: Any = None  # the volume whose range the spin boxes have
        super().__init__(widget)

    def setupOptionsFrame(self) -> None:
        self._boxes = {}
        for name, label in (("MinimumThreshold", "From:"), ("MaximumThreshold", "To:")):
            box = QtWidgets.QDoubleSpinBox()
            box.setKeyboardTracking(False)
            self._boxes[name] = self.addLabeledOptionsWidget(label, box)
            box.valueChanged.connect(lambda value, name=name: self.setParameter(name, value))
        self._masking, self._apply = (QtWidgets.QPushButton(text) for text in ("Use for masking", "Apply"))
        for button, slot in ((self._masking, self.onUseForPaint), (self._apply, self.onApply)):
            self.addOptionsWidget(button)
            button.connect("clicked()", slot)

    def activate(self) -> None:
        volume = self.widget.sourceVolumeNode()
        if volume is not None and volume is not self._volume:  # Slicer's defaults for a new source volume
            self._volume = volume
            low, high = volume.GetImageData().GetScalarRange()
            for box in self._boxes.values():
                blocked = box.blockSignals(True)
                box.setRange(low, high)
                box.setSingleStep((high - low) / 100)
                box.blockSignals(blocked)
            self.setParameter("MinimumThreshold", low + (high - low) * 0.25)
            self.setParameter("MaximumThreshold", high)
        super().activate()

    def updateGUIFromMRML(self) -> None:
        for name, box in self._boxes.items():
            blocked = box.blockSignals(True)
            box.setValue(self.doubleParameter(name))
            box.blockSignals(blocked)
        for name in slicer.app.layoutManager().sliceViewNames() if self.active() else ():
            slicer.app.layoutManager().sliceWidget(name).sliceView().update()

    def inside(self) -> np.ndarray:
        """Which pixels are in the range, (slices, rows, columns) bool."""
        values = _values(self.widget.sourceVolumeNode())
        low, high = (self.doubleParameter(name) for name in self._boxes)
        return (values >= low) & (values <= high)

    def onUseForPaint(self) -> None:
        node = self.parameterSetNode()
        node.SourceVolumeIntensityMaskOn()
        node.SetSourceVolumeIntensityMaskRange(*(self.doubleParameter(name) for name in self._boxes))
        self.widget.setActiveEffectByName("Paint")

    def onApply(self) -> None:
        if self.editing.ready() and self.widget.sourceVolumeNode() is not None:
            self.saveStateForUndo()
            inside = self.inside()
            blank = self.editing.blank()
            if blank.shape == inside.shape:
                blank[:] = inside
                self.editing.write(SET)
        self.widget.setActiveEffect(None)

    def paint_cursor(self, painter: QtGui.QPainter, view: Any) -> None:
        """Draw the pixels in the range, within the editable area."""
        volume = self.widget.sourceVolumeNode()
        if volume is None or not self.editing.ready():
            return
        inside = self.inside() & self.widget.editable()
        node, ratio = view.mrmlSliceNode(), view.devicePixelRatioF()
        width, height = (int(each * ratio) for each in (view.width, view.height))
        corners = self.editing.from_view(node, np.array([(0, height - 1), (1, height - 1), (0, height - 2)]))
        across, down = corners[1] - corners[0], corners[2] - corners[0]
        places = (
            corners[0] + np.arange(height)[:, None, None] * down + np.arange(width)[None, :, None] * across
        )
        columns, rows, planes = (np.rint(places[..., axis]).astype(int) for axis in range(3))
        size = inside.shape
        on = (planes >= 0) & (planes < size[0]) & (rows >= 0) & (rows < size[1])
        on &= (columns >= 0) & (columns < size[2])
        on[on] = inside[planes[on], rows[on], columns[on]]
        picture = np.zeros((height, width, 4), np.uint8)
        picture[on] = PREVIEW
        image = QtGui.QImage(picture.data, width, height, 4 * width, QtGui.QImage.Format_RGBA8888)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)


class LevelTracingEffect(OutlineEffect):
    """Adds the area enclosed by the line of equal intensity through the pixel under the mouse."""

    effect, title, mouse = "Level tracing", "Level tracing", True
    tip = "Move to see the line of equal value; click to add what it encloses."

    def __init__(self, widget: Any) -> None:
        self._filter = slicer.vtkITKLevelTracingImageFilter()
        super().__init__(widget)

    def interact(self, event: str, interactor: Any, sliceWidget: Any) -> bool:
        keys = (interactor.GetShiftKey(), interactor.GetControlKey(), interactor.GetAltKey())
        if event == "LeftButtonPressEvent" and not any(keys):
            self._finish()
        elif event == "MouseMoveEvent":
            self._view = sliceWidget.mrmlSliceNode()
            self.line = self._trace(place_of(interactor))
        elif event == "LeaveEvent":
            self.deactivate()
        else:
            return False
        sliceWidget.sliceView().update()
        return event != "LeaveEvent"

    def _trace(self, place: tuple[int, int]) -> list[tuple[float, ...]]:
        volume = self.widget.sourceVolumeNode()
        if volume is None or not self.editing.ready():
            return []
        self.editing.blank()
        seed = [round(each) for each in self.editing.from_view(self._view, np.array([place]))[0]]
        image = volume.GetImageData()
        if not all(0 <= each < size for each, size in zip(seed, image.GetDimensions(), strict=True)):
            return []
        self._filter.SetInputData(image)
        self._filter.SetSeed(seed)
        self._filter.SetPlaneToIJ()
        self._filter.Update()
        points = self._filter.GetOutput().GetPoints()
        if points is None or not points.GetNumberOfPoints():
            return []
        return [tuple(place) for place in vtk_to_numpy(points.GetData())]


def _values(volume: Any) -> np.ndarray:
    """A volume's first component, (slices, rows, columns)."""
    image = volume.GetImageData()
    columns, rows, slices = image.GetDimensions()
    values = vtk_to_numpy(image.GetPointData().GetScalars())
    return values.reshape(slices, rows, columns, -1)[..., 0]
