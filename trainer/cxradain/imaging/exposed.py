"""Which pixels of a radiograph show no patient: outside of shutters, padding, a collimator's border.

The stored pixels stay as they are; the model and pictures see these ones black, as what surrounds an image.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .image_data import subsample
from .image_facts import Outline

LEAST_EXPOSED = 0.05  # of the image; a shutter that leaves less is taken for a mistake
FLAT = 0.02  # by how much of the image's range a border's line varies at most
LINE = 256  # pixels of a line that are looked at
FLAT_SHARE = 0.99  # of a line; the rest may be a letter or dust
WIDEST = 0.4  # of the image's side, of a border
WIDE = 0.25  # of the height or width, of its two borders; with more, the lungs are small to the model
SIDES = 2  # with a border, at least: one bright side may be the abdomen


def unexposed(
    pixels: np.ndarray, outlines: tuple[Outline, ...], padding: tuple[float, float] | None, dark: bool
) -> np.ndarray | None:
    """(H, W) bool: what shows no patient; None where that is nothing, or nearly all.

    Args:
        pixels: (H, W) as stored.
        outlines: of shutters; what is outside of any of them is not exposed.
        padding: the least and the greatest value that stands for no pixel.
        dark: whether high values are dark.
    """
    parts = [~_inside(outline, pixels.shape) for outline in outlines]
    if padding is not None:
        parts.append((pixels >= padding[0]) & (pixels <= padding[1]))
    if (border := _bright_border(pixels, dark)) is not None:
        parts.append(border)
    outside = np.logical_or.reduce(parts) if parts else None
    if outside is None or not outside.any() or outside.mean() > 1 - LEAST_EXPOSED:
        return None
    return outside


def _inside(outline: Outline, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) bool: pixels in a polygon, by how many of its edges lie to their left."""
    rows, columns = np.arange(shape[0]), np.arange(shape[1])
    inside = np.zeros(shape, bool)
    for (r0, c0), (r1, c1) in zip(outline, outline[1:] + outline[:1], strict=True):
        crossed = np.flatnonzero((rows >= min(r0, r1)) & (rows < max(r0, r1)))
        if len(crossed):
            at = c0 + (crossed - r0) * ((c1 - c0) / (r1 - r0))
            inside[crossed] ^= columns[None, :] >= at[:, None]
    return inside


def _bright_border(pixels: np.ndarray, dark: bool) -> np.ndarray | None:
    """(H, W) bool: rows and columns along the edges that are flat and the brightest of all; None unless two
    sides have such."""
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
    """The rows and columns of (H, W) intensities in 0..1 without their borders of one shade, where these are
    wide, as around a child on a large plate; all of them otherwise."""
    top, bottom, left, right = _borders(
        intensities, lambda lines: np.abs(lines - np.median(lines[0])) <= FLAT
    )
    height, width = intensities.shape
    if top + bottom <= WIDE * height and left + right <= WIDE * width:
        top = bottom = left = right = 0
    return slice(top, height - bottom), slice(left, width - right)


def _borders(pixels: np.ndarray, is_border: Callable[[np.ndarray], np.ndarray]) -> list[int]:
    """How many rows are border at the top and the bottom, and columns at the left and the right."""
    widths = []
    for lines in (pixels, pixels[::-1], pixels.T, pixels.T[::-1]):
        most = int(WIDEST * len(lines))
        near = lines[:, :: max(1, lines.shape[1] // LINE)]
        for width in (1, most):  # of most images the first line is none
            flat = is_border(near[:width]).mean(1) >= FLAT_SHARE
            if not flat.all():
                break
        widths.append(most if flat.all() else int(flat.argmin()))
    return widths
