"""The view's tools: fit, adjusting and resetting window/level, and the pixel under the mouse."""

from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtWidgets


class ViewTools:
    """Acts on a slice widget, and shows the pixel under the mouse in a label."""

    def __init__(self, sliceWidget: Any, label: QtWidgets.QLabel) -> None:
        self.widget, self.label = sliceWidget, label
        self._interaction = slicer.app.applicationLogic().GetInteractionNode()
        interactor = sliceWidget.sliceView().interactor()
        interactor.AddObserver("MouseMoveEvent", self.onMove)
        interactor.AddObserver("LeaveEvent", lambda *_: self.label.setText(""))
        self._named = ""  # the ID of the volume shown in the label
        composite = sliceWidget.mrmlSliceCompositeNode()
        composite.AddObserver(vtk.vtkCommand.ModifiedEvent, self._onComposite)

    def volume(self) -> Any:
        """The background volume of the view, or None."""
        return self.widget.sliceLogic().GetBackgroundLayer().GetVolumeNode()

    def fit(self) -> None:
        volume = self.volume()
        if volume is not None:
            self.widget.mrmlSliceNode().RotateToVolumePlane(volume)
        self.widget.fitSliceToBackground()

    def adjust_window(self, on: bool) -> None:
        """Turn adjusting window and level by dragging on or off."""
        node = self._interaction
        node.SetCurrentInteractionMode(node.AdjustWindowLevel if on else node.ViewTransform)

    def adjusts_window(self) -> bool:
        return self._interaction.GetCurrentInteractionMode() == self._interaction.AdjustWindowLevel

    def on_mode_change(self, tell: Any) -> None:
        """Call `tell` whenever the mouse mode changes."""
        self._interaction.AddObserver(self._interaction.InteractionModeChangedEvent, lambda *_: tell())

    def reset_window(self) -> None:
        """Set window and level automatically from the pixels."""
        display = self.volume().GetDisplayNode() if self.volume() is not None else None
        if display is not None and display.IsA("vtkMRMLScalarVolumeDisplayNode"):
            display.SetAutoWindowLevel(True)

    def onMove(self, interactor: Any, event: str) -> None:
        """Show the pixel under the mouse."""
        self.label.setText(self.place(*interactor.GetEventPosition()))
        self._named = self.widget.mrmlSliceCompositeNode().GetBackgroundVolumeID()

    def _onComposite(self, composite: Any, event: str) -> None:
        """Clear the label if the view no longer shows its image."""
        if composite.GetBackgroundVolumeID() != self._named:
            self.label.setText("")

    def place(self, x: float, y: float) -> str:
        """Image name, row, column, value and segments at a view position (device pixels from the bottom
        left); "" outside the image."""
        layer = self.widget.sliceLogic().GetBackgroundLayer()
        volume = layer.GetVolumeNode()
        if volume is None or volume.GetImageData() is None:
            return ""
        to_ijk = layer.GetXYToIJKTransform()
        column, row, plane = (round(each) for each in to_ijk.TransformPoint(x, y, 0))
        columns, rows, planes = volume.GetImageData().GetDimensions()
        if not (0 <= column < columns and 0 <= row < rows and 0 <= plane < planes):
            return ""
        scalars = volume.GetImageData()
        count = scalars.GetNumberOfScalarComponents()
        values = [scalars.GetScalarComponentAsDouble(column, row, plane, each) for each in range(count)]
        shown = ", ".join(f"{value:g}" for value in values)
        segments = self._segments(self.widget.mrmlSliceNode().GetXYToRAS().MultiplyPoint((x, y, 0, 1))[:3])
        return f"{volume.GetName()}   row {row}, column {column}: {shown}" + (
            f"   {', '.join(segments)}" if segments else ""
        )

    def _segments(self, ras: Any) -> list[str]:
        """The names of the visible segments at a world point (RAS)."""
        found = []
        for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
            display = node.GetDisplayNode()
            if display is None or not display.GetVisibility() or node.GetParentTransformNode() is not None:
                continue
            segmentation = node.GetSegmentation()
            for index in range(segmentation.GetNumberOfSegments()):
                segmentID, segment = segmentation.GetNthSegmentID(index), segmentation.GetNthSegment(index)
                if display.GetSegmentVisibility(segmentID) and _contains(segment, ras):
                    found.append(segment.GetName())
        return found


def _contains(segment: Any, ras: Any) -> bool:
    labels = segment.GetRepresentation("Binary labelmap")
    if labels is None or labels.IsEmpty():
        return False
    to_image = vtk.vtkMatrix4x4()
    labels.GetWorldToImageMatrix(to_image)
    at = [round(each) for each in to_image.MultiplyPoint((*ras, 1))[:3]]
    extent = labels.GetExtent()
    inside = all(extent[2 * axis] <= at[axis] <= extent[2 * axis + 1] for axis in range(3))
    return inside and labels.GetScalarComponentAsDouble(*at, 0) == segment.GetLabelValue()
