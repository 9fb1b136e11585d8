"""The ablation: the worth of each part of the method, with the same labels, augmentation and budget.

Trains the recipes of `recipes.recipes` from one or more seeds, evaluates every model and writes a table. A
recipe has one row for each mode, all with the same weights.
"""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric

from ..datasets import images_of_split, read_manifest
from ..evaluation.evaluate import average, compare, evaluate
from ..files import markdown_table, write_json, write_text
from ..models.card import PRESETS
from ..models.devices import keep_memory
from ..models.folders import CARD
from ..models.model import AdaINModel, at_canvas, load_model, save_model
from ..models.registry import default_model
from ..models.segmenter import Segmenter
from ..models.tasks import Mode
from . import CHECKPOINT, MODEL
from .data import TrainingImages
from .finish import write_trained_model
from .launch import launch
from .loop import Training
from .options import Precision
from .plain_unet import PlainUNet, train_unet
from .preparation import prepare_images
from .progress import Progress
from .recipes import SUPERVISED, Recipe, recipes

SPLITS = ("dev_normal", "dev_abnormal", "dev_view")
BASE = "base"  # row of the model from which recipes continue

Results = dict[str, dict[str, Any]]  # by row, by split


@dataclass(frozen=True)
class AblationRequest:
    """What to train and evaluate.

    data: a data set's folder (`datasets`).
    out: folder for models and results; existing ones are kept.
    names: of the recipes; empty for all.
    seeds: of weights, batches and augmentation.
    scale: factor for the steps of every training.
    precision: of the trainings.
    base: folder of the model from which recipes continue, and whose masks tell where an adult's abdomen
        begins; None for the model in use.
    teachers: folders of the models that give pseudo-labels; empty for only the base.
    """

    data: Path
    out: Path
    names: Sequence[str] = ()
    seeds: Sequence[int] = (0,)
    scale: float = 1.0
    precision: Precision = "auto"
    base: Path | None = None
    teachers: Sequence[Path] = ()


def run_ablation(
    request: AblationRequest,
    should_stop: Callable[[], bool] = lambda: False,
    report: Callable[[str], None] = print,
) -> Results | None:
    """Train and evaluate what is missing, then write `ablation.json` and `ablation.md` into `request.out`.

    Args:
        should_stop: called after each step and before each evaluation; a later call continues from there.
        report: called with a line of text at the start of each training and evaluation.

    Returns:
        By row (recipe-mode), by split: the evaluation averaged over seeds, the mean of each seed, the mean
        hours of a training, and under `against` the paired difference from the recipe's reference. None if
        stopped.

    Raises DatasetError, RadiographError and ModelError.
    """
    keep_memory()
    base = request.base or default_model()
    available = {case.split for case in read_manifest(request.data)}
    splits = [split for split in SPLITS if split in available]

    def measured(model: Any, mode: Mode, folder: Path) -> dict[str, Any] | None:
        """The evaluations by split, read from their files if they exist; None if stopped."""
        evaluations = {}
        for split in splits:
            if should_stop():
                return None
            path = folder / f"{mode}-{split}.json"
            if not path.is_file():
                report(f"{folder.name}: measuring {mode} on {split}")
                images = images_of_split(request.data, split)
                write_json(path, evaluate(Segmenter(model), images, mode, quality=False))
            evaluations[split] = json.loads(path.read_text(encoding="utf-8"))
        return evaluations

    by_seed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    hours: dict[str, list[float]] = defaultdict(list)
    references: dict[str, str] = {}
    for recipe in (recipe for seed in request.seeds for recipe in recipes(request.scale, seed)):
        if request.names and recipe.name not in request.names:
            continue
        folder = request.out / f"{recipe.name}-{recipe.options.seed}"
        model_folder = folder / MODEL
        if not (model_folder / CARD).is_file():
            report(f"{folder.name}: training ({recipe.text})")
            canvas = recipe.canvas or PRESETS[recipe.options.model].canvas
            images = TrainingImages(request.data, canvas, recipe.options.abnormal_labels)
            prepare_images(images, recipe.options, request.out, base, request.teachers, report)
            fabric = launch(precision=request.precision)
            init = _start(recipe, base, request.out)
            command = ["--only", recipe.name, "--seeds", str(recipe.options.seed), "--base", str(base)]
            command += ["--teachers", *map(str, request.teachers)] if request.teachers else []
            if not _train(recipe, images, folder, fabric, init, ["ablation", *command], should_stop):
                return None
        # Read back even if just trained: the weights in half precision are what is evaluated.
        model = load_model(model_folder, network=PlainUNet if recipe.unet else AdaINModel)
        for mode in recipe.modes:
            row = f"{recipe.name}-{mode}" if len(recipe.modes) > 1 else recipe.name
            evaluations = measured(model, mode, folder)
            if evaluations is None:
                return None
            by_seed[row].append(evaluations)
            hours[row].append(model.card["training"]["hours"])
            references[row] = BASE if recipe.continues else SUPERVISED
    if BASE in references.values():
        evaluations = measured(load_model(base), "student", request.out / BASE)
        if evaluations is None:
            return None
        by_seed[BASE], hours[BASE] = [evaluations], [math.nan]
    results: Results = {row: _averaged(of, hours[row]) for row, of in by_seed.items()}
    for row, reference in references.items():
        for split in splits if row != reference and reference in results else ():
            results[row][split]["against"] = compare(results[row][split], results[reference][split])
    write_json(request.out / "ablation.json", {row: _without_cases(of) for row, of in results.items()})
    write_text(request.out / "ablation.md", table(results))
    return results


