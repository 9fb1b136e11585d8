"""Fitting the quality score to predictions for radiographs with known masks, and evaluating it.

A case is a prediction for a radiograph with a known mask: its features (`quality_model.FEATURES`) and its
Dice. Nothing else is used, so cases of several models may be pooled, and one score serves all models.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, get_args

import numpy as np
from scipy import optimize, stats

from ..datasets import DatasetImage, read_mask
from ..imaging.lungs import LEFT, RIGHT
from ..imaging.measurements import dice
from ..imaging.quality import GOOD_DICE, Verdict, verdict_of
from ..imaging.quality_model import FEATURES, QualityModel, whole_error
from ..imaging.radiograph import read_radiograph
from ..models.segmenter import Segmenter
from ..models.tasks import Mode
from .evaluate import resize_labels
from .metrics import RESAMPLES

CLEARLY_GOOD = 0.93  # Dice above which marking a mask is a false alarm
FALSE_MARKS = 0.1  # share of clearly good masks that are marked
FOLDS = 10
PENALTY = 3.0  # of the ridge regression
# 1 - Dice below which lungs are equally good, as two annotators differ by more.
SMALLEST_ERROR = 0.01


@dataclass(frozen=True)
class QualityCase:
    """One prediction for a radiograph with a known mask.

    features: of the right and the left lung, in the order of `FEATURES`.
    areas: of the two predicted lungs, in pixels.
    dice: of the right lung, the left lung, and both together.
    """

    id: str
    split: str
    source: str
    patient_group: str
    model: str
    mode: str
    features: tuple[tuple[float, ...], tuple[float, ...]]
    areas: tuple[int, int]
    dice: tuple[float, float, float]

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        features = [dict(zip(FEATURES, lung, strict=True)) for lung in self.features]
        return asdict(self) | {"features": features}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> QualityCase:
        """The inverse of `to_json`. Raises KeyError if a current feature is missing."""
        right, left = (tuple(lung[name] for name in FEATURES) for lung in fields["features"])
        areas, dices = tuple(fields["areas"]), tuple(math.nan if d is None else d for d in fields["dice"])
        return cls(**{**fields, "features": (right, left), "areas": areas, "dice": dices})


def quality_cases(
    segmenter: Segmenter,
    images: Sequence[DatasetImage],
    mode: Mode,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[QualityCase]:
    """Make the cases of one model and mode. Raises RadiographError, DatasetError and ValueError."""
    cases = []
    for number, image in enumerate(images, 1):
        radiograph = read_radiograph(image.image)
        prediction = segmenter.predict(radiograph, mode)
        assert prediction.quality is not None  # by predict's default
        reference = read_mask(image)
        labels = resize_labels(prediction.labels, reference.shape)
        right, left = (dice(labels == lung, reference == lung) for lung in (RIGHT, LEFT))
        lungs = prediction.quality.lungs
        cases.append(
            QualityCase(
                image.id,
                image.split,
                image.source,
                image.patient_group,
                prediction.model_id,
                mode,
                (lungs[RIGHT].features, lungs[LEFT].features),
                (int(np.count_nonzero(labels == RIGHT)), int(np.count_nonzero(labels == LEFT))),
                (right, left, dice(labels > 0, reference > 0)),
            )
        )
        progress(number, len(images))
    return cases


def fit_quality(cases: Sequence[QualityCase]) -> QualityModel:
    """Fit the quality model: ridge regression of log(1 - Dice) of each lung on the standardized features.

    All lungs have the same weight, whatever their model and mode. Intercept and spread are then fitted by
    maximum likelihood (probit) to whether the masks of both lungs reach `GOOD_DICE`.
    """
    features = np.array([lung for case in cases for lung in case.features])
    errors = np.log([max(SMALLEST_ERROR, 1 - d) for case in cases for d in case.dice[:2]])
    mean, scale = features.mean(0), features.std(0)
    scale[scale == 0] = 1
    standard = (features - mean) / scale
    intercept = errors.mean()
    inner = standard.T @ standard + PENALTY * np.eye(len(FEATURES))
    weights = np.linalg.solve(inner, standard.T @ (errors - intercept))
    model = QualityModel(
        tuple(mean.tolist()), tuple(scale.tolist()), tuple(weights.tolist()), float(intercept), spread=1.0
    )
    return _calibrated(model, cases)


def _calibrated(model: QualityModel, cases: Sequence[QualityCase]) -> QualityModel:
    """The model with the intercept and spread of `fit_quality`."""
    logs = np.log([_expected_error(model, case) / (1 - GOOD_DICE) for case in cases])
    good = np.array([case.dice[2] >= GOOD_DICE for case in cases])

    def unlikelihood(parameters: np.ndarray) -> float:
        shift, log_spread = parameters
        distance = -(logs + shift) / np.exp(log_spread)
        return float(-np.where(good, stats.norm.logcdf(distance), stats.norm.logcdf(-distance)).sum())

    shift, log_spread = optimize.minimize(unlikelihood, (0.0, 0.0), method="Nelder-Mead").x
    return replace(model, intercept=model.intercept + float(shift), spread=float(np.exp(log_spread)))


def cross_fitted_scores(cases: Sequence[QualityCase], folds: int = FOLDS) -> np.ndarray:
    """Each case's score by a model fitted to other patients only."""
    groups = {group: i for i, group in enumerate(sorted({case.patient_group for case in cases}))}
    place = np.random.default_rng(0).permutation(len(groups))
    fold = np.array([place[groups[case.patient_group]] % folds for case in cases])
    scores = np.empty(len(cases))
    for held_out in range(folds):
        model = fit_quality([case for case, f in zip(cases, fold, strict=True) if f != held_out])
        for i in np.flatnonzero(fold == held_out).tolist():
            scores[i] = case_score(model, cases[i])
    return scores


