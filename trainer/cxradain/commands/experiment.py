"""`cxradain experiment`: do rounds help? Measured with a simulated radiologist's corrections."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from ..models.registry import default_model
from .process import StopSignals
from .training_options import add_round, round_request


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "Makes a session of radiographs that the base model has seen without labels. A simulated radiologist "
        "corrects 5, 10, 20 or 40 of them; a round is trained on each number and evaluated on both "
        "development splits. Finished rounds are kept: the same command continues a stopped run."
    )
    add = parser.add_argument
    add("--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv and oracle_masks")
    add("--out", required=True, metavar="DIR", type=Path, help="folder for the session, rounds and figures")
    add("--base", metavar="MODEL", type=Path, help="the model to start from (default: the one in use)")
    add("--rounds", type=int, metavar="N", help="only the first N rounds")
    add("--no-replay", action="store_true", help="replay synthetic normal images, not the base data")
    add("--recipe", nargs=argparse.REMAINDER, default=[], help="options for `train round`; must come last")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run what is missing, and print the table. Raises Stopped."""
    from ..rounds.experiment import PLANS, run_experiment, table

    parser = argparse.ArgumentParser(prog="cxradain experiment ... --recipe")
    add_round(parser)
    options = argparse.Namespace(command=arguments.recipe)
    recipe = round_request(parser.parse_args(["--session", "", *arguments.recipe], options))
    if not arguments.no_replay:
        recipe = replace(recipe, data=arguments.data)
    with StopSignals() as signals:
        rows = run_experiment(
            recipe,
            arguments.data,
            arguments.out,
            arguments.base or default_model(),
            PLANS[: arguments.rounds],
            should_stop=signals.asked,
            report=print,
        )
    if rows is None:
        raise signals.stopped("stopped; the same command continues from there.")
    print(table(rows))
    return 0
