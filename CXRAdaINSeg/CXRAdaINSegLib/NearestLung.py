"""Which lung a click means. Numpy alone."""

from __future__ import annotations

import numpy as np

STEP = 4  # pixels: the grid on which distances are measured


def lungAt(row: float, column: float, labels, found, allowed=(1, 2)) -> int:
    """The lung of a point: of the masks there, else of the model's, else the nearest.

    labels, found: (H, W) uint8 masks as they are and as the model has them; None where there are none.
    allowed: lungs to choose among; the first one where no mask says anything.
    """
    for masks in (labels, found):
        if masks is None:
            continue
        r, c = min(max(round(row), 0), masks.shape[0] - 1), min(max(round(column), 0), masks.shape[1] - 1)
        if masks[r, c] in allowed:
            return int(masks[r, c])
    together = [masks for masks in (labels, found) if masks is not None]
    distances = {
        lung: min((distanceTo(masks == lung, row, column) for masks in together), default=np.inf)
        for lung in allowed
    }
    return min(allowed, key=distances.__getitem__)


def distanceTo(mask: np.ndarray, row: float, column: float) -> float:
    """Distance in pixels to the nearest of a mask's pixels, on a grid of `STEP`; infinite without any."""
    rows, columns = np.nonzero(mask[::STEP, ::STEP])
    if not len(rows):
        return float("inf")
    return float(np.sqrt(np.min((rows * STEP - row) ** 2 + (columns * STEP - column) ** 2)))
