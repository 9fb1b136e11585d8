"""Refinement of a lung mask by one click: add what was missed around it, or remove what is too much.

A click changes one connected region around it and nothing else, so corrections made elsewhere stay. numpy
alone at file scope; scipy and scikit-image are imported where they are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from .canvas import Letterbox
from .lungs import BACKGROUND, LEFT, RIGHT

Action = Literal["add", "remove"]
ACTIONS: tuple[Action, ...] = ("add", "remove")

# How far a click reaches, in distances from the click to the mask as it is (or to its outside, to remove).
REACH = 1.6
LEAST_DISTANCE = 1.0  # canvas pixels


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a click is judged by.

    image: (H, W) float32 in 0..1 (`Radiograph.intensities`).
    probability: (3, S, S) in 0..1 on the canvas, as the network gave it, before the clean-up.
    """

    image: np.ndarray
    probability: np.ndarray

    @cached_property
    def letterbox(self) -> Letterbox:
        """How the image lies on the canvas."""
        return Letterbox(self.image.shape, self.probability.shape[-1])

    @cached_property
    def canvas(self) -> np.ndarray:
        """(S, S) float32: the image on the canvas."""
        return self.letterbox.to_canvas(self.image)


@dataclass(frozen=True, eq=False)
class Click:
    """What a click changes: the labels within a box."""

    patch: np.ndarray
    """(r1 - r0, c1 - c0) uint8: the labels in the box as they are now."""
    box: tuple[int, int, int, int]
    """r0, r1, c0, c1, half open."""
    changed: int
    """Pixels whose label is another one now."""


def refine(
    labels: np.ndarray, evidence: Evidence, point: tuple[float, float], action: Action, lung: int
) -> Click:
    """Add to a lung what was missed around a point, or remove from it what is too much.

    Args:
        labels: (H, W) uint8 of 0, 1 and 2, hand corrections included. Not changed.
        evidence: of the same radiograph.
        point: row and column in the image, with integers at pixel centers.
        action: "add" or "remove".
        lung: 1 or 2.

    Returns:
        The changed part. The clicked pixel is in the lung after "add" and not after "remove"; what changes
        is one connected region (4-neighbours) that holds it, all of the label that it had before.

    Raises:
        ValueError: a point outside the image, another action or lung, or shapes that do not belong together.
    """
    height, width = labels.shape
    row, column = (int(np.floor(value + 0.5)) for value in point)
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(f"the point {point} is not in an image of {labels.shape} pixels")
    if action not in ACTIONS or lung not in (RIGHT, LEFT) or labels.shape != evidence.image.shape:
        raise ValueError(f"no click to {action} lung {lung}, labels {labels.shape} on {evidence.image.shape}")
    before, after = labels[row, column], np.uint8(lung if action == "add" else BACKGROUND)
    if (before == lung) == (action == "add"):
        return Click(labels[row : row + 1, column : column + 1].copy(), (row, row + 1, column, column + 1), 0)
    on_canvas = evidence.letterbox.labels_to_canvas(labels)
    kept = (on_canvas == lung) == (action == "add")
    score = _score(kept, on_canvas == before, evidence, (row, column))
    r0, r1, c0, c1 = box = _box(score > 0, evidence.letterbox, (row, column))
    region = (_enlarge(score, evidence.letterbox, box) > 0) & (labels[r0:r1, c0:c1] == before)
    region[row - r0, column - c0] = True
    region = _connected(region, (row - r0, column - c0))
    patch = np.where(region, after, labels[r0:r1, c0:c1])
    return Click(patch, box, int(np.count_nonzero(region)))


def _score(kept: np.ndarray, free: np.ndarray, evidence: Evidence, pixel: tuple[int, int]) -> np.ndarray:
    """(S, S): above 0 where the click reaches."""
    from scipy import ndimage

    ((row, column),) = evidence.letterbox.points_to_canvas(np.array([pixel]))
    side = len(kept)
    rows, columns = np.ogrid[:side, :side]
    distance = np.hypot(rows - row, columns - column)
    to_kept = ndimage.distance_transform_edt(~kept) if kept.any() else np.full(kept.shape, np.inf)
    at = tuple(np.clip(np.round((row, column)).astype(int), 0, side - 1))
    scale = max(LEAST_DISTANCE, min(float(to_kept[at]), side / 8))
    return REACH * scale - distance


def _box(inside: np.ndarray, letterbox: Letterbox, pixel: tuple[int, int]) -> tuple[int, int, int, int]:
    """The image's part around what is inside on the canvas, and the clicked pixel: r0, r1, c0, c1."""
    box = []
    for axis in (0, 1):
        scale, offset = letterbox.scale[axis], letterbox.offset[axis]
        places = np.flatnonzero(inside.any(axis=1 - axis))
        first, last = (places[0], places[-1]) if len(places) else (0, -1)
        # A canvas pixel and a half more on both sides: so far does linear interpolation reach.
        start = int(np.floor((first - 1.5 - offset) / scale)) if len(places) else pixel[axis]
        end = int(np.ceil((last + 2.5 - offset) / scale)) if len(places) else pixel[axis] + 1
        box += [max(0, min(start, pixel[axis])), min(letterbox.shape[axis], max(end, pixel[axis] + 1))]
    return tuple(box)


def _enlarge(canvas: np.ndarray, letterbox: Letterbox, box: tuple[int, int, int, int]) -> np.ndarray:
    """A part of the image, float32, by linear interpolation on the canvas (`Letterbox.from_canvas`)."""
    found = canvas.astype(np.float32)
    for axis, ends in ((0, box[:2]), (1, box[2:])):
        places = (np.arange(*ends) + 0.5) * letterbox.scale[axis] - 0.5 + letterbox.offset[axis]
        places = places.clip(letterbox.content[axis].start, letterbox.content[axis].stop - 1)
        first = np.floor(places).astype(np.intp)
        share = (places - first).astype(np.float32)
        share = share[:, None] if axis == 0 else share
        second = np.minimum(first + 1, len(canvas) - 1)
        found = found.take(first, axis) * (1 - share) + found.take(second, axis) * share
    return found


def _connected(region: np.ndarray, pixel: tuple[int, int]) -> np.ndarray:
    """The piece of the region (4-neighbours) that holds the pixel."""
    from scipy import ndimage

    numbered, _ = ndimage.label(region)
    return numbered == numbered[pixel]
