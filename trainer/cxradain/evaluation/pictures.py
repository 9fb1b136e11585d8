"""Pictures for reports: radiographs with outlines of the lungs, and heat maps."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from ..imaging.lungs import LEFT, LUNG_NAMES, RIGHT

# Blue and orange of Okabe and Ito's palette: distinct with any color vision, and bright on dark lungs. Color
# is never the only sign: each lung has its letter, and a reference is dashed.
LUNG_COLORS = {RIGHT: (86, 180, 233), LEFT: (230, 159, 0)}
REFERENCE_COLOR = (255, 255, 255)
LONGEST = 640


def grayscale(intensities: np.ndarray, longest: int = LONGEST) -> Image.Image:
    """A gray picture of (H, W) intensities, clipped to 0..1; its longer side at most `longest` pixels."""
    gray = Image.fromarray(np.round(np.clip(intensities, 0, 1) * 255).astype(np.uint8))
    return _reduced(gray, longest)


def overlay(
    intensities: np.ndarray, labels: np.ndarray, reference: np.ndarray | None = None, longest: int = LONGEST
) -> Image.Image:
    """The radiograph with the lungs' outlines: right blue with an R, left orange with an L.

    A reference is dashed white.

    Args:
        intensities: (H, W) in 0..1.
        labels: (H, W) of 0, 1, 2.
        reference: (H, W) of 0, 1, 2, or None.
        longest: the picture's longer side in pixels; nothing is enlarged.

    Raises:
        ValueError: the shapes differ.
    """
    for name, other in (("labels", labels), ("reference", reference)):
        if other is not None and other.shape != intensities.shape:
            raise ValueError(f"the {name} are {other.shape}, the radiograph is {intensities.shape}")
    gray = grayscale(intensities, longest)
    canvas = np.repeat(np.asarray(gray)[..., None], 3, axis=2)
    small = _resized_labels(labels, gray.size)
    thickness = max(1, round(max(gray.size) / 320))
    for lung, color in LUNG_COLORS.items():
        canvas[_outline(small == lung, thickness)] = color
    if reference is not None:
        truth = _resized_labels(reference, gray.size)
        for lung in LUNG_COLORS:
            canvas[_dashed(_outline(truth == lung, thickness))] = REFERENCE_COLOR
    picture = Image.fromarray(canvas)
    _letters(picture, small)
    return picture


def heat_map(values: np.ndarray, over: np.ndarray | None = None) -> Image.Image:
    """(H, W) values in 0..1 as colors from dark blue over red to light yellow (`color_scale`); nan is gray.

    over: (H, W) intensities in 0..1 to show beneath.
    """
    known = np.isfinite(values)
    colors = color_scale()[np.round(np.clip(np.where(known, values, 0), 0, 1) * 255).astype(np.uint8)]
    colors[~known] = 128
    picture = _reduced(Image.fromarray(colors), LONGEST)
    if over is not None:
        picture = Image.blend(grayscale(over).convert("RGB").resize(picture.size), picture, 0.55)
    return picture


@cache
def color_scale() -> np.ndarray:
    """The 256 colors of `heat_map`, (256, 3) uint8: perceptually uniform, also in gray.

    In CIELAB, lightness rises linearly from 23 to 95 while the hue turns linearly from blue over red to
    yellow, with less chroma at the ends, where sRGB's gamut is narrower.
    """
    from skimage.color import lab2rgb, lch2lab

    step = np.linspace(0, 1, 256)
    lightness, chroma, hue = 23 + 72 * step, 30 + 26 * np.sin(np.pi * step), np.radians(300 + 160 * step)
    colors = lab2rgb(lch2lab(np.stack([lightness, chroma, hue], axis=1)))
    return np.round(colors * 255).astype(np.uint8)


def _reduced(picture: Image.Image, longest: int) -> Image.Image:
    """The picture, reduced to a longer side of at most `longest` pixels."""
    scale = longest / max(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BOX)


def _resized_labels(labels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(Image.fromarray(labels.astype(np.uint8)).resize(size, Image.Resampling.NEAREST))


def _outline(mask: np.ndarray, thickness: int) -> np.ndarray:
    """The mask's pixels within `thickness` of its edge; the image's border counts as an edge."""
    return mask & ~ndimage.binary_erosion(mask, iterations=thickness)


def _dashed(outline: np.ndarray, dashes: int = 28) -> np.ndarray:
    """Every other of equal angular segments about the outline's center."""
    if not outline.any():
        return outline
    rows, columns = np.nonzero(outline)
    angle = np.arctan2(rows - rows.mean(), columns - columns.mean())
    drawn = np.floor((angle / (2 * np.pi) + 0.5) * 2 * dashes).astype(int) % 2 == 0
    result = np.zeros_like(outline)
    result[rows[drawn], columns[drawn]] = True
    return result


def _letters(picture: Image.Image, labels: np.ndarray) -> None:
    size = max(12, round(max(picture.size) / 16))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size)
    for lung, name in LUNG_NAMES.items():
        mask = labels == lung
        if not mask.any():
            continue
        # The middle of the lung in its middle row, which is inside the lung; a crescent's center would not
        # be.
        rows = np.flatnonzero(mask.any(axis=1))
        row = int(rows[len(rows) // 2])
        columns = np.flatnonzero(mask[row])
        draw.text(
            (int(columns[len(columns) // 2]), row),
            name.english[0].upper(),
            font=font,
            anchor="mm",
            fill=LUNG_COLORS[lung],
            stroke_width=max(1, size // 12),
            stroke_fill=(0, 0, 0),
        )
