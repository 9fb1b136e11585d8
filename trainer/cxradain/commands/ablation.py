"""`cxradain ablation`: train and measure the method without its parts, one at a time."""

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
        "Trains the plain U-Net and the generator with the segmentation loss alone, each with and without "
        "simulated opacities and field-of-view augmentation, then the generator with our losses, all on the "
        "same number of labelled images; and with the paper's losses, in as many steps as ours. Evaluates "
        "all on dev_normal, dev_abnormal and, if there is one, dev_view, and writes a table. Finished "
        "models are kept: the same command continues a stopped run."
    )
    add = parser.add_argument
    add("--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv")
    add("--out", required=True, metavar="DIR", type=Path, help="folder for models and figures")
    names = ", ".join(RECIPE_NAMES)
    add("--only", nargs="+", choices=RECIPE_NAMES, metavar="NAME", help=f"only these: {names}")
    add("--scale", type=positive, default=1.0, help="factor on the steps of every training")
    add("--seeds", type=count, nargs="+", default=[0], metavar="N", help="train every recipe with each seed")
    add("--base", metavar="MODEL", type=Path, help="model to fine-tune (default: the one in use)")
    add(
        "--teachers", metavar="MODEL", nargs="+", type=Path, default=[], help="models that give pseudo-labels"
    )
    add("--precision", default="auto", choices=PRECISIONS, help=PRECISION_HELP)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train and evaluate what is missing, and print the table. Raises Stopped."""
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
        raise signals.stopped("stopped; the same command continues from there.")
    print(table(results))
    return 0
