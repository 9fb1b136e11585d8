"""Labels in and out of VTK's oriented images, without temporary nodes in the scene."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from vtk.util import numpy_support

from .scene.VolumeImages import shapeOf

SAME = 1e-4  # pixels by which two geometries may differ over the whole image


def orientedImage(labels: np.ndarray, volume):
    """(H, W) uint8 labels as a vtkOrientedImageData in the volume's geometry, cropped to what is not 0."""
    rows, columns = np.flatnonzero(labels.any(axis=1)), np.flatnonzero(labels.any(axis=0))
    top, bottom = (int(rows[0]), int(rows[-1])) if len(rows) else (0, 0)
    left, right = (int(columns[0]), int(columns[-1])) if len(columns) else (0, 0)
    image = slicer.vtkOrientedImageData()
    image.SetExtent(left, right, top, bottom, 0, 0)
    values = np.ascontiguousarray(labels[top : bottom + 1, left : right + 1]).ravel()
    image.GetPointData().SetScalars(
        numpy_support.numpy_to_vtk(values, deep=True, array_type=vtk.VTK_UNSIGNED_CHAR)
    )
    toWorld = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(toWorld)
    image.SetGeometryFromImageToWorldMatrix(toWorld)
    return image


def fullFrame(segmentation, segmentId: str, volume) -> np.ndarray:
    """(H, W) bool mask of a segment in the volume's pixels."""
    segment = segmentation.GetSegmentation().GetSegment(segmentId)
    image = segment.GetRepresentation("Binary labelmap")
    if image is None or not _isAligned(image, volume):
        # Another geometry, or a surface: Slicer resamples it.
        return slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segmentId, volume)[0] > 0
    mask = np.zeros(shapeOf(volume), bool)
    left, right, top, bottom, first, last = image.GetExtent()
    if right < left or bottom < top or not first <= 0 <= last:
        return mask
    scalars = image.GetPointData().GetScalars()
    if scalars is None:
        return mask
    values = numpy_support.vtk_to_numpy(scalars).reshape(last - first + 1, bottom - top + 1, right - left + 1)
    inside = values[-first] == segment.GetLabelValue()
    rows, columns = mask.shape
    # An editor may have painted beyond the image.
    t, b, le, r = max(top, 0), min(bottom, rows - 1), max(left, 0), min(right, columns - 1)
    if t <= b and le <= r:
        mask[t : b + 1, le : r + 1] = inside[t - top : b - top + 1, le - left : r - left + 1]
    return mask


def _isAligned(image, volume) -> bool:
    ours, toPixels = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(ours)
    volume.GetRASToIJKMatrix(toPixels)
    vtk.vtkMatrix4x4.Multiply4x4(toPixels, ours, ours)
    rows, columns = shapeOf(volume)
    corners = ((0, 0), (columns - 1, 0), (0, rows - 1), (columns - 1, rows - 1))
    return all(
        abs(ours.MultiplyPoint((x, y, 0, 1))[axis] - expected) < SAME
        for x, y in corners
        for axis, expected in ((0, x), (1, y))
    )
