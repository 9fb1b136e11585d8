"""Where the chest is measured: lines by the masks."""

from __future__ import annotations

import numpy as np
from cxradain.imaging.chest_lines import chest_lines
from cxradain.imaging.lungs import LEFT, RIGHT


def lungs() -> np.ndarray:
    """Two boxes, the left one with a foot that reaches farther out."""
    labels = np.zeros((100, 90), np.uint8)
    labels[20:80, 10:35], labels[25:70, 50:75] = RIGHT, LEFT
    labels[60:70, 50:82] = LEFT
    return labels


def test_the_inner_width_is_across_the_widest_row_that_has_both_lungs() -> None:
    assert chest_lines(lungs()).width == ((60.0, 9.5), (60.0, 81.5)), "72 pixels, outer edge to outer edge"
    labels = lungs()
    labels[75, 10:90] = RIGHT  # wider, where there is no left lung
    assert chest_lines(labels).width == ((60.0, 9.5), (60.0, 81.5))


def test_a_height_is_from_the_apex_straight_down_to_the_lowest_row() -> None:
    heights = chest_lines(lungs()).heights
    assert heights[RIGHT] == ((19.5, 22.0), (79.5, 22.0)) and heights[LEFT] == ((24.5, 62.0), (69.5, 62.0))


def test_without_both_lungs_there_is_no_width() -> None:
    labels = lungs()
    labels[labels == LEFT] = 0
    lines = chest_lines(labels)
    assert lines.width is None and list(lines.heights) == [RIGHT]
    assert chest_lines(np.zeros((20, 20), np.uint8)).heights == {}
