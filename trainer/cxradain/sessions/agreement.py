"""Inter-reader agreement on a radiograph: the mean pairwise Dice of the readers' masks, for each lung."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..imaging.lungs import LEFT, RIGHT
from ..imaging.measurements import dice
from .records import APPROVED, CORRECTED, MODEL, RecordError, Version
from .store import Session


@dataclass(frozen=True)
class Agreement:
    """The agreement of the readers of one radiograph.

    readers: the number of readers with a corrected or approved mask.
    right, left: mean pairwise Dice of that lung, 0..1; nan if nobody drew it.
    """

    readers: int
    right: float
    left: float


def masks_of_readers(versions: Iterable[Version]) -> dict[str, Version]:
    """Each reader's newest version, of an image's versions from the oldest on, if it is corrected or
    approved. The mask of a flagged image is no opinion."""
    newest = {version.reader: version for version in versions if version.reader != MODEL}
    return {name: each for name, each in newest.items() if each.status in (CORRECTED, APPROVED)}


def agreement(session: Session, versions: Iterable[Version]) -> Agreement | None:
    """The agreement on an image, from its versions from the oldest on; None with fewer than two readers'
    masks, or if one of them cannot be read."""
    marked = masks_of_readers(versions)
    if len(marked) < 2:
        return None
    try:
        masks = [session.mask(version) for version in marked.values()]
    except RecordError:
        return None  # reported by `session verify`
    right, left = (
        _mean([dice(a == lung, b == lung) for a, b in combinations(masks, 2)]) for lung in (RIGHT, LEFT)
    )
    return Agreement(len(masks), right, left)


def _mean(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return sum(known) / len(known) if known else float("nan")
