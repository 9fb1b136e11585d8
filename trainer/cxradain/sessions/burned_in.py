"""Whether a radiograph's pixels are likely to hold a line of text, which may name the patient."""

from __future__ import annotations

import numpy as np

HEIGHTS = (0.006, 0.05)  # of a glyph, as a share of the image's rows
LEAST_GLYPHS = 6  # in a line; side markers have one to three
EDGE = 0.02  # of the range of values: text is written in the lightest or the darkest value


def text_is_likely(pixels: np.ndarray) -> bool:
    """Whether there is a line of glyphs of one height, written in the greatest or the least value of (H, W)
    pixels. It finds plain overlays of text, not handwriting or photographed labels."""
    low, high = float(pixels.min()), float(pixels.max())
    edge = EDGE * (high - low)
    return _has_line(pixels >= high - edge) or _has_line(pixels <= low + edge)


def _has_line(marked: np.ndarray) -> bool:
    from scipy import ndimage

    least, most = (max(4.0, share * marked.shape[0]) for share in HEIGHTS)
    numbered, _ = ndimage.label(marked, np.ones((3, 3), bool))
    glyphs: list[tuple[int, int, int]] = []  # bottom, height, left
    for rows, columns in ndimage.find_objects(numbered):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if least <= height <= most and width <= 1.5 * height:
            glyphs.append((rows.stop, height, columns.start))
    for bottom, height, left in glyphs:
        beside = [
            g
            for g in glyphs
            if abs(g[0] - bottom) <= 0.2 * height
            and abs(g[1] - height) <= 0.4 * height
            and 0 <= g[2] - left <= 2 * LEAST_GLYPHS * height
        ]
        if len(beside) >= LEAST_GLYPHS:
            return True
    return False
