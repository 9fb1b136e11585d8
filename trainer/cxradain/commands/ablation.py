"""`cxradain ablation`: the method's parts trained and measured side by side."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..training.options import PRECISIONS
from ..training.recipes import RECIPE_NAMES
from .options import count, positive
from .process import StopSignals
from .training_options import PRECISION_HELP


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "Trains a U-Net and the generator supervised only, each with and without simulated "
        "opacities and with other fields of view, and by our losses, on as many labelled images each; and by "
        "the paper's losses, in as many steps as ours. Measures all on dev_normal, dev_abnormal and, where "
        "there is one, dev_view, and writes a table. What is there already is kept, so that a stopped run "
        "goes on."
    )
    add = parser.add_argument
    add("--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv")
    add("--out", required=True, metavar="DIR", type=Path, help="folder for models and figures")
    names = ", ".join(RECIPE_NAMES)
    add("--only", nargs="+", choices=RECIPE_NAMES, metavar="NAME", help=f"of {names}")
    add("--scale", type=positive, default=1.0, help="steps of every training, multiplied by this")
    add("--seeds", type=count, nargs="+", default=[0], metavar="N", help="of weights, batches and views")
    add("--base", metavar="MODEL", type=Path, help="model to go on from (default: the one in use)")
    add("--teachers", metavar="MODEL", nargs="+", type=Path, default=[], help="that give pseudo-labels")
    add("--precision", default="auto", choices=PRECISIONS, help=PRECISION_HELP)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run what is missing; prints the table. Raises Stopped."""
    from ..training.ablation import AblationRequest, run_ablation, table

    with StopSignals() as signals:
        request = AblationRequest(
            data=arguments.data,
            out=arguments.out,
            names=arguments.only or (),
            seeds=arguments.seeds,
            scale=arguments.scale,
            precision=arguments.precision,
            base=arguments.base,
            teachers=arguments.teachers,
        )
        results = run_ablation(request, should_stop=signals.asked)
    if results is None:
        raise signals.stopped("stopped; the same command goes on from there.")
    print(table(results))
    return 0
