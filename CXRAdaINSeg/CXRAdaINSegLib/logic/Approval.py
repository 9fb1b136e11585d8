"""What speaks against approving a radiograph's masks as they are."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..scene.LungSegments import LUNGS, labelsOf, lungName, lungsOf, sidesText


def isEmpty(volume) -> bool:
    """Whether no pixel of a volume is lung."""
    return not labelsOf(lungsOf(volume), volume).any()


def doubtOf(volume) -> str:
    """What a reader may have overlooked, as a question; "" where there is nothing, as
    without a mask."""
    labels = labelsOf(lungsOf(volume), volume)
    missing = [lung for lung in LUNGS if not (labels == lung).any()]
    if len(missing) == len(LUNGS):
        return ""
    if missing:
        return _("{lung}: no mask. Approve the radiograph without it?").format(lung=lungName(missing[0]))
    sides = sidesText(volume)
    return f"{sides} {_('Approve the masks anyway?')}" if sides else ""
