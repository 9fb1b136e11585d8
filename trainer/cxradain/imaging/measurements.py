"""The lungs' sizes by their masks, in pixels of the upright image, and the overlap of two masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .chest_lines import Place, chest_lines
from .lungs import LEFT, RIGHT
from .turn import Turn

NO_TURN = Turn()


@dataclass(frozen=True)
class LungSizes:
    """Of one mask of both lungs, upright.

    areas: pixels of each lung, by its label; 0 for one without any.
    heights: rows from each lung's apex to its base, the lowest row that it reaches; 0 for one without any.
    width: the inner thoracic width, pixels (`chest_lines`); None without both lungs.
    """

    areas: dict[int, int]
    heights: dict[int, int]
    width: int | None


def lung_sizes(labels: np.ndarray) -> LungSizes:
    """Measure (H, W) labels of an upright image: 0 background, 1 the patient's right lung, 2 the left."""
    lines = chest_lines(labels)
    heights = dict.fromkeys((RIGHT, LEFT), 0)
    heights |= {lung: round(base[0] - apex[0]) for lung, (apex, base) in lines.heights.items()}
    areas = {lung: int(np.count_nonzero(labels == lung)) for lung in heights}
    return LungSizes(areas, heights, None if lines.width is None else round(across(lines.width)))


def across(line: tuple[Place, Place], turn: Turn = NO_TURN) -> float:
    """Pixels across the upright image between two places (row, column) of the image as it is stored."""
    axis = 1 if turn.degrees % 180 == 0 else 0
    return abs(line[1][axis] - line[0][axis])


def dice(one: np.ndarray, other: np.ndarray) -> float:
    """Dice of two (H, W) boolean masks, 0..1; nan where both are empty."""
    total = np.count_nonzero(one) + np.count_nonzero(other)
    return 2 * np.count_nonzero(one & other) / total if total else float("nan")
