"""What a click makes of a lung mask.

A click changes one connected region around it and nothing else, so corrections made elsewhere stay. scipy
loads its submodules, and this file scikit-image, when they are first used.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from ..imaging.image_data import bounding_box
from ..imaging.letterbox import Letterbox
from ..imaging.lungs import BACKGROUND
from .clicks import Click

Pixel = tuple[int, ...]  # row and column

# The model's log odds change about evenly from the mask's outline (0) to the true outline. A click lies in
# the middle of the intended region, so the true outline lies at nearly twice the log odds of the click; this
# is weighed against the distance. Where the model already agrees with the user, an earlier correction made
# the mask what it is: the distance from the mask's outline is used instead, as far as the model agrees. The
# constants were chosen on the worst third of the radiographs with masks of
# `train_abnormal_unlabelled`; Testing/benchmarks/clicks.py measures the gain.
REACH_FACTOR = 1.3  # times the click's log odds: where the region would end by probability alone
MAX_REACH_ODDS = 5.0  # log odds beyond which the model is uninformative and the image decides
MIN_CLICK_ODDS = 0.3  # log odds at the click below which the model agrees with the user
OUTLINE_REACH = 1.25  # times the distance from the outline to the click: where the region then ends
MAX_SCORE = 1.5  # keeps a confident model from reaching across the chest
DISTANCE_SCALE = 2.2  # times the distance from the click to the mask's outline: where the penalty begins
DISTANCE_WEIGHT = 0.3  # of the penalty
CORE_RADIUS = 0.5  # times that distance: certainly intended this close to the click
RIM_RADIUS = 0.3  # times that distance: what no disk of this radius fits into is a rim, not intended
LEAST_CONTACT = 1.2  # times its width: with less contact, an added region hangs on a neck
WEDGE_BASES = (1.4, 1.8, 2.4)  # times that distance, about the click: the base of a wedge on the lung
WEDGE_MARGIN = 2.0  # canvas pixels added to the base, for small distances
WEDGE_TIP = 0.3  # times that distance, and a pixel: the radius of its tip
UNDECIDED_SCORE = 0.6  # scores between -this and this are decided by the image's edges
EDGE_WEIGHT = 1000.0  # the random walker's beta: how strongly it avoids differences of intensity
MIN_DISTANCE = 1.0  # canvas pixels
SAME_PLACE = 4.0  # canvas pixels between a click and an earlier one that it takes back
GUIDE_WINDOW = 5  # canvas pixels: the side of the guided filter's window
GUIDE_EPSILON = 1e-3  # variance of the image below which there is no edge
MIN_PROBABILITY = 1e-4  # clips the log odds


@dataclass(frozen=True, eq=False)
class Evidence:
    """The image and the model's output, from which the region of a click is found.

    image: (H, W) float32 in 0..1 (`Radiograph.intensities`).
    probability: (3, S, S) in 0..1 on the canvas, the network's output before the clean-up.
    aspect: height of a pixel divided by its width.
    """

    image: np.ndarray
    probability: np.ndarray
    aspect: float = 1.0

    @cached_property
    def letterbox(self) -> Letterbox:
        """How the image lies on the canvas."""
        return Letterbox(self.image.shape, self.probability.shape[-1], self.aspect)

    @cached_property
    def canvas(self) -> np.ndarray:
        """(S, S) float32: the image on the canvas."""
        return self.letterbox.to_canvas(self.image)

    @cached_property
    def log_odds(self) -> np.ndarray:
        """(3, S, S) float32: the log odds of each class against the others."""
        probability = np.clip(self.probability, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
        return np.log(probability / (1 - probability))


@dataclass(frozen=True, eq=False)
class Refinement:
    """The change that a click makes: new labels within a box."""

    patch: np.ndarray
    """(r1 - r0, c1 - c0) uint8: the new labels in the box."""
    box: tuple[int, int, int, int]
    """r0, r1, c0, c1, half open."""
    changed: int
    """The number of pixels whose label changed."""
    probability: float = 0.0
    """0..1: the network's probability of lung (right or left), averaged over the changed pixels."""


