"""What a session holds for a round of training: labelled, unlabelled, and set aside to validate by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from .export_cases import best
from .records import APPROVED, CORRECTED, FLAGGED, Image, Version
from .store import Session

ROUNDS = "rounds"  # folder of a session in which the panel keeps its rounds, one folder each
ROUND = "round.json"  # in a round's folder: what it does or did
LABELS = (APPROVED, CORRECTED)


@dataclass(frozen=True)
class Gathered:
    """The images of a session by what a round does with them.

    labelled: with the corrected or approved mask that stands for each, of the chosen readers.
    validation: the same for patients that are set aside; never trained on.
    unlabelled: readable, with no such mask, not flagged and not set aside.
    new: ids of labelled versions that the session's last finished round did not use.
    """

    labelled: tuple[tuple[Image, Version], ...]
    validation: tuple[tuple[Image, Version], ...]
    unlabelled: tuple[Image, ...]
    new: frozenset[str]

    def counts(self) -> dict[str, int]:
        """How many corrected, approved, unlabelled, validation and new ones there are."""
        by_status = Counter(version.status for _, version in self.labelled)
        return {
            CORRECTED: by_status[CORRECTED],
            APPROVED: by_status[APPROVED],
            "unlabelled": len(self.unlabelled),
            "validation": len(self.validation),
            "new": len(self.new),
        }


def gather(session: Session, readers: Collection[str] | None = None) -> Gathered:
    """Sort a session's images; of several readers' masks the newest approved, else the newest corrected.

    `readers` None means all of them.
    """
    by_image: dict[str, list[Version]] = {}
    for version in session.versions():
        by_image.setdefault(version.image, []).append(version)
    labelled: list[tuple[Image, Version]] = []
    validation: list[tuple[Image, Version]] = []
    unlabelled: list[Image] = []
    for image in session.images():
        if image.fault:
            continue
        versions = by_image.get(image.key, [])
        label = best(versions, LABELS, readers)
        if label is not None:
            (validation if session.set_aside(image) else labelled).append((image, label))
        elif not session.set_aside(image) and best(versions, (FLAGGED,), readers) is None:
            unlabelled.append(image)
    used = _used_last(session.path)
    new = frozenset(version.id for _, version in labelled if version.id not in used)
    return Gathered(tuple(labelled), tuple(validation), tuple(unlabelled), new)


def _used_last(session: Path) -> frozenset[str]:
    """Ids of the versions that the newest finished round was trained on."""
    found: dict = {}
    for path in session.glob(f"{ROUNDS}/*/{ROUND}"):
        try:
            told = json.loads(path.read_bytes())
            if told["state"] == "finished" and told["started"] > found.get("started", 0.0):
                found = told
        except (OSError, ValueError, TypeError, KeyError):
            continue  # a round that cannot be read has used nothing
    return frozenset(found.get("used", ()))