def case_score(model: QualityModel, case: QualityCase) -> float:
    """The score (0..1) of the mask of both lungs."""
    return model.score(_expected_error(model, case))


def worse_lung_score(model: QualityModel, case: QualityCase) -> float:
    """The score (0..1) of the worse lung; as `case_score`, without the rules that complement it in
    `imaging.assessment`."""
    return min(model.score(model.error(lung)) for lung in case.features)


def both_lungs_dice(case: QualityCase) -> float:
    """The Dice of both lungs together."""
    return case.dice[2]


def worse_lung_dice(case: QualityCase) -> float:
    """The Dice of the worse lung."""
    return float(np.nanmin(case.dice[:2]))


def _expected_error(model: QualityModel, case: QualityCase) -> float:
    return whole_error([model.error(lung) for lung in case.features], case.areas)


def quality_figures(
    cases: Sequence[QualityCase],
    scores: Sequence[float] | np.ndarray,
    dice_of: Callable[[QualityCase], float] = both_lungs_dice,
) -> dict[str, Any]:
    """How well scores separate masks below `GOOD_DICE` from the others.

    dice_of: what tells whether a case is bad.

    Returns:
        `n`; `bad`, the number of masks below it; `auroc` with `auroc_ci95`; `marked`, the share of bad masks
        below the score that marks `FALSE_MARKS` of those above `CLEARLY_GOOD`, with `marked_ci95`;
        `verdicts`, by verdict the numbers of masks and of bad ones. Intervals are bootstrap percentiles over
        patients. Without both bad and good masks, the rates are nan.
    """
    scores = np.asarray(scores, dtype=float)
    dices = np.array([dice_of(case) for case in cases])
    index: dict[str, int] = {}
    patients = np.array([index.setdefault(case.patient_group, len(index)) for case in cases])
    drawn = np.random.default_rng(0).multinomial(len(index), np.full(len(index), 1 / len(index)), RESAMPLES)
    figures = [_separation(scores, dices, weights[patients]) for weights in drawn]
    auroc, marked = _separation(scores, dices, np.ones(len(cases)))
    known = [pair for pair in figures if not math.isnan(pair[0])] or [(math.nan, math.nan)]
    intervals = np.percentile(np.array(known), (2.5, 97.5), axis=0).T.tolist()
    verdicts = [verdict_of(score) for score in scores]
    bad = dices < GOOD_DICE
    return {
        "n": len(cases),
        "bad": int(bad.sum()),
        "auroc": auroc,
        "auroc_ci95": intervals[0],
        "marked": marked,
        "marked_ci95": intervals[1],
        "verdicts": {
            name: {
                "n": verdicts.count(name),
                "bad": int(sum(bad[i] for i, verdict in enumerate(verdicts) if verdict == name)),
            }
            for name in get_args(Verdict)
        },
    }


def _separation(scores: np.ndarray, dices: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """AUROC, and the share of bad masks marked at `FALSE_MARKS`; nan if one kind has no weight."""
    bad, clear = dices < GOOD_DICE, dices > CLEARLY_GOOD
    if not weights[bad].any() or not weights[~bad].any() or not weights[clear].any():
        return float("nan"), float("nan")
    lower = (scores[bad, None] < scores[None, ~bad]) + 0.5 * (scores[bad, None] == scores[None, ~bad])
    auroc = weights[bad] @ lower @ weights[~bad] / (weights[bad].sum() * weights[~bad].sum())
    order = np.argsort(scores[clear])
    share = np.cumsum(weights[clear][order]) / weights[clear].sum()
    limit = scores[clear][order][np.searchsorted(share, FALSE_MARKS)]
    marked = weights[bad] @ (scores[bad] < limit) / weights[bad].sum()
    return float(auroc), float(marked)
