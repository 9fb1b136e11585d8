"""How likely a predicted mask is right: a score for each lung and both, what speaks against it, and where.

All is measured on masks and probability maps, so the score serves any model. One thing is needed beside the
prediction: the answer to the same radiograph without its foot (`UpperPart`), for a model that takes stomach
gas for lung, or loses a base, seldom does the same in both. `quality.json` holds the fit of
`evaluation.quality` (Docs/method.md): a linear model of how far a lung's mask is off. scipy loads its parts
when they are first used.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import scipy

from .letterbox import Letterbox, resample
from .lungs import BACKGROUND, FLAG_TEXT, LEFT, RIGHT, clean_probability, most_probable_labels
from .turn import Turn

FIT = Path(__file__).with_name("quality.json")

Verdict = Literal["good", "look", "bad"]
VERDICT_TEXT: dict[Verdict, str] = {"good": "likely good", "look": "look", "bad": "likely bad"}
GOOD_DICE = 0.90  # from which a mask counts as good
LOOK_BELOW, BAD_BELOW = 0.85, 0.5  # scores
FOOT = 0.1  # share of the rows that `UpperPart` leaves out

# One lung's share of the image in the 254 masks of `train_normal_labelled` (children, normal): right 0.092
# (lowest), 0.145 (median), left 0.103, 0.152. A hundredth is a ninth of the smallest lung: a remnant.
MISSING_SHARE = 0.01
# Share of a lung's area. Of the lungs of the calibration with more, 24 of 25 were under `GOOD_DICE`.
RAGGED_SHARE = 0.01
LARGEST_PLACE = 0.4  # share of the box around a lung; what is larger is no place
# The lengths below are times the canvas.
NOTCH_RADIUS = 8 / 192  # what a disk of this radius cannot enter from outside the lung is a notch
NEAR = 10 / 192  # how far outside a lung the model's doubt counts
PLACE_BLUR = 4 / 192  # of what speaks against a mask, to find where it is gathered
SMALLEST = 1e-3  # is added to shares before their logarithm is taken
UNSURE = 0.8  # highest class probability below which a pixel is unsure

FEATURES: dict[str, str] = {
    "views": "views_disagree",
    "unsure": "low_confidence",
    "unequal": "unequal",
}
"""What a lung is judged by, and the flag that says it in words.

`views`: how much of the lung, as the model draws it, changes where the foot of the image is cut off
(`UpperPart`). `unsure`: pixels of which the model is unsure, in and near the lung, relative to its area. Both
as logarithms. `unequal`: the absolute logarithm of the ratio of the two areas.

