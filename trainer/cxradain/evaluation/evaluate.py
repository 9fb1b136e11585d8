"""Evaluating a segmenter on a data set; the results are JSON-serializable."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..datasets import DatasetImage, read_mask
from ..imaging.lungs import FLAG_TEXT, LEFT, RIGHT
from ..imaging.radiograph import Radiograph, RadiographError, read_radiograph
from .metrics import METRICS, REGIONS, lung_metrics, paired_difference, summarize

if TYPE_CHECKING:
    from ..models.segmenter import Prediction, Segmenter
    from ..models.tasks import Mode

BATCH_SIZE = 8
WORST_SHOWN = 10
# Largest difference of the log aspect ratios of a reference and its radiograph, from rounding sides to
# pixels.
ASPECT_TOLERANCE = 0.01

Progress = Callable[[int, int], None]


def evaluate(
    segmenter: Segmenter,
    images: Sequence[DatasetImage],
    mode: Mode = "student",
    progress: Progress = lambda done, total: None,
    quality: bool = True,
) -> dict[str, Any]:
    """Compare predictions with the reference masks of labelled images, at the references' own size.

    Args:
        images: with masks; images without one, or that cannot be read, are listed in `failed`.
        mode: student, teacher or direct, as in `Segmenter.predict_batch`.
        progress: called with (images done, images in all).
        quality: also assess each mask's quality, which doubles the time.

    Returns:
        `split`, `mode`, `model`; `overall` and `sources.<name>`, each with union, right and left, each with
        dice, iou, assd and hd95, each with mean, ci95, p10 and n (`metrics.summarize`); `worst`, the ten
        lowest union Dice with their ids; `cases`, by id the source, the patient group, the quality score, the
        flags and the metrics; `failed`, by id the message. `files.write_json` writes it.
    """
    failed = {image.id: "the manifest names no mask for it" for image in images if image.mask is None}
    labelled = [image for image in images if image.mask is not None]

    def measure(image: DatasetImage, prediction: Prediction) -> dict[str, Any]:
        reference = read_mask(image)
        return lung_metrics(resize_labels(prediction.labels, reference.shape), reference)

    model, cases = _measure(measure, segmenter, labelled, failed, progress, mode=mode, quality=quality)
    dices = [(case["union"]["dice"], id) for id, case in cases.items()]
    worst = sorted((dice, id) for dice, id in dices if not math.isnan(dice))[:WORST_SHOWN]
    return {
        "split": _splits(images),
        "mode": mode,
        "model": model,
        **_by_source(list(cases.values()), _summary),
        "worst": [{"id": id, "union_dice": dice} for dice, id in worst],
        "cases": cases,
        "failed": failed,
    }


def evaluate_unlabelled(
    segmenter: Segmenter,
    images: Sequence[DatasetImage],
    mode: Mode = "student",
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Evaluate without reference masks: flags, lung areas, and the teacher-student disagreement.

    Predicts with `explain=True`, which gives the disagreement.

    Returns:
        `split`, `mode`, `model`; `flags`, a summary of the share (0..1) of images with each flag, and with
        `any`; `area_ratio`, a summary of right over left for images with both lungs; `disagreement`, a
        summary of the score; `cases` and `failed` by id.
    """
    failed: dict[str, str] = {}

    def measure(image: DatasetImage, prediction: Prediction) -> dict[str, Any]:
        right, left = (int(np.count_nonzero(prediction.labels == lung)) for lung in (RIGHT, LEFT))
        ratio = right / left if right and left else math.nan
        return {"area_ratio": ratio, "disagreement": as_float(prediction.disagreement_score)}

    model, cases = _measure(measure, segmenter, images, failed, progress, mode=mode, explain=True)
    rows = list(cases.values())
    groups = _patients(rows)
    return {
        "split": _splits(images),
        "mode": mode,
        "model": model,
        "flags": {
            "any": summarize([float(bool(row["flags"])) for row in rows], groups),
            **{code: summarize([float(code in row["flags"]) for row in rows], groups) for code in FLAG_TEXT},
        },
        "area_ratio": _distribution([row["area_ratio"] for row in rows], groups),
        "disagreement": _distribution([row["disagreement"] for row in rows], groups),
        "cases": cases,
        "failed": failed,
    }


