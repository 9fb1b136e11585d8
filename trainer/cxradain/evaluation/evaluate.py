"""Measuring a segmenter on a data set: the numbers behind `cxradain evaluate`, JSON-ready."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from ..datasets import Case, read_mask
from ..imaging.lungs import FLAG_TEXT, LEFT, RIGHT
from ..imaging.radiograph import Radiograph, RadiographError, read_radiograph
from .metrics import METRICS, REGIONS, lung_metrics, paired_difference, summarize

BATCH = 8
WORST = 10
# A reference of another size than its radiograph is allowed when it shows the same field of view, sides
# rounded to pixels.
ASPECT_TOLERANCE = 0.01

Progress = Callable[[int, int], None]


class Segmenting(Protocol):
    """What is measured.

    Each result has `labels`, (H, W) of 0, 1, 2, and where it knows them `model_id`, `flags` and
    `disagreement_score`.
    """

    def predict_batch(self, radiographs: Sequence[Radiograph], mode: Any) -> Sequence[Any]: ...


def evaluate(
    segmenter: Segmenting, cases: Sequence[Case], mode: str = "student", progress: Progress | None = None
) -> dict[str, Any]:
    """Compare predictions with the references of labelled cases, at the references' own size.

    Args:
        segmenter: has `predict_batch(radiographs, mode=...)`, which raises RadiographError for a bad one.
        cases: with masks; one without fails, as one that cannot be read does, and the rest go on.
        mode: student, teacher or direct, as the segmenter understands it.
        progress: called with (cases done, cases in all).

    Returns:
        `split`, `mode`, `model`; `overall` and `sources.<name>`, each with union, right and left, each with
        dice, iou, assd and hd95, each with mean, ci95, p10 and n (`metrics.summarize`); `worst`, the ten
        lowest union Dice by id; `cases`, by id the source, the patient group, the flags and the metrics;
        `failed`, by id the message. `p10` is the plain 10th percentile of distances too, where less is
        better. Write it with `output.write_json`.
    """
    measured: dict[str, dict[str, Any]] = {}
    failed = {case.id: "the manifest names no mask for it" for case in cases if case.mask is None}
    labelled = [case for case in cases if case.mask is not None]
    model = None
    for case, segmentation in _segmented(segmenter, labelled, failed, progress, mode=mode):
        try:
            reference = read_mask(case)
            predicted = at_size(np.asarray(segmentation.labels), reference.shape)
        except ValueError as error:
            failed[case.id] = str(error)
            continue
        model = model or getattr(segmentation, "model_id", None)
        measured[case.id] = {
            "source": case.source,
            "patient_group": case.patient_group,
            "flags": list(getattr(segmentation, "flags", ())),
            **lung_metrics(predicted, reference),
        }
    rows = list(measured.values())
    return {
        "split": _split(cases),
        "mode": mode,
        "model": model,
        "overall": _summary(rows),
        "sources": {name: _summary(_of_source(rows, name)) for name in _sources(rows)},
        "worst": _worst(measured),
        "cases": measured,
        "failed": failed,
    }


def evaluate_unlabelled(
    segmenter: Segmenting, cases: Sequence[Case], mode: str = "student", progress: Progress | None = None
) -> dict[str, Any]:
    """What can be said without references: flags, the lungs' areas, and how the ways to a mask disagree.

    The segmenter is asked for explanations (`predict_batch(..., mode=..., explain=True)`), of which the
    disagreement is one.

    Returns:
        `split`, `mode`, `model`; `flags`, by code and as `any` the share (0..1) of cases with it, as
        summarized; `area_ratio`, right over left, of the cases with both lungs; `disagreement`, the score's
        summary; `cases` and `failed` by id.
    """
    seen: dict[str, dict[str, Any]] = {}
    failed: dict[str, str] = {}
    model = None
    for case, segmentation in _segmented(segmenter, cases, failed, progress, mode=mode, explain=True):
        model = model or getattr(segmentation, "model_id", None)
        right, left = (int(np.count_nonzero(segmentation.labels == lung)) for lung in (RIGHT, LEFT))
        score = getattr(segmentation, "disagreement_score", None)
        seen[case.id] = {
            "source": case.source,
            "patient_group": case.patient_group,
            "flags": list(segmentation.flags),
            "area_ratio": right / left if right and left else math.nan,
            "disagreement": math.nan if score is None else float(score),
        }
    rows = list(seen.values())
    groups = [row["patient_group"] for row in rows]
    return {
        "split": _split(cases),
        "mode": mode,
        "model": model,
        "flags": {
            "any": summarize([float(bool(row["flags"])) for row in rows], groups),
            **{code: summarize([float(code in row["flags"]) for row in rows], groups) for code in FLAG_TEXT},
        },
        "area_ratio": _distribution([row["area_ratio"] for row in rows], groups),
        "disagreement": _distribution([row["disagreement"] for row in rows], groups),
        "cases": seen,
        "failed": failed,
    }


def compare(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Paired differences a - b over the cases that both results measured.

    Args:
        a: what `evaluate` returned, or the JSON it was written to.
        b: another model's or mode's on the same data.

    Returns:
        `overall` and `sources.<name>`, each by region and metric `mean`, `ci95` and `n`
        (`metrics.paired_difference`); `left_out`, the ids that only one of the two measured.

    Raises:
        ValueError: no case in common.
    """
    shared = [id for id in a["cases"] if id in b["cases"]]
    if not shared:
        raise ValueError("the two results have no case in common: compare results on the same data")
    pairs = [(a["cases"][id], b["cases"][id]) for id in shared]
    sources = _sources([first for first, _ in pairs])
    return {
        "overall": _differences(pairs),
        "sources": {
            name: _differences([pair for pair in pairs if pair[0]["source"] == name]) for name in sources
        },
        "left_out": sorted(set(a["cases"]) ^ set(b["cases"])),
    }


