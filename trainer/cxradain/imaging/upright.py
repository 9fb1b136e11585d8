"""Whether an image looks like a frontal chest radiograph, and how it is turned; without the network.

The image is resized to 64 x 64 pixels, ignoring its aspect ratio, and described by histograms of oriented
gradients (Dalal and Triggs 2005; with signed directions, which a turn permutes) and coarse gray levels. A
linear score ranks the eight turns of the image (conditional logit, McFadden 1974). The distance of the
description from a principal component model of chests tells whether it is one. `run.py bench upright --write`
fits the coefficients on the training splits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy

from .letterbox import resample
from .radiograph import Radiograph
from .turn import TURNS, Turn

FILE = Path(__file__).with_name("upright.safetensors")
SIDE = 64  # pixels
CELLS, DIRECTIONS = 8, 8  # cells per side of the histograms, and bins of gradient directions
COARSE = 16  # pixels per side of the gray levels
SHADE_WEIGHT = 0.5  # of shades relative to gradients
MOST_SHADE = 2.5  # standard deviations at which shades are clipped
FEATURES = CELLS * CELLS * DIRECTIONS + COARSE * COARSE


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The fitted coefficients.

    weights: (FEATURES,) of the linear score. mean: (FEATURES,) of upright chests. components: (K, FEATURES)
        orthonormal. turn_odds, mirror_odds: least log odds of a turn, and of a flip. most_distance,
        least_score: limits for a chest.
    """

    weights: np.ndarray
    mean: np.ndarray
    components: np.ndarray
    turn_odds: float
    mirror_odds: float
    most_distance: float
    least_score: float


@dataclass(frozen=True)
class Looks:
    """The appearance of an image.

    chest: whether it looks like a frontal chest, however turned.
    turn: the turn that corrects it; none if it looks upright or is not a chest.
    turn_odds: log odds that it is rotated, mirrored or not.
    mirror_odds: log odds that it is mirrored, once it is rotated upright.
    distance, score: the quantities that decide `chest`.
    """

    chest: bool
    turn: Turn
    turn_odds: float
    mirror_odds: float
    distance: float
    score: float


@lru_cache(maxsize=1)
def coefficients() -> Coefficients:
    """The coefficients of the package. Raises OSError if the file is missing."""
    from safetensors.numpy import load_file

    stored = load_file(FILE)
    arrays = {name: stored[name].astype(np.float32) for name in ("weights", "mean", "components")}
    turn_odds, mirror_odds, most_distance, least_score = map(float, stored["limits"])
    return Coefficients(
        **arrays,
        turn_odds=turn_odds,
        mirror_odds=mirror_odds,
        most_distance=most_distance,
        least_score=least_score,
    )


def look(radiograph: Radiograph, fitted: Coefficients | None = None) -> Looks:
    """The appearance of a radiograph, turned as its facts say. Raises RadiographError for one without
    contrast.

    A wide border hides a chest, so an image that does not look like one is judged again without its border.
    """
    fitted = fitted or coefficients()
    looks = judge(describe_turns(small(radiograph)), fitted)
    if not looks.chest:
        coarse = _coarse(radiograph)
        seen = coarse.intensities()
        within = seen[coarse.exposed()]
        if within.shape != seen.shape:
            again = judge(describe_turns(resample(within, (SIDE, SIDE))), fitted)
            return again if again.chest and not again.turn else looks
    return looks


def small(radiograph: Radiograph) -> np.ndarray:
    """(SIDE, SIDE) float32 in 0..1, with dark lungs, turned as the facts say."""
    return resample(_coarse(radiograph).intensities(whole=True), (SIDE, SIDE))


def _coarse(radiograph: Radiograph) -> Radiograph:
    rows, columns = (max(1, side // (8 * SIDE)) for side in radiograph.shape)
    return radiograph.thinned(rows, columns).upright()


def describe_turns(image: np.ndarray) -> np.ndarray:
    """(8, FEATURES): the descriptions of a square image under each turn of `TURNS`."""
    return describe(np.stack([turn.apply(image) for turn in TURNS]))


def describe(images: np.ndarray) -> np.ndarray:
    """(N, SIDE, SIDE) -> (N, FEATURES) float32, invariant to brightness and contrast."""
    count = len(images)
    spread = images.std((1, 2), keepdims=True)
    images = (images - images.mean((1, 2), keepdims=True)) / (spread + 1e-3)
    down, right = np.zeros_like(images), np.zeros_like(images)
    down[:, 1:-1] = images[:, 2:] - images[:, :-2]
    right[:, :, 1:-1] = images[:, :, 2:] - images[:, :, :-2]
    length = np.hypot(right, down)
    # Each gradient is split between the two nearest directions.
    place = np.arctan2(down, right) / (2 * np.pi) * DIRECTIONS
    first = np.floor(place)
    share, first = place - first, first.astype(np.intp) % DIRECTIONS
    histograms = np.empty((count, CELLS, CELLS, DIRECTIONS), np.float32)
    for direction in range(DIRECTIONS):
        weight = (first == direction) * (1 - share) + ((first + 1) % DIRECTIONS == direction) * share
        histograms[..., direction] = _sums(length * weight, CELLS)
    energy = scipy.ndimage.uniform_filter((histograms**2).sum(-1), (0, 3, 3))
    histograms /= np.sqrt(energy + 1e-2)[..., np.newaxis]
    shades = np.clip(_sums(images, COARSE) / (SIDE // COARSE) ** 2, -MOST_SHADE, MOST_SHADE) * SHADE_WEIGHT
    parts = histograms.reshape(count, -1), shades.reshape(count, -1).astype(np.float32)
    return np.concatenate(parts, 1)


def _sums(images: np.ndarray, cells: int) -> np.ndarray:
    """(N, SIDE, SIDE) -> (N, cells, cells): the sum over each cell."""
    side = SIDE // cells
    return images.reshape(len(images), cells, side, cells, side).sum((2, 4))


def judge(described: np.ndarray, fitted: Coefficients) -> Looks:
    """The appearance from the (8, FEATURES) descriptions under `TURNS`."""
    scores = described.astype(np.float64) @ fitted.weights
    likelihood = scores - scores.max()
    log_sum = np.logaddexp.reduce
    angles = {
        degrees: log_sum(
            [value for turn, value in zip(TURNS, likelihood, strict=True) if turn.degrees == degrees]
        )
        for degrees in (0, 90, 180, 270)
    }
    best = max(angles, key=angles.__getitem__)
    turn_odds = float(log_sum([value for degrees, value in angles.items() if degrees]) - angles[0])
    degrees = best if turn_odds > fitted.turn_odds else 0
    by_turn = dict(zip(TURNS, likelihood, strict=True))
    mirror_odds = float(by_turn[Turn(degrees, True)] - by_turn[Turn(degrees)])
    likeliest = int(scores.argmax())
    offset = described[likeliest] - fitted.mean
    distance = float(offset @ offset - ((fitted.components @ offset) ** 2).sum())
    score = float(scores[likeliest])
    chest = distance <= fitted.most_distance and score >= fitted.least_score
    turn = Turn(degrees, mirror_odds > fitted.mirror_odds) if chest else Turn()
    return Looks(chest, turn, turn_odds, mirror_odds, distance, score)
