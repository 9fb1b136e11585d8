"""The two lungs as segments of one segmentation node bound to a radiograph's volume.

Masks are exchanged as labels: (H, W) uint8 of 0, 1 (the patient's right lung) and 2 (the left). A lung that
was not asked for yet has no segment.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from cxradain.imaging.lungs import LEFT, RIGHT, are_sides_exchanged
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.imaging.suspicion import BY_CODE, Suspicion
from cxradain.imaging.turn import Turn
from scipy import ndimage
from slicer.i18n import tr as _
from vtk.util import numpy_support

from ..Settings import setting
from .SliceViews import isShown, showWithImage
from .VolumeImages import factsOf, shapeOf

LUNGS = (RIGHT, LEFT)
IDS = {RIGHT: "CXRAdaINSegRightLung", LEFT: "CXRAdaINSegLeftLung"}
COLORS = {RIGHT: (0.18, 0.74, 0.88), LEFT: (0.98, 0.66, 0.22)}
ALGORITHM = "CXRAdaINSeg"
REPRESENTATION = "Binary labelmap"  # vtkSegmentationConverter's name of it
SAME = 1e-4  # pixels by which two geometries may differ over the whole image

ROLE = "CXRAdaINSeg.Role"  # of segmentation nodes
MODEL_TAG, CHECKSUM = "CXRAdaINSeg.Model", "CXRAdaINSeg.ModelMask"  # of segments
HASH, MODE, PIXELS = "CXRAdaINSeg.ModelHash", "CXRAdaINSeg.Mode", "CXRAdaINSeg.ModelPixels"
CLICKS = "CXRAdaINSeg.Clicks"
SUSPICIONS = "CXRAdaINSeg.Suspicions"  # codes of suspicion.BY_CODE, of the image as the model had it
QUALITY = "CXRAdaINSeg.Quality"  # of the model's mask, and which of its lungs this one was
ALGORITHM_TYPE, ALGORITHM_NAME = "DICOM.SegmentAlgorithmType", "DICOM.SegmentAlgorithmName"
AUTOMATIC, SEMIAUTOMATIC = "AUTOMATIC", "SEMIAUTOMATIC"

TERMINOLOGY = (
    "Segmentation category and type - 3D Slicer General Anatomy list~SCT^123037004^Anatomical Structure"
    "~SCT^39607008^Lung~SCT^{side}~Anatomic codes - DICOM master list~^^~^^"
)
SIDES = {RIGHT: "24028007^Right", LEFT: "7771000^Left"}


@dataclass(frozen=True)
class ModelMask:
    """A mask as a model made it: (H, W) uint8 labels, which model, in which mode; what was suspected of the
    image (codes of suspicion.BY_CODE), and how likely the mask is right."""

    labels: np.ndarray
    modelId: str = ""
    modelHash: str = ""
    mode: str = ""
    suspicions: tuple[str, ...] = ()
    quality: MaskQuality | None = None


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
    showWithImage(display, volume)
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
        _draw(labels, segmentation, lung, volume)
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


def markAsModels(segmentation, labels: np.ndarray, lungs, mask: ModelMask) -> None:
    """Say on the segments that their masks, in (H, W) labels, are the model's as they are, and keep that
    mask: corrections are told from it, and can be given up for it."""
    pixels = _packed(mask.labels)
    for lung in lungs:
        segment = segmentOf(segmentation, lung)
        segment.SetTag(MODEL_TAG, mask.modelId.replace(":", " ").replace("|", " "))
        segment.SetTag(HASH, mask.modelHash)
        segment.SetTag(MODE, mask.mode)
        segment.SetTag(PIXELS, pixels)
        segment.SetTag(CHECKSUM, checksum(labels, lung))
        segment.SetTag(SUSPICIONS, " ".join(mask.suspicions))
        segment.SetTag(QUALITY, _qualityText(mask.quality, lung))
        segment.SetTag(ALGORITHM_TYPE, AUTOMATIC)
        segment.SetTag(CLICKS, "")
        status = slicer.vtkSlicerSegmentationsModuleLogic
        status.SetSegmentStatus(segment, status.InProgress)  # to be looked at, not "not started"


def modelMaskOf(segmentation, lung: int, volume) -> ModelMask | None:
    """The model's mask that a lung's came from; None where none is known for the volume's pixels."""
    segment = segmentOf(segmentation, lung)
    labels = _unpacked(tagOf(segment, PIXELS)) if segment is not None else None
    if labels is None or labels.shape != shapeOf(volume):
        return None
    name, weights, mode, suspicions = (tagOf(segment, key) for key in (MODEL_TAG, HASH, MODE, SUSPICIONS))
    quality, _lung = _qualityOf(segment)
    return ModelMask(labels, name, weights, mode, tuple(suspicions.split()), quality)


