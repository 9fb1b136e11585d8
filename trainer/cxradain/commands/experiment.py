"""`cxradain experiment`: does the loop work? Rounds on a simulated radiologist's corrections, measured."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from .. import CxradainError
from .options import UsageError
from .process import StopSignals
from .train_round import add_arguments, round_request


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "experiment",
        help="measure what rounds on a simulated radiologist's corrections give",
        description="Makes a session of radiographs that the base model has seen without labels, lets a "
        "simulated radiologist correct 5, 10, 20 or 40 of them, trains a round on each and measures it on "
        "both development splits. What is there already is kept, so that a stopped run goes on.",
    )
    add = parser.add_argument
    add("--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv and oracle_masks")
    add("--out", required=True, metavar="DIR", type=Path, help="folder for the session, rounds and figures")
    add("--base", metavar="MODEL", type=Path, help="the model to begin with (default: the one in use)")
    add("--rounds", type=int, metavar="N", help="do the first N rounds alone")
    add("--no-replay", action="store_true", help="without the base data: by what the model knows of them")
    add("--recipe", nargs=argparse.REMAINDER, default=[], help="last: options for `train round`")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do what is missing, and print the table. Raises Stopped and UsageError."""
    from ..models.registry import default_model
    from ..rounds.experiment import PLANS, run_experiment, table

    parser = argparse.ArgumentParser(prog="cxradain experiment ... --recipe")
    add_arguments(parser)
    words = parser.parse_args(["--session", "", *options.recipe], argparse.Namespace(command=options.recipe))
    recipe = round_request(words)
    if not options.no_replay:
        recipe = replace(recipe, data=options.data)
    try:
        base = options.base or default_model()
        with StopSignals() as signals:
            rows = run_experiment(
                recipe,
                options.data,
                options.out,
                base,
                PLANS[: options.rounds],
                should_stop=signals.asked,
                report=print,
            )
    except CxradainError as error:
        raise UsageError(error) from error
    if rows is None:
        raise signals.stopped("stopped; the same command goes on from there.")
    print(table(rows))
    return 0
