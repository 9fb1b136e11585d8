"""`cxradain train base`: a model made from radiographs, labelled ones and others."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from ..training.options import PRESETS, Stage, TrainOptions
from .options import UsageError
from .stopping import StopSignals

if TYPE_CHECKING:
    from lightning_fabric import Fabric


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
    add("--accelerator", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    add("--devices", type=int, default=1, metavar="N", help="devices on each node")
    add("--strategy", choices=("auto", "ddp"), default="auto", help="ddp: several processes, one a device")
    add("--num-nodes", type=int, default=1, metavar="N")
    add("--precision", choices=("32-true", "bf16-mixed"), default="bf16-mixed")
    add("--workers", type=int, default=1, metavar="N", help="processes that prepare batches")
    add("--threads", type=int, metavar="N", help="CPU threads of a process; all by default")
    add("--checkpoint-minutes", type=float, default=5.0, metavar="M")
    add("--validate-every", type=int, default=200, metavar="N", help="steps")
    add(
        "--scale", type=float, default=1.0, metavar="F", help="shorten or lengthen every stage by this factor"
    )
    add(
        "--progress",
        choices=("bar", "json", "quiet"),
        default="bar",
        help="json: one line an event, on stdout",
    )
    add(
        "--stage",
        action="append",
        metavar="name=NAME,steps=N,...",
        type=stage,
        help="instead of the preset's: name, steps, labelled, adaptation, adaptation_every, restored, "
        "unlabelled",
    )
    recipe = parser.add_argument_group("the recipe", "Defaults are the preset's.")
    kinds_of = get_type_hints(TrainOptions)
    for field in recipe_fields():
        add_option(recipe, field.name, kinds_of[field.name], field.metadata["help"])
    parser.set_defaults(run=run)


def recipe_fields() -> list[Any]:
    """The fields of TrainOptions that the command line sets."""
    return [field for field in fields(TrainOptions) if "help" in field.metadata]


def add_option(group: argparse._ArgumentGroup, name: str, kind: Any, text: str) -> None:
    """One flag for one field; absent, the preset's value stays."""
    words: dict[str, Any] = {"help": text.replace("%", "%%"), "default": None, "dest": name}
    if kind is bool:
        words["action"] = argparse.BooleanOptionalAction
    elif get_origin(kind) is Literal:
        words["choices"] = get_args(kind)
    else:
        words |= {"type": kind, "metavar": kind.__name__.upper()}
    group.add_argument("--" + name.replace("_", "-"), **words)


def stage(text: str) -> Stage:
    """A stage from "name=adaptation,steps=800,labelled=8"."""
    try:
        values = dict(part.split("=", 1) for part in text.split(","))
        return Stage(**{key: value if key == "name" else int(value) for key, value in values.items()})
    except (ValueError, TypeError) as error:
        names = ", ".join(f.name if f.default is MISSING else f"[{f.name}]" for f in fields(Stage))
        raise argparse.ArgumentTypeError(f"{text!r} is not {names} as name=value,... ({error})") from error


def recipe(arguments: argparse.Namespace) -> TrainOptions:
    """The preset with what the command line changes."""
    chosen = PRESETS[arguments.preset]
    given = {f.name: getattr(arguments, f.name) for f in recipe_fields()}
    chosen = replace(chosen, **{name: value for name, value in given.items() if value is not None})
    stages = tuple(arguments.stage or chosen.stages)
    return replace(
        chosen, stages=tuple(replace(s, steps=max(1, round(arguments.scale * s.steps))) for s in stages)
    )


def run(arguments: argparse.Namespace) -> int:
    """Train to the end. Raises Stopped when a signal ended it early, UsageError when it cannot start."""
    import torch

    from ..evaluation.dataset import DatasetError
    from ..model import PRESETS as SIZES
    from ..model import ModelError
    from ..radiograph import RadiographError
    from ..training.allocator import keep_memory
    from ..training.data import TrainingImages, check_parts
    from ..training.finish import finish
    from ..training.loop import CHECKPOINT, Training

    options = recipe(arguments)
    if options.model not in SIZES:
        raise UsageError(f"there is no size {options.model!r}, but {', '.join(SIZES)}")
    checkpoint = arguments.out / CHECKPOINT
    if checkpoint.is_file() and not arguments.resume:
        raise UsageError(f"{arguments.out} holds a training; --resume goes on with it, or name another --out")
    if arguments.resume and not checkpoint.is_file():
        raise UsageError(f"{checkpoint}: there is nothing to go on from; leave out --resume")
    keep_memory()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    fabric = launched(arguments)
    with StopSignals() as signals, shown(arguments.progress, fabric.is_global_zero, options) as listener:
        try:
            for one in options.stages:
                check_parts(options, one, fabric.world_size)
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
        except ValueError as error:  # of the data, the model, the checkpoint or the stages
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


def launched(arguments: argparse.Namespace) -> Fabric:
    """This process among those of the training. Raises UsageError where the devices cannot be had."""
    from lightning_fabric import Fabric

    try:
        fabric = Fabric(
            accelerator=arguments.accelerator,
            devices=arguments.devices,
            num_nodes=arguments.num_nodes,
            strategy=arguments.strategy,
            precision=arguments.precision,
        )
    except (RuntimeError, ValueError) as error:
        raise UsageError(error) from error
    fabric.launch()
    return fabric


def shown(
    how: str, here: bool, options: TrainOptions
) -> AbstractContextManager[Callable[[str], None] | None]:
    """A context that gives the listener of progress lines: a bar, JSON on stdout, or none."""
    if not here or how == "quiet":
        return nullcontext(None)
    if how == "json":
        return nullcontext(lambda line: print(line, flush=True))
    from .training_bar import training_bar

    return training_bar(options)