Tried and left out, for they told nothing more in cross-fitting, or little by themselves: the Dice that the
probabilities promise, removed pieces, roughness and notches of the outline, the hull, shape, position and
height of the base, contact with the border, and the answers of the teacher and the direct way.
"""


@dataclass(frozen=True)
class LungQuality:
    """What is to be thought of one lung's mask.

    score: 0..1, the probability that its Dice against a careful reader's reaches `GOOD_DICE`.
    flags: codes of `lungs.FLAG_TEXT`: why it is to be looked at; none of a mask that is likely good.
    box: where to look: first and last row, first and last column (the last ones exclusive), in pixels of the
        image; None where there is no such place.
    features: what it was judged by, in the order of `FEATURES`; not kept in files.
    """

    score: float
    flags: tuple[str, ...] = ()
    box: tuple[int, int, int, int] | None = None
    features: tuple[float, ...] = field(default=(), compare=False, repr=False)

    @property
    def verdict(self) -> Verdict:
        """good, look or bad."""
        return verdict_of(self.score)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        box = list(self.box) if self.box is not None else None
        return {"score": self.score, "flags": list(self.flags), "box": box}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> LungQuality:
        """As written by `to_json`; flags that this version does not know are left out. Raises ValueError,
        TypeError or KeyError for what is no quality."""
        box = fields.get("box")
        if box is not None:
            top, bottom, left, right = map(int, box)
            box = (top, bottom, left, right)
        flags = tuple(flag for flag in fields["flags"] if flag in FLAG_TEXT)
        return cls(_share(fields["score"]), flags, box)

    @property
    def text(self) -> str:
        """The score in words."""
        return f"{VERDICT_TEXT[self.verdict]} ({self.score:.2f})"

    def turned_back(self, turn: Turn, shape: tuple[int, int]) -> LungQuality:
        """What was found in an image of (H, W) pixels once turned, with the place in the image as it was."""
        if self.box is None:
            return self
        top, bottom, left, right = self.box
        corners = [turn.to_stored(*corner, shape) for corner in ((top, left), (bottom - 1, right - 1))]
        (top, bottom), (left, right) = (sorted(map(int, values)) for values in zip(*corners, strict=True))
        return replace(self, box=(top, bottom + 1, left, right + 1))

    def moved(self, rows: int, columns: int) -> LungQuality:
        """What was found in the part of an image that begins at this row and column, in the whole of it."""
        if self.box is None:
            return self
        top, bottom, left, right = self.box
        return replace(self, box=(top + rows, bottom + rows, left + columns, right + columns))


@dataclass(frozen=True)
class MaskQuality:
    """What is to be thought of a mask of both lungs, and of each; `score` as in `LungQuality`."""

    score: float
    right: LungQuality
    left: LungQuality

    @property
    def lungs(self) -> dict[int, LungQuality]:
        """The two lungs by their labels."""
        return {RIGHT: self.right, LEFT: self.left}

    @property
    def verdict(self) -> Verdict:
        """good, look or bad."""
        return verdict_of(self.score)

    @property
    def text(self) -> str:
        """The score in words."""
        return f"{VERDICT_TEXT[self.verdict]} ({self.score:.2f})"

    @property
    def flags(self) -> tuple[str, ...]:
        """Of both lungs, in the order of `lungs.FLAG_TEXT`."""
        return tuple(code for code in FLAG_TEXT if code in (*self.right.flags, *self.left.flags))

    def turned_back(self, turn: Turn, shape: tuple[int, int]) -> MaskQuality:
        """As `LungQuality.turned_back`, of both lungs."""
        right, left = (lung.turned_back(turn, shape) for lung in (self.right, self.left))
        return replace(self, right=right, left=left)

    def moved(self, rows: int, columns: int) -> MaskQuality:
        """As `LungQuality.moved`, of both lungs."""
        return replace(self, right=self.right.moved(rows, columns), left=self.left.moved(rows, columns))

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads: for the engine, for a session's records and for a segment's tags."""
        return {"score": self.score, "right": self.right.to_json(), "left": self.left.to_json()}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> MaskQuality:
        """As written by `to_json`. Raises ValueError, TypeError or KeyError for what is no quality."""
        right, left = (LungQuality.from_json(fields[side]) for side in ("right", "left"))
        return cls(_share(fields["score"]), right, left)


@dataclass(frozen=True)
class QualityModel:
    """How far a lung's mask is off, by its features: log(1 - Dice) is about intercept + weights times
    standardised features, with the spread of a normal distribution.

    mean, scale: of each of `FEATURES`, by which they are standardised.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    spread: float

    def contributions(self, features: Sequence[float]) -> np.ndarray:
        """What each feature adds to the logarithm of the error."""
        return (np.asarray(features) - self.mean) / self.scale * self.weights

    def error(self, features: Sequence[float]) -> float:
        """The 1 - Dice (0..1) to expect of a lung."""
        return min(1.0, math.exp(self.intercept + float(self.contributions(features).sum())))

    def score(self, error: float) -> float:
        """The probability (0..1) that a Dice reaches `GOOD_DICE` where this 1 - Dice is to be expected."""
        return 0.5 * math.erfc(math.log(error / (1 - GOOD_DICE)) / self.spread / math.sqrt(2))

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        named = {
            name: dict(zip(FEATURES, getattr(self, name), strict=True))
            for name in ("mean", "scale", "weights")
        }
        return asdict(self) | named

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> QualityModel:
        """As written by `to_json`. Raises KeyError where a feature is missing."""
        mean, scale, weights = (
            tuple(float(fields[name][feature]) for feature in FEATURES)
            for name in ("mean", "scale", "weights")
        )
        return cls(mean, scale, weights, float(fields["intercept"]), float(fields["spread"]))


@cache
def shipped_model() -> QualityModel:
    """The fit that the project ships."""
    return QualityModel.from_json(json.loads(FIT.read_text(encoding="utf-8"))["model"])


@dataclass(frozen=True)
class UpperPart:
    """A radiograph without its foot, as the network sees it a second time; `whole` is the first time's."""

    whole: Letterbox

    @property
    def canvas_rows(self) -> int:
        """How many rows of the whole's canvas hold what this part shows."""
        rows = self.whole.inner[0]
        return rows - round(FOOT * rows)

    @property
    def letterbox(self) -> Letterbox:
        """This part on a canvas of its own."""
        rows = max(1, round(self.canvas_rows / self.whole.scale[0]))
        return Letterbox((rows, self.whole.shape[1]), self.whole.size, self.whole.aspect)

    def to_canvas(self, image: np.ndarray) -> np.ndarray:
        """The whole image (H, W) -> this part on its canvas (size, size), float32."""
        return self.letterbox.to_canvas(image[: self.letterbox.shape[0]])

    def on_whole(self, probability: np.ndarray) -> np.ndarray:
        """(3, size, size) probabilities on this part's canvas, on that of the whole; background below it."""
        (top, left), columns = self.whole.offset, self.whole.inner[1]
        result = np.zeros_like(probability, dtype=np.float32)
        result[BACKGROUND] = 1
        rows = slice(top, top + self.canvas_rows)
        part = resample(probability[(slice(None), *self.letterbox.content)], (self.canvas_rows, columns))
        result[:, rows, left : left + columns] = part
        return result


