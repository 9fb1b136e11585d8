"""Train a tiny model for a step in two processes: `train_base_in_processes.py DATA OUT MODEL`.

A script of its own, for Fabric starts it again for the further process. MODEL is the folder to start from.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from cxradain.models import model
from cxradain.training.launch import launch
from cxradain.training.options import LIGHT, Stage
from cxradain.training.run import train_base
from train_in_processes import TINY


def main(data: Path, out: Path, start: Path) -> None:
    """Train on two processes of the CPU; prints what the training reports."""
    model.PRESETS["tiny"] = TINY
    fabric = launch("cpu", "32-true", devices=2)
    stage = Stage("supervised", 1, labelled=2)
    options = replace(LIGHT, model="tiny", stages=(stage,), abdomen_probability=0.5)
    train_base(data, out, options, fabric, init=start, workers=0, report=print)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