def refine(labels: np.ndarray, evidence: Evidence, click: Click, earlier: Sequence[Click] = ()) -> Refinement:
    """Add the missed region around a click to a lung, or remove the wrong region around it.

    Args:
        labels: (H, W) uint8 of 0, 1 and 2, including manual corrections. Not changed.
        evidence: of the same radiograph.
        earlier: clicks that made the labels what they are. What lies nearer to one that did the opposite than
            to this click stays as it is, unless this click is so near that it takes that one back.

    Returns:
        The change. The clicked pixel is in the lung after "add" and outside it after "remove". One region
        changes, connected (4-neighbors) and containing the clicked pixel, whose label all of it had before.
        An added region has broad contact with the lung; a removal takes smaller pieces that it would cut off
        along, so that a lung in one piece stays in one piece unless the piece cut off is larger than the
        region.

    Raises:
        ValueError: a click outside the image, or shapes that do not match.
    """
    height, width = labels.shape
    row, column = (math.floor(value + 0.5) for value in (click.row, click.column))
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(f"{click.row}, {click.column} is not in an image of {labels.shape} pixels")
    if labels.shape != evidence.image.shape:
        raise ValueError(f"labels of {labels.shape} pixels on an image of {evidence.image.shape}")
    lung, adds = click.lung, click.action == "add"
    before, after = labels[row, column], np.uint8(lung if adds else BACKGROUND)
    if (before == lung) == adds:
        box = (row, row + 1, column, column + 1)
        return Refinement(labels[row : row + 1, column : column + 1].copy(), box, 0)
    letterbox = evidence.letterbox
    on_canvas = letterbox.labels_to_canvas(labels)
    kept = (on_canvas == lung) == adds
    free = np.zeros(kept.shape, bool)
    free[letterbox.content] = (on_canvas == before)[letterbox.content]
    lung_odds = evidence.log_odds[lung] if adds else -evidence.log_odds[lung]
    opposed = _opposed(labels, click, earlier)
    point, *others = letterbox.points_to_canvas(np.array([(row, column), *opposed]))
    at = tuple(np.round(point).astype(int).clip(0, letterbox.size - 1))
    score = _score(kept, free & ~kept, lung_odds, evidence.canvas, point, at, others, adds)
    near = _near((score > 0) & ~kept, at)
    r0, r1, c0, c1 = box = _box(near, letterbox, (row, column))
    inside, pixel = labels[r0:r1, c0:c1], (row - r0, column - c0)
    region = _enlarge(near, letterbox, box) > 0.5
    region &= (_enlarge_along_edges(score, evidence, box) > 0) & (inside == before)
    region = scipy.ndimage.binary_fill_holes(_piece(region, pixel)) & (inside == before)
    # Again: a filled hole may have contained another label.
    region = _piece(region, pixel)
    if before != BACKGROUND:
        region, box = _with_crumbs(labels == before, region, box, opposed)
        r0, r1, c0, c1 = box
        inside = labels[r0:r1, c0:c1]
    patch = np.where(region, after, inside)
    lung_here = 1 - _enlarge(evidence.probability[BACKGROUND], letterbox, box)
    return Refinement(patch, box, int(np.count_nonzero(region)), float(lung_here[region].mean()))


def _opposed(labels: np.ndarray, click: Click, earlier: Sequence[Click]) -> list[Pixel]:
    """The pixels of clicks that did the opposite to the same lung, and are still as those made them."""
    pixels: list[Pixel] = []
    for other in earlier:
        row, column = (math.floor(value + 0.5) for value in (other.row, other.column))
        inside = 0 <= row < labels.shape[0] and 0 <= column < labels.shape[1]
        opposite = other.lung == click.lung and other.action != click.action
        if inside and opposite and (labels[row, column] == click.lung) == (other.action == "add"):
            pixels.append((row, column))
    return pixels


def _with_crumbs(
    lung: np.ndarray, region: np.ndarray, box: tuple[int, int, int, int], opposed: Sequence[Pixel]
) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """A region to remove from a lung (H, W), and its box, extended by the smaller pieces that it would cut
    off and that nobody has clicked on to add them."""
    lost = np.zeros(lung.shape, bool)
    lost[box[0] : box[1], box[2] : box[3]] = region
    extent = bounding_box(lung)
    numbered, count = scipy.ndimage.label(lung[extent] & ~lost[extent])
    if count < 2:
        return region, box
    top, left = (side.start for side in extent)
    wanted = {numbered[row - top, column - left] for row, column in opposed if lung[row, column]}
    sizes = np.bincount(numbered.ravel())
    beside = np.unique(numbered[scipy.ndimage.binary_dilation(lost[extent]) & (numbered > 0)])
    largest = 1 + sizes[1:].argmax()
    crumbs = [n for n in beside if n not in {largest, *wanted} and sizes[n] < np.count_nonzero(region)]
    lost[extent] |= np.isin(numbered, crumbs)
    rows, columns = bounding_box(lost)
    return lost[rows, columns], (rows.start, rows.stop, columns.start, columns.stop)


