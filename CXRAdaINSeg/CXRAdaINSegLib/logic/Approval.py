"""Checks before a radiograph's masks are approved."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..scene.LungSegments import LUNGS, labelsOf, lungName, lungsOf
from ..scene.LungSides import sidesText


def isEmpty(volume) -> bool:
    """Whether a volume's masks have no pixels."""
    return not labelsOf(lungsOf(volume), volume).any()


def noMaskText() -> str:
    """The message for approving a radiograph without masks."""
    return _("There is no mask to approve. Segment the radiograph first.")


def doubtOf(volume, flaggedBy: str = "") -> str:
    """A question about what the reader may have overlooked; "" if there is nothing to ask, or no mask.
    flaggedBy: the names of other readers who have flagged the image."""
    labels = labelsOf(lungsOf(volume), volume)
    missing = [lung for lung in LUNGS if not (labels == lung).any()]
    if len(missing) == len(LUNGS):
        return ""
    doubts = [flaggedText(flaggedBy)] if flaggedBy else []
    if missing:
        question = _("{lung}: no mask. Approve the radiograph without it?").format(lung=lungName(missing[0]))
        return " ".join([*doubts, question])
    if sides := sidesText(volume):
        doubts.append(sides)
    return " ".join([*doubts, _("Approve the masks anyway?")]) if doubts else ""


def flaggedText(readers: str) -> str:
    """That other readers, by their names, have flagged an image."""
    return _("Flagged by {readers}.").format(readers=readers)
