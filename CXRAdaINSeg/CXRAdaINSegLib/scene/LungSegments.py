"""The two lungs as segments of a segmentation node that belongs to a radiograph's volume.

Masks are passed as labels: (H, W) uint8 of 0, 1 (the patient's right lung) and 2 (the left). A lung that has
not been segmented has no segment.
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
from cxradain.imaging.lungs import LEFT, RIGHT, are_sides_exchanged, exchange_sides
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.imaging.suspicion import BY_CODE, Suspicion
from cxradain.imaging.turn import Turn
from scipy import ndimage
from slicer.i18n import tr as _
from vtk.util import numpy_support

from ..Settings import setting
from .SliceViews import isShown, showWithImage
from .ToolAtWork import writing
from .VolumeImages import factsOf, pixelKey, shapeOf

LUNGS = (RIGHT, LEFT)
IDS = {RIGHT: "CXRAdaINSegRightLung", LEFT: "CXRAdaINSegLeftLung"}
COLORS = {RIGHT: (0.18, 0.74, 0.88), LEFT: (0.98, 0.66, 0.22)}
ALGORITHM = "CXRAdaINSeg"
REPRESENTATION = "Binary labelmap"  # its name in vtkSegmentationConverter
SAME = 1e-4  # pixels: the tolerance between two geometries over the whole image

ROLE = "CXRAdaINSeg.Role"  # attribute of segmentation nodes
SWAP = "Swap sides"  # a tool, as recorded in a mask's version
MODEL_TAG, CHECKSUM = "CXRAdaINSeg.Model", "CXRAdaINSeg.ModelMask"  # from here on, tags of segments
HASH, MODE, PIXELS = "CXRAdaINSeg.ModelHash", "CXRAdaINSeg.Mode", "CXRAdaINSeg.ModelPixels"
CLICKS = "CXRAdaINSeg.Clicks"
RADIOGRAPH = "CXRAdaINSeg.Radiograph"  # `pixelKey` of its volume, for a file that has the masks alone
SUSPICIONS = "CXRAdaINSeg.Suspicions"  # codes in suspicion.BY_CODE, about the image that the model was given
QUALITY = "CXRAdaINSeg.Quality"  # of the model's mask, and which of its lungs this segment is
ALGORITHM_TYPE, ALGORITHM_NAME = "DICOM.SegmentAlgorithmType", "DICOM.SegmentAlgorithmName"
AUTOMATIC, SEMIAUTOMATIC = "AUTOMATIC", "SEMIAUTOMATIC"
NOTED = (MODEL_TAG, HASH, MODE, PIXELS, CHECKSUM, SUSPICIONS, QUALITY, ALGORITHM_TYPE, CLICKS)

TERMINOLOGY = (
    "Segmentation category and type - 3D Slicer General Anatomy list~SCT^123037004^Anatomical Structure"
    "~SCT^39607008^Lung~SCT^{side}~Anatomic codes - DICOM master list~^^~^^"
)
SIDES = {RIGHT: "24028007^Right", LEFT: "7771000^Left"}


@dataclass(frozen=True)
class ModelMask:
    """A model's mask: (H, W) uint8 labels, the model and its mode, suspicions about the image (codes in
    suspicion.BY_CODE), and the estimated quality of the mask."""

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


def markAsModels(segmentation, labels: np.ndarray, lungs, mask: ModelMask) -> None:
    """Record in the segments' tags that their masks, in (H, W) labels, are the model's, with that mask: it
    shows what was corrected, and can be restored."""
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
        status.SetSegmentStatus(segment, status.InProgress)  # awaits review; not "not started"


def modelMaskOf(segmentation, lung: int, volume) -> ModelMask | None:
    """The model's mask that a lung's mask was derived from; None if unknown, or of another shape."""
    segment = segmentOf(segmentation, lung)
    labels = _unpacked(tagOf(segment, PIXELS)) if segment is not None else None
    if labels is None or labels.shape != shapeOf(volume):
        return None
    name, weights, mode, suspicions = (tagOf(segment, key) for key in (MODEL_TAG, HASH, MODE, SUSPICIONS))
    quality, _lung = _qualityOf(segment)
    return ModelMask(labels, name, weights, mode, tuple(suspicions.split()), quality)


def _packed(labels: np.ndarray) -> str:
    """(H, W) labels as text for a tag, about 20 KB: rows, columns and compressed bytes."""
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE)  # masks consist of runs
    data = packer.compress(np.ascontiguousarray(labels, np.uint8).data) + packer.flush()
    return f"{labels.shape[0]} {labels.shape[1]} {base64.b64encode(data).decode()}"


def _unpacked(text: str) -> np.ndarray | None:
    """The labels in a tag's text; None if it is empty or damaged."""
    try:
        rows, columns, data = text.split(" ")
        values = np.frombuffer(zlib.decompress(base64.b64decode(data)), np.uint8)
        return values.reshape(int(rows), int(columns))
    except (ValueError, binascii.Error, zlib.error):
        return None


def _qualityText(quality: MaskQuality | None, lung: int) -> str:
    """The lung, and the quality of the whole mask, as text for a tag, which must not contain colons."""
    if quality is None:
        return ""
    return f"{lung} {base64.b64encode(json.dumps(quality.to_json()).encode()).decode()}"


def _qualityOf(segment) -> tuple[MaskQuality | None, int]:
    """The quality of the whole mask that a segment was derived from, and which of its lungs it was; (None, 0)
    if unknown or damaged."""
    try:
        lung, data = tagOf(segment, QUALITY).split(" ")
        return MaskQuality.from_json(json.loads(base64.b64decode(data))), int(lung)
    except (ValueError, TypeError, KeyError):
        return None, 0


