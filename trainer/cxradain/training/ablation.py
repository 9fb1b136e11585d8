"""The ablation: what each part of the method is worth, on the same labels, augmentation and budget.

Runs the recipes of `options.recipes`, measures every model and writes a table; the plain U-Net that some of
them train, and its training, stand at the end. A recipe's rows, one a mode, share its weights.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from monai.networks.nets import UNet
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ..datasets import images_of_split, read_manifest
from ..evaluation.evaluate import compare, evaluate
from ..files import write_json, write_text
from ..models.card import PRESETS, ModelConfig
from ..models.devices import keep_memory
from ..models.model import AdaINModel, load_model, save_model
from ..models.segmenter import Segmenter
from ..models.tasks import Mode
from .checkpoint import seeded
from .data import Batches, TrainingImages, cohort, stream
from .field_of_view import find_abdomens
from .loop import CHECKPOINT, Training
from .objectives import SupervisedObjective
from .opacity import lung_masks
from .options import Recipe, TrainOptions, recipes
from .progress import Progress
from .updates import learning_rate_factor

SPLITS = ("dev_normal", "dev_abnormal", "dev_view")
REFERENCE = "light-student"
CHILDREN = "kermany"  # the cohort whose patients are children

Results = dict[str, dict[str, Any]]  # by row, by split


def run_ablation(
    directory: Path,
    out: Path,
    names: list[str] | None = None,
    scale: float = 1.0,
    precision: Any = "bf16-mixed",
    should_stop: Callable[[], bool] = lambda: False,
    report: Callable[[str], None] = print,
    seed: int = 0,
    abdomen_model: Path | None = None,
) -> Results | None:
    """Train and measure what is missing under `out`, then write `ablation.json` and `ablation.md` there.

    Args:
        directory: data in the shared format.
        names: of recipes; None for all.
        scale: factor of every training's steps.
        precision: of Lightning Fabric.
        should_stop: asked after each step and before each measurement; a later call goes on from there.
        report: given a line of text for each training and measurement that begins.
        seed: of weights, batches and augmentation.
        abdomen_model: folder of the model whose masks tell where an adult's abdomen begins; None for the
            default one.

    Returns:
        By row (recipe-mode), by split: the evaluation, the hours of its training, and under `against` the
        paired difference of our student to it. None when it was stopped.

    Raises DatasetError, RadiographError and ModelError.
    """
    keep_memory()
    results: Results = {}
    available = {case.split for case in read_manifest(directory)}
    splits = [split for split in SPLITS if split in available]
    for recipe in recipes(scale, seed):
        if names and recipe.name not in names:
            continue
        folder = out / recipe.name
        model_folder = folder / "model"
        if not (model_folder / "card.json").is_file():
            report(f"{recipe.name}: training ({recipe.text})")
            images = TrainingImages(directory, PRESETS[recipe.options.model].canvas)
            if recipe.options.abdomen_probability:
                cases = [case for domain in images.unlabelled.values() for case in domain]
                adults = [case for case in cases if cohort(case) != CHILDREN]
                images.abdomens = find_abdomens(Segmenter(abdomen_model), adults)
                report(f"{recipe.name}: {len(images.abdomens)} abdomens of {len(adults)} adults")
            fabric = Fabric(accelerator="auto", devices=1, precision=precision)
            if not _train(recipe, images, folder, fabric, should_stop):
                return None
        # Read also where it was just trained: weights in half precision are what is measured.
        model = load_model(model_folder, network=PlainUNet if recipe.unet else AdaINModel)
        hours = {"hours": model.card["training"]["hours"]}
        for mode in recipe.modes:
            row = f"{recipe.name}-{mode}" if len(recipe.modes) > 1 else recipe.name
            results[row] = {}
            for split in splits:
                if should_stop():
                    return None
                path = folder / f"{mode}-{split}.json"
                if not path.is_file():
                    report(f"{recipe.name}: measuring {mode} on {split}")
                    write_json(
                        path,
                        evaluate(Segmenter(model), images_of_split(directory, split), mode, quality=False),
                    )
                results[row][split] = json.loads(path.read_text(encoding="utf-8")) | hours
    if REFERENCE in results:
        for row, by_split in results.items():
            if row != REFERENCE:
                for split in splits:
                    by_split[split]["against"] = compare(results[REFERENCE][split], by_split[split])
    write_json(out / "ablation.json", {row: _without_cases(by_split) for row, by_split in results.items()})
    write_text(out / "ablation.md", table(results))
    return results


def _train(
    recipe: Recipe, images: TrainingImages, folder: Path, fabric: Fabric, should_stop: Callable[[], bool]
) -> bool:
    """Write the recipe's model into `folder`/model, going on from a checkpoint; False when stopped."""
    model: nn.Module | None
    if recipe.unet:
        started = time.monotonic()
        config = PRESETS[recipe.options.model]
        with closing(Progress(folder, enabled=True)) as progress:
            model = train_unet(recipe.options, images, config, fabric, progress, should_stop)
        seconds = time.monotonic() - started
    else:
        training = Training(recipe.options, images, folder, fabric, should_stop=should_stop)
        model = training.model if training.train(resume=(folder / CHECKPOINT).is_file()) else None
        seconds = training.seconds
    if model is not None:
        card = {"name": recipe.name, "version": "ablation", "training": {"hours": round(seconds / 3600, 2)}}
        save_model(model, folder / "model", card)
    return model is not None


