"""What speaks against approving a radiograph's masks as they are."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..scene.LungSegments import LUNGS, areSidesExchanged, labelsOf, lungName, lungsOf
from ..scene.VolumeImages import factsOf


def isEmpty(volume) -> bool:
    """Whether no pixel of a volume is lung."""
    return not labelsOf(lungsOf(volume), volume).any()


def doubtOf(volume) -> str:
    """What a reader may have overlooked, as a question; "" where there is nothing, as
    without a mask."""
    labels, facts = labelsOf(lungsOf(volume), volume), factsOf(volume)
    missing = [lung for lung in LUNGS if not (labels == lung).any()]
    if len(missing) == len(LUNGS):
        return ""
    if missing:
        return _("{lung}: no mask. Approve the radiograph without it?").format(lung=lungName(missing[0]))
    if areSidesExchanged(labels, facts.turn, facts.patients_right or "left"):
        return _(
            "By the R in the view, the right lung's mask is on the patient's left. Approve the masks anyway? "
            "Swap sides exchanges them."
        )
    return ""
