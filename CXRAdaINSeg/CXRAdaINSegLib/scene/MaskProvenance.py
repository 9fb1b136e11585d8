"""Where a lung's mask comes from, and who has changed or approved it.

Its segment's tags hold the model's mask that it was derived from, with its estimated quality and suspicions
about the image, and the clicks. So undo, or a saved scene, brings them back with the mask.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from cxradain.imaging.lungs import exchange_sides
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.imaging.suspicion import BY_CODE, Suspicion, kept_when_turned
from cxradain.imaging.turn import Turn

from .LungSegments import ALGORITHM_TYPE, AUTOMATIC, SEMIAUTOMATIC, presentLungs, segmentOf, volumeOf
from .VolumeImages import shapeOf, turnOf

MODEL_TAG, CHECKSUM = "CXRAdaINSeg.Model", "CXRAdaINSeg.ModelMask"
HASH, MODE, PIXELS = "CXRAdaINSeg.ModelHash", "CXRAdaINSeg.Mode", "CXRAdaINSeg.ModelPixels"
CLICKS = "CXRAdaINSeg.Clicks"
SUSPICIONS = "CXRAdaINSeg.Suspicions"  # codes in suspicion.BY_CODE, about the image that the model was given
TURN = "CXRAdaINSeg.Turn"  # how that image was turned
QUALITY = "CXRAdaINSeg.Quality"  # of the model's mask, and which of its lungs this segment is
NOTED = (MODEL_TAG, HASH, MODE, PIXELS, CHECKSUM, SUSPICIONS, TURN, QUALITY, ALGORITHM_TYPE, CLICKS)


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


def markAsModels(segmentation, labels: np.ndarray, lungs, mask: ModelMask) -> None:
    """Record in the segments' tags that their masks, in (H, W) labels, are the model's, with that mask: it
    shows what was corrected, and can be restored."""
    pixels, turn = _packed(mask.labels), _turnText(volumeOf(segmentation))
    for lung in lungs:
        segment = segmentOf(segmentation, lung)
        segment.SetTag(MODEL_TAG, mask.modelId.replace(":", " ").replace("|", " "))
        segment.SetTag(HASH, mask.modelHash)
        segment.SetTag(MODE, mask.mode)
        segment.SetTag(PIXELS, pixels)
        segment.SetTag(CHECKSUM, checksum(labels, lung))
        segment.SetTag(SUSPICIONS, " ".join(mask.suspicions))
        segment.SetTag(TURN, turn)
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
    name, weights, mode = (tagOf(segment, key) for key in (MODEL_TAG, HASH, MODE))
    quality, _lung = _qualityOf(segment)
    return ModelMask(labels, name, weights, mode, _suspicionsIn(segment, volume), quality)


def exchangeModelsSides(
    segmentation, areExchanged: Callable[[np.ndarray], bool] = lambda labels: True
) -> None:
    """Exchange the two lungs in the model's masks that the masks were derived from, in those whose (H, W)
    labels have to be."""
    for lung in presentLungs(segmentation):
        segment = segmentOf(segmentation, lung)
        made = _unpacked(tagOf(segment, PIXELS))
        if made is not None and areExchanged(made):
            segment.SetTag(PIXELS, _packed(exchange_sides(made)))


def compareWithNamesakes(segmentation) -> None:
    """Once masks have been exchanged with their tags, compare each with the lung that the model gave its name
    to, so that it counts as corrected until they are exchanged back."""
    for lung in presentLungs(segmentation):
        segment = segmentOf(segmentation, lung)
        made = _unpacked(tagOf(segment, PIXELS))
        if made is not None:
            segment.SetTag(CHECKSUM, checksum(made, lung))


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
    """The suspicions about the image from masks that are still the model's; each once, in order."""
    codes: dict[str, None] = {}
    for lung in presentLungs(segmentation):
        if not isCorrected(segmentation, lung):
            codes |= dict.fromkeys(_suspicionsIn(segmentOf(segmentation, lung), volumeOf(segmentation)))
    return [BY_CODE[code] for code in codes if code in BY_CODE]


def _suspicionsIn(segment, volume) -> tuple[str, ...]:
    """The codes noted with a mask; if the image has been turned since, without suspected turns."""
    codes, made = tagOf(segment, SUSPICIONS).split(), tagOf(segment, TURN)
    return tuple(codes) if made in ("", _turnText(volume)) else kept_when_turned(codes)


def _turnText(volume) -> str:
    """How the image is turned, as text for a tag."""
    turn = turnOf(volume)
    return f"{turn.degrees} {turn.flipped}"


def proposedTurn(segmentation) -> Turn:
    """The turn that corrects a radiograph suspected to be rotated or mirrored; no turn for others."""
    return next(filter(None, (each.turn for each in suspicionsOf(segmentation))), Turn())


def checksum(labels: np.ndarray, lung: int) -> str:
    """A checksum of one lung's mask."""
    return f"{zlib.crc32(np.packbits(labels == lung).data):08x}"


def isCorrected(segmentation, lung: int) -> bool:
    """Whether a lung's mask differs from the model's, as of the last `updateAlgorithmType`."""
    segment = segmentOf(segmentation, lung)
    return segment is not None and tagOf(segment, ALGORITHM_TYPE) != AUTOMATIC


def updateAlgorithmType(segmentation, labels: np.ndarray) -> None:
    """Set the algorithm type: AUTOMATIC for a mask identical to the model's, otherwise SEMIAUTOMATIC. Undo
    and loading can change which it is."""
    for lung in presentLungs(segmentation):
        segment = segmentOf(segmentation, lung)
        models = tagOf(segment, CHECKSUM) == checksum(labels, lung)
        if tagOf(segment, ALGORITHM_TYPE) != (AUTOMATIC if models else SEMIAUTOMATIC):
            segment.SetTag(ALGORITHM_TYPE, AUTOMATIC if models else SEMIAUTOMATIC)


def isApproved(segmentation, lung: int) -> bool:
    """Whether a reader has approved a lung's mask: its segment status in Slicer is "completed"."""
    segment, status = segmentOf(segmentation, lung), slicer.vtkSlicerSegmentationsModuleLogic
    return segment is not None and status.GetSegmentStatus(segment) == status.Completed


def markAsApproved(segmentation) -> None:
    """Mark both lungs' masks as approved by a reader."""
    status = slicer.vtkSlicerSegmentationsModuleLogic
    for lung in presentLungs(segmentation):
        if not isApproved(segmentation, lung):
            status.SetSegmentStatus(segmentOf(segmentation, lung), status.Completed)


def withdrawApproval(segmentation) -> None:
    """A reader has changed approved masks: they are in progress again."""
    status = slicer.vtkSlicerSegmentationsModuleLogic
    for lung in presentLungs(segmentation):
        if isApproved(segmentation, lung):
            status.SetSegmentStatus(segmentOf(segmentation, lung), status.InProgress)


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