def _score(
    kept: np.ndarray,
    free: np.ndarray,
    odds: np.ndarray,
    image: np.ndarray,
    point: np.ndarray,
    at: Pixel,
    others: Sequence[np.ndarray],
    adds: bool,
) -> np.ndarray:
    """(S, S) in -1..1: positive in what is kept and where the click reaches.

    kept: (S, S) bool, the lung, or for a removal everything but the lung. free: pixels that may change. odds:
        log odds that a pixel belongs to `kept`. point: (row, column) of the click on the canvas; at: its
        pixel. others: (row, column) of clicks to which what is nearer to them is left.
    """
    rows, columns = np.ogrid[: len(kept), : len(kept)]
    distance = np.hypot(rows - point[0], columns - point[1])
    begun = bool(kept.any())
    from_kept = scipy.ndimage.distance_transform_edt(~kept) if begun else np.full(kept.shape, len(kept) / 16)
    scale = max(MIN_DISTANCE, from_kept[at])
    doubt = max(MIN_CLICK_ODDS, -odds[at])
    agrees = begun and -odds[at] < MIN_CLICK_ODDS
    if agrees and any(math.hypot(*(other - point)) <= SAME_PLACE for other in others):
        # As far as the click reached that is taken back, when the model's outline was the mask's.
        scale = max(scale, scipy.ndimage.distance_transform_edt(odds > 0)[at])
    if agrees:
        score = np.minimum(OUTLINE_REACH - from_kept / scale, odds + MIN_CLICK_ODDS)
    else:
        score = (odds + min(REACH_FACTOR * doubt, MAX_REACH_ODDS)) / doubt
    score = np.minimum(score, MAX_SCORE)
    score = score + DISTANCE_WEIGHT * (1 - (distance / (DISTANCE_SCALE * scale)) ** 2)
    core = distance <= CORE_RADIUS * scale
    for other in others:
        if math.hypot(*(other - point)) > CORE_RADIUS * scale:
            nearer = distance <= np.hypot(rows - other[0], columns - other[1])
            free, core = free & nearer, core & nearer
    score = np.where(_rims((score > 0) & free, RIM_RADIUS * scale) & ~core, -1, score)
    score = np.where(free, _along_edges(score, kept, free, core, image), -1)
    if adds and begun:
        score = _on_a_broad_base(score, kept, free, distance, at)
    return np.where(kept, 1, score).astype(np.float32)


def _on_a_broad_base(
    score: np.ndarray, kept: np.ndarray, free: np.ndarray, distance: np.ndarray, at: Pixel
) -> np.ndarray:
    """The score (S, S), changed so that the added region neither hangs on the lung by a neck nor floats free.

    First the region is given a broad base; if that is not enough, a wedge from such a base to the click
    replaces it. distance: (S, S) from the click, whose pixel is `at`.
    """
    from skimage.morphology import convex_hull_image

    region = _piece((score > 0) & free, at)
    if not _hangs(region, kept):
        return score
    scale = distance[kept].min()
    base = kept & (distance <= math.hypot(scale, _width(region)))
    broad = _piece(convex_hull_image(region | base) & free, at)
    if not _hangs(broad, kept):
        return np.where(broad, np.maximum(score, UNDECIDED_SCORE), score)
    for factor in WEDGE_BASES:
        base = kept & (distance <= factor * scale + WEDGE_MARGIN)
        wedge = _piece(convex_hull_image(base | (distance <= WEDGE_TIP * scale + 1)) & free, at)
        if not _hangs(wedge, kept):
            break
    return np.where(wedge, 1.0, -1.0)


def _hangs(region: np.ndarray, kept: np.ndarray) -> bool:
    """Whether a region's contact with the kept part is shorter than its own width."""
    contact = np.count_nonzero(scipy.ndimage.binary_dilation(kept) & region)
    return bool(contact < LEAST_CONTACT * _width(region))


def _width(region: np.ndarray) -> float:
    """The diameter of the largest disk in a region, in pixels."""
    return 2 * float(scipy.ndimage.distance_transform_edt(np.pad(region, 1)).max()) - 1


def _rims(region: np.ndarray, radius: float) -> np.ndarray:
    """The part of a region into which no disk of this radius (pixels) fits; empty for less than a pixel."""
    if radius < 1:
        return np.zeros(region.shape, bool)
    core = scipy.ndimage.distance_transform_edt(region) > radius
    if not core.any():
        return region
    return region & (scipy.ndimage.distance_transform_edt(~core) > radius + 1)


