"""Returning to an older version of a mask: the reader's own, another reader's or a model's."""

from __future__ import annotations

from .records import AUTO, CORRECTED, FLAGGED, MODEL, NotCorrected, Version
from .store import Session


def take_back(session: Session, version: Version, reader: str) -> Version:
    """Save a version's mask as the reader's newest version; later versions are kept.

    A reader's own version keeps its status; one that was flagged becomes "corrected" if a person changed the
    model's mask, otherwise "auto". Another reader's mask becomes "auto": correcting or approving it is left
    to the reader. Raises RecordError for a damaged mask, and as `Session.add_mask`.
    """
    status = version.status if version.reader == reader else AUTO
    status = CORRECTED if status == FLAGGED else status
    shown, labels = session.as_turned(version)
    origin = shown.continued(f"version {version.number} again")
    try:
        return session.add_mask(version.image, labels, reader, status, origin)
    except NotCorrected:
        return session.add_mask(version.image, labels, reader, AUTO, origin)


def mask_before(session: Session, version: Version) -> Version | None:
    """The version that holds the mask which a version's reader had before it; None if that was the first.

    Repeated with the result taken back, this leads back to the first mask: from a version that was reached by
    such a step, it goes on to what was before that one. Any other older mask that was taken back has what it
    replaced before it.
    """
    history = _history(session, version)

    def before(place: int) -> int | None:
        if place == 0:
            return None
        this, replaced = history[place], history[place - 1]
        if session.are_equal(this, replaced):
            return before(place - 1)
        if this.base not in (None, replaced.id):
            step = before(place - 1)
            if step is not None and session.are_equal(this, history[step]):
                return before(step)
        return place - 1

    place = before(len(history) - 1)
    return None if place is None else history[place]


def has_other_mask(session: Session, image: str, version: Version | None) -> bool:
    """Whether any version of an image, of whomever, has another mask than `version`; None: no mask."""
    versions = session.versions(image)
    return any(version is None or not session.are_equal(version, each) for each in versions)


def _history(session: Session, version: Version) -> list[Version]:
    """What the reader of a version had in the view, up to that version: the reader's own versions, the
    model's from before these, and the model's on which they are based."""
    versions = [each for each in session.versions(version.image) if each.order <= version.order]
    own = [each for each in versions if each.reader == version.reader]
    bases = {each.base for each in own}
    first = own[0].order
    return [
        each
        for each in versions
        if each.reader == version.reader
        or (each.reader == MODEL and (each.order < first or each.id in bases))
    ]
