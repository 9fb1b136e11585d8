"""The files of a comparison: its results, and a page with both models' masks where the candidate loses and
gains most."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..evaluation.evaluate import resize_labels
from ..evaluation.pictures import overlay
from ..evaluation.report import Picture, Report
from ..files import write_json
from ..models.registry import GATE
from ..models.segmenter import Segmenter
from .folder import REPORT
from .gate import DicePair, Judgement, as_json, by_set, dice_difference, group_pairs, worst

SHOWN = 4  # largest losses, and gains, on the page
LONGEST = 480  # pixels


def report_page(judgement: Judgement) -> Report:
    """The report. It contains radiographs, so it is for those who may see them."""
    report = Report(f"{judgement.candidate} against {judgement.incumbent}", judgement.decision.text)
    report.paragraph(
        f"Dice of both lungs together by the student, the candidate, {judgement.candidate}, minus "
        f"{judgement.incumbent}, on the same radiographs. Those of a session are of patients that are set "
        "aside and never trained on."
    )
    if judgement.pairs:
        columns = ["set", "source", "images", "candidate", judgement.incumbent, "difference", "95 % interval"]
        report.table(columns, list(_rows(judgement)))
    if judgement.failed:
        report.heading("Left out")
        report.table(["set", "image", "why"], [[f.set, f.id, f.why] for f in judgement.failed])
    lost = [pair for pair in worst(judgement.pairs, SHOWN) if pair.gain < 0]
    gained = [pair for pair in worst(judgement.pairs, len(judgement.pairs))[::-1][:SHOWN] if pair.gain > 0]
    if not lost + gained:
        return report
    models = [Segmenter(folder, judgement.device) for folder in judgement.models]
    for heading, pairs in (("Where it loses most", lost), ("Where it gains most", gained)):
        if pairs:
            report.heading(heading)
        for pair in pairs:
            title = f"{pair.image.id}: {pair.incumbent:.3f} to {pair.candidate:.3f}"
            report.row(title, _pictures(pair, models, judgement.incumbent))
    return report


def _rows(judgement: Judgement) -> Iterator[list[object]]:
    """A row for each set, and for each source of a set with several."""
    for name, part in by_set(judgement.pairs).items():
        sources = group_pairs(part, lambda image: image.source)
        for source, subset in (("all", part), *(sources.items() if len(sources) > 1 else ())):
            difference = dice_difference(subset)
            low, high = difference["ci95"]
            candidate = sum(pair.candidate for pair in subset) / len(subset)
            incumbent = sum(pair.incumbent for pair in subset) / len(subset)
            interval = None if math.isnan(low) else f"{low:+.4f} to {high:+.4f}"
            mean = f"{difference['mean']:+.4f}"
            yield [name, source, len(subset), candidate, incumbent, mean, interval]


def _pictures(pair: DicePair, models: Sequence[Segmenter], incumbent: str) -> list[Picture]:
    """The reference mask, and the masks of incumbent and candidate with the reference dashed."""
    radiograph, truth = pair.image.read()
    gray, truth = radiograph.intensities(), resize_labels(truth, radiograph.shape)
    predictions = [
        Picture(
            overlay(gray, model.predict(radiograph, quality=False).labels, truth, LONGEST),
            f"{name}, Dice {value:.3f}; dashed: the reference",
        )
        for name, model, value in (
            (incumbent, models[1], pair.incumbent),
            ("candidate", models[0], pair.candidate),
        )
    ]
    return [Picture(overlay(gray, truth, longest=LONGEST), "the reference"), *predictions]


def write_comparison(judgement: Judgement, folder: Path) -> None:
    """Write `gate.json` and `gate.html` into a folder. Raises OSError."""
    write_json(folder / GATE, as_json(judgement))
    report_page(judgement).write(folder / REPORT)
