"""How far a session is from a verdict on its next round: how many held-out images count in a comparison."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..sessions.store import Session
from .gate_images import session_images
from .selection import FEWEST, FEWEST_PATIENTS


@dataclass(frozen=True)
class Readiness:
    """Counts of a session's readable images: set_aside: held out; reviewed: of these, corrected or approved;
    counting: of these, usable in a comparison, of so many `patients`; missing: how many more must be
    corrected for a verdict.
    """

    set_aside: int
    reviewed: int
    counting: int
    patients: int
    missing: int


def readiness(session: Session, readers: Collection[str] | None = None) -> Readiness:
    """The current readiness; `readers` as in `select_images`. Raises SessionError."""
    aside = sum(1 for image in session.images() if not image.fault and session.is_held_out(image))
    reviewed = session_images(session, readers)
    counting = [image for image in reviewed if not image.unedited]
    patients = len({image.patient for image in counting})
    missing = max(FEWEST - len(counting), FEWEST_PATIENTS - patients, 0)
    return Readiness(aside, len(reviewed), len(counting), patients, missing)
