"""`cxradain quality`: fit the quality score of masks to known masks, and measure it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..datasets import DatasetImage, read_manifest
from ..evaluation.quality import (
    QualityCase,
    both_lungs_dice,
    case_score,
    cross_fitted_scores,
    fit_quality,
    quality_cases,
    quality_figures,
    worse_lung_dice,
    worse_lung_score,
)
from ..files import write_json
from ..imaging.quality_model import FIT, QualityModel, shipped_model
from ..models.folders import weights_hash
from ..models.tasks import MODES, Mode
from .batch import progress_bar
from .options import add_command, add_shared, check_output

if TYPE_CHECKING:
    from torch import nn

CALIBRATION, REPORT = "train_", "dev_"  # how the splits' names begin
UNET_MODE: Mode = "direct"  # a U-Net has no modes


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "Measures how well the quality score tells bad masks from good ones, on the splits called dev_*, and "
        "fits it to known masks of the splits called train_*."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    measure = add_command(commands, "measure", run_measure, "measure the score in use")
    fit = add_command(commands, "fit", run_fit, "fit the score again, and measure it")
    fit.add_argument(
        "--output", metavar="FILE", type=Path, default=FIT, help="file for the fit (default: the one in use)"
    )
    for command in (measure, fit):
        add = command.add_argument
        add("--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv, images, masks")
        add(
            "--models",
            required=True,
            nargs="+",
            metavar="DIR",
            type=Path,
            help="folders of models, whose masks are pooled",
        )
        add(
            "--unets",
            nargs="+",
            default=[],
            metavar="DIR",
            type=Path,
            help="folders of the ablation's plain U-Nets, whose masks are pooled too",
        )
        add("--modes", nargs="+", choices=MODES, default=[MODES[0]], help="of each model (default: student)")
        add(
            "--cases",
            required=True,
            metavar="DIR",
            type=Path,
            help="folder that caches the measurements of each model's masks",
        )
        add_shared(command, "--device")


def run_measure(arguments: argparse.Namespace) -> int:
    """Measure the score in use on the dev_ splits."""
    cases = _cases(arguments, REPORT)
    print_all_figures(cases, shipped_model())
    return 0


def run_fit(arguments: argparse.Namespace) -> int:
    """Fit and write the score; measure it by cross-fitting on the train_ splits, and on the dev_ splits."""
    check_output(arguments.output)
    known, others = _cases(arguments, CALIBRATION), _cases(arguments, REPORT)
    model = fit_quality(known)
    scores = cross_fitted_scores(known)
    print("Cross-fitted, by patient:")
    print_figures(known, scores)
    print("On the splits that are not fitted to:")
    print_all_figures(others, model)
    about = {
        "masks": len(known),
        "models": sorted({f"{case.model}, {case.mode}" for case in known}),
        "splits": sorted({case.split for case in known}),
        "cross_fitted": quality_figures(known, scores),
    }
    write_json(arguments.output, {"model": model.to_json(), "fitted_to": about})
    print(f"{arguments.output}: written.")
    return 0


def print_all_figures(cases: Sequence[QualityCase], model: QualityModel) -> None:
    """Print the figures of both lungs' score and of the worse lung's."""
    print("Both lungs' score, masks of both lungs together:")
    print_figures(cases, [case_score(model, case) for case in cases])
    worse = [worse_lung_score(model, case) for case in cases]
    print("The worse lung's score, masks of both lungs together:")
    print_figures(cases, worse)
    print("The worse lung's score, masks of the worse lung:")
    print_figures(cases, worse, worse_lung_dice)


def print_figures(
    cases: Sequence[QualityCase],
    scores: Sequence[float] | np.ndarray,
    dice_of: Callable[[QualityCase], float] = both_lungs_dice,
) -> None:
    """Print a line for all cases, and one for each model and mode; dice_of: as of `quality_figures`."""
    ways = sorted({(case.model, case.mode) for case in cases})
    for way in [None, *ways]:
        chosen = [i for i, case in enumerate(cases) if way in (None, (case.model, case.mode))]
        figures = quality_figures([cases[i] for i in chosen], [scores[i] for i in chosen], dice_of)
        print(f"  {'all' if way is None else ', '.join(way)}: {figures_text(figures)}")


def figures_text(figures: dict[str, Any]) -> str:
    """The figures in one line."""
    (low, high), (least, most) = figures["auroc_ci95"], figures["marked_ci95"]
    verdicts = ", ".join(f"{name} {of['n']} ({of['bad']} bad)" for name, of in figures["verdicts"].items())
    auroc = f"AUROC {figures['auroc']:.3f} ({low:.3f} to {high:.3f})"
    marked = f"{figures['marked']:.2f} ({least:.2f} to {most:.2f}) of {figures['bad']} bad ones marked"
    return f"{auroc}; {marked} at 10 % false marks; {figures['n']} masks: {verdicts}"


def _cases(arguments: argparse.Namespace, prefix: str) -> list[QualityCase]:
    """The cases of all models and modes on the splits with this prefix that have masks."""
    images = [
        image
        for image in read_manifest(arguments.data)
        if image.split.startswith(prefix) and image.mask is not None
    ]
    ways = [(folder, mode) for folder in arguments.models for mode in arguments.modes]
    ways += [(folder, UNET_MODE) for folder in arguments.unets]
    return [case for way in ways for case in _cases_of(arguments, *way, prefix, images)]


def _cases_of(
    arguments: argparse.Namespace, folder: Path, mode: Mode, prefix: str, images: list[DatasetImage]
) -> list[QualityCase]:
    from ..models.segmenter import Segmenter

    kept = arguments.cases / f"{prefix}{weights_hash(folder)[:16]}-{mode}.json"
    if kept.is_file():
        content = json.loads(kept.read_text(encoding="utf-8"))
        return [QualityCase.from_json(fields) for fields in content["cases"]]
    segmenter = Segmenter(_unet(folder) if folder in arguments.unets else folder, arguments.device)
    with progress_bar(len(images)) as advance:
        cases = quality_cases(segmenter, images, mode, lambda done, total: advance(done))
    write_json(kept, {"cases": [case.to_json() for case in cases]})
    return cases


def _unet(folder: Path) -> nn.Module:
    from ..models.model import load_model
    from ..training.plain_unet import PlainUNet

    unet: nn.Module = load_model(folder, network=PlainUNet)
    return unet