def _start(recipe: Recipe, base: Path, out: Path) -> Path | None:
    """Folder of the model that the recipe goes on from, if any: the base, or that made for another canvas."""
    if not recipe.continues or recipe.canvas is None:
        return base if recipe.continues else None
    model = at_canvas(load_model(base), recipe.canvas)
    return save_model(model, out / f"{BASE}-{recipe.canvas}", model.card)


def _averaged(evaluations: list[dict[str, Any]], hours: list[float]) -> dict[str, Any]:
    """By split, the mean evaluation over seeds, with the mean of each seed and the mean hours."""
    return {
        split: {
            **average([one[split] for one in evaluations]),
            "seeds": [one[split]["overall"]["union"]["dice"]["mean"] for one in evaluations],
            "hours": sum(hours) / len(hours),
        }
        for split in evaluations[0]
    }


def _train(
    recipe: Recipe,
    images: TrainingImages,
    folder: Path,
    fabric: Fabric,
    init: Path | None,
    command: Sequence[str],
    should_stop: Callable[[], bool],
) -> bool:
    """Train the recipe's model into `folder`/model, resuming from a checkpoint; False if stopped."""
    name = folder.name
    if not recipe.unet:
        training = Training(recipe.options, images, folder, fabric, init=init, should_stop=should_stop)
        if not training.train(resume=(folder / CHECKPOINT).is_file()):
            return False
        write_trained_model(training, command, name, "ablation")
        return True
    started = time.monotonic()
    with closing(Progress(folder, enabled=True)) as progress:
        model = train_unet(
            recipe.options, images, PRESETS[recipe.options.model], fabric, progress, should_stop
        )
    if model is None:
        return False
    hours = round((time.monotonic() - started) / 3600, 2)
    save_model(model, folder / MODEL, {"name": name, "version": "ablation", "training": {"hours": hours}})
    return True


def _without_cases(by_split: dict[str, Any]) -> dict[str, Any]:
    """Drop the single cases, which the evaluations' own files have."""
    return {split: {k: v for k, v in row.items() if k != "cases"} for split, row in by_split.items()}


def table(results: Results) -> str:
    """A Markdown table: the union Dice of every row, overall and by source, and its paired gain over its
    reference."""
    lines = []
    for row, by_split in results.items():
        for split, evaluation in by_split.items():
            dice = evaluation["overall"]["union"]["dice"]
            gain = "-"
            if "against" in evaluation:
                paired = evaluation["against"]["overall"]["union"]["dice"]
                gain = f"{paired['mean']:+.4f} ({interval_text(paired['ci95'], '+')})"
            mean = f"{dice['mean']:.4f} ({interval_text(dice['ci95'])})"
            seeds = ", ".join(f"{one:.4f}" for one in evaluation["seeds"])
            sources = ", ".join(
                f"{name} {part['union']['dice']['mean']:.3f}" for name, part in evaluation["sources"].items()
            )
            hours = f"{evaluation['hours']:.2f}"
            lines.append((row, hours, split, mean, seeds, f"{dice['p10']:.4f}", sources, gain))
    columns = "row", "hours", "split", "Dice (95 % interval)", "by seed", "p10", "by source"
    return markdown_table([*columns, "gain over its reference (interval)"], lines)


def interval_text(bounds: Sequence[float | None], sign: str = "") -> str:
    """An interval as text; its bounds are nan, or None if read from JSON, with too few patients."""
    known = [bound for bound in bounds if bound is not None and not math.isnan(bound)]
    return " to ".join(f"{bound:{sign}.4f}" for bound in known) or "too few patients"
