"""The unexposed pixels of a radiograph: outside shutters, padding, and a collimator's border.

The stored pixels do not change; for the model and in pictures these pixels are black.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .image_data import subsample
from .image_facts import Outline

LEAST_EXPOSED = 0.05  # of the image; a shutter that leaves less is ignored as an error
FLAT = 0.02  # largest variation of a line of the border, as a share of the image's range
LINE = 256  # sampled pixels of a line, or of an image's side
FLAT_SHARE = 0.99  # of a line's pixels; the rest may be a letter or dust
WIDEST = 0.4  # largest border, as a share of the image's side
WIDE = 0.25  # both borders together, as a share of the image's height or width; beyond it the lungs are small
SIDES = 2  # fewest sides with a border: a single bright side may be the abdomen


def unexposed(
    pixels: np.ndarray, outlines: tuple[Outline, ...], padding: tuple[float, float] | None, dark: bool
) -> np.ndarray | None:
    """(H, W) bool: the unexposed pixels; None if there are none, or nearly all are.

    Args:
        pixels: (H, W) as stored.
        outlines: of shutters; pixels outside any of them are unexposed.
        padding: the least and greatest padding value.
        dark: whether high values are dark.
    """
    parts = [~_inside(outline, pixels.shape) for outline in usable_outlines(outlines, pixels.shape)]
    if padding is not None:
        parts.append((pixels >= padding[0]) & (pixels <= padding[1]))
    if (border := _bright_border(pixels, dark)) is not None:
        parts.append(border)
    outside = np.logical_or.reduce(parts) if parts else None
    if outside is None or not outside.any() or outside.mean() > 1 - LEAST_EXPOSED:
        return None
    return outside


def usable_outlines(outlines: tuple[Outline, ...], shape: tuple[int, ...]) -> tuple[Outline, ...]:
    """The outlines that leave enough of an (H, W) image to be meant; the others are errors of its file."""
    height, width = shape
    scaled = [
        tuple((row * LINE / height, column * LINE / width) for row, column in each) for each in outlines
    ]
    shares = [_inside(outline, (LINE, LINE)).mean() for outline in scaled]
    return tuple(each for each, share in zip(outlines, shares, strict=True) if share >= LEAST_EXPOSED)


def _inside(outline: Outline, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) bool: the pixels inside a polygon, by the parity of its edges to their left."""
    rows, columns = np.arange(shape[0]), np.arange(shape[1])
    inside = np.zeros(shape, bool)
    for (r0, c0), (r1, c1) in zip(outline, outline[1:] + outline[:1], strict=True):
        crossed = np.flatnonzero((rows >= min(r0, r1)) & (rows < max(r0, r1)))
        if len(crossed):
            at = c0 + (crossed - r0) * ((c1 - c0) / (r1 - r0))
            inside[crossed] ^= columns[None, :] >= at[:, None]
    return inside


def _bright_border(pixels: np.ndarray, dark: bool) -> np.ndarray | None:
    """(H, W) bool: flat rows and columns along the edges with the brightest values; None unless at least two
    sides have them."""
    sample = subsample(pixels, LINE)
    low, high = float(sample.min()), float(sample.max())
    tolerance = FLAT * (high - low)
    widths = _borders(pixels, lambda lines: lines <= low + tolerance if dark else lines >= high - tolerance)
    if sum(width > 0 for width in widths) < SIDES:
        return None
    top, bottom, left, right = widths
    outside = np.ones(pixels.shape, bool)
    outside[top : pixels.shape[0] - bottom, left : pixels.shape[1] - right] = False
    return outside


def content(intensities: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns of (H, W) intensities in 0..1 without borders of uniform intensity, if these are
    wide, as around a child on a large detector; otherwise all."""
    top, bottom, left, right = _borders(
        intensities, lambda lines: np.abs(lines - np.median(lines[0])) <= FLAT
    )
    height, width = intensities.shape
    if top + bottom <= WIDE * height and left + right <= WIDE * width:
        top = bottom = left = right = 0
    return slice(top, height - bottom), slice(left, width - right)


def _borders(pixels: np.ndarray, is_border: Callable[[np.ndarray], np.ndarray]) -> list[int]:
    """The widths of the borders: rows at the top and bottom, columns at the left and right."""
    widths = []
    for lines in (pixels, pixels[::-1], pixels.T, pixels.T[::-1]):
        most = int(WIDEST * len(lines))
        near = lines[:, :: max(1, lines.shape[1] // LINE)]
        for width in (1, most):  # in most images the first line is not flat
            flat = is_border(near[:width]).mean(1) >= FLAT_SHARE
            if not flat.all():
                break
        widths.append(most if flat.all() else int(flat.argmin()))
    return widths
