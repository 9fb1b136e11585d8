"""The image that every format's reader returns, and the checks that all formats share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from .. import CxradainError
from ..files import MALFORMED
from .image_facts import ImageFacts, are_sides

COLOR = "The image is in color, as a photograph is and no radiograph: do not rely on the result."
COLORFUL = 0.2  # unexplained variation of a channel, as a share of the variation of gray levels
LARGEST = 100_000_000  # pixels; the largest detectors and stitched plates have a third of that
LEAST_RANGE, LARGEST_VALUE = 1e-30, 1e30  # limits of float32 arithmetic
NO_CONTRAST = "has the same value in all pixels. Is this the right file?"
# Most distinct values of a label map. Of 1796 radiographs, all have over a hundred.
MASK_VALUES = 4
DENSEST = 4000  # most pixels per byte of a compressed file; deflate reaches 1032


class ImageFault(CxradainError, ValueError):
    """Why a file cannot be used; the message continues the file's name."""


class NotReadFault(ImageFault):
    """The file was not read at all, and may be readable another time."""


class LateFault(NotReadFault):
    """It was not read in the time available."""


class MaskFault(ImageFault):
    """The file is a label map, not a radiograph."""


@dataclass(frozen=True)
class Grid:
    """The grid of a NRRD, NIfTI or MetaImage file in ITK's convention: size, mm, LPS, directions row by
    row."""

    size: tuple[int, ...]
    spacing: tuple[float, ...]
    origin: tuple[float, ...]
    direction: tuple[float, ...]

    def __post_init__(self) -> None:
        axes = len(self.size)
        numbers = (*self.size, *self.spacing, *self.origin, *self.direction)
        if [len(self.spacing), len(self.origin), len(self.direction)] != [axes, axes, axes * axes] or not all(
            isinstance(n, int | float) and math.isfinite(n) for n in numbers
        ):
            raise ValueError("the grid of an image is none")

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Grid:
        """The inverse of `to_json`. Raises ValueError."""
        if not isinstance(value, Mapping) or not all(isinstance(v, list | tuple) for v in value.values()):
            raise ValueError("the grid of an image is no JSON object of lists")
        try:
            return cls(**{name: tuple(numbers) for name, numbers in value.items()})
        except TypeError as error:
            raise ValueError("the grid of an image is none") from error


@dataclass(frozen=True)
class ImageData:
    """(H, W) pixels of one image with the facts of its header; the fields are those of Radiograph."""

    pixels: np.ndarray
    facts: ImageFacts = field(default_factory=ImageFacts)
    warnings: tuple[str, ...] = ()
    grid: Grid | None = None


def check_size(width: int, height: int, file_size: int) -> None:
    """Raise ImageFault for an implausible size in a header, before memory is allocated; `file_size` in
    bytes."""
    if width < 1 or height < 1:
        raise ImageFault(f"has a size of {width} x {height} pixels. Export it again.")
    if width * height > min(LARGEST, DENSEST * max(file_size, 1)):
        raise ImageFault(f"claims {width} x {height} pixels, which it cannot hold. Copy it again.")


def subsample(pixels: np.ndarray, side: int) -> np.ndarray:
    """Subsample (H, W) rows and columns, leaving fewer than twice `side` of each."""
    rows, columns = (max(1, length // side) for length in pixels.shape)
    return pixels[::rows, ::columns]


def bounding_box(mask: np.ndarray, margin: int = 0) -> tuple[slice, slice]:
    """The rows and columns of an (H, W) mask that enclose its nonzero pixels, with a margin in pixels; all if
    it is empty."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    if not len(rows):
        return slice(None), slice(None)
    top, left = (max(0, int(each[0]) - margin) for each in (rows, columns))
    return slice(top, int(rows[-1]) + 1 + margin), slice(left, int(columns[-1]) + 1 + margin)


def values_of_mask(pixels: np.ndarray) -> int:
    """The number of distinct values of (H, W) pixels, if there are as few as in a mask of one label or more;
    otherwise 0."""
    if len(np.unique(subsample(pixels, 64))) > MASK_VALUES:
        return 0  # a shortcut for radiographs, without sorting all pixels
    count = len(np.unique(pixels))
    return count if 1 < count <= MASK_VALUES else 0


def luminance(rgb: np.ndarray) -> np.ndarray:
    """(H, W, 3 or 4) -> (H, W) of the same type, by the weights of ITU-R BT.601, without alpha."""
    gray = rgb[..., :3].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    if not np.issubdtype(rgb.dtype, np.integer):
        return gray
    # float32 rounds the largest 32-bit integers up, beyond their type.
    limits = np.iinfo(rgb.dtype)
    return np.rint(gray).astype(np.int64).clip(limits.min, limits.max).astype(rgb.dtype)


def color_warnings(rgb: np.ndarray) -> tuple[str, ...]:
    """(`COLOR`,) if (H, W, 3 or 4) pixels are in color, neither gray nor tinted like blue film.

    A tint is the same function of the gray level everywhere: color is the residual of a linear fit of each
    channel.
    """
    sample = np.moveaxis(rgb[..., :3], -1, 0)[:, :: max(1, rgb.shape[0] // 64), :: max(1, rgb.shape[1] // 64)]
    channels = sample.reshape(3, -1).astype(np.float64)
    shade = channels.mean(0) - channels.mean()
    spread = float(shade.std())
    if not spread > 0:
        return ()
    centered = channels - channels.mean(1, keepdims=True)
    left_over = centered - np.outer(centered @ shade / (shade @ shade), shade)
    return (COLOR,) if float(left_over.std(1).max()) > COLORFUL * spread else ()


def usable_spacing(values: Iterable[Any]) -> tuple[float, float] | None:
    """(row, column) in mm, or None unless these are two positive numbers."""
    try:
        row, column = (float(value) for value in values)
    except MALFORMED:
        return None
    return (row, column) if are_sides(row, column) else None


def brief(error: Exception) -> str:
    """The first line of a library's message, to quote in ours."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]


def remark(error: Exception) -> str:
    """The same in parentheses, after a space; "" if it contains a path, of the image (which our message names
    already) or of the library's source."""
    message = brief(error)
    return "" if "/" in message or "\\" in message else f" ({message})"
