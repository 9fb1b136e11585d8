"""The sizes of the lungs in a mask, in pixels of the upright image or in cm, and the Dice of two masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .chest_lines import Place, chest_lines
from .lungs import LEFT, RIGHT
from .turn import Turn

NO_TURN = Turn()


@dataclass(frozen=True)
class LungSizes:
    """The sizes in one upright mask of both lungs, in pixels, or in cm and cm² (`in_cm`).

    areas: by lung; 0 for a missing lung.
    heights: from apex to base (the lowest row), by lung; 0 for a missing lung.
    width: inner thoracic width (`chest_lines`); None without both lungs.
    heart: its width as measured by hand; None if it was not.
    """

    areas: dict[int, float]
    heights: dict[int, float]
    width: float | None
    heart: float | None = None

    @property
    def ratio(self) -> float | None:
        """Right to left area; None without both lungs."""
        return self.areas[RIGHT] / self.areas[LEFT] if all(self.areas.values()) else None

    @property
    def cardiothoracic_ratio(self) -> float | None:
        """The heart's width to that of the thorax; None unless both are known."""
        return self.heart / self.width if self.heart is not None and self.width else None

    def in_cm(self, spacing: tuple[float, float]) -> LungSizes:
        """The sizes in cm and cm², of sizes in pixels. spacing: mm (row, column) of the upright image."""
        high, wide = (side / 10 for side in spacing)
        return LungSizes(
            {lung: count * high * wide for lung, count in self.areas.items()},
            {lung: count * high for lung, count in self.heights.items()},
            None if self.width is None else self.width * wide,
            None if self.heart is None else self.heart * wide,
        )


def lung_sizes(labels: np.ndarray, heart: float | None = None) -> LungSizes:
    """Measure (H, W) labels of an upright image, in pixels: 0 background, 1 the patient's right lung, 2 the
    left. heart: its width in pixels."""
    lines = chest_lines(labels)
    heights: dict[int, float] = dict.fromkeys((RIGHT, LEFT), 0)
    heights |= {lung: round(base[0] - apex[0]) for lung, (apex, base) in lines.heights.items()}
    areas: dict[int, float] = {lung: int(np.count_nonzero(labels == lung)) for lung in heights}
    return LungSizes(areas, heights, None if lines.width is None else round(across(lines.width)), heart)


def across(line: tuple[Place, Place], turn: Turn = NO_TURN) -> float:
    """The horizontal distance, in pixels of the upright image, of two points (row, column) of the stored
    image."""
    axis = 1 if turn.degrees % 180 == 0 else 0
    return abs(line[1][axis] - line[0][axis])


def dice(one: np.ndarray, other: np.ndarray) -> float:
    """Dice of two (H, W) boolean masks, 0..1; nan if both are empty."""
    total = np.count_nonzero(one) + np.count_nonzero(other)
    return 2 * np.count_nonzero(one & other) / total if total else float("nan")
