"""The quality of a predicted mask, measured only on the mask and the probability maps, so for any model.

One thing is needed beside the prediction: the answer to the same radiograph without its foot (`UpperPart`). A
model that takes stomach gas for lung, or misses a base, seldom does so in both. scipy loads its submodules
when they are first used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from .image_data import bounding_box
from .letterbox import Letterbox, resample
from .lungs import (
    BACKGROUND,
    LEFT,
    RIGHT,
    are_sides_exchanged,
    clean_probability,
    most_probable_labels,
    other_lung,
)
from .quality import BAD_BELOW, LungQuality, MaskQuality, verdict_of
from .quality_model import FEATURES, shipped_model, whole_error

FOOT = 0.1  # share of the rows that `UpperPart` leaves out

# One lung's share of the image in the 254 masks of `train_normal_labelled` (children, normal): right 0.092
# (lowest), 0.145 (median), left 0.103, 0.152. A hundredth is a ninth of the smallest lung: a remnant.
MISSING_SHARE = 0.01
# Share of a lung's area. Of the calibration lungs with more, 24 of 25 were below `GOOD_DICE`.
RAGGED_SHARE = 0.01
LARGEST_PLACE = 0.4  # share of the box around a lung; a larger region points nowhere
# The lengths below are fractions of the canvas.
NOTCH_RADIUS = 8 / 192  # a disk of this radius cannot enter a notch from outside the lung
NEAR = 10 / 192  # how far outside a lung the model's doubt counts
PLACE_BLUR = 4 / 192  # smooths the evidence against a mask before its peak is found
SMALLEST = 1e-3  # added to shares before their logarithm is taken
UNSURE = 0.8  # a pixel is unsure if no class reaches this probability


@dataclass(frozen=True)
class UpperPart:
    """A radiograph without its foot, for a second look by the network; `whole` is the letterbox of the
    first."""

    whole: Letterbox

    @property
    def canvas_rows(self) -> int:
        """How many rows of the whole image's canvas this part covers."""
        rows = self.whole.inner[0]
        return rows - round(FOOT * rows)

    @property
    def letterbox(self) -> Letterbox:
        """How this part lies on a canvas of its own."""
        rows = max(1, round(self.canvas_rows / self.whole.scale[0]))
        return Letterbox((rows, self.whole.shape[1]), self.whole.size, self.whole.aspect)

    def to_canvas(self, image: np.ndarray) -> np.ndarray:
        """The whole image (H, W) -> this part on its own canvas (size, size), float32."""
        return self.letterbox.to_canvas(image[: self.letterbox.shape[0]])

    def on_whole(self, probability: np.ndarray) -> np.ndarray:
        """Probabilities (3, size, size) on this part's canvas -> on the whole image's; background below
        it."""
        (top, left), columns = self.whole.offset, self.whole.inner[1]
        result = np.zeros_like(probability, dtype=np.float32)
        result[BACKGROUND] = 1
        rows = slice(top, top + self.canvas_rows)
        part = resample(probability[(slice(None), *self.letterbox.content)], (self.canvas_rows, columns))
        result[:, rows, left : left + columns] = part
        return result


def assess(
    cleaned: np.ndarray, probability: np.ndarray, upper: np.ndarray, letterbox: Letterbox
) -> MaskQuality:
    """Assess a prediction of both lungs.

    Args:
        cleaned: (3, S, S) probabilities after the clean-up, on the canvas.
        probability: (3, S, S) as the network gave them.
        upper: (3, S, S) the same for the image without its foot (`UpperPart.on_whole`).
        letterbox: how the image lies on the canvas.

    Raises ValueError if the shapes do not match.
    """
    if not cleaned.shape == probability.shape == upper.shape == (3, letterbox.size, letterbox.size):
        raise ValueError(f"{cleaned.shape}, {probability.shape} and {upper.shape} do not match")
    model = shipped_model()
    evidence = _Evidence(cleaned, probability, upper, letterbox)
    features = {lung: evidence.features(lung) for lung in (RIGHT, LEFT)}
    errors = {lung: model.error(features[lung]) for lung in (RIGHT, LEFT)}
    areas = {lung: evidence.area(lung) for lung in (RIGHT, LEFT)}
    missing = {lung: areas[lung] < MISSING_SHARE * math.prod(letterbox.inner) for lung in (RIGHT, LEFT)}
    swapped = not any(missing.values()) and are_sides_exchanged(evidence.labels)
    quality = {}
    faulty = swapped
    for lung in (RIGHT, LEFT):
        if missing[lung]:
            flag = "right_missing" if lung == RIGHT else "left_missing"
            quality[lung] = LungQuality(0.0, (flag,), None, features[lung])
            continue
        faults = ("sides_swapped",) * swapped + ("ragged",) * evidence.is_ragged(lung)
        faulty |= bool(faults)
        score, box = model.score(errors[lung]), None
        score = min(score, BAD_BELOW) if faults else score
        flags: tuple[str, ...] = ()
        if verdict_of(score) != "good":
            flags = _reasons(model.contributions(features[lung])) + faults
            box = evidence.place(lung, flags)
        quality[lung] = LungQuality(score, flags, box, features[lung])
    score = model.score(whole_error(list(errors.values()), list(areas.values())))
    if any(missing.values()):
        score = 0.0
    elif faulty:
        score = min(score, BAD_BELOW)
    return MaskQuality(score, quality[RIGHT], quality[LEFT])


