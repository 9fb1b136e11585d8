"""In-plane operations on a whole mask: islands, smoothing, margin. Only numpy and scipy.

Masks are (slices, rows, columns) bool; slices are processed separately, except for islands. Spacing is that
of rows and of columns, in mm.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

Spacing = tuple[float, float]


def largest_island(mask: np.ndarray) -> np.ndarray:
    labels, count = ndimage.label(mask)
    if count < 2:
        return mask.copy()
    return labels == np.bincount(labels.ravel())[1:].argmax() + 1


def without_small_islands(mask: np.ndarray, minimum: int) -> np.ndarray:
    """The mask without islands smaller than `minimum` pixels."""
    labels, _ = ndimage.label(mask)
    stays = np.bincount(labels.ravel()) >= minimum
    stays[0] = False
    return stays[labels]


def island_at(mask: np.ndarray, place: tuple[int, int, int]) -> np.ndarray:
    """The island at (slice, row, column); empty if there is none."""
    labels, _ = ndimage.label(mask)
    return (labels == labels[place]) & mask if mask[place] else np.zeros_like(mask)


def median(mask: np.ndarray, size: float, spacing: Spacing) -> np.ndarray:
    """Median filter with a square kernel of `size` mm."""
    window = [1, *(_odd(size / each) for each in spacing)]

    def smooth(part: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(part.astype(np.float32), window, mode="constant") > 0.5

    return _near(mask, max(window), smooth)


def opening(mask: np.ndarray, size: float, spacing: Spacing) -> np.ndarray:
    return margin(margin(mask, -size / 2, spacing), size / 2, spacing)


def closing(mask: np.ndarray, size: float, spacing: Spacing) -> np.ndarray:
    return margin(margin(mask, size / 2, spacing), -size / 2, spacing)


def gaussian(mask: np.ndarray, sigma: float, spacing: Spacing) -> np.ndarray:
    """Gaussian smoothing with a standard deviation of `sigma` mm."""
    sigmas = [0, *(sigma / each for each in spacing)]

    def smooth(part: np.ndarray) -> np.ndarray:
        return ndimage.gaussian_filter(part.astype(np.float32), sigmas, mode="constant") > 0.5

    return _near(mask, int(4 * max(sigmas)) + 1, smooth)


def margin(mask: np.ndarray, size: float, spacing: Spacing) -> np.ndarray:
    """The mask grown by `size` mm, or shrunk if that is negative, but not at the image's border."""
    if not size:
        return mask.copy()

    def change(part: np.ndarray) -> np.ndarray:
        planes = [
            ndimage.distance_transform_edt(~plane if size > 0 else plane, spacing)
            if plane.any() and not plane.all()
            else np.where(plane, np.inf, 0 if size < 0 else np.inf)
            for plane in part
        ]
        distance = np.stack(planes)
        return part | (distance <= size) if size > 0 else distance > -size

    return _near(mask, int(abs(size) / min(spacing)) + 2, change)


def _near(mask: np.ndarray, reach: int, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Apply `change` only to the mask's bounding box plus `reach` pixels: most of the image is empty."""
    out = np.zeros_like(mask)
    rows, columns = np.flatnonzero(mask.any((0, 2))), np.flatnonzero(mask.any((0, 1)))
    if len(rows):
        where = (
            slice(None),
            slice(max(0, rows[0] - reach), rows[-1] + reach + 1),
            slice(max(0, columns[0] - reach), columns[-1] + reach + 1),
        )
        out[where] = change(mask[where])
    return out


def _odd(size: float) -> int:
    return max(1, 2 * round((size + 1) / 2) - 1)
