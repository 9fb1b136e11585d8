"""Shapes that a click must not leave: for the tests and the benchmark of clicks."""

from __future__ import annotations

import numpy as np
from cxradain.imaging.lungs import LEFT, RIGHT
from scipy import ndimage


def pieces(labels: np.ndarray) -> int:
    """How many connected pieces the lungs have, beyond one for each."""
    counts = (ndimage.label(labels == lung)[1] for lung in (RIGHT, LEFT))
    return sum(max(0, count - 1) for count in counts)


def hangs(before: np.ndarray, after: np.ndarray, lung: int) -> bool:
    """Whether what a lung was added meets it along less than its own width, as a knob or a lollipop does."""
    was = before == lung
    added = (after == lung) & ~was
    if not was.any() or not added.any():
        return False
    ((rows, columns),) = ndimage.find_objects(added.astype(np.uint8))
    near = tuple(slice(max(side.start - 2, 0), side.stop + 2) for side in (rows, columns))
    was, added = was[near], added[near]
    width = 2 * ndimage.distance_transform_edt(np.pad(added, 1)).max() - 1
    contact = np.count_nonzero(ndimage.binary_dilation(was, iterations=2) & added) / 2
    return bool(contact < width)
