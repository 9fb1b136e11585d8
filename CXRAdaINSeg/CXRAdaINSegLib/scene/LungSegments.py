"""The two lungs as segments of one segmentation node bound to a radiograph's volume.

Masks are exchanged as labels: (H, W) uint8 of 0, 1 (the patient's right lung) and 2 (the left). A lung that
was not asked for yet has no segment.
"""

from __future__ import annotations

import zlib

import numpy as np
import slicer
import vtk
from cxradain.imaging.lungs import LEFT, RIGHT
from cxradain.imaging.quality import LungQuality, MaskQuality
from slicer.i18n import tr as _
from vtk.util import numpy_support

from ..Settings import setting
from .VolumeImages import shapeOf

LUNGS = (RIGHT, LEFT)
IDS = {RIGHT: "CXRAdaINSegRightLung", LEFT: "CXRAdaINSegLeftLung"}
COLORS = {RIGHT: (0.18, 0.74, 0.88), LEFT: (0.98, 0.66, 0.22)}
ALGORITHM = "CXRAdaINSeg"
REPRESENTATION = "Binary labelmap"  # vtkSegmentationConverter's name of it
SAME = 1e-4  # pixels by which two geometries may differ over the whole image

ROLE = "CXRAdaINSeg.Role"  # of segmentation nodes
MODEL_TAG, CHECKSUM = "CXRAdaINSeg.Model", "CXRAdaINSeg.ModelMask"  # of segments
CLICKS = "CXRAdaINSeg.Clicks"
QUALITY = "CXRAdaINSeg.Quality"  # of the model's mask: LungQuality.to_text()
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
    """The segmentation node of a volume; where there is none a new one, or None, as for no volume (None)."""
    if volume is None:
        return None
    role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        if node.GetAttribute(ROLE) and node.GetNodeReference(role) is volume:
            return node
    return _created(volume) if create else None


def volumeOf(segmentation):
    """The volume node that a segmentation is bound to; None where it is gone."""
    return segmentation.GetNodeReference(
        slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    )


def displayOf(segmentation):
    """A segmentation's display node; None where it, or the segmentation, is missing."""
    return segmentation.GetDisplayNode() if segmentation is not None else None


def _created(volume):
    name = slicer.mrmlScene.GenerateUniqueName(f"{volume.GetName()} {_('lungs')}")
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.SetAttribute(ROLE, "lungs")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    node.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
    display = node.GetDisplayNode()
    display.SetOpacity2DFill(setting("fillOpacity"))
    display.SetOpacity2DOutline(1.0)
    display.SetVisibility2DOutline(setting("outline"))
    placeBeside(node, volume)
    return node


def placeBeside(node, volume) -> None:
    """Put a node next to the volume in the subject hierarchy."""
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
    """(H, W) uint8 labels of both lungs as they are now, in the volume's pixels."""
    labels = np.zeros(shapeOf(volume), np.uint8)
    for lung in presentLungs(segmentation):
        labels[fullFrame(segmentation, IDS[lung], volume)] = lung
    return labels


def writeLabels(segmentation, volume, labels: np.ndarray, lungs=LUNGS) -> None:
    """Make the masks of `lungs`, and of the lungs that have a segment already, those of (H, W) labels.

    The caller saves the state for undo before.
    """
    if labels.shape != shapeOf(volume):
        raise ValueError(f"labels of {labels.shape} do not belong to a volume of {shapeOf(volume)}")
    masks = segmentation.GetSegmentation()
    with slicer.util.NodeModify(segmentation):
        segmentation.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
        for lung in lungs:
            if masks.GetSegment(IDS[lung]) is None:
                _addSegment(masks, lung)
        image = orientedImage(labels, volume)
        for lung in presentLungs(segmentation):
            segment = masks.GetSegment(IDS[lung])
            segment.SetLabelValue(lung)
            segment.AddRepresentation(REPRESENTATION, image)
        image.Modified()  # observed as the source representation


def _addSegment(masks, lung: int) -> None:
    masks.AddEmptySegment(IDS[lung], lungName(lung), COLORS[lung])
    segment = masks.GetSegment(IDS[lung])
    segment.SetNameAutoGenerated(False)
    segment.SetColorAutoGenerated(False)
    segment.SetTag(segment.GetTerminologyEntryTagName(), TERMINOLOGY.format(side=SIDES[lung]))
    segment.SetTag(ALGORITHM_TYPE, AUTOMATIC)
    segment.SetTag(ALGORITHM_NAME, ALGORITHM)


