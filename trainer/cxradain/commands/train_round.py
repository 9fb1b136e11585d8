"""`cxradain train round`: a session's corrections and unlabelled images make a better model."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import CxradainError
from ..training.options import ROUND_PRESETS
from .options import UsageError
from .process import StopSignals
from .training_options import add_machine, add_progress, add_recipe, recipe, shown

if TYPE_CHECKING:
    from ..rounds.run import RoundEvent, RoundRequest


def add_parser(kinds: argparse._SubParsersAction) -> None:
    """Register the command."""
    parser = kinds.add_parser(
        "round",
        help="train on by a session's corrected and unlabelled radiographs, and compare",
        description="One round: a session's corrected and approved masks become labels, its unlabelled "
        "images are adapted and distilled, and the new model is compared with the one it began as. Nothing "
        "is put in use by itself; see `cxradain models`. For research, not for diagnosis.",
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All that a round is told."""
    add = parser.add_argument
    add("--session", required=True, metavar="DIR", type=Path, help="the session's folder; it is only read")
    add("--base", metavar="MODEL", type=Path, help="the model to train on (default: the one in use)")
    add("--out", metavar="DIR", type=Path, help="folder for the round; not needed with --plan")
    add("--data", metavar="DIR", type=Path, help="base data to replay (default: by what the model knows)")
    again = partial(add, action="append")
    again("--reader", dest="readers", metavar="NAME", help="use this reader's masks; may be given again")
    again(
        "--reference",
        dest="references",
        default=[],
        metavar="DIR",
        type=Path,
        help="also compare on the masks of this folder (manifest.csv, images, masks); may be given again",
    )
    add("--preset", choices=ROUND_PRESETS, default="round", help="round: light; paper: the paper's recipe")
    add("--resume", action="store_true", help="go on with the round in --out")
    add("--plan", action="store_true", help="say what a round would use and, measured, how long it takes")
    add_machine(parser)
    add_progress(parser)
    add_recipe(parser)


def run(arguments: argparse.Namespace) -> int:
    """Do a round, or with --plan say what it would be. Raises Stopped and UsageError."""
    from ..rounds.run import plan_round, run_round

    request = round_request(arguments)
    try:
        if arguments.plan:
            plan = plan_round(request)
            parts = {name: round(seconds, 1) for name, seconds in vars(plan.cost).items()}
            cost = {"steps": plan.steps, "seconds": round(plan.cost.whole), "device": plan.device}
            print(json.dumps({**plan.counts, **cost, "parts": parts}), flush=True)
            return 0
        with StopSignals() as signals, ExitStack() as stack:
            report = _reporter(arguments, request, stack)
            result = run_round(request, should_stop=signals.asked, report=report)
    except CxradainError as error:
        raise UsageError(error) from error
    if result.judgement is None:
        raise signals.stopped("stopped; --resume goes on from the checkpoint.")
    text = result.judgement.text
    print(text if arguments.progress != "json" else json.dumps({"model": str(result.model)}), flush=True)
    return 0


def round_request(arguments: argparse.Namespace) -> RoundRequest:
    """The round that the arguments describe. Raises UsageError for a recipe that makes no sense."""
    from ..rounds.run import RoundRequest

    names = [field.name for field in fields(RoundRequest) if field.name != "options"]
    options = recipe(ROUND_PRESETS[arguments.preset], arguments)
    return RoundRequest(options=options, **{name: getattr(arguments, name) for name in names})


def _reporter(
    arguments: argparse.Namespace, request: RoundRequest, stack: ExitStack
) -> Callable[[RoundEvent], None]:
    """Shows warnings, and a training's progress as --progress says; the stack ends what shows it."""
    listener: Callable[[str], None] | None = None

    def report(event: RoundEvent) -> None:
        nonlocal listener
        if event.warning:
            print(event.message if event.of_image else f"cxradain: {event.message}", file=sys.stderr)
        elif event.state != "training":
            stack.close()
        elif not event.training:  # it begins
            listener = stack.enter_context(shown(arguments.progress, True, request.options))
        elif listener is not None:
            listener(json.dumps(event.training))

    return report
