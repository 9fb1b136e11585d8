"""An older version of a mask, a reader's own, another's or a model's, taken up again by a reader."""

from __future__ import annotations

import numpy as np

from .records import AUTO, CORRECTED, FLAGGED, NotCorrected, Version
from .store import Session


def take_back(session: Session, version: Version, reader: str) -> Version:
    """Keep a version's mask as the reader's newest one; nothing of what came after it is lost.

    The reader's own status comes back with it, unless the image had been put aside. Another's mask is
    corrected where a person has changed the model's, else auto: approving it is left to the reader.
    Raises RecordError for a damaged mask, and as `Session.add_mask`.
    """
    own = version.reader == reader and version.status != FLAGGED
    status = version.status if own or version.status == AUTO else CORRECTED
    labels, origin = session.mask(version), version.continued(f"version {version.number} again")
    try:
        return session.add_mask(version.image, labels, reader, status, origin)
    except NotCorrected:
        return session.add_mask(version.image, labels, reader, AUTO, origin)


def mask_before(session: Session, version: Version) -> Version | None:
    """The nearest of the versions that one was built on with another mask than its own; None of the first.
    Taken back again and again, these lead to the mask that all began with. Raises RecordError for a damaged
    mask."""
    versions = {each.id: each for each in session.versions(version.image)}
    labels, seen = session.mask(version), {version.id}
    before = versions.get(version.base or "")
    while before is not None and before.id not in seen:
        if not np.array_equal(session.mask(before), labels):
            return before
        seen.add(before.id)
        before = versions.get(before.base or "")
    return None
