"""The sizes of the lungs in a mask, in pixels of the upright image, and the Dice of two masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .chest_lines import Place, chest_lines
from .lungs import LEFT, RIGHT
from .turn import Turn

NO_TURN = Turn()


@dataclass(frozen=True)
class LungSizes:
    """The sizes in one upright mask of both lungs.

    areas: in pixels, by lung; 0 for a missing lung.
    heights: in rows from apex to base (the lowest row), by lung; 0 for a missing lung.
    width: inner thoracic width in pixels (`chest_lines`); None without both lungs.
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
    """The horizontal distance, in pixels of the upright image, of two points (row, column) of the stored
    image."""
    axis = 1 if turn.degrees % 180 == 0 else 0
    return abs(line[1][axis] - line[0][axis])


def dice(one: np.ndarray, other: np.ndarray) -> float:
    """Dice of two (H, W) boolean masks, 0..1; nan if both are empty."""
    total = np.count_nonzero(one) + np.count_nonzero(other)
    return 2 * np.count_nonzero(one & other) / total if total else float("nan")
