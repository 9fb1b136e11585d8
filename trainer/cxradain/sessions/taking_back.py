"""Returning to an older version of a mask: the reader's own, another reader's or a model's."""

from __future__ import annotations

import numpy as np

from ..imaging.lungs import are_sides_exchanged
from .records import APPROVED, AUTO, CORRECTED, FLAGGED, NotCorrected, Version
from .store import Session


def take_back(session: Session, version: Version, reader: str) -> Version:
    """Save a version's mask as the reader's newest version; later versions are kept.

    A reader's own version keeps its status unless it was flagged, or was approved and its lungs lie on each
    other's side of the image as it is turned now. Then, as another reader's mask, it becomes "corrected" if a
    person changed the model's, otherwise "auto": approving it is left to the reader. Raises RecordError for a
    damaged mask, and as `Session.add_mask`.
    """
    own = version.reader == reader and version.status != FLAGGED
    status = version.status if own or version.status == AUTO else CORRECTED
    labels, origin = session.mask(version), version.continued(f"version {version.number} again")
    if status == APPROVED and _are_sides_exchanged(session, version, labels):
        status = CORRECTED
    try:
        return session.add_mask(version.image, labels, reader, status, origin)
    except NotCorrected:
        return session.add_mask(version.image, labels, reader, AUTO, origin)


def _are_sides_exchanged(session: Session, version: Version, labels: np.ndarray) -> bool:
    """Whether the lungs of (H, W) labels lie on each other's side of the image as it is turned now."""
    facts = session.image(version.image).facts
    shown = facts.turn.apply(labels)
    return are_sides_exchanged(shown if facts.patients_right != "right" else shown[:, ::-1])


def mask_before(session: Session, version: Version) -> Version | None:
    """The nearest version from which this one was made that has a different mask; None if there is none.

    Repeated, this leads back to the first mask. Raises RecordError for a damaged mask.
    """
    versions = {each.id: each for each in session.versions(version.image)}
    labels, seen = session.mask(version), {version.id}
    before = versions.get(version.base or "")
    while before is not None and before.id not in seen:
        if not np.array_equal(session.mask(before), labels):
            return before
        seen.add(before.id)
        before = versions.get(before.base or "")
    return None