def verdict_of(score: float) -> Verdict:
    """good, look or bad."""
    return "bad" if score < BAD_BELOW else "look" if score < LOOK_BELOW else "good"


def assess(
    cleaned: np.ndarray, probability: np.ndarray, upper: np.ndarray, letterbox: Letterbox
) -> MaskQuality:
    """How likely the two lungs of a prediction are right.

    Args:
        cleaned: (3, S, S) probabilities after the clean-up, on the canvas.
        probability: (3, S, S) as the network gave them.
        upper: (3, S, S) those of the image without its foot, `UpperPart.on_whole`.
        letterbox: of the image on the canvas.

    Raises ValueError for shapes that do not belong together.
    """
    if not cleaned.shape == probability.shape == upper.shape == (3, letterbox.size, letterbox.size):
        raise ValueError(f"{cleaned.shape}, {probability.shape} and {upper.shape} do not belong together")
    model = shipped_model()
    evidence = _Evidence(cleaned, probability, upper, letterbox)
    features = {lung: evidence.features(lung) for lung in (RIGHT, LEFT)}
    errors = {lung: model.error(features[lung]) for lung in (RIGHT, LEFT)}
    areas = {lung: evidence.area(lung) for lung in (RIGHT, LEFT)}
    missing = {lung: areas[lung] < MISSING_SHARE * math.prod(letterbox.inner) for lung in (RIGHT, LEFT)}
    swapped = not any(missing.values()) and evidence.are_sides_swapped
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


def whole_error(errors: Sequence[float], areas: Sequence[float]) -> float:
    """The 1 - Dice of both lungs together, from each one's and their areas: the mean by area; 1 without."""
    return float(np.average(errors, weights=areas)) if sum(areas) else 1.0


def _reasons(contributions: np.ndarray) -> tuple[str, ...]:
    """The flags of what speaks most against a lung: the strongest, and others at least half as strong."""
    least = max(float(contributions.max()) / 2, 0.0)
    ranked = sorted(zip(contributions, FEATURES.values(), strict=True), reverse=True)
    return tuple(flag for contribution, flag in ranked if contribution > least)


