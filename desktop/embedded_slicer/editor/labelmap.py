"""The selected segment as an array, read and written through vtkSlicerSegmentEditorLogic; no Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from vtkmodules.util.numpy_support import vtk_to_numpy

Extent = tuple[int, int, int, int, int, int]
SET, ADD, REMOVE = (
    slicer.vtkSlicerSegmentEditorLogic.ModificationModeSet,
    slicer.vtkSlicerSegmentEditorLogic.ModificationModeAdd,
    slicer.vtkSlicerSegmentEditorLogic.ModificationModeRemove,
)


class LabelmapEditing:
    """Reads and changes the segment that is selected in the editor logic."""

    def __init__(self, logic: Any) -> None:
        self.logic = logic

    def ready(self) -> bool:
        """Whether a segment is selected."""
        logic = self.logic
        return bool(
            logic.GetSegmentEditorNode() and logic.GetSegmentationNode() and logic.GetSelectedSegment()
        )

    def blank(self) -> np.ndarray:
        """An empty labelmap of the full image to draw in, (slices, rows, columns) uint8.

        It is a view of the logic's memory, which `write` uses. Raises RuntimeError without geometry.
        """
        if not self.logic.ResetModifierLabelmapToDefault():
            raise RuntimeError("The segmentation has no image to take its geometry from.")
        return _array(self.logic.GetModifierLabelmap())

    def image(self) -> Any:
        """The vtkOrientedImageData of `blank`, with its geometry."""
        return self.logic.GetModifierLabelmap()

    def write(self, mode: int, extent: Extent | None = None) -> None:
        """Apply what is drawn in `blank` to the segment, within the extent. mode: SET, ADD or REMOVE."""
        image = self.image()
        image.Modified()
        segmentation, segment = self.logic.GetSegmentationNode(), self.logic.GetSelectedSegment()
        self.logic.ModifySegmentByLabelmap(
            segmentation,
            self.logic.GetCurrentSegmentID(),
            image,
            mode,
            extent or image.GetExtent(),
            True,
            False,
        )
        status = slicer.vtkSlicerSegmentationsModuleLogic
        if status.GetSegmentStatus(segment) == status.NotStarted:
            status.SetSegmentStatus(segment, status.InProgress)

    def segment(self) -> np.ndarray:
        """The selected segment over the full image, (slices, rows, columns) bool."""
        self.logic.UpdateSelectedSegmentLabelmap()
        return self._over_the_image(self.logic.GetSelectedSegmentLabelmap())

    def segment_of(self, segment_id: str) -> np.ndarray:
        """A segment over the full image, (slices, rows, columns) bool; empty if there is no such segment."""
        part = slicer.vtkOrientedImageData()
        node = self.logic.GetSegmentationNode()
        found = segment_id and node.GetBinaryLabelmapRepresentation(segment_id, part)
        return self._over_the_image(part) if found else np.zeros(self.blank().shape, bool)

    def _over_the_image(self, part: Any) -> np.ndarray:
        full = np.zeros(self.blank().shape, bool)
        extent, frame = part.GetExtent(), self.image().GetExtent()
        if extent[0] > extent[1] or extent[2] > extent[3] or extent[4] > extent[5]:
            return full
        low = [max(extent[axis], frame[axis]) for axis in (0, 2, 4)]
        high = [min(extent[axis], frame[axis]) + 1 for axis in (1, 3, 5)]
        to = [slice(low[axis] - frame[2 * axis], high[axis] - frame[2 * axis]) for axis in (2, 1, 0)]
        of = [slice(low[axis] - extent[2 * axis], high[axis] - extent[2 * axis]) for axis in (2, 1, 0)]
        full[tuple(to)] = _array(part)[tuple(of)] != 0
        return full

    def replace(self, mask: np.ndarray) -> None:
        """Set the selected segment to a mask of the shape of `segment`."""
        self.blank()[:] = mask
        self.write(SET)

    def save_for_undo(self) -> None:
        self.logic.SaveStateForUndo()

    def spacing(self) -> tuple[float, float]:
        """The spacing of rows and of columns, in mm."""
        columns, rows, _ = self.image().GetSpacing()
        return rows, columns

    def from_view(self, view: Any, points: np.ndarray) -> np.ndarray:
        """Convert view positions, (n, 2) of x, y in device pixels, to (n, 3) real column, row, slice."""
        world = self._world_to_image()
        to_ras = view.GetXYToRAS()
        found = [world.TransformPoint(to_ras.MultiplyPoint((x, y, 0, 1))[:3]) for x, y in points]
        return np.array(found, float).reshape(-1, 3)

    def to_view(self, view: Any, places: np.ndarray) -> np.ndarray:
        """Convert (n, 3) column, row, slice to view positions, (n, 2) of x, y in device pixels."""
        from_image = self._world_to_image().GetInverse()
        to_xy = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(view.GetXYToRAS(), to_xy)
        found = [to_xy.MultiplyPoint((*from_image.TransformPoint(place), 1))[:2] for place in places]
        return np.array(found, float).reshape(-1, 2)

    def _world_to_image(self) -> Any:
        to_image = vtk.vtkMatrix4x4()
        self.image().GetWorldToImageMatrix(to_image)
        transform = vtk.vtkGeneralTransform()
        transform.PostMultiply()
        parent = self.logic.GetSegmentationNode().GetParentTransformNode()
        if parent is not None:
            from_world = vtk.vtkGeneralTransform()
            parent.GetTransformFromWorld(from_world)
            transform.Concatenate(from_world)
        transform.Concatenate(to_image)
        return transform


def _array(image: Any) -> np.ndarray:
    columns, rows, slices = image.GetDimensions()
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(slices, rows, columns)
