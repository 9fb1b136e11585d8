"""Returning to an older version of a mask: the reader's own, another reader's or a model's."""

from __future__ import annotations

import numpy as np

from .records import AUTO, CORRECTED, FLAGGED, NotCorrected, Version
from .store import Session


def take_back(session: Session, version: Version, reader: str) -> Version:
    """Save a version's mask as the reader's newest version; later versions are kept.

    A reader's own version keeps its status unless it was flagged. Another reader's mask becomes "corrected"
    if a person changed the model's, otherwise "auto": approving it is left to the reader. Raises RecordError
    for a damaged mask, and as `Session.add_mask`.
    """
    own = version.reader == reader and version.status != FLAGGED
    status = version.status if own or version.status == AUTO else CORRECTED
    shown, labels = session.as_turned(version)
    origin = shown.continued(f"version {version.number} again")
    try:
        return session.add_mask(version.image, labels, reader, status, origin)
    except NotCorrected:
        return session.add_mask(version.image, labels, reader, AUTO, origin)


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