def markAsModels(
    segmentation, labels: np.ndarray, lungs, modelId: str, quality: MaskQuality | None = None
) -> None:
    """Say on the segments that their masks are the model's as they are, and how likely these are right."""
    for lung in lungs:
        segment = segmentOf(segmentation, lung)
        segment.SetTag(MODEL_TAG, modelId.replace(":", " ").replace("|", " "))
        segment.SetTag(CHECKSUM, checksum(labels, lung))
        segment.SetTag(QUALITY, quality.lungs[lung].to_text() if quality is not None else "")
        segment.SetTag(ALGORITHM_TYPE, AUTOMATIC)
        segment.SetTag(CLICKS, "")
        status = slicer.vtkSlicerSegmentationsModuleLogic
        status.SetSegmentStatus(segment, status.InProgress)  # to be looked at, not "not started"


def qualityOf(segmentation) -> dict[int, LungQuality]:
    """How likely the masks are right, of the lungs whose masks are still the model's."""
    texts = {
        lung: tagOf(segmentOf(segmentation, lung), QUALITY)
        for lung in presentLungs(segmentation)
        if not isCorrected(segmentation, lung)
    }
    return {lung: LungQuality.from_text(text) for lung, text in texts.items() if text}


def checksum(labels: np.ndarray, lung: int) -> str:
    """A checksum of one lung's mask."""
    return f"{zlib.crc32(np.packbits(labels == lung).data):08x}"


def isCorrected(segmentation, lung: int) -> bool:
    """Whether a lung's mask is another than the model's, as `updateAlgorithmType` saw it last."""
    segment = segmentOf(segmentation, lung)
    return segment is not None and tagOf(segment, ALGORITHM_TYPE) != AUTOMATIC


def updateAlgorithmType(segmentation, labels: np.ndarray) -> None:
    """A mask as the model made it is AUTOMATIC, any other SEMIAUTOMATIC; after undo and loading too."""
    for lung in presentLungs(segmentation):
        segment = segmentOf(segmentation, lung)
        models = tagOf(segment, CHECKSUM) == checksum(labels, lung)
        if tagOf(segment, ALGORITHM_TYPE) != (AUTOMATIC if models else SEMIAUTOMATIC):
            segment.SetTag(ALGORITHM_TYPE, AUTOMATIC if models else SEMIAUTOMATIC)


def swapSides(segmentation, volume) -> None:
    """Exchange the two lungs' masks, and what the tags say of them."""
    labels = labelsOf(segmentation, volume)
    before = presentLungs(segmentation)
    swapped = np.array([0, LEFT, RIGHT], np.uint8)[labels]
    keys = (MODEL_TAG, CHECKSUM, QUALITY, ALGORITHM_TYPE, CLICKS)
    tags = {lung: [tagOf(segmentOf(segmentation, lung), key) for key in keys] for lung in before}
    masks = segmentation.GetSegmentation()
    for lung in before:
        if LUNGS[2 - lung] not in before:
            masks.RemoveSegment(IDS[lung])
    after = tuple(LUNGS[2 - lung] for lung in before)
    writeLabels(segmentation, volume, swapped, after)
    for lung, values in tags.items():
        segment = segmentOf(segmentation, LUNGS[2 - lung])
        for key, value in zip(keys, values, strict=True):
            segment.SetTag(key, value)


def tagOf(segment, key: str) -> str:
    """A segment's tag; "" where it has none."""
    value = vtk.reference("")
    return str(value) if segment.GetTag(key, value) else ""


def showOnly(volume) -> None:
    """Show the lungs of one volume (None: of none), not those of the others, which lie in the same place."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        if node.GetAttribute(ROLE) and node.GetDisplayNode() is not None:
            node.GetDisplayNode().SetVisibility(volume is not None and volumeOf(node) is volume)


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
    image = segment.GetRepresentation(REPRESENTATION)
    if image is None or not _isAligned(image, volume):
        # Another geometry, or a surface: Slicer resamples it.
        return slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segmentId, volume)[0] > 0
    mask = np.zeros(shapeOf(volume), bool)
    left, right, top, bottom, first, last = image.GetExtent()
    scalars = image.GetPointData().GetScalars()
    if right < left or bottom < top or not first <= 0 <= last or scalars is None:
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
    corners = [(x, y, 0, 1) for x in (0, columns - 1) for y in (0, rows - 1)]
    moved = corners @ slicer.util.arrayFromVTKMatrix(ours).T - corners
    return bool((np.abs(moved[:, :2]) < SAME).all())
