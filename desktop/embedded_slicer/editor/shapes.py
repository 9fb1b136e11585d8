"""Rasterizes what the user draws: brush strokes and polygons. Only numpy and scikit-image."""

from __future__ import annotations

import numpy as np

Box = tuple[int, int, int, int]  # first row, end row, first column, end column


def stroke(
    mask: np.ndarray,
    start: tuple[float, float],
    end: tuple[float, float],
    radius: float,
    spacing: tuple[float, float],
) -> Box | None:
    """Draw the stroke of a round brush into a (rows, columns) array; returns its bounding box, or None.

    start, end: real (row, column), pixel centers at integers. radius: mm. spacing: mm of rows and of columns.
    """
    reach = [radius / spacing[axis] for axis in (0, 1)]
    box = _box(mask.shape, (start, end), reach)
    if box is None:
        return None
    rows = (np.arange(box[0], box[1])[:, None] - start[0]) * spacing[0]
    columns = (np.arange(box[2], box[3])[None, :] - start[1]) * spacing[1]
    delta = [(end[axis] - start[axis]) * spacing[axis] for axis in (0, 1)]
    length = delta[0] ** 2 + delta[1] ** 2
    along = np.clip((rows * delta[0] + columns * delta[1]) / length, 0, 1) if length else np.zeros((1, 1))
    inside = (rows - along * delta[0]) ** 2 + (columns - along * delta[1]) ** 2 <= radius**2
    if not length:  # a click marks at least the pixel under it
        row, column = round(start[0]) - box[0], round(start[1]) - box[2]
        if 0 <= row < inside.shape[0] and 0 <= column < inside.shape[1]:
            inside[row, column] = True
    mask[box[0] : box[1], box[2] : box[3]][inside] = 1
    return box


def polygon(mask: np.ndarray, corners: np.ndarray) -> Box | None:
    """Fill a polygon, (n, 2) of row and column, in a (rows, columns) array; returns as `stroke`."""
    from skimage.draw import polygon as inside

    box = _box(mask.shape, corners, (0, 0))
    if box is None or len(corners) < 3:
        return None
    rows, columns = inside(corners[:, 0], corners[:, 1], mask.shape)
    mask[rows, columns] = 1
    return box


def _box(shape: tuple[int, ...], points: object, reach: object) -> Box | None:
    points, reach = np.asarray(points, float), np.asarray(reach, float)
    low = np.maximum(np.floor(points.min(0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(points.max(0) + reach) + 1, shape[:2]).astype(int)
    return None if (low >= high).any() else (low[0], high[0], low[1], high[1])
