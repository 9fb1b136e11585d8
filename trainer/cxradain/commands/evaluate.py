"""`cxradain evaluate`: measure a model against the masks of a data set."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import Any

from ..datasets import images_of_split
from ..evaluation.evaluate import evaluate, evaluate_unlabelled
from ..evaluation.report import evaluation_page
from ..files import write_json
from .batch import progress_bar
from .options import UsageError, add_shared, check_output, open_segmenter


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "Compares the model's masks with the reference masks of a split, overall and by source, with "
        "confidence intervals over patients. For a split without masks, counts how often masks are flagged."
    )
    add = parser.add_argument
    add("--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv, images, masks")
    add("--split", required=True, metavar="NAME", help="a split of the manifest")
    add("--json", required=True, metavar="FILE", type=Path, help="file for the figures")
    add("--report", metavar="HTML", type=Path, help="also write a page with pictures of the worst cases")
    add_shared(parser, "--model", "--mode", "--device", "--backend")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, write and print the figures; returns how many cases failed. Raises UsageError."""
    for path in filter(None, (arguments.json, arguments.report)):
        check_output(path)
    chosen = images_of_split(arguments.data, arguments.split)
    segmenter = open_segmenter(arguments)
    labelled = any(case.mask is not None for case in chosen)
    measure = evaluate if labelled else evaluate_unlabelled
    with progress_bar(len(chosen)) as advance:
        results = measure(segmenter, chosen, arguments.mode, lambda done, total: advance(done))
    for id, message in results["failed"].items():
        print(f"{id}: {message}", file=sys.stderr)
    if not results["cases"]:
        print(f"cxradain: nothing could be measured; {arguments.json} is not written", file=sys.stderr)
        return len(results["failed"])
    path = arguments.json
    try:
        write_json(path, results)
        if arguments.report is not None:
            path = arguments.report
            evaluation_page(results, chosen, segmenter).write(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror or error})") from error
    for line in summary(results):
        print(line)
    return len(results["failed"])


def summary(results: dict[str, Any]) -> list[str]:
    """The figures in a few lines, for a terminal."""
    if "overall" not in results:
        rate = results["flags"]["any"]
        return [f"{results['model']}, {results['mode']}: {rate['mean']:.3f} of {rate['n']} flagged"]
    lines = [f"{results['model']}, {results['mode']}, {results['split']}: Dice of both lungs"]
    for name, part in {"overall": results["overall"], **results["sources"]}.items():
        dice = part["union"]["dice"]
        if not dice["n"]:
            lines.append(f"  {name}: no lung in any mask or result")
            continue
        low, high = dice["ci95"]
        interval = "too few patients for an interval" if math.isnan(low) else f"{low:.3f} to {high:.3f}"
        lines.append(f"  {name}: {dice['mean']:.3f} ({interval}), p10 {dice['p10']:.3f}, n {dice['n']}")
    return lines
