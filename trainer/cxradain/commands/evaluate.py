"""`cxradain evaluate`: a model measured against the masks of a data set."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import UsageError, add_device, add_mode, add_model, check_output, open_segmenter

if TYPE_CHECKING:
    from ..datasets import DatasetImage
    from ..models.segmenter import Segmenter


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "evaluate",
        help="measure a model on a split of a data set",
        description="Compares the model's lungs with the masks of a split, overall and by source, with "
        "intervals over patients. Of a split without masks: how often something is flagged.",
    )
    parser.add_argument(
        "--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv, images, masks"
    )
    parser.add_argument("--split", required=True, metavar="NAME", help="the split, as the manifest names it")
    parser.add_argument("--json", required=True, metavar="FILE", type=Path, help="where the figures go")
    parser.add_argument(
        "--report", metavar="HTML", type=Path, help="also a page with the worst cases' pictures"
    )
    add_model(parser)
    add_mode(parser)
    add_device(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, write and print; returns how many cases failed."""
    from ..datasets import DatasetError, images_of_split
    from ..evaluation.evaluate import evaluate, evaluate_unlabelled
    from ..files import write_json
    from .batch import progress_bar

    for path in filter(None, (options.json, options.report)):
        check_output(path)
    try:
        chosen = images_of_split(options.data, options.split)
    except DatasetError as error:
        raise UsageError(error) from error
    segmenter = open_segmenter(options)
    labelled = any(case.mask is not None for case in chosen)
    measure = evaluate if labelled else evaluate_unlabelled
    with progress_bar(len(chosen)) as advance:
        results = measure(segmenter, chosen, options.mode, lambda done, total: advance(done))
    for id, message in results["failed"].items():
        print(f"{id}: {message}", file=sys.stderr)
    if not results["cases"]:
        print(f"cxradain: nothing could be measured; {options.json} is not written", file=sys.stderr)
        return len(results["failed"])
    path = options.json
    try:
        write_json(path, results)
        if options.report is not None:
            path = options.report
            write_report(path, results, {case.id: case for case in chosen}, segmenter)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror or error})") from error
    for line in summary(results):
        print(line)
    return len(results["failed"])


def summary(results: dict[str, Any]) -> list[str]:
    """The result in a few lines, for a terminal."""
    if "overall" not in results:
        rate = results["flags"]["any"]
        return [f"{results['model']}, {results['mode']}: {rate['mean']:.3f} of {rate['n']} flagged"]
    found = [f"{results['model']}, {results['mode']}, {results['split']}: Dice of both lungs"]
    for name, part in {"overall": results["overall"], **results["sources"]}.items():
        dice = part["union"]["dice"]
        if not dice["n"]:
            found.append(f"  {name}: no lung in any mask or result")
            continue
        low, high = dice["ci95"]
        interval = "too few patients for an interval" if math.isnan(low) else f"{low:.3f} to {high:.3f}"
        found.append(f"  {name}: {dice['mean']:.3f} ({interval}), p10 {dice['p10']:.3f}, n {dice['n']}")
    return found


def write_report(
    path: Path, results: dict[str, Any], cases: dict[str, DatasetImage], segmenter: Segmenter
) -> Path:
    """A page with the figures and, of a labelled split, the worst cases' outlines."""
    from ..datasets import read_mask
    from ..evaluation.pictures import overlay
    from ..evaluation.report import Picture, Report, summary_table
    from ..imaging.lungs import FLAG_TEXT
    from ..imaging.radiograph import read_radiograph

    report = Report(f"Evaluation on {results['split']}", f"Model {results['model']}, mode {results['mode']}.")
    if "overall" not in results:
        rows = [[code, results["flags"][code]["mean"]] for code in ("any", *FLAG_TEXT)]
        report.table(["flag", "share of the radiographs"], rows)
        rows = [
            [name, *(results[name][key] for key in ("mean", "p50", "p90"))]
            for name in ("area_ratio", "disagreement")
        ]
        report.table(["", "mean", "median", "90th percentile"], rows)
        report.heading("Where teacher and student disagree most, and as many others")
        for id in twelve(results["cases"]):
            radiograph = read_radiograph(cases[id].image)
            found = segmenter.predict(radiograph, results["mode"])
            picture = Picture(overlay(radiograph.intensities(), found.labels), "The model's outlines.")
            words = [f"disagreement {results['cases'][id]['disagreement']:.3f}"]
            report.row(id, [picture], words + [FLAG_TEXT[flag] for flag in found.flags])
        return report.write(path)
    report.table(*summary_table(results), "Distances in percent of the diagonal.")
    report.heading("The worst cases")
    for case in (cases[row["id"]] for row in results["worst"]):
        radiograph = read_radiograph(case.image)
        found = segmenter.predict(radiograph, results["mode"])
        reference = read_mask(case)
        seen = radiograph.intensities()
        same = reference if reference.shape == seen.shape else None
        report.row(
            case.id,
            [Picture(overlay(seen, found.labels, same), "The model's outlines; dashed: the reference.")],
            [
                f"Dice {results['cases'][case.id]['union']['dice']:.3f}",
                *(FLAG_TEXT[flag] for flag in found.flags),
            ],
        )
    return report.write(path)


def twelve(cases: dict[str, dict[str, Any]]) -> list[str]:
    """Ids to look at: the six of most disagreement, and six spread evenly over the rest."""
    ranked = sorted(cases, key=lambda id: cases[id]["disagreement"], reverse=True)
    rest = ranked[6:]
    return ranked[:6] + [rest[i * len(rest) // 6] for i in range(min(6, len(rest)))]