def qualityOf(segmentation) -> dict[int, LungQuality]:
    """The estimated quality of the masks that are still the model's and not approved, by lung."""
    found = {}
    for lung in presentLungs(segmentation):
        quality, madeAs = _qualityOf(segmentOf(segmentation, lung))
        isModels = not isCorrected(segmentation, lung) and not isApproved(segmentation, lung)
        if quality is not None and isModels:
            found[lung] = quality.lungs[madeAs]
    return found


def suspicionsOf(segmentation) -> list[Suspicion]:
    """The suspicions about the image from masks that are still the model's; each once, in order.

    Leaves out a suspected turn that the user has already corrected: undo may restore a mask from before that.
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
    """The turn that corrects a radiograph suspected to be rotated or mirrored; no turn for others."""
    return next(filter(None, (each.turn for each in suspicionsOf(segmentation))), Turn())


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


def checksum(labels: np.ndarray, lung: int) -> str:
    """A checksum of one lung's mask."""
    return f"{zlib.crc32(np.packbits(labels == lung).data):08x}"


def isCorrected(segmentation, lung: int) -> bool:
    """Whether a lung's mask differs from the model's, as of the last `updateAlgorithmType`."""
    segment = segmentOf(segmentation, lung)
    return segment is not None and tagOf(segment, ALGORITHM_TYPE) != AUTOMATIC


def isApproved(segmentation, lung: int) -> bool:
    """Whether a reader has approved a lung's mask: its segment status in Slicer is "completed"."""
    segment, status = segmentOf(segmentation, lung), slicer.vtkSlicerSegmentationsModuleLogic
    return segment is not None and status.GetSegmentStatus(segment) == status.Completed


def markAsApproved(segmentation) -> None:
    """Mark both lungs' masks as approved by a reader."""
    status = slicer.vtkSlicerSegmentationsModuleLogic
    for lung in presentLungs(segmentation):
        status.SetSegmentStatus(segmentOf(segmentation, lung), status.Completed)


def updateAlgorithmType(segmentation, labels: np.ndarray) -> None:
    """Set the algorithm type: AUTOMATIC for a mask identical to the model's, otherwise SEMIAUTOMATIC. Undo
    and loading can change which it is."""
    for lung in presentLungs(segmentation):
        segment = segmentOf(segmentation, lung)
        models = tagOf(segment, CHECKSUM) == checksum(labels, lung)
        if tagOf(segment, ALGORITHM_TYPE) != (AUTOMATIC if models else SEMIAUTOMATIC):
            segment.SetTag(ALGORITHM_TYPE, AUTOMATIC if models else SEMIAUTOMATIC)


def swapSides(segmentation, volume, models: bool = False) -> None:
    """Exchange the two lungs' masks and tags. models: also exchange the lungs in the model's masks they were
    derived from, and keep the approval, if the image was mirrored rather than the masks wrong."""
    labels = labelsOf(segmentation, volume)
    before = presentLungs(segmentation)
    approved = models and any(isApproved(segmentation, lung) for lung in before)
    swapped = exchange_sides(labels)
    tags = tagsOf(segmentation)
    masks = segmentation.GetSegmentation()
    for lung in before:
        if LUNGS[2 - lung] not in before:
            masks.RemoveSegment(IDS[lung])
    after = tuple(LUNGS[2 - lung] for lung in before)
    writeLabels(segmentation, volume, swapped, after, "" if models else SWAP)
    setTags(segmentation, {LUNGS[2 - lung]: values for lung, values in tags.items()})
    for lung in after:
        segment = segmentOf(segmentation, lung)
        made = _unpacked(tagOf(segment, PIXELS)) if models else None
        if made is not None:
            segment.SetTag(PIXELS, _packed(exchange_sides(made)))
    if approved:
        markAsApproved(segmentation)  # also a segment that had to be made


def areSidesExchanged(labels: np.ndarray, turn: Turn, right: str = "left") -> bool:
    """Whether each lung in (H, W) labels, as stored, lies on the other's side of the turned image, or a
    single lung in the other half. right: the side of that image where the patient's right is."""
    shown = turn.apply(labels)[::4]  # every fourth row is enough
    return are_sides_exchanged(shown if right == "left" else shown[:, ::-1])


def sidesText(volume) -> str:
    """A message if a volume's masks are not on the sides that the view shows, or ""."""
    facts = factsOf(volume)
    if areSidesExchanged(labelsOf(lungsOf(volume), volume), facts.turn, facts.patients_right or "left"):
        return _(
            "By the R in the view, the right lung's mask is on the patient's left. Swap sides exchanges them."
        )
    return ""


def largestPieces(labels: np.ndarray) -> np.ndarray:
    """(H, W) labels with only the largest connected piece of each lung."""
    kept = labels.copy()
    for lung in LUNGS:
        pieces, count = ndimage.label(labels == lung)
        if count > 1:
            largest = np.bincount(pieces.ravel())[1:].argmax() + 1
            kept[(pieces > 0) & (pieces != largest)] = 0
    return kept


def tagOf(segment, key: str) -> str:
    """A segment's tag; "" if it has none."""
    value = vtk.reference("")
    return str(value) if segment.GetTag(key, value) else ""


def tagsOf(segmentation) -> dict[int, dict[str, str]]:
    """What is noted with each lung's mask: the model's mask it was derived from, its quality, its clicks."""
    present = presentLungs(segmentation)
    return {lung: {key: tagOf(segmentOf(segmentation, lung), key) for key in NOTED} for lung in present}


def setTags(segmentation, tags: dict[int, dict[str, str]]) -> None:
    """Note this with the masks, which have to be there."""
    for lung, values in tags.items():
        segment = segmentOf(segmentation, lung)
        for key, value in values.items():
            segment.SetTag(key, value)


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
