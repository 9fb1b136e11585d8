"""What a round does with each image of a session: train with its mask or without, or validate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from ..sessions.records import APPROVED, CORRECTED, FLAGGED, SessionImage, Version, preferred_version
from ..sessions.store import Session
from .folder import versions_used_last

LABELS = (APPROVED, CORRECTED)
# Validation images and patients below which there is no verdict; an interval needs as many patients.
FEWEST, FEWEST_PATIENTS = 15, 10


@dataclass(frozen=True)
class RoundSelection:
    """The images of a session by what a round does with them.

    labelled: with the corrected or approved mask that stands for each, of the chosen readers.
    validation: the same for patients that are set aside; never trained on.
    unlabelled: readable, with no such mask, not flagged and not set aside.
    new: ids of labelled versions that the session's last finished round did not use.
    without_patient: how many of the session's readable images have no known patient. Each counts as a
        patient, so two of one may be in training and validation.
    """

    labelled: tuple[tuple[SessionImage, Version], ...]
    validation: tuple[tuple[SessionImage, Version], ...]
    unlabelled: tuple[SessionImage, ...]
    new: frozenset[str]
    without_patient: int = 0

    def counts(self) -> dict[str, int]:
        """How many corrected, approved, unlabelled, validation, new and without_patient ones there are."""
        by_status = Counter(version.status for _, version in self.labelled)
        return {
            CORRECTED: by_status[CORRECTED],
            APPROVED: by_status[APPROVED],
            "unlabelled": len(self.unlabelled),
            "validation": len(self.validation),
            "new": len(self.new),
            "without_patient": self.without_patient,
        }


def select_images(session: Session, readers: Collection[str] | None = None) -> RoundSelection:
    """Sort a session's images; of several readers' masks the newest approved, else the newest corrected.

    A mask that is called corrected without proof (`sessions.corrections`) is none of these. A flag of any
    reader keeps an image out as long as no chosen one has such a mask. `readers` None means all
    of them, `MODEL` alone that there are no labels. Raises SessionError for one that the session has not.
    """
    session.check_readers(readers)
    by_image = session.trusted_versions()
    labelled: list[tuple[SessionImage, Version]] = []
    validation: list[tuple[SessionImage, Version]] = []
    unlabelled: list[SessionImage] = []
    readable = [image for image in session.images() if not image.fault]
    for image in readable:
        versions = by_image.get(image.key, [])
        label = preferred_version(versions, LABELS, readers)
        if label is not None:
            (validation if session.is_held_out(image) else labelled).append((image, label))
        elif not session.is_held_out(image) and preferred_version(versions, (FLAGGED,)) is None:
            unlabelled.append(image)
    used = versions_used_last(session.path)
    new = frozenset(version.id for _, version in labelled if version.id not in used)
    unknown = sum(not image.patient for image in readable)
    return RoundSelection(tuple(labelled), tuple(validation), tuple(unlabelled), new, unknown)
