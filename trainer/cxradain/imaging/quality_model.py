"""The model behind the quality score: the expected Dice error of a lung's mask, from three features of it.

`quality.json` holds the coefficients, which `evaluation.quality` fits (Docs/method.md).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .quality import GOOD_DICE

FIT = Path(__file__).with_name("quality.json")

FEATURES: dict[str, str] = {
    "views": "views_disagree",
    "unsure": "low_confidence",
    "unequal": "unequal",
}
"""What a lung's score is computed from, and the flag that each feature raises.

`views`: how much of the lung changes (1 - IoU of the probabilities) when the foot of the image is cut off
(`assessment.UpperPart`), as a logarithm. `unsure`: the pixels in and near the lung of which the model is
unsure, relative to the lung's area, as a logarithm. `unequal`: the absolute logarithm of the ratio of the two
areas.

Tried and left out, as they added nothing in cross-fitting, or little by themselves: the Dice that the
probabilities promise, removed pieces, roughness and notches of the outline, the convex hull, shape, position
and height of the base, contact with the border, and the answers of the teacher and of the direct path.
"""


@dataclass(frozen=True)
class QualityModel:
    """A linear model of a lung's error: log(1 - Dice) is normally distributed about intercept + weights * the
    standardized features, with the standard deviation `spread`.

    mean, scale: mean and standard deviation of each of `FEATURES`.
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
        """The expected 1 - Dice (0..1) of a lung."""
        return min(1.0, math.exp(self.intercept + float(self.contributions(features).sum())))

    def score(self, error: float) -> float:
        """The probability (0..1) that the Dice reaches `GOOD_DICE`, given the expected 1 - Dice."""
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
        """The inverse of `to_json`. Raises KeyError if a feature is missing."""
        mean, scale, weights = (
            tuple(float(fields[name][feature]) for feature in FEATURES)
            for name in ("mean", "scale", "weights")
        )
        return cls(mean, scale, weights, float(fields["intercept"]), float(fields["spread"]))


@cache
def shipped_model() -> QualityModel:
    """The model with the coefficients of the package."""
    return QualityModel.from_json(json.loads(FIT.read_text(encoding="utf-8"))["model"])


def whole_error(errors: Sequence[float], areas: Sequence[float]) -> float:
    """The expected 1 - Dice of both lungs together: the mean over the lungs, weighted by area; 1 without
    area."""
    return float(np.average(errors, weights=areas)) if sum(areas) else 1.0
