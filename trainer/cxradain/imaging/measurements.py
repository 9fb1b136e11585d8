"""The lungs' sizes by their masks, in pixels of the upright image, and the overlap of two masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .lungs import LEFT, RIGHT


@dataclass(frozen=True)
class LungSizes:
    """Of one mask of both lungs, upright.

    areas: pixels of each lung, by its label; 0 for one without any.
    heights: rows from each lung's apex to its base, the lowest row that it reaches; 0 for one without any.
    width: as of `thoracic_width`.
    """

    areas: dict[int, int]
    heights: dict[int, int]
    width: int | None


def lung_sizes(labels: np.ndarray) -> LungSizes:
    """Measure (H, W) labels of an upright image: 0 background, 1 the patient's right lung, 2 the left."""
    areas, heights = {}, {}
    for lung in (RIGHT, LEFT):
        mask = labels == lung
        rows = np.flatnonzero(mask.any(axis=1))
        areas[lung] = int(np.count_nonzero(mask))
        heights[lung] = int(rows[-1] - rows[0] + 1) if rows.size else 0
    return LungSizes(areas, heights, thoracic_width(labels))


def thoracic_width(labels: np.ndarray) -> int | None:
    """Pixels between the lungs' outer edges in the row where these are farthest apart; None without both."""
    both = (labels == RIGHT).any(axis=1) & (labels == LEFT).any(axis=1)
    if not both.any():
        return None
    inside = labels[both] > 0
    first = inside.argmax(axis=1)
    last = inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    return int((last - first + 1).max())


def dice(one: np.ndarray, other: np.ndarray) -> float:
    """Dice of two (H, W) boolean masks, 0..1; nan where both are empty."""
    total = np.count_nonzero(one) + np.count_nonzero(other)
    return 2 * np.count_nonzero(one & other) / total if total else float("nan")
