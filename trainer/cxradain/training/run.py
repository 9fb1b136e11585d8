"""A base training as a Python call, from a data set's folder to a model's folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lightning_fabric import Fabric

from .. import CxradainError
from ..files import remove_temporaries
from ..models.card import PRESETS, ModelConfig, read_configuration
from ..models.devices import keep_memory
from ..models.registry import default_model
from . import CHECKPOINT, MODEL
from .batches import check_parts
from .data import TrainingImages
from .finish import write_trained_model
from .launch import computed_on
from .loop import Training
from .options import TrainOptions
from .preparation import prepare_images
from .progress import Listener


class TrainingError(CxradainError):
    """A training cannot start as requested; the message says why and what to do."""


def check_start(out: Path, options: TrainOptions, resume: bool) -> None:
    """Raise TrainingError if a training cannot start in the folder `out`: it holds one that is not resumed,
    or none to resume, or the model size is unknown. Call it before devices are acquired."""
    if options.model not in PRESETS:
        raise TrainingError(f"unknown model size {options.model!r}; choose from {', '.join(PRESETS)}")
    checkpoint = out / CHECKPOINT
    if checkpoint.is_file() and not resume:
        raise TrainingError(f"{out} holds a training; continue it with --resume, or choose another --out")
    if resume and not checkpoint.is_file():
        raise TrainingError(f"{checkpoint}: not found, so there is nothing to resume; leave out --resume")


def train_base(
    data: Path,
    out: Path,
    options: TrainOptions,
    fabric: Fabric,
    *,
    resume: bool = False,
    init: Path | None = None,
    teachers: Sequence[Path] = (),
    workers: int = 1,
    checkpoint_minutes: float = 5.0,
    validate_every: int = 200,
    should_stop: Callable[[], bool] = lambda: False,
    listener: Listener | None = None,
    report: Callable[[str], None] = lambda message: None,
    command: Sequence[str] = (),
) -> Path | None:
    """Train a model through all stages; returns its folder, `out/model`, or None if stopped early.

    Args:
        data: a data set's folder (`datasets`).
        out: folder for checkpoint, progress and the model.
        options: the recipe.
        fabric: devices and precision, launched.
        resume: continue from the checkpoint in `out`.
        init: folder of a model to start from, of the size in `options`, on whose canvas it is trained.
        teachers: folders of the models that give pseudo-labels; empty for `init`.
        workers: processes that prepare batches.
        checkpoint_minutes, validate_every: interval of checkpoints (minutes) and of validations (steps).
        should_stop: called after each step; True saves a checkpoint and ends the training.
        listener: called with the object of each line of progress.
        report: called in the first process, with a line of text for each preparation.
        command: the command line for the model's card.

    Raises TrainingError, DatasetError, RadiographError, ModelError and OSError.
    """
    check_start(out, options, resume)
    keep_memory()
    try:
        for stage in options.stages:
            check_parts(options, stage, fabric.world_size)
    except ValueError as error:
        raise TrainingError(error) from error
    canvas = PRESETS[options.model].canvas if init is None else canvas_of(init, options.model)
    if fabric.is_global_zero:
        remove_temporaries(out)
    images = TrainingImages(data, canvas, options.abnormal_labels)
    report = report if fabric.is_global_zero else lambda message: None
    report(f"training on {computed_on(fabric)}")
    with fabric.rank_zero_first():  # the others read what the first has kept
        prepare_images(images, options, out, init or default_model(), teachers, report)
    training = Training(
        options,
        images,
        out,
        fabric,
        init=init,
        workers=workers,
        checkpoint_minutes=checkpoint_minutes,
        validate_every=validate_every,
        should_stop=should_stop,
        listener=listener,
    )
    if not training.train(resume):
        return None
    return write_trained_model(training, command) if fabric.is_global_zero else out / MODEL


def canvas_of(init: Path, size: str) -> int:
    """The canvas of the model to start from, in pixels. Raises TrainingError if, but for the canvas, it does
    not have the size that is to be trained."""
    configuration = read_configuration(init)

    def is_of(other: ModelConfig) -> bool:
        return configuration == replace(other, canvas=configuration.canvas)

    if not is_of(PRESETS[size]):
        sizes = [name for name, other in PRESETS.items() if is_of(other)]
        raise TrainingError(
            f"{init}: is a model of {'the size ' + sizes[0] if sizes else 'a size of its own'}, and "
            f"{size} is to be trained; " + (f"give --model {sizes[0]}" if sizes else "leave out --init")
        )
    return configuration.canvas
