"""`cxradain train base` and `train round`: a model made from radiographs, labelled ones and others."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..training.options import PRESETS
from .options import add_command
from .process import StopSignals
from .training_options import add_round, add_training, progress_listener, recipe, round_request

if TYPE_CHECKING:
    from ..rounds.run import RoundEvent, RoundRequest


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = "Makes a model."
    kinds = parser.add_subparsers(metavar="KIND", required=True)
    help_base = "train from the beginning: adaptation and segmentation, then distillation"
    help_round = "train on by a session's corrected and unlabelled radiographs, and compare"
    configure_base(add_command(kinds, "base", run_base, help_base))
    configure_round(add_command(kinds, "round", run_round, help_round))


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
    add(
        "--teachers", metavar="MODEL", nargs="+", type=Path, default=[], help="models that give pseudo-labels"
    )
    add_training(parser, several_processes=True)


def run_base(arguments: argparse.Namespace) -> int:
    """Train to the end. Raises Stopped when a signal ended it early."""
    from ..training.launch import launch
    from ..training.run import check_start, train_base

    options = recipe(PRESETS[arguments.preset], arguments)
    check_start(arguments.out, options, arguments.resume)
    a = arguments
    fabric = launch(a.accelerator, a.precision, a.threads, a.devices, a.num_nodes, a.strategy)
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
            teachers=arguments.teachers,
            workers=arguments.workers,
            checkpoint_minutes=arguments.checkpoint_minutes,
            validate_every=arguments.validate_every,
            should_stop=signals.asked,
            listener=listener,
            report=lambda message: print(message, file=sys.stderr),
            command=arguments.command,
        )
    if model is None:
        raise signals.stopped("stopped; --resume goes on from the checkpoint.")
    if fabric.is_global_zero:
        print(json.dumps({"model": str(model)}) if arguments.progress == "json" else model)
    return 0


def configure_round(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `train round`."""
    parser.description = (
        "One round: a session's corrected and approved masks become labels, its unlabelled "
        "images are adapted and distilled, and the new model is compared with the one it began as. Nothing "
        "is put in use by itself; see `cxradain models`. For research, not for diagnosis."
    )
    add_round(parser)


def run_round(arguments: argparse.Namespace) -> int:
    """Do a round, or with --plan say what it would be. Raises Stopped and RoundError."""
    from ..rounds import run as rounds

    request = round_request(arguments)
    if arguments.plan:
        plan = rounds.plan_round(request)
        parts = {name: round(seconds, 1) for name, seconds in vars(plan.cost).items()}
        cost = {"steps": plan.steps, "seconds": round(plan.cost.whole), "device": plan.device}
        print(json.dumps({**plan.counts, **cost, "parts": parts}), flush=True)
        return 0
    with StopSignals() as signals, ExitStack() as stack:
        report = _reporter(arguments, request, stack)
        result = rounds.run_round(request, should_stop=signals.asked, report=report)
    if result is None:
        raise signals.stopped("stopped; --resume goes on from the checkpoint.")
    text = result.judgement.text
    print(text if arguments.progress != "json" else json.dumps({"model": str(result.model)}), flush=True)
    return 0


def _reporter(
    arguments: argparse.Namespace, request: RoundRequest, stack: ExitStack
) -> Callable[[RoundEvent], None]:
    """Shows warnings, and a training's progress as --progress says; the stack ends what shows it."""
    listener: Callable[[Mapping[str, Any]], None] | None = None

    def report(event: RoundEvent) -> None:
        nonlocal listener
        if event.warning:
            print(event.message if event.of_image else f"cxradain: {event.message}", file=sys.stderr)
        elif event.state != "training":
            stack.close()
        elif not event.training:  # it begins
            listener = stack.enter_context(progress_listener(arguments.progress, True, request.options))
        elif listener is not None:
            listener(event.training)

    return report
