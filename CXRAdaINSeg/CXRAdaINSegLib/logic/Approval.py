"""Checks before a radiograph's masks are approved."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..scene.LungSegments import LUNGS, labelsOf, lungName, lungsOf, sidesText


def isEmpty(volume) -> bool:
    """Whether a volume's masks have no pixels."""
    return not labelsOf(lungsOf(volume), volume).any()


def doubtOf(volume) -> str:
    """A question about what the reader may have overlooked; "" if there is nothing to ask, or no mask."""
    labels = labelsOf(lungsOf(volume), volume)
    missing = [lung for lung in LUNGS if not (labels == lung).any()]
    if len(missing) == len(LUNGS):
        return ""
    if missing:
        return _("{lung}: no mask. Approve the radiograph without it?").format(lung=lungName(missing[0]))
    sides = sidesText(volume)
    return f"{sides} {_('Approve the masks anyway?')}" if sides else ""
