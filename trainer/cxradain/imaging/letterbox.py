"""Letterboxing: placing a radiograph on the network's square input (the canvas) with its aspect ratio, and
back.

Coordinates are (row, column) in pixels with integers at pixel centers, so pixel i covers i - 0.5 to i + 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy


@dataclass(frozen=True)
class Letterbox:
    """Resizes a radiograph of `shape` (H, W) to a canvas of `size` x `size` pixels, centered and padded with
    0.

    `aspect` is the height of the radiograph's pixels divided by their width; the canvas has square pixels.

    The longer side fills the canvas; the other is rounded to whole canvas pixels, so the two scales differ by
    less than a pixel over the whole side.
    """

    shape: tuple[int, int]
    size: int
    aspect: float = 1.0

    def __post_init__(self) -> None:
        if min(self.shape) < 1 or self.size < 1 or not 0 < self.aspect < float("inf"):
            raise ValueError(f"no letterbox of an image of {self.shape} pixels on a canvas of {self.size}")

    @property
    def inner(self) -> tuple[int, int]:
        """The numbers of rows and columns of the canvas that the image covers."""
        sides = self.shape[0] * self.aspect, self.shape[1]
        rows, columns = (max(1, round(self.size * side / max(sides))) for side in sides)
        return rows, columns

    @property
    def scale(self) -> tuple[float, float]:
        """Canvas pixels per image pixel, along rows and columns."""
        return self.inner[0] / self.shape[0], self.inner[1] / self.shape[1]

    @property
    def offset(self) -> tuple[int, int]:
        """The first row and column of the canvas that the image covers."""
        return (self.size - self.inner[0]) // 2, (self.size - self.inner[1]) // 2

    @property
    def content(self) -> tuple[slice, slice]:
        """The part of the canvas that the image covers."""
        (top, left), (rows, columns) = self.offset, self.inner
        return slice(top, top + rows), slice(left, left + columns)

    def to_canvas(self, image: np.ndarray) -> np.ndarray:
        """(..., H, W) -> (..., size, size) float32, linear and anti-aliased."""
        self._check(image, self.shape)
        canvas = np.zeros((*image.shape[:-2], self.size, self.size), np.float32)
        canvas[(..., *self.content)] = resample(image, self.inner)
        return canvas

    def from_canvas(self, canvas: np.ndarray) -> np.ndarray:
        """(..., size, size) -> (..., H, W) float32, linear; meant for probabilities, not labels."""
        self._check(canvas, (self.size, self.size))
        return resample(canvas[(..., *self.content)], self.shape)

    def labels_to_canvas(self, labels: np.ndarray) -> np.ndarray:
        """(H, W) integer -> (size, size) of the same type, by the nearest neighbor, padded with 0."""
        if labels.shape != self.shape:
            raise ValueError(f"labels of shape {labels.shape} where {self.shape} was expected")
        canvas = np.zeros((self.size, self.size), labels.dtype)
        rows, columns = (
            np.floor((np.arange(n) + 0.5) / scale).astype(np.intp)
            for n, scale in zip(self.inner, self.scale, strict=True)
        )
        canvas[self.content] = labels[np.ix_(rows, columns)]
        return canvas

    def points_to_canvas(self, points: np.ndarray) -> np.ndarray:
        """Image coordinates (N, 2) -> canvas coordinates (N, 2), both (row, column)."""
        points = np.asarray(points, float)
        if points.shape[-1:] != (2,):
            raise ValueError(f"points of shape {points.shape} where (N, 2) was expected")
        return (points + 0.5) * self.scale - 0.5 + self.offset

    @staticmethod
    def _check(array: np.ndarray, shape: tuple[int, int]) -> None:
        if array.shape[-2:] != shape:
            raise ValueError(f"an array of {array.shape[-2:]} pixels where {shape} was expected")


def resample(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(..., H, W) -> (..., *shape) float32, linear and anti-aliased, by a sparse weight matrix for each
    axis."""
    image = np.asarray(image, np.float32)
    rows, columns = _weights(image.shape[-2], shape[0]), _weights(image.shape[-1], shape[1])
    height, width = image.shape[-2:]
    planes = image.reshape(-1, height, width)
    resampled = np.empty((len(planes), *shape), np.float32)
    for plane, out in zip(planes, resampled, strict=True):
        # Rows first if that reduces the work for the columns.
        if shape[0] <= height:
            out[:] = (columns @ (rows @ plane).T).T
        else:
            out[:] = rows @ np.ascontiguousarray((columns @ plane.T).T)
    return resampled.reshape(*image.shape[:-2], *shape)


@lru_cache(maxsize=16)
def _weights(before: int, after: int) -> scipy.sparse.csr_array:
    """Sparse (after, before) float32 weights of linear resampling: a triangle filter as wide as the larger
    pixel."""
    ratio = before / after
    support = max(1.0, ratio)
    center = (np.arange(after) + 0.5) * ratio - 0.5
    first = np.ceil(center - support).astype(np.intp)
    taps = first[:, None] + np.arange(int(2 * support) + 1)
    weight = np.clip(1 - np.abs(taps - center[:, None]) / support, 0, None)
    weight /= weight.sum(1, keepdims=True)
    # Taps beyond the border count for the border pixel.
    columns = taps.clip(0, before - 1)
    rows = np.broadcast_to(np.arange(after)[:, None], taps.shape)
    entries = weight.ravel().astype(np.float32), (rows.ravel(), columns.ravel())
    matrix = scipy.sparse.csr_array(entries, (after, before))
    matrix.eliminate_zeros()
    return matrix