def _packed(labels: np.ndarray) -> str:
    """(H, W) labels as text that a tag can hold, some 20 KB: rows, columns and bytes."""
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE)  # masks are runs
    data = packer.compress(np.ascontiguousarray(labels, np.uint8).data) + packer.flush()
    return f"{labels.shape[0]} {labels.shape[1]} {base64.b64encode(data).decode()}"


def _unpacked(text: str) -> np.ndarray | None:
    """The labels again; None where there are none, or the text was cut."""
    try:
        rows, columns, data = text.split(" ")
        values = np.frombuffer(zlib.decompress(base64.b64decode(data)), np.uint8)
        return values.reshape(int(rows), int(columns))
    except (ValueError, binascii.Error, zlib.error):
        return None


def _qualityText(quality: MaskQuality | None, lung: int) -> str:
    """Text that a tag can hold, in which there are no colons: the lung, and the quality of the whole mask."""
    if quality is None:
        return ""
    return f"{lung} {base64.b64encode(json.dumps(quality.to_json()).encode()).decode()}"


def _qualityOf(segment) -> tuple[MaskQuality | None, int]:
    """The quality of the whole mask that a segment's came from, and which of its lungs the segment was; None
    and 0 where it is not known, or the text was cut."""
    try:
        lung, data = tagOf(segment, QUALITY).split(" ")
        return MaskQuality.from_json(json.loads(base64.b64decode(data))), int(lung)
    except (ValueError, TypeError, KeyError):
        return None, 0


def qualityOf(segmentation) -> dict[int, LungQuality]:
    """How likely the masks are right, of the lungs whose masks are still the model's and not approved."""
    found = {}
    for lung in presentLungs(segmentation):
        quality, madeAs = _qualityOf(segmentOf(segmentation, lung))
        isModels = not isCorrected(segmentation, lung) and not isApproved(segmentation, lung)
        if quality is not None and isModels:
            found[lung] = quality.lungs[madeAs]
    return found


def suspicionsOf(segmentation) -> list[Suspicion]:
    """What is suspected of the image, by the lungs whose masks are still the model's; each once, in order.

    Without a turn that somebody has made since, as undo may bring back the mask of before.
    """
    codes: dict[str, None] = {}
    for lung in presentLungs(segmentation):
        if not isCorrected(segmentation, lung):
            codes |= dict.fromkeys(tagOf(segmentOf(segmentation, lung), SUSPICIONS).split())
    known = [BY_CODE[code] for code in codes if code in BY_CODE]
    if not known:
        return []
    facts = factsOf(volumeOf(segmentation))
    made = facts.turn != facts.stated_turn
    return [each for each in known if not made or facts.stated_turn.then(each.turn) != facts.turn]


def proposedTurn(segmentation) -> Turn:
    """What would set the radiograph right that is suspected to be turned or mirrored; no turn of others."""
    return next(filter(None, (each.turn for each in suspicionsOf(segmentation))), Turn())


def checksum(labels: np.ndarray, lung: int) -> str:
    """A checksum of one lung's mask."""
    return f"{zlib.crc32(np.packbits(labels == lung).data):08x}"


def isCorrected(segmentation, lung: int) -> bool:
    """Whether a lung's mask is another than the model's, as `updateAlgorithmType` saw it last."""
    segment = segmentOf(segmentation, lung)
    return segment is not None and tagOf(segment, ALGORITHM_TYPE) != AUTOMATIC


