"""Masks of lungs that were loaded from a file of their own, which names no radiograph: hidden, unless the
radiograph that they were made of is in the view."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from .LungSegments import RADIOGRAPH, ROLE, bind, lungsOf, presentLungs, segmentOf, volumeOf
from .MaskProvenance import tagOf
from .VolumeImages import PIXEL_KEY, isImage, pixelKey


def isStray(segmentation) -> bool:
    """Whether a segmentation has masks of lungs, and belongs to no radiograph."""
    isOurs = segmentation.GetAttribute(ROLE) or volumeOf(segmentation) is not None
    return not isOurs and bool(presentLungs(segmentation))


def _strays() -> list:
    return [node for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode") if isStray(node)]


def adopt(volume) -> None:
    """Give a volume the masks that were made of its pixels, if it has none. An image of a session takes none:
    its session would not know who made them."""
    if volume is None or lungsOf(volume) is not None or volume.GetAttribute(PIXEL_KEY) or not isImage(volume):
        return
    for node in _strays():
        made = {tagOf(segmentOf(node, lung), RADIOGRAPH) for lung in presentLungs(node)}
        if made == {pixelKey(volume)}:
            bind(node, volume)
            return


def straysText(volume) -> str:
    """A message beside a volume, or none (None), about masks that are hidden, or "": also for an image of a
    session, over which they can never be."""
    return "" if volume is not None and volume.GetAttribute(PIXEL_KEY) else hiddenText()


def hiddenText() -> str:
    """A message about the masks that are hidden, or ""."""
    names = ", ".join(node.GetName() for node in _strays())
    text = _(
        "Hidden: {names}. Masks from a file are shown only over the radiograph that they were made of, if "
        "that has no others and is not a session's."
    )
    return text.format(names=names) if names else ""
