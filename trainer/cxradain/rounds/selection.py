"""The use of each image of a session in a round: training with its mask or without, or validation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from ..sessions.records import APPROVED, CORRECTED, FLAGGED, SessionImage, Version, preferred_version
from ..sessions.store import Session
from .folder import versions_used_last

LABELS = (APPROVED, CORRECTED)
# Fewest validation images and patients for a verdict; an interval needs as many patients.
FEWEST, FEWEST_PATIENTS = 15, 10


@dataclass(frozen=True)
class RoundSelection:
    """The images of a session by their use in a round.

    labelled: images with their corrected or approved mask by the chosen readers.
    validation: the same for held-out patients, never trained on.
    unlabelled: readable images without such a mask, neither flagged nor held out.
    new: ids of labelled versions that the session's latest finished round did not use.
    without_patient: the number of readable images without a known patient. Each counts as a patient of its
        own, so images of one patient may be in both training and validation.
    """

    labelled: tuple[tuple[SessionImage, Version], ...]
    validation: tuple[tuple[SessionImage, Version], ...]
    unlabelled: tuple[SessionImage, ...]
    new: frozenset[str]
    without_patient: int = 0

    def counts(self) -> dict[str, int]:
        """The numbers of corrected, approved, unlabelled, validation, new and without_patient images."""
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
    """Select a session's images; of several readers' masks the newest approved one, else the newest corrected
    one.

    Masks that are called corrected without proof (`sessions.corrections`) do not count. An image that any
    reader flagged is left out unless a chosen reader has corrected or approved it. `readers`: None for all;
    only `MODEL` for no labels. Raises SessionError for an unknown reader.
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