def _without_cases(by_split: dict[str, Any]) -> dict[str, Any]:
    """Without the single cases, which stay in the rows' own files."""
    return {split: {k: v for k, v in row.items() if k != "cases"} for split, row in by_split.items()}


def table(results: Results) -> str:
    """Union Dice of every row, overall and by source, and the student's paired gain, in Markdown."""
    lines = []
    for row, by_split in results.items():
        for split, evaluation in by_split.items():
            dice = evaluation["overall"]["union"]["dice"]
            gain = "-"
            if "against" in evaluation:
                paired = evaluation["against"]["overall"]["union"]["dice"]
                gain = f"{paired['mean']:+.4f} ({interval_text(paired['ci95'], '+')})"
            mean = f"{dice['mean']:.4f} ({interval_text(dice['ci95'])})"
            sources = ", ".join(
                f"{name} {part['union']['dice']['mean']:.3f}" for name, part in evaluation["sources"].items()
            )
            hours = f"{evaluation['hours']:.2f}"
            lines.append((row, hours, split, mean, f"{dice['p10']:.4f}", sources, gain))
    columns = "row", "hours", "split", "Dice (95 % interval)", "p10", "by source"
    return markdown_table([*columns, "our student's gain (interval)"], lines)


def markdown_table(head: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """A table in Markdown: its head, and its lines of as many cells."""
    whole = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(map(str, cells))} |\n" for cells in whole)


def interval_text(bounds: Sequence[float | None], sign: str = "") -> str:
    """An interval in words; its bounds are nan, or None as read from JSON, where patients were too few."""
    known = [bound for bound in bounds if bound is not None and not math.isnan(bound)]
    return " to ".join(f"{bound:{sign}.4f}" for bound in known) or "too few patients"


# --- the plain U-Net ---


class PlainUNet(nn.Module):
    """MONAI's residual U-Net behind the one method that a segmenter and a training ask of a model."""

    def __init__(self, config: ModelConfig, card: dict[str, Any] | None = None):
        super().__init__()
        self.config, self.card = config, card or {}
        self.network = UNet(
            spatial_dims=2,
            in_channels=1,
            out_channels=config.classes,
            channels=(24, 48, 96, 192, 320),
            strides=(2, 2, 2, 2),
            num_res_units=2,
        )

    def segment(self, image: Tensor, mode: Mode = "direct") -> Tensor:
        """Image (B, 1, H, W) in -1..1 -> logits (B, classes, H, W); it has no modes."""
        return self.network(image)


def train_unet(
    options: TrainOptions,
    images: TrainingImages,
    config: ModelConfig,
    fabric: Fabric,
    progress: Progress,
    should_stop: Callable[[], bool] = lambda: False,
    workers: int = 1,
) -> PlainUNet | None:
    """Train on the labelled images of the options' first stage; returns the averaged weights.

    None when `should_stop`, asked after each step, ended it: it keeps no checkpoint, so the next call begins
    anew.
    """
    torch.manual_seed(options.seed)
    model = PlainUNet(config).to(fabric.device).train()
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(options.ema_decay))
    optimizer = Adam(model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay)
    objective = SupervisedObjective(options, config.classes, fabric.device)
    stage = options.stages[0]
    with closing(stream(Batches(images, options, 0), 0, workers)) as batches:
        for step, batch in enumerate(batches):
            image, labels = (batch[key].to(fabric.device) for key in ("labelled", "labels"))
            for group in optimizer.param_groups:
                factor = learning_rate_factor(options.schedule, step, stage.steps)
                group["lr"] = factor * options.learning_rate
            with fabric.autocast():
                random = seeded(options.seed, 0, step, 0)
                opaque = objective.with_opacities(image, lung_masks(labels), random)
                loss = options.segmentation_weight * objective.loss(model.segment(opaque), labels)
            optimizer.zero_grad(set_to_none=True)
            fabric.backward(loss)
            if options.max_gradient_norm:
                torch.nn.utils.clip_grad_norm_(model.parameters(), options.max_gradient_norm)
            optimizer.step()
            average.update_parameters(model)
            progress.step(stage, step + 1, {"segmentation": loss.item()}, 0.0)
            if should_stop():
                return None
    return cast(PlainUNet, average.module.eval())