def isApproved(segmentation, lung: int) -> bool:
    """Whether a reader has found a lung's mask right: Slicer calls the segment completed."""
    segment, status = segmentOf(segmentation, lung), slicer.vtkSlicerSegmentationsModuleLogic
    return segment is not None and status.GetSegmentStatus(segment) == status.Completed


def markAsApproved(segmentation) -> None:
    """A reader finds both lungs' masks right."""
    status = slicer.vtkSlicerSegmentationsModuleLogic
    for lung in presentLungs(segmentation):
        status.SetSegmentStatus(segmentOf(segmentation, lung), status.Completed)


def updateAlgorithmType(segmentation, labels: np.ndarray) -> None:
    """A mask as the model made it is AUTOMATIC, any other SEMIAUTOMATIC; after undo and loading too."""
    for lung in presentLungs(segmentation):
        segment = segmentOf(segmentation, lung)
        models = tagOf(segment, CHECKSUM) == checksum(labels, lung)
        if tagOf(segment, ALGORITHM_TYPE) != (AUTOMATIC if models else SEMIAUTOMATIC):
            segment.SetTag(ALGORITHM_TYPE, AUTOMATIC if models else SEMIAUTOMATIC)


def swapSides(segmentation, volume, models: bool = False) -> None:
    """Exchange the two lungs' masks, and what the tags say of them. models: also in the model's masks that
    they came from, as where not the masks were wrong but the image was turned."""
    labels = labelsOf(segmentation, volume)
    before = presentLungs(segmentation)
    swapped = np.array([0, LEFT, RIGHT], np.uint8)[labels]
    keys = (
        MODEL_TAG,
        HASH,
        MODE,
        PIXELS,
        CHECKSUM,
        SUSPICIONS,
        QUALITY,
        ALGORITHM_TYPE,
        CLICKS,
    )
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
        made = _unpacked(tagOf(segment, PIXELS)) if models else None
        if made is not None:
            segment.SetTag(PIXELS, _packed(np.array([0, LEFT, RIGHT], np.uint8)[made]))


def areSidesExchanged(labels: np.ndarray, turn: Turn, right: str = "left") -> bool:
    """Whether the lungs of (H, W) labels, as stored, lie on each other's side of the turned image; a lone
    one, on the other half. right: on which side of it the patient's right is."""
    shown = turn.apply(labels)[::4]  # rows enough to tell
    return are_sides_exchanged(shown if right == "left" else shown[:, ::-1])


def sidesText(volume) -> str:
    """What is to be said where a volume's masks are not on the sides that the view shows, else ""."""
    facts = factsOf(volume)
    if areSidesExchanged(labelsOf(lungsOf(volume), volume), facts.turn, facts.patients_right or "left"):
        return _(
            "By the R in the view, the right lung's mask is on the patient's left. Swap sides exchanges them."
        )
    return ""


def largestPieces(labels: np.ndarray) -> np.ndarray:
    """(H, W) labels with the largest piece of each lung alone."""
    kept = labels.copy()
    for lung in LUNGS:
        pieces, count = ndimage.label(labels == lung)
        if count > 1:
            largest = np.bincount(pieces.ravel())[1:].argmax() + 1
            kept[(pieces > 0) & (pieces != largest)] = 0
    return kept


def tagOf(segment, key: str) -> str:
    """A segment's tag; "" where it has none."""
    value = vtk.reference("")
    return str(value) if segment.GetTag(key, value) else ""


def showMasks() -> None:
    """Show lungs in the views that show their radiograph, and over no other, which lies in the same place."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        if node.GetAttribute(ROLE) and node.GetDisplayNode() is not None:
            showWithImage(node.GetDisplayNode(), volumeOf(node))


def hideMasks(volume, hidden: bool) -> None:
    """Take a volume's masks off its views, or show them there again."""
    display = displayOf(lungsOf(volume))
    if display is not None and (hidden or isShown(volume)):
        display.SetVisibility(not hidden)


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


def _draw(labels: np.ndarray, segmentation, lung: int, volume) -> None:
    """Put a lung's mask into (H, W) labels of the volume's pixels."""
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
