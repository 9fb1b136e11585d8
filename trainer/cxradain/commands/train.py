"""`cxradain train base` and `train round`: a model made from radiographs, labelled ones and others."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..training.options import PRESETS
from . import train_round
from .process import StopSignals
from .training_options import (
    add_machine,
    add_processes,
    add_progress,
    add_recipe,
    launch_fabric,
    progress_listener,
    recipe,
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = "Makes a model."
    kinds = parser.add_subparsers(metavar="KIND", required=True)
    configure_base(
        kinds.add_parser(
            "base", help="train from the beginning: adaptation and segmentation, then distillation"
        )
    )
    train_round.configure(
        kinds.add_parser(
            "round", help="train on by a session's corrected and unlabelled radiographs, and compare"
        )
    )


def configure_base(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `train base`."""
    parser.description = (
        "Stage 1 learns to translate between domains and to segment labelled normal images, "
        "stage 2 distills the student. Ctrl-C or SIGTERM writes a checkpoint; --resume goes on from there."
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
    parser.set_defaults(run=run_base)


def run_base(arguments: argparse.Namespace) -> int:
    """Train to the end. Raises Stopped when a signal ended it early."""
    from ..training.run import check_start, train_base

    options = recipe(PRESETS[arguments.preset], arguments)
    check_start(arguments.out, options, arguments.resume)
    fabric = launch_fabric(arguments)
    with (
        StopSignals() as signals,
        progress_listener(arguments.progress, fabric.is_global_zero, options) as listener,
    ):
        model = train_base(
            arguments.data,
            arguments.out,
            options,
            fabric,
            resume=arguments.resume,
            init=arguments.init,
            workers=arguments.workers,
            checkpoint_minutes=arguments.checkpoint_minutes,
            validate_every=arguments.validate_every,
            should_stop=signals.asked,
            listener=listener,
            command=arguments.command,
            precision=arguments.precision,
        )
    if model is None:
        raise signals.stopped("stopped; --resume goes on from the checkpoint.")
    if fabric.is_global_zero:
        print(json.dumps({"model": str(model)}) if arguments.progress == "json" else model)
    return 0
