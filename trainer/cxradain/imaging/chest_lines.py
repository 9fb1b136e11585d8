"""The lines along which the chest is measured, in rows and columns of the upright image.

The cardiothoracic ratio is the heart's greatest transverse diameter over the greatest inner diameter of the
thorax (Danzer CS, The cardiothoracic ratio: an index of cardiac enlargement, Am J Med Sci 1919;157:513-521).
The lungs reach the inner margin of the ribs, so the inner diameter is taken between the masks' outer edges.
The heart's diameter is the sum of its greatest distances to the right and to the left of the midline, which
are seldom in the same row: so it is the horizontal distance of its two points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .lungs import LEFT, RIGHT

Place = tuple[float, float]  # row and column, pixel centers at integers


@dataclass(frozen=True)
class ChestLines:
    """The lines of one mask. Without both lungs there is no width, and a missing lung has no height.

    width: across the thorax, in the row where the lungs' outer edges are farthest apart.
    heights: by lung, from its apex straight down to its lowest row.
    """

    width: tuple[Place, Place] | None
    heights: dict[int, tuple[Place, Place]]


def chest_lines(labels: np.ndarray) -> ChestLines:
    """The lines of (H, W) labels of an upright image: 0 background, 1 the patient's right lung, 2 the left.

    They end at the outer edges of pixels, so that their lengths are numbers of pixels.
    """
    heights = {}
    for lung in (RIGHT, LEFT):
        rows = np.flatnonzero((labels == lung).any(axis=1))
        if rows.size:
            column = float(np.flatnonzero(labels[rows[0]] == lung).mean())
            heights[lung] = ((rows[0] - 0.5, column), (rows[-1] + 0.5, column))
    both = np.flatnonzero((labels == RIGHT).any(axis=1) & (labels == LEFT).any(axis=1))
    if not both.size:
        return ChestLines(None, heights)
    inside = labels[both] > 0
    first, last = inside.argmax(axis=1), inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    widest = int((last - first).argmax())
    row = float(both[widest])
    return ChestLines(((row, first[widest] - 0.5), (row, last[widest] + 0.5)), heights)