def _along_edges(
    score: np.ndarray, kept: np.ndarray, free: np.ndarray, core: np.ndarray, image: np.ndarray
) -> np.ndarray:
    """The score (S, S) in -1..1, its undecided pixels settled by a random walker that respects image
    edges."""
    from skimage.segmentation import random_walker

    seeds = np.zeros(score.shape, np.int8)  # 0: to be decided, -1: excluded
    seeds[score < -UNDECIDED_SCORE] = 2
    seeds[score > UNDECIDED_SCORE] = 1
    seeds[kept | core] = 1
    seeds[~kept & ~free & ~core] = -1
    score = np.clip(np.where(core, 1, score), -1, 1)
    undecided = scipy.ndimage.find_objects((seeds == 0).astype(np.int8))  # their bounding box, if any
    crop = tuple(slice(max(0, side.start - 1), side.stop + 1) for box in undecided for side in box)
    if not crop or not {1, 2} <= set(np.unique(seeds[crop])):
        return score
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about pieces without a seed, and about optional solvers
        walked = random_walker(
            image[crop], seeds[crop], EDGE_WEIGHT, mode="cg_j", tol=1e-3, return_full_prob=True
        )
    score[crop] = 2 * walked[0] - 1
    return score


def _near(region: np.ndarray, at: Pixel) -> np.ndarray:
    """(S, S) bool: the region's component at the clicked pixel, dilated by one pixel. Nothing beyond it may
    change, so that the rest of the outline keeps its sub-canvas precision."""
    return scipy.ndimage.binary_dilation(_piece(region, at), np.ones((3, 3), bool))


def _box(near: np.ndarray, letterbox: Letterbox, pixel: Pixel) -> tuple[int, int, int, int]:
    """The image box (r0, r1, c0, c1) that covers these canvas pixels and the clicked pixel."""
    extent = bounding_box(near)
    starts = np.floor(([side.start for side in extent] - np.array(letterbox.offset)) / letterbox.scale)
    ends = np.ceil(([side.stop for side in extent] - np.array(letterbox.offset)) / letterbox.scale)
    r0, c0 = np.minimum(starts, pixel).clip(0).astype(int).tolist()
    r1, c1 = np.minimum(np.maximum(ends, np.add(pixel, 1)), letterbox.shape).astype(int).tolist()
    return r0, r1, c0, c1


def _enlarge_along_edges(score: np.ndarray, evidence: Evidence, box: tuple[int, int, int, int]) -> np.ndarray:
    """A box of the score at full size, with its outline at image edges: a guided filter (He, Sun and Tang,
    TPAMI 2013), fitted on the canvas and applied to the image."""

    def mean(values: np.ndarray) -> np.ndarray:
        return scipy.ndimage.uniform_filter(values, GUIDE_WINDOW)

    image, letterbox = evidence.canvas, evidence.letterbox
    mean_image, mean_score = mean(image), mean(score)
    slope = mean(image * score) - mean_image * mean_score
    slope /= mean(image * image) - mean_image**2 + GUIDE_EPSILON
    level = mean_score - slope * mean_image
    r0, r1, c0, c1 = box
    # Structure finer than a quarter of a canvas pixel is noise, not an edge.
    guide = scipy.ndimage.gaussian_filter(
        evidence.image[r0:r1, c0:c1], [0.25 / scale for scale in letterbox.scale]
    )
    return _enlarge(mean(slope), letterbox, box) * guide + _enlarge(mean(level), letterbox, box)


def _enlarge(canvas: np.ndarray, letterbox: Letterbox, box: tuple[int, int, int, int]) -> np.ndarray:
    """A box of the image, float32, interpolated linearly from the canvas (as `Letterbox.from_canvas`)."""
    enlarged = canvas.astype(np.float32)
    for axis, ends in ((0, box[:2]), (1, box[2:])):
        positions = (np.arange(*ends) + 0.5) * letterbox.scale[axis] - 0.5 + letterbox.offset[axis]
        positions = positions.clip(letterbox.content[axis].start, letterbox.content[axis].stop - 1)
        first = np.floor(positions).astype(np.intp)
        share = (positions - first).astype(np.float32)
        share = share[:, None] if axis == 0 else share
        second = np.minimum(first + 1, len(canvas) - 1)
        enlarged = enlarged.take(first, axis) * (1 - share) + enlarged.take(second, axis) * share
    return enlarged


def _piece(region: np.ndarray, pixel: Pixel) -> np.ndarray:
    """The connected component (4-neighbors) at a pixel, of a region and that pixel."""
    region = region.copy()
    region[pixel] = True
    numbered, _ = scipy.ndimage.label(region)
    return numbered == numbered[pixel]
