"""The ablation: what each part of the method is worth, on the same labels, augmentation and budget.

Rows of one training share its weights. What a row sees, `recipes` says.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from monai.networks.nets import UNet
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ..datasets import Case, cases, read_manifest
from ..evaluation.evaluate import compare, evaluate
from ..files import write_json, write_text
from ..models.card import PRESETS, ModelConfig
from ..models.model import AdaINModel, load_model, save_model
from ..models.segmenter import Segmenter
from ..models.tasks import Mode
from .checkpoint import seeded
from .data import Batches, TrainingImages, cohort, stream
from .field_of_view import find_abdomens
from .loop import CHECKPOINT, Training
from .objectives import SupervisedObjective
from .opacity import lung_masks
from .options import LIGHT, PAPER, Stage, TrainOptions
from .progress import Progress
from .updates import learning_rate_factor

SPLITS = ("dev_normal", "dev_abnormal", "dev_view")
REFERENCE = "light-student"


def run(
    directory: Path,
    out: Path,
    wanted: list[str] | None = None,
    scale: float = 1.0,
    precision: str = "bf16-mixed",
    should_stop: Callable[[], bool] = lambda: False,
    say: Callable[[str], None] = print,
    seed: int = 0,
    base: Path | None = None,
) -> dict[str, Any] | None:
    """Train and measure what is missing under `out`, then write `ablation.json` and `ablation.md` there.

    Args:
        directory: data in the shared format.
        wanted: names of recipes; None for all.
        should_stop: asked after each step and before each measurement; a later call goes on from there.
        seed: of weights, batches and augmentation.
        base: folder of the model whose masks tell where an adult's abdomen begins; None for the default one.

    Returns:
        By row (recipe-mode), by split: the evaluation, the hours of its training, and under `against` the
        paired difference of our student to it. None when it was stopped.
    """
    results: dict[str, dict[str, Any]] = {}
    there = {case.split for case in read_manifest(directory)}
    splits = [split for split in SPLITS if split in there]
    for recipe in recipes(scale, seed):
        if wanted and recipe.name not in wanted:
            continue
        folder = out / recipe.name
        model = _trained(recipe, directory, folder, precision, should_stop, say, base)
        if model is None:
            return None
        for mode in recipe.modes:
            row = f"{recipe.name}-{mode}" if len(recipe.modes) > 1 else recipe.name
            results[row] = {}
            for split in splits:
                if should_stop():
                    return None
                found = _measured(model, directory, split, mode, folder, say)
                results[row][split] = found | {"hours": model.card["training"]["hours"]}
    if REFERENCE in results:
        for row, by_split in results.items():
            if row != REFERENCE:
                for split in splits:
                    by_split[split]["against"] = compare(results[REFERENCE][split], by_split[split])
    write_json(out / "ablation.json", {row: _shortened(by_split) for row, by_split in results.items()})
    write_text(out / "ablation.md", table(results))
    return results


def _trained(
    recipe: Recipe,
    directory: Path,
    folder: Path,
    precision: Any,
    should_stop: Callable[[], bool],
    say: Callable[[str], None],
    base: Path | None,
) -> Any:
    """The recipe's model: read where it is finished, else trained from where it stood; None when stopped."""
    finished = folder / "model"
    if (finished / "card.json").is_file():
        return _read(recipe, finished)
    say(f"{recipe.name}: training ({recipe.text})")
    fabric = Fabric(accelerator="auto", devices=1, precision=precision)
    config = PRESETS[recipe.options.model]
    images = TrainingImages(directory, config.canvas)
    if recipe.options.abdomen_probability:
        adults = [case for domain in images.unlabelled.values() for case in domain if is_adult(case)]
        images.abdomens = find_abdomens(Segmenter(base), adults)
        say(f"{recipe.name}: {len(images.abdomens)} abdomens of {len(adults)} radiographs of adults")
    if recipe.unet:
        started = time.monotonic()
        progress = Progress(folder, enabled=True)
        unet = train_unet(recipe.options, images, config, fabric, progress, should_stop)
        return _kept(unet, recipe, finished, time.monotonic() - started) if unet else None
    training = Training(recipe.options, images, folder, fabric, should_stop=should_stop)
    if (folder / CHECKPOINT).is_file():
        training.resume()
    return _kept(training.model, recipe, finished, training.seconds) if training.run() else None


def is_adult(case: Case) -> bool:
    """By its source: those of Kermany et al. are children."""
    return cohort(case) != "kermany"