def _segmented(
    segmenter: Segmenting,
    cases: Sequence[Case],
    failed: dict[str, str],
    progress: Progress | None,
    **options: Any,
) -> Iterator[tuple[Case, Any]]:
    """Cases with their segmentations, a batch at a time; a bad one goes to `failed` with its message."""
    for start in range(0, len(cases), BATCH):
        batch: list[tuple[Case, Radiograph]] = []
        for case in cases[start : start + BATCH]:
            try:
                batch.append((case, read_radiograph(case.image)))
            except (RadiographError, OSError) as error:
                failed[case.id] = str(error)
        yield from _predicted(segmenter, batch, failed, options)
        if progress is not None:
            progress(min(start + BATCH, len(cases)), len(cases))


def _predicted(
    segmenter: Segmenting,
    batch: list[tuple[Case, Radiograph]],
    failed: dict[str, str],
    options: dict[str, Any],
) -> list[tuple[Case, Any]]:
    """One call for the batch; if a radiograph in it cannot be segmented, one by one to find out which."""
    if not batch:
        return []
    try:
        results = segmenter.predict_batch([image for _, image in batch], **options)
    except RadiographError as error:
        if len(batch) > 1:
            return [found for item in batch for found in _predicted(segmenter, [item], failed, options)]
        failed[batch[0][0].id] = str(error)
        return []
    return list(zip((case for case, _ in batch), results, strict=True))


def at_size(labelled: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Labels at the reference's size, by the nearest pixel centre; unchanged where the sizes agree."""
    if labelled.shape == shape:
        return labelled
    stretch = (shape[0] / labelled.shape[0]) / (shape[1] / labelled.shape[1])
    if abs(math.log(stretch)) > ASPECT_TOLERANCE:  # the same from either side
        height, width = labelled.shape
        raise ValueError(
            f"the mask is {shape[1]} x {shape[0]} pixels and the radiograph {width} x {height}: "
            "they do not show the same field of view. Export the mask again at the radiograph's size."
        )
    rows, columns = (
        ((np.arange(to) + 0.5) * size / to).astype(np.intp)
        for to, size in zip(shape, labelled.shape, strict=True)
    )
    return labelled[np.ix_(rows, columns)]


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    groups = [row["patient_group"] for row in rows]
    return {
        region: {metric: summarize([row[region][metric] for row in rows], groups) for metric in METRICS}
        for region in REGIONS
    }


def _differences(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    groups = [row["patient_group"] for row in first]
    return {
        region: {
            metric: paired_difference(
                _numbers(first, region, metric), _numbers(second, region, metric), groups
            )
            for metric in METRICS
        }
        for region in REGIONS
    }


def _numbers(rows: Sequence[dict[str, Any]], region: str, metric: str) -> list[float]:
    """The values as floats: a null read back from JSON is nan again."""
    return [math.nan if row[region][metric] is None else row[region][metric] for row in rows]


def _distribution(values: list[float], groups: list[str]) -> dict[str, Any]:
    known = [value for value in values if not math.isnan(value)]
    points = np.percentile(known, [50, 90]) if known else (math.nan, math.nan)
    return {**summarize(values, groups), "p50": float(points[0]), "p90": float(points[1])}


def _worst(measured: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    scored = [
        (row["union"]["dice"], id) for id, row in measured.items() if not math.isnan(row["union"]["dice"])
    ]
    return [{"id": id, "union_dice": dice} for dice, id in sorted(scored)[:WORST]]


def _split(cases: Sequence[Case]) -> str:
    return ", ".join(dict.fromkeys(case.split for case in cases))


def _sources(rows: list[dict[str, Any]]) -> list[str]:
    return sorted({row["source"] for row in rows})


def _of_source(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["source"] == name]
