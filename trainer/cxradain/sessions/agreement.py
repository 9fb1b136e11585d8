"""How far several readers of one radiograph agree: the Dice of their masks, lung by lung."""

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
    """Between the readers of one radiograph.

    readers: how many have a corrected or approved mask.
    right, left: mean Dice of each two readers' masks of that lung, 0..1; nan where none of them drew it.
    """

    readers: int
    right: float
    left: float


def masks_of_readers(versions: Iterable[Version]) -> dict[str, Version]:
    """Each reader's newest of an image's versions, the oldest first, where it is corrected or approved. A
    flagged image is put aside, and its mask is no opinion."""
    newest = {version.reader: version for version in versions if version.reader != MODEL}
    return {name: each for name, each in newest.items() if each.status in (CORRECTED, APPROVED)}


def agreement(session: Session, versions: Iterable[Version]) -> Agreement | None:
    """Of an image's versions, the oldest first; None where fewer than two readers have a mask, or one of
    theirs cannot be read."""
    marked = masks_of_readers(versions)
    if len(marked) < 2:
        return None
    try:
        masks = [session.mask(version) for version in marked.values()]
    except RecordError:
        return None  # `session verify` names it
    right, left = (
        _mean([dice(a == lung, b == lung) for a, b in combinations(masks, 2)]) for lung in (RIGHT, LEFT)
    )
    return Agreement(len(masks), right, left)


def _mean(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return sum(known) / len(known) if known else float("nan")
