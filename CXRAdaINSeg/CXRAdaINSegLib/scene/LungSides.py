"""Right and left: whether a volume's masks are on the sides that its view shows, and their exchange."""

from __future__ import annotations

import numpy as np
from cxradain.imaging.lungs import are_sides_exchanged, exchange_sides, other_lung
from cxradain.imaging.turn import Turn
from cxradain.sessions.sides import are_exchanged_by_turn
from slicer.i18n import tr as _

from .LungSegments import IDS, labelsOf, lungsOf, presentLungs, writeLabels
from .MaskProvenance import (
    compareWithNamesakes,
    exchangeModelsSides,
    isApproved,
    markAsApproved,
    setTags,
    tagsOf,
    updateAlgorithmType,
)
from .VolumeImages import factsOf

SWAP = "Swap sides"  # a tool, as recorded in a mask's version


def swapSides(segmentation, volume, models: bool = False) -> None:
    """Exchange the two lungs' masks and tags: a correction by the reader. models: no correction, since the
    image was mirrored rather than the masks wrong; also exchange the lungs in the model's masks they were
    derived from, and keep the approval."""
    labels = labelsOf(segmentation, volume)
    before = presentLungs(segmentation)
    approved = models and any(isApproved(segmentation, lung) for lung in before)
    swapped = exchange_sides(labels)
    tags = tagsOf(segmentation)
    masks = segmentation.GetSegmentation()
    for lung in before:
        if other_lung(lung) not in before:
            masks.RemoveSegment(IDS[lung])
    after = tuple(other_lung(lung) for lung in before)
    writeLabels(segmentation, volume, swapped, after, "" if models else SWAP)
    setTags(segmentation, {other_lung(lung): values for lung, values in tags.items()})
    if models:
        exchangeModelsSides(segmentation)
    else:
        compareWithNamesakes(segmentation)
    updateAlgorithmType(segmentation, swapped)
    if approved:
        markAsApproved(segmentation)  # also a segment that had to be made


def followTurn(segmentation, former: Turn, turn: Turn) -> None:
    """Compare masks that keep their sides while their image is turned with the model's as it is turned."""
    exchangeModelsSides(segmentation, lambda labels: are_exchanged_by_turn(labels, former, turn))
    compareWithNamesakes(segmentation)


def areSidesExchanged(labels: np.ndarray, turn: Turn, right: str = "left") -> bool:
    """Whether each lung in (H, W) labels, as stored, lies on the other's side of the turned image, or a
    single lung in the other half. right: the side of that image where the patient's right is."""
    shown = turn.apply(labels)[::4, ::4]  # every fourth row and column are enough
    return are_sides_exchanged(shown if right == "left" else shown[:, ::-1])


def sidesText(volume) -> str:
    """A message if a volume's masks are not on the sides that the view shows, or ""."""
    facts = factsOf(volume)
    if areSidesExchanged(labelsOf(lungsOf(volume), volume), facts.turn, facts.patients_right or "left"):
        return _(
            "According to the R in the view, the right lung's mask is on the patient's left. Swap sides "
            "exchanges them."
        )
    return ""