def _reasons(contributions: np.ndarray) -> tuple[str, ...]:
    """The flags of the features that argue most against a lung: the strongest, and any at least half as
    strong."""
    least = max(float(contributions.max()) / 2, 0.0)
    ranked = sorted(zip(contributions, FEATURES.values(), strict=True), reverse=True)
    return tuple(flag for contribution, flag in ranked if contribution > least)


class _Evidence:
    """The measurements of one prediction, on the canvas. labels: (S, S) of the cleaned lungs."""

    def __init__(
        self, cleaned: np.ndarray, probability: np.ndarray, upper: np.ndarray, letterbox: Letterbox
    ) -> None:
        self._cleaned, self._probability, self._letterbox = cleaned, probability, letterbox
        self.labels = most_probable_labels(cleaned)
        self._upper = clean_probability(upper)
        top, rows = letterbox.offset[0], UpperPart(letterbox).canvas_rows
        self._seen_again = slice(top, top + rows)

    def area(self, lung: int) -> int:
        """The lung's area in canvas pixels."""
        return int(np.count_nonzero(self.labels == lung))

    def features(self, lung: int) -> tuple[float, ...]:
        """The values of FEATURES; a missing lung counts as one pixel."""
        area, others = max(1, self.area(lung)), max(1, self.area(other_lung(lung)))
        once, again = self._cleaned[lung, self._seen_again], self._upper[lung, self._seen_again]
        union = float(np.maximum(once, again).sum())
        views = float(np.abs(once - again).sum()) / union if union else 0.0
        unsure = int(np.count_nonzero(self._unsure(lung))) / area
        return math.log(views + SMALLEST), math.log(unsure + SMALLEST), abs(math.log(area / others))

    def is_ragged(self, lung: int) -> bool:
        """Whether the outline has a deep notch, such as one between a lung and a loop beside it."""
        return bool(np.count_nonzero(self._notches(lung)) > RAGGED_SHARE * self.area(lung))

    def place(self, lung: int, flags: Sequence[str]) -> tuple[int, int, int, int] | None:
        """Where the evidence of the first flag that has a place is concentrated, as `LungQuality.box`."""
        extent = bounding_box(self.labels == lung)
        for flag in flags:
            against = self._against(lung, flag)
            if against is None or not against.any():
                continue
            part = self._peak(against)
            if _size(part) <= LARGEST_PLACE * _size(extent):  # otherwise it is all around the lung
                return (*self._pixels(part[0], 0), *self._pixels(part[1], 1))
        return None

    def _against(self, lung: int, flag: str) -> np.ndarray | None:
        """(S, S): how strongly each pixel argues against a lung; None for a flag without a place."""
        if flag == "views_disagree":
            differs = np.zeros(self.labels.shape)
            rows = self._seen_again
            differs[rows] = np.abs(self._cleaned[lung, rows] - self._upper[lung, rows])
            return differs
        if flag == "low_confidence":
            return np.where(self._unsure(lung), 1 - self._probability.max(axis=0), 0)
        if flag == "ragged":
            return self._notches(lung).astype(float)
        return None

    def _unsure(self, lung: int) -> np.ndarray:
        """(S, S) bool: pixels in and near a lung of which the model is unsure."""
        result, radius = np.zeros(self.labels.shape, bool), self._length(NEAR)
        box = bounding_box(self.labels == lung, math.ceil(radius))
        near = scipy.ndimage.distance_transform_edt(self.labels[box] != lung) <= radius
        result[box] = near & (self._probability[(slice(None), *box)].max(axis=0) < UNSURE)
        return result

    def _notches(self, lung: int) -> np.ndarray:
        """(S, S) bool: pixels outside a lung that a morphological closing with a disk fills."""
        result, radius = np.zeros(self.labels.shape, bool), self._length(NOTCH_RADIUS)
        box = bounding_box(self.labels == lung)
        mask = self.labels[box] == lung
        margin = math.ceil(radius) + 1  # room for the closing where a lung touches the box
        near = scipy.ndimage.distance_transform_edt(~np.pad(mask, margin)) <= radius
        closed = scipy.ndimage.distance_transform_edt(near) > radius
        inner = slice(margin, -margin)
        result[box] = closed[inner, inner] & ~mask
        return result

    def _peak(self, against: np.ndarray) -> tuple[slice, slice]:
        """Rows and columns around the peak of the evidence."""
        blurred = scipy.ndimage.gaussian_filter(against, self._length(PLACE_BLUR))
        numbered, _ = scipy.ndimage.label(blurred >= blurred.max() / 2)
        peak = numbered[np.unravel_index(blurred.argmax(), blurred.shape)]
        return bounding_box(numbered == peak)

    def _pixels(self, side: slice, axis: int) -> tuple[int, int]:
        """A range on the canvas, along an axis -> first and last pixel (exclusive) of the image."""
        offset, scale = self._letterbox.offset[axis], self._letterbox.scale[axis]
        first, last = math.floor((side.start - offset) / scale), math.ceil((side.stop - offset) / scale)
        return max(0, first), min(self._letterbox.shape[axis], last)

    def _length(self, share: float) -> float:
        """A fraction of the canvas in canvas pixels."""
        return share * self._letterbox.size


def _size(part: tuple[slice, slice]) -> int:
    """The number of pixels in a box."""
    rows, columns = part
    return (rows.stop - rows.start) * (columns.stop - columns.start)
