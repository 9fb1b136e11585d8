"""`cxradain train`, and `train base`: a model made from radiographs, labelled ones and others."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..training.options import PRESETS, TrainOptions
from . import train_round
from .options import UsageError
from .process import StopSignals
from .training_options import add_machine, add_processes, add_progress, add_recipe, launched, recipe, shown


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    train = commands.add_parser("train", help="make a model", description="Makes a model.")
    kinds = train.add_subparsers(metavar="KIND", required=True)
    parser = kinds.add_parser(
        "base",
        help="train from the beginning: adaptation and segmentation, then distillation",
        description="Stage 1 learns to translate between domains and to segment labelled normal images, "
        "stage 2 distills the student. Ctrl-C or SIGTERM writes a checkpoint; --resume goes on from there.",
    )
    add = parser.add_argument
    add("--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv, images, masks")
    add("--out", required=True, metavar="DIR", type=Path, help="folder for checkpoint, curves and the model")
    add("--preset", choices=PRESETS, default="light", help="light: two CPU cores; paper: the paper's recipe")
    add("--resume", action="store_true", help="go on from the checkpoint in --out")
    add("--init", metavar="MODEL", type=Path, help="folder of a model whose weights to start from")
    add_machine(parser)
    add_processes(parser)
    add_progress(parser)
    add_recipe(parser)
    parser.set_defaults(run=run)
    train_round.add_parser(kinds)


def run(arguments: argparse.Namespace) -> int:
    """Train to the end. Raises Stopped when a signal ended it early, UsageError when it cannot start."""
    from ..datasets import DatasetError
    from ..imaging.radiograph import RadiographError
    from ..models.card import PRESETS as SIZES
    from ..models.card import ModelError
    from ..models.devices import keep_memory
    from ..training.data import TrainingImages, check_parts
    from ..training.finish import finish
    from ..training.loop import CHECKPOINT, Training

    options = recipe(PRESETS[arguments.preset], arguments)
    if options.model not in SIZES:
        raise UsageError(f"there is no size {options.model!r}, but {', '.join(SIZES)}")
    checkpoint = arguments.out / CHECKPOINT
    if checkpoint.is_file() and not arguments.resume:
        raise UsageError(f"{arguments.out} holds a training; --resume goes on with it, or name another --out")
    if arguments.resume and not checkpoint.is_file():
        raise UsageError(f"{checkpoint}: there is nothing to go on from; leave out --resume")
    keep_memory()
    fabric = launched(arguments)
    with StopSignals() as signals, shown(arguments.progress, fabric.is_global_zero, options) as listener:
        try:
            for one in options.stages:
                check_parts(options, one, fabric.world_size)
            if arguments.init is not None:
                check_size(arguments.init, options)
            training = Training(
                options,
                TrainingImages(arguments.data, SIZES[options.model].canvas),
                arguments.out,
                fabric,
                init=arguments.init,
                workers=arguments.workers,
                checkpoint_minutes=arguments.checkpoint_minutes,
                validate_every=arguments.validate_every,
                should_stop=signals.asked,
                listener=listener,
            )
            if arguments.resume:
                training.resume()
        except (ValueError, OSError) as error:  # of the data, the model, the checkpoint, the stages or --out
            raise UsageError(error) from error
        try:
            finished = training.run()
        except (RadiographError, DatasetError, ModelError) as error:
            raise UsageError(error) from error
        finally:
            training.progress.close()
    if not finished:
        raise signals.stopped("stopped; --resume goes on from the checkpoint.")
    if fabric.is_global_zero:
        model = finish(training, arguments.command, arguments.precision)
        print(json.dumps({"model": str(model)}) if arguments.progress == "json" else model)
    return 0


def check_size(init: Path, options: TrainOptions) -> None:
    """Raise UsageError where a model to start from is not of the size that is to be trained."""
    from ..models.card import PRESETS as SIZES
    from ..models.card import read_configuration

    found = read_configuration(init)
    if found != SIZES[options.model]:
        sizes = [name for name, config in SIZES.items() if config == found]
        raise UsageError(
            f"{init}: is a model of {'the size ' + sizes[0] if sizes else 'a size of its own'}, and "
            f"{options.model} is to be trained; "
            + (f"give --model {sizes[0]}" if sizes else "leave out --init")
        )
