"""Letterboxing: placing a radiograph on the network's square input (the canvas) with its aspect ratio, and
back.

Coordinates are (row, column) in pixels with integers at pixel centers, so pixel i covers i - 0.5 to i + 0.5.
"""

from __future__ import annotations

import math
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

    def from_canvas(self, canvas: np.ndarray, part: tuple[slice, slice] | None = None) -> np.ndarray:
        """(..., size, size) -> (..., H, W) float32, linear; meant for probabilities, not labels.

        part: the rows and columns of (H, W) to compute, if not all.
        """
        self._check(canvas, (self.size, self.size))
        return resample(canvas[(..., *self.content)], self.shape, part)

    def reached_from(self, mask: np.ndarray) -> tuple[slice, slice]:
        """The rows and columns of (H, W) that depend on the canvas pixels in a (size, size) mask, or a few
        more."""
        places = []
        for axis, (offset, scale, length) in enumerate(zip(self.offset, self.scale, self.shape, strict=True)):
            used = np.flatnonzero(mask.any(1 - axis))
            reach = max(1.0, scale)
            first, last = (used[0], used[-1] + 1) if len(used) else (offset, offset)
            start, stop = (first - offset - reach) / scale, (last - offset + reach) / scale
            start, stop = max(0, math.floor(start)), min(length, math.ceil(stop)) if len(used) else 0
            places.append(slice(min(start, stop), stop))
        return places[0], places[1]

    def labels_to_canvas(self, labels: np.ndarray) -> np.ndarray:
        """(H, W) integer -> (size, size) of the same type, by the nearest neighbor, padded with 0.

        Of two equally near neighbors, as at half the size, the first and the second are taken in turn: always
        taking the same one would displace the labels against `to_canvas`.
        """
        if labels.shape != self.shape:
            raise ValueError(f"labels of shape {labels.shape} where {self.shape} was expected")
        canvas = np.zeros((self.size, self.size), labels.dtype)
        rows, columns = (
            _nearest(before, after) for before, after in zip(self.shape, self.inner, strict=True)
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


def resample(
    image: np.ndarray, shape: tuple[int, int], part: tuple[slice, slice] | None = None
) -> np.ndarray:
    """(..., H, W) -> (..., *shape) float32, linear and anti-aliased, by a sparse weight matrix for each axis;
    only a `part` of its rows and columns if given."""
    image = np.asarray(image, np.float32)
    rows, columns = _weights(image.shape[-2], shape[0]), _weights(image.shape[-1], shape[1])
    height, width = image.shape[-2:]
    shrinks = shape[0] <= height
    if part is not None:
        rows, columns = rows[part[0]], columns[part[1]]
    planes = image.reshape(-1, height, width)
    out = rows.shape[0], columns.shape[0]
    # Rows first if that reduces the work for the columns; otherwise the columns of all planes at once.
    if shrinks:
        resampled = np.empty((len(planes), *out), np.float32)
        for plane, result in zip(planes, resampled, strict=True):
            result[:] = (columns @ (rows @ plane).T).T
    else:
        beside = np.concatenate([(columns @ plane.T).T for plane in planes], axis=1)
        resampled = (rows @ beside).reshape(out[0], len(planes), out[1]).transpose(1, 0, 2)
    return resampled.reshape(*image.shape[:-2], *out)


def _nearest(before: int, after: int) -> np.ndarray:
    """(after,) for each of `after` pixels the one of `before` that contains its center; of two, in turn."""
    centers = (2 * np.arange(after) + 1) * before  # in units of 1 / (2 * after) of a pixel
    first = centers // (2 * after)
    between = centers % (2 * after) == 0
    return first - (between & (np.arange(after) % 2 == 0))


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