def _kept(model: Any, recipe: Recipe, folder: Path, seconds: float) -> Any:
    """The finished model, written with what it took and read again: half precision is what is measured."""
    card = {"name": recipe.name, "version": "ablation", "training": {"hours": round(seconds / 3600, 2)}}
    save_model(model, folder, card)
    return _read(recipe, folder)


def _read(recipe: Recipe, folder: Path) -> Any:
    return load_model(folder, network=PlainUNet if recipe.unet else AdaINModel)


def _measured(
    model: Any, directory: Path, split: str, mode: Mode, folder: Path, say: Callable[[str], None]
) -> dict[str, Any]:
    path = folder / f"{mode}-{split}.json"
    if not path.is_file():
        say(f"{folder.name}: measuring {mode} on {split}")
        write_json(path, evaluate(Segmenter(model), cases(directory, split), mode))
    return json.loads(path.read_text(encoding="utf-8"))


def _shortened(by_split: dict[str, Any]) -> dict[str, Any]:
    """Without the single cases, which stay in the rows' own files."""
    return {split: {k: v for k, v in found.items() if k != "cases"} for split, found in by_split.items()}


def table(results: dict[str, dict[str, Any]]) -> str:
    """Union Dice of every row, overall and by source, and the student's paired gain, in Markdown."""
    lines = [
        "| row | hours | split | Dice (95 % interval) | p10 | by source | our student's gain (interval) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row, by_split in results.items():
        for split, found in by_split.items():
            dice = found["overall"]["union"]["dice"]
            gain = "-"
            if "against" in found:
                paired = found["against"]["overall"]["union"]["dice"]
                gain = f"{paired['mean']:+.4f} ({_interval(paired['ci95'], '+')})"
            mean = f"{dice['mean']:.4f} ({_interval(dice['ci95'])})"
            sources = ", ".join(
                f"{name} {of['union']['dice']['mean']:.3f}" for name, of in found["sources"].items()
            )
            cells = (row, f"{found['hours']:.2f}", split, mean, f"{dice['p10']:.4f}", sources, gain)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _interval(bounds: list[float | None], sign: str = "") -> str:
    if None in bounds:
        return "too few patients"
    return " to ".join(f"{bound:{sign}.4f}" for bound in bounds)


# What the paper's row takes from ours: the size, steps and step sizes that two cores allow.
BUDGET = (
    "model",
    "learning_rate",
    "code_learning_rate",
    "self_code_learning_rate",
    "schedule",
    "beta1",
    "max_gradient_norm",
    "ema_decay",
    "r1_every",
    "augment",
    "opacity_probability",
)


@dataclass(frozen=True)
class Recipe:
    """One training: its options, and the ways its weights are used."""

    name: str
    text: str
    options: TrainOptions
    modes: tuple[Mode, ...]
    unet: bool = False


def recipes(scale: float = 1.0, seed: int = 0) -> list[Recipe]:
    """The trainings, their steps multiplied by `scale`, from this seed."""
    light = replace(
        LIGHT,
        seed=seed,
        stages=tuple(replace(s, steps=max(1, round(scale * s.steps))) for s in LIGHT.stages),
    )
    seen = sum(s.steps * s.labelled for s in light.stages)
    labels, adaptation, distillation = light.stages
    per_step = labels.labelled
    supervised = replace(light, stages=(Stage("supervised", seen // per_step, labelled=per_step),))
    plain = replace(supervised, opacity_probability=0.0)
    view = replace(supervised, crop_probability=0.3, abdomen_probability=0.5)
    # The paper's losses, weights and teacher.
    papers = replace(
        PAPER,
        seed=seed,
        **{name: getattr(light, name) for name in BUDGET},
        stages=(
            replace(adaptation, steps=labels.steps + adaptation.steps, restored=0),
            replace(distillation, labelled=0, restored=0),
        ),
    )
    return [
        Recipe("unet", "plain residual U-Net", supervised, ("direct",), unet=True),
        Recipe("supervised", "our generator, supervised only", supervised, ("direct",)),
        Recipe("unet-plain", "the U-Net without simulated opacities", plain, ("direct",), unet=True),
        Recipe("supervised-plain", "supervised only, without simulated opacities", plain, ("direct",)),
        Recipe("unet-view", "the U-Net with other fields of view", view, ("direct",), unet=True),
        Recipe("supervised-view", "supervised only, with other fields of view", view, ("direct",)),
        Recipe("paper", "the paper's losses, light schedule", papers, ("direct", "teacher", "student")),
        Recipe("light", "ours", light, ("direct", "teacher", "student")),
    ]


NAMES = tuple(recipe.name for recipe in recipes())


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

    def segment(self, image: Tensor, mode: str = "direct") -> Tensor:
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
