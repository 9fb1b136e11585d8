"""The two lungs as segments of a segmentation node that belongs to a radiograph's volume.

Masks are passed as labels: (H, W) uint8 of 0, 1 (the patient's right lung) and 2 (the left). A lung that has
not been segmented has no segment.
"""

from __future__ import annotations

import zlib

import numpy as np
import slicer
import vtk
from cxradain.imaging.lungs import LEFT, RIGHT
from scipy import ndimage
from slicer.i18n import tr as _
from vtk.util import numpy_support

from ..Settings import setting
from .SliceViews import isShown, showWithImage
from .ToolAtWork import writing
from .VolumeImages import pixelKey, shapeOf

LUNGS = (RIGHT, LEFT)
IDS = {RIGHT: "CXRAdaINSegRightLung", LEFT: "CXRAdaINSegLeftLung"}
COLORS = {RIGHT: (0.18, 0.74, 0.88), LEFT: (0.98, 0.66, 0.22)}
ALGORITHM = "CXRAdaINSeg"
REPRESENTATION = "Binary labelmap"  # its name in vtkSegmentationConverter
SAME = 1e-4  # pixels: the tolerance between two geometries over the whole image

ROLE = "CXRAdaINSeg.Role"  # attribute of segmentation nodes
RADIOGRAPH = (
    "CXRAdaINSeg.Radiograph"  # a segment's tag: `pixelKey` of its volume, for a file that holds only masks
)
ALGORITHM_TYPE, ALGORITHM_NAME = "DICOM.SegmentAlgorithmType", "DICOM.SegmentAlgorithmName"
AUTOMATIC, SEMIAUTOMATIC = "AUTOMATIC", "SEMIAUTOMATIC"

TERMINOLOGY = (
    "Segmentation category and type - 3D Slicer General Anatomy list~SCT^123037004^Anatomical Structure"
    "~SCT^39607008^Lung~SCT^{side}~Anatomic codes - DICOM master list~^^~^^"
)
SIDES = {RIGHT: "24028007^Right", LEFT: "7771000^Left"}


def lungName(lung: int) -> str:
    """A lung's name in the user's language."""
    return _("Right lung") if lung == RIGHT else _("Left lung")


def lungsOf(volume, create: bool = False):
    """A volume's segmentation node; if it has none, a new one with `create`, or None."""
    if volume is None:
        return None
    role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        if node.GetAttribute(ROLE) and node.GetNodeReference(role) is volume:
            return node
    return _created(volume) if create else None


def volumeOf(segmentation):
    """The volume node that a segmentation belongs to; None if it was removed."""
    return segmentation.GetNodeReference(
        slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    )


def displayOf(segmentation):
    """A segmentation's display node; None if it, or the segmentation, does not exist."""
    return segmentation.GetDisplayNode() if segmentation is not None else None


def _created(volume):
    name = slicer.mrmlScene.GenerateUniqueName(f"{volume.GetName()} {_('lungs')}")
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetOpacity2DFill(setting("fillOpacity"))
    display.SetOpacity2DOutline(1.0)
    display.SetVisibility2DOutline(setting("outline"))
    bind(node, volume)
    return node


def bind(segmentation, volume) -> None:
    """Make a segmentation the masks of a volume."""
    segmentation.SetAttribute(ROLE, "lungs")
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segmentation.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
    showWithImage(segmentation.GetDisplayNode(), volume)
    placeBeside(segmentation, volume)


def placeBeside(node, volume) -> None:
    """Move a node beside a volume in the subject hierarchy."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    if hierarchy is None:
        return
    item, beside = hierarchy.GetItemByDataNode(node), hierarchy.GetItemByDataNode(volume)
    if item and beside:
        hierarchy.SetItemParent(item, hierarchy.GetItemParent(beside))


def segmentOf(segmentation, lung: int):
    """The lung's vtkSegment, or None."""
    return segmentation.GetSegmentation().GetSegment(IDS[lung]) if segmentation is not None else None


def presentLungs(segmentation) -> tuple[int, ...]:
    """Lungs that have a segment."""
    return tuple(lung for lung in LUNGS if segmentOf(segmentation, lung) is not None)


def labelsOf(segmentation, volume) -> np.ndarray:
    """The present masks as (H, W) uint8 labels, in the volume's pixels."""
    labels = np.zeros(shapeOf(volume), np.uint8)
    for lung in presentLungs(segmentation):
        _draw(labels, segmentation, lung, volume)
    return labels