class _Evidence:
    """What is measured on one prediction, on the canvas."""

    def __init__(
        self, cleaned: np.ndarray, probability: np.ndarray, upper: np.ndarray, letterbox: Letterbox
    ) -> None:
        self._cleaned, self._probability, self._letterbox = cleaned, probability, letterbox
        self._labels = most_probable_labels(cleaned)
        self._upper = clean_probability(upper)
        top, rows = letterbox.offset[0], UpperPart(letterbox).canvas_rows
        self._seen_again = slice(top, top + rows)

    def area(self, lung: int) -> int:
        """Canvas pixels."""
        return int(np.count_nonzero(self._labels == lung))

    @property
    def are_sides_swapped(self) -> bool:
        """Whether the right lung lies on the right side of the image."""
        right, left = (_mean_column(self._labels == lung) for lung in (RIGHT, LEFT))
        return right > left

    def features(self, lung: int) -> tuple[float, ...]:
        """Those of FEATURES; of a lung that is not there, as of one of a pixel."""
        other = LEFT if lung == RIGHT else RIGHT
        area, others = max(1, self.area(lung)), max(1, self.area(other))
        once, again = self._cleaned[lung, self._seen_again], self._upper[lung, self._seen_again]
        union = float(np.maximum(once, again).sum())
        views = float(np.abs(once - again).sum()) / union if union else 0.0
        unsure = int(np.count_nonzero(self._unsure(lung))) / area
        return math.log(views + SMALLEST), math.log(unsure + SMALLEST), abs(math.log(area / others))

    def is_ragged(self, lung: int) -> bool:
        """Whether the outline has a deep notch, as between a lung and a loop beside it."""
        return bool(np.count_nonzero(self._notches(lung)) > RAGGED_SHARE * self.area(lung))

    def place(self, lung: int, flags: Sequence[str]) -> tuple[int, int, int, int] | None:
        """Where what the flags say is gathered, as `LungQuality.box`: of the first flag that has a place."""
        (extent,) = scipy.ndimage.find_objects((self._labels == lung).astype(np.int8))
        for flag in flags:
            against = self._against(lung, flag)
            if against is None or not against.any():
                continue
            part = self._gathered(against)
            if _size(part) <= LARGEST_PLACE * _size(extent):  # else it is all around
                return (*self._pixels(part[0], 0), *self._pixels(part[1], 1))
        return None

    def _against(self, lung: int, flag: str) -> np.ndarray | None:
        """(S, S) of how much each pixel speaks against a lung; None where a flag has no place."""
        if flag == "views_disagree":
            differs = np.zeros(self._labels.shape)
            rows = self._seen_again
            differs[rows] = np.abs(self._cleaned[lung, rows] - self._upper[lung, rows])
            return differs
        if flag == "low_confidence":
            return np.where(self._unsure(lung), 1 - self._probability.max(axis=0), 0)
        if flag == "ragged":
            return self._notches(lung).astype(float)
        return None

    def _unsure(self, lung: int) -> np.ndarray:
        """Where the model is unsure in and near a lung."""
        result, radius = np.zeros(self._labels.shape, bool), self._length(NEAR)
        around = _around(self._labels == lung, math.ceil(radius))
        near = scipy.ndimage.distance_transform_edt(self._labels[around] != lung) <= radius
        result[around] = near & (self._probability[(slice(None), *around)].max(axis=0) < UNSURE)
        return result

    def _notches(self, lung: int) -> np.ndarray:
        """Background, or the other lung, that a closing by a disk fills."""
        result, radius = np.zeros(self._labels.shape, bool), self._length(NOTCH_RADIUS)
        around = _around(self._labels == lung, 0)
        mask = self._labels[around] == lung
        margin = math.ceil(radius) + 1  # that of the closing too: a lung may lie at the canvas's edge
        near = scipy.ndimage.distance_transform_edt(~np.pad(mask, margin)) <= radius
        closed = scipy.ndimage.distance_transform_edt(near) > radius
        inner = slice(margin, -margin)
        result[around] = closed[inner, inner] & ~mask
        return result

    def _gathered(self, against: np.ndarray) -> tuple[slice, slice]:
        """Rows and columns of the strongest gathering."""
        blurred = scipy.ndimage.gaussian_filter(against, self._length(PLACE_BLUR))
        numbered, _ = scipy.ndimage.label(blurred >= blurred.max() / 2)
        peak = numbered[np.unravel_index(blurred.argmax(), blurred.shape)]
        part: tuple[slice, slice] = scipy.ndimage.find_objects((numbered == peak).astype(np.int8))[0]
        return part

    def _pixels(self, side: slice, axis: int) -> tuple[int, int]:
        """First and last pixel (exclusive) of the image, along an axis, of a part of the canvas."""
        offset, scale = self._letterbox.offset[axis], self._letterbox.scale[axis]
        first, last = math.floor((side.start - offset) / scale), math.ceil((side.stop - offset) / scale)
        return max(0, first), min(self._letterbox.shape[axis], last)

    def _length(self, share: float) -> float:
        """Canvas pixels."""
        return share * self._letterbox.size


def _around(mask: np.ndarray, margin: int) -> tuple[slice, slice]:
    """The rows and columns of a mask, and so many more on each side as there are; all where it is empty."""
    found = scipy.ndimage.find_objects(mask.view(np.int8))
    if not found:
        return slice(None), slice(None)
    rows, columns = (slice(max(0, side.start - margin), side.stop + margin) for side in found[0])
    return rows, columns


def _size(part: tuple[slice, slice]) -> int:
    """How many pixels a box has."""
    rows, columns = part
    return (rows.stop - rows.start) * (columns.stop - columns.start)


def _share(value: Any) -> float:
    """A number in 0..1. Raises ValueError or TypeError for what is none."""
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(f"{value!r} is not in 0..1")
    return number


def _mean_column(mask: np.ndarray) -> float:
    return float(np.nonzero(mask.any(axis=0))[0].mean())
