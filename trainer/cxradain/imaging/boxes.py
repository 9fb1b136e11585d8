"""The bounding box of a mask."""

from __future__ import annotations

import numpy as np


def bounding_box(mask: np.ndarray, margin: int = 0) -> tuple[slice, slice]:
    """The rows and columns of an (H, W) mask that enclose its nonzero pixels, with a margin in pixels; all if
    it is empty."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    if not len(rows):
        return slice(None), slice(None)
    top, left = (max(0, int(each[0]) - margin) for each in (rows, columns))
    return slice(top, int(rows[-1]) + 1 + margin), slice(left, int(columns[-1]) + 1 + margin)