def writeLabels(segmentation, volume, labels: np.ndarray, lungs=LUNGS, tool: str = "") -> None:
    """Write (H, W) labels into the segments of `lungs`, created if missing, and into existing segments.

    tool: the panel's tool that the user does this with, or "". The caller must save the undo state first.
    Raises ValueError if the shape differs from the volume's.
    """
    if labels.shape != shapeOf(volume):
        raise ValueError(f"labels of {labels.shape} do not belong to a volume of {shapeOf(volume)}")
    masks = segmentation.GetSegmentation()
    with slicer.util.NodeModify(segmentation), writing(segmentation, tool):
        segmentation.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
        absent = [lung for lung in lungs if masks.GetSegment(IDS[lung]) is None]
        isSaved = not volume.GetHideFromEditors()  # those of the second view are not
        key = pixelKey(volume) if absent and isSaved else ""
        for lung in absent:
            _addSegment(masks, lung)
            masks.GetSegment(IDS[lung]).SetTag(RADIOGRAPH, key)
        image = orientedImage(labels, volume)
        for lung in presentLungs(segmentation):
            segment = masks.GetSegment(IDS[lung])
            segment.SetLabelValue(lung)
            segment.AddRepresentation(REPRESENTATION, image)
        image.Modified()  # invokes SourceRepresentationModified


def _addSegment(masks, lung: int) -> None:
    masks.AddEmptySegment(IDS[lung], lungName(lung), COLORS[lung])
    segment = masks.GetSegment(IDS[lung])
    segment.SetNameAutoGenerated(False)
    segment.SetColorAutoGenerated(False)
    segment.SetTag(segment.GetTerminologyEntryTagName(), TERMINOLOGY.format(side=SIDES[lung]))
    segment.SetTag(ALGORITHM_TYPE, AUTOMATIC)
    segment.SetTag(ALGORITHM_NAME, ALGORITHM)


def labelmapsOf(segmentation) -> list:
    """The labelmaps (vtkOrientedImageData) of a segmentation's masks; both lungs may share one."""
    segments = (segmentOf(segmentation, lung) for lung in presentLungs(segmentation))
    images = (segment.GetRepresentation(REPRESENTATION) for segment in segments)
    return list(dict.fromkeys(image for image in images if image is not None))


def labelmapChecksum(image) -> tuple[int, ...]:
    """A value that differs between labelmaps with different pixels."""
    scalars = image.GetPointData().GetScalars()
    values = b"" if scalars is None else numpy_support.vtk_to_numpy(scalars).data
    return *image.GetExtent(), zlib.crc32(values)


def largestPieces(labels: np.ndarray) -> np.ndarray:
    """(H, W) labels with only the largest connected piece of each lung."""
    kept = labels.copy()
    for lung in LUNGS:
        pieces, count = ndimage.label(labels == lung)
        if count > 1:
            largest = np.bincount(pieces.ravel())[1:].argmax() + 1
            kept[(pieces > 0) & (pieces != largest)] = 0
    return kept


def hideMasks(volume, hidden: bool) -> None:
    """Hide a volume's masks in its views, or show them again."""
    display = displayOf(lungsOf(volume))
    if display is not None and (hidden or isShown(volume)):
        display.SetVisibility(not hidden)


def orientedImage(labels: np.ndarray, volume):
    """(H, W) uint8 labels as vtkOrientedImageData in the volume's geometry, cropped to nonzero pixels."""
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


def _draw(labels: np.ndarray, segmentation, lung: int, volume) -> None:
    """Write a lung's mask into (H, W) labels in the volume's pixels."""
    segment = segmentOf(segmentation, lung)
    image = segment.GetRepresentation(REPRESENTATION)
    if image is None or not _isAligned(image, volume):
        # Another geometry, or a surface: Slicer resamples it.
        mask = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, IDS[lung], volume)[0]
        labels[mask > 0] = lung
        return
    left, right, top, bottom, first, last = image.GetExtent()
    scalars = image.GetPointData().GetScalars()
    if right < left or bottom < top or not first <= 0 <= last or scalars is None:
        return
    values = numpy_support.vtk_to_numpy(scalars).reshape(last - first + 1, bottom - top + 1, right - left + 1)
    rows, columns = labels.shape
    # An editor may have painted beyond the image.
    t, b, le, r = max(top, 0), min(bottom, rows - 1), max(left, 0), min(right, columns - 1)
    if t <= b and le <= r:
        inside = values[-first, t - top : b - top + 1, le - left : r - left + 1] == segment.GetLabelValue()
        labels[t : b + 1, le : r + 1][inside] = lung


def _isAligned(image, volume) -> bool:
    ours, toPixels = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(ours)
    volume.GetRASToIJKMatrix(toPixels)
    vtk.vtkMatrix4x4.Multiply4x4(toPixels, ours, ours)
    rows, columns = shapeOf(volume)
    corners = [(x, y, 0, 1) for x in (0, columns - 1) for y in (0, rows - 1)]
    moved = corners @ slicer.util.arrayFromVTKMatrix(ours).T - corners
    return bool((np.abs(moved[:, :2]) < SAME).all())