def compare(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Paired differences a - b over the cases that are in both results.

    Args:
        a: what `evaluate` returned, or its JSON.
        b: the same for another model or mode on the same data.

    Returns:
        `overall` and `sources.<name>`, each by region and metric `mean`, `ci95` and `n`
        (`metrics.paired_difference`); `left_out`, the ids that are in only one of the two.

    Raises:
        ValueError: the results have no case in common.
    """
    shared = [id for id in a["cases"] if id in b["cases"]]
    if not shared:
        raise ValueError("the two results have no case in common: compare results on the same data")
    rows = [{**a["cases"][id], "other": b["cases"][id]} for id in shared]

    def difference(chosen: list[dict[str, Any]], *metric: str) -> dict[str, Any]:
        others = [row["other"] for row in chosen]
        return paired_difference(_values(chosen, *metric), _values(others, *metric), _patients(chosen))

    return {
        **_by_source(rows, difference),
        "left_out": sorted(set(a["cases"]) ^ set(b["cases"])),
    }


def average(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Average evaluations of models from several seeds: each case's metrics are averaged.

    Args:
        results: what `evaluate` returned for each model, or its JSON, on the same data.

    Returns:
        As `evaluate`, without `worst` and `failed`, over the cases that are in all results.
    """
    first = results[0]
    cases = {}
    for id in (id for id in first["cases"] if all(id in result["cases"] for result in results)):
        same = [result["cases"][id] for result in results]

        def mean(region: str, metric: str, same: list[dict[str, Any]] = same) -> float:
            return float(np.mean([as_float(case[region][metric]) for case in same]))

        metrics = {region: {metric: mean(region, metric) for metric in METRICS} for region in REGIONS}
        cases[id] = {key: same[0][key] for key in ("source", "patient_group")} | metrics

    about = {key: first[key] for key in ("split", "mode", "model")}
    return {**about, **_by_source(list(cases.values()), _summary), "cases": cases}


def _measure(
    measure: Callable[[DatasetImage, Prediction], dict[str, Any]],
    segmenter: Segmenter,
    images: Sequence[DatasetImage],
    failed: dict[str, str],
    progress: Progress,
    **options: Any,
) -> tuple[str | None, dict[str, dict[str, Any]]]:
    """The model's id, None without any case, and by image id what `measure` returns."""
    model, cases = None, {}
    for image, prediction in _predictions(segmenter, images, failed, progress, options):
        try:
            metrics = measure(image, prediction)
        except ValueError as error:
            failed[image.id] = str(error)
            continue
        model = model or prediction.model_id
        about = {"source": image.source, "patient_group": image.patient_group}
        score = prediction.quality.score if prediction.quality is not None else None
        cases[image.id] = {**about, "quality": score, "flags": list(prediction.flags), **metrics}
    return model, cases


def _predictions(
    segmenter: Segmenter,
    images: Sequence[DatasetImage],
    failed: dict[str, str],
    progress: Progress,
    options: dict[str, Any],
) -> Iterator[tuple[DatasetImage, Prediction]]:
    """Yield images with their predictions, in batches; failures are added to `failed` with their messages."""
    for start in range(0, len(images), BATCH_SIZE):
        batch: list[tuple[DatasetImage, Radiograph]] = []
        for image in images[start : start + BATCH_SIZE]:
            try:
                batch.append((image, read_radiograph(image.image)))
            except (RadiographError, OSError) as error:
                failed[image.id] = str(error)
        yield from _predict_batch(segmenter, batch, failed, options)
        progress(min(start + BATCH_SIZE, len(images)), len(images))


def _predict_batch(
    segmenter: Segmenter,
    batch: list[tuple[DatasetImage, Radiograph]],
    failed: dict[str, str],
    options: dict[str, Any],
) -> list[tuple[DatasetImage, Prediction]]:
    """Predict a batch at once; if a radiograph in it cannot be segmented, one by one to find out which."""
    if not batch:
        return []
    try:
        predictions = segmenter.predict_batch([radiograph for _, radiograph in batch], **options)
    except RadiographError as error:
        if len(batch) > 1:
            return [pair for item in batch for pair in _predict_batch(segmenter, [item], failed, options)]
        failed[batch[0][0].id] = str(error)
        return []
    return list(zip((image for image, _ in batch), predictions, strict=True))


def resize_labels(labels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize (H, W) labels to `shape`, by the nearest neighbor.

    Raises ValueError if the aspect ratios differ, so that the fields of view cannot be the same.
    """
    if labels.shape == shape:
        return labels
    stretch = (shape[0] / labels.shape[0]) / (shape[1] / labels.shape[1])
    if abs(math.log(stretch)) > ASPECT_TOLERANCE:  # symmetric in the two shapes
        height, width = labels.shape
        raise ValueError(
            f"the mask is {shape[1]} x {shape[0]} pixels and the radiograph {width} x {height}: "
            "they do not show the same field of view. Export the mask again at the radiograph's size."
        )
    rows, columns = (
        ((np.arange(to) + 0.5) * size / to).astype(np.intp)
        for to, size in zip(shape, labels.shape, strict=True)
    )
    return labels[np.ix_(rows, columns)]


def _by_source(
    rows: list[dict[str, Any]], summary: Callable[[list[dict[str, Any]], str, str], dict[str, Any]]
) -> dict[str, Any]:
    """`overall` and `sources.<name>`, by region and metric: `summary(rows, region, metric)`."""

    def by_region(chosen: list[dict[str, Any]]) -> dict[str, Any]:
        return {region: {metric: summary(chosen, region, metric) for metric in METRICS} for region in REGIONS}

    sources = sorted({row["source"] for row in rows})
    return {
        "overall": by_region(rows),
        "sources": {name: by_region([row for row in rows if row["source"] == name]) for name in sources},
    }


def _summary(rows: list[dict[str, Any]], region: str, metric: str) -> dict[str, Any]:
    return summarize(_values(rows, region, metric), _patients(rows))


def _values(rows: list[dict[str, Any]], region: str, metric: str) -> list[float]:
    return [as_float(row[region][metric]) for row in rows]


def _patients(rows: list[dict[str, Any]]) -> list[str]:
    return [row["patient_group"] for row in rows]


def as_float(value: float | None) -> float:
    """Read null in JSON as nan."""
    return math.nan if value is None else float(value)


def _distribution(values: list[float], groups: list[str]) -> dict[str, Any]:
    known = [value for value in values if not math.isnan(value)]
    points = np.percentile(known, [50, 90]) if known else (math.nan, math.nan)
    return {**summarize(values, groups), "p50": float(points[0]), "p90": float(points[1])}


def _splits(images: Sequence[DatasetImage]) -> str:
    return ", ".join(dict.fromkeys(image.split for image in images))
