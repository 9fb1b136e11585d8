"""`cxradain train round`: a session's corrections and unlabelled images make a better model."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from .options import UsageError
from .process import StopSignals
from .training_options import add_round, progress_listener, round_request

if TYPE_CHECKING:
    from ..rounds.run import RoundEvent, RoundRequest


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "One round: a session's corrected and approved masks become labels, its unlabelled "
        "images are adapted and distilled, and the new model is compared with the one it began as. Nothing "
        "is put in use by itself; see `cxradain models`. For research, not for diagnosis."
    )
    add_round(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do a round, or with --plan say what it would be. Raises Stopped and UsageError."""
    from ..rounds.run import plan_round, run_round

    request = round_request(arguments)
    if arguments.out is None and not arguments.plan:
        raise UsageError("name a folder for the round with --out")
    if arguments.plan:
        plan = plan_round(request)
        parts = {name: round(seconds, 1) for name, seconds in vars(plan.cost).items()}
        cost = {"steps": plan.steps, "seconds": round(plan.cost.whole), "device": plan.device}
        print(json.dumps({**plan.counts, **cost, "parts": parts}), flush=True)
        return 0
    with StopSignals() as signals, ExitStack() as stack:
        report = _reporter(arguments, request, stack)
        result = run_round(request, should_stop=signals.asked, report=report)
    if result.judgement is None:
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
