"""`cxradain train base` and `train round`: train a model on labelled and unlabelled radiographs."""

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
    parser.description = "Trains a model: from scratch, or further on a session."
    kinds = parser.add_subparsers(metavar="KIND", required=True)
    help_base = "train from scratch: segmentation and adaptation, then distillation"
    help_round = "train further on a session's corrected and unlabelled radiographs, and compare"
    configure_base(add_command(kinds, "base", run_base, help_base))
    configure_round(add_command(kinds, "round", run_round, help_round))


def configure_base(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `train base`."""
    parser.description = (
        "Stage 1 learns to segment labelled normal radiographs and to translate between the domains; stage 2 "
        "distills the student. Ctrl-C or SIGTERM writes a checkpoint; --resume continues from it."
    )
    add = parser.add_argument
    add("--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv, images, masks")
    add("--out", required=True, metavar="DIR", type=Path, help="folder for the checkpoint, curves and model")
    add("--preset", choices=PRESETS, default="light", help="light: two CPU cores; paper: the paper's recipe")
    add("--resume", action="store_true", help="continue from the checkpoint in --out")
    add("--init", metavar="MODEL", type=Path, help="folder of a model whose weights to start with")
    add(
        "--teachers", metavar="MODEL", nargs="+", type=Path, default=[], help="models that give pseudo-labels"
    )
    add_training(parser, several_processes=True)


def run_base(arguments: argparse.Namespace) -> int:
    """Train to the end, and print the model's folder. Raises Stopped on a signal."""
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
        raise signals.stopped("stopped; --resume continues from the checkpoint.")
    if fabric.is_global_zero:
        print(json.dumps({"model": str(model)}) if arguments.progress == "json" else model)
    return 0


def configure_round(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `train round`."""
    parser.description = (
        "One round trains on a session's corrected and approved masks, and on its unlabelled images by "
        "adaptation and distillation, then compares the new model with the one it started from. The new "
        "model is not put in use; see `cxradain models`. For research, not for diagnosis."
    )
    add_round(parser)


def run_round(arguments: argparse.Namespace) -> int:
    """Run a round, or print its plan with --plan. Raises Stopped and RoundError."""
    from ..rounds import run as rounds

    request = round_request(arguments)
    if arguments.plan:
        plan = rounds.plan_round(request)
        parts = {name: round(seconds, 1) for name, seconds in vars(plan.cost).items()}
        cost = {"steps": plan.steps, "seconds": round(plan.cost.whole)}
        where = {name: getattr(plan, name) for name in ("device", "threads", "precision")}
        print(json.dumps({**plan.counts, **cost, **where, "parts": parts}), flush=True)
        return 0
    with StopSignals() as signals, ExitStack() as stack:
        report = _reporter(arguments, request, stack)
        result = rounds.run_round(request, should_stop=signals.asked, report=report)
    if result is None:
        raise signals.stopped("stopped; --resume continues from the checkpoint.")
    text = result.judgement.decision.text
    print(text if arguments.progress != "json" else json.dumps({"model": str(result.model)}), flush=True)
    return 0


def _reporter(
    arguments: argparse.Namespace, request: RoundRequest, stack: ExitStack
) -> Callable[[RoundEvent], None]:
    """Prints notices, and shows progress in the style of --progress until the stack is closed."""
    listener: Callable[[Mapping[str, Any]], None] | None = None

    def report(event: RoundEvent) -> None:
        nonlocal listener
        if event.notice:
            print(event.message if event.of_image else f"cxradain: {event.message}", file=sys.stderr)
        elif event.state != "training":
            stack.close()
        elif not event.training:  # it begins
            listener = stack.enter_context(progress_listener(arguments.progress, True, request.options))
        elif listener is not None:
            listener(event.training)

    return report
