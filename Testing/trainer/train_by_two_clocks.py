"""Train a tiny model in two processes whose clocks differ: `train_by_two_clocks.py DATA OUT`.

A script of its own, for Fabric starts it again for the further process. A clock here moves on by a tenth of a
second with each step; the second process's began half a second earlier, as a slower one's may.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from cxradain.models import model
from cxradain.training import loop
from cxradain.training.data import TrainingImages
from cxradain.training.loop import Training
from cxradain.training.options import LIGHT, Stage
from lightning_fabric import Fabric
from train_in_processes import TINY

STEPS, SAVED_EVERY, AHEAD = 30, 1.15, 0.5


class AnnouncingTraining(Training):
    """A training that prints a line at each save."""

    def save(self) -> None:
        super().save()
        if self.fabric.is_global_zero:
            print("saved", flush=True)


class Clock:
    """Stands in for `time`."""

    def __init__(self, ahead: float):
        self.ahead = ahead
        self.training: Training | None = None

    def monotonic(self) -> float:
        step = self.training.step if self.training else 0
        return step / 10 + (self.ahead if step else 0.0)


def main(data: Path, out: Path) -> None:
    """Train on two processes of the CPU."""
    model.PRESETS["tiny"] = TINY
    fabric = Fabric(
        accelerator="cpu", devices=2, strategy="ddp_find_unused_parameters_true", precision="32-true"
    )
    fabric.launch()
    clock = loop.time = Clock(AHEAD * fabric.global_rank)
    options = replace(
        LIGHT, model="tiny", stages=(Stage("supervised", STEPS, labelled=4),), validated_teacher=False
    )
    clock.training = AnnouncingTraining(
        options,
        TrainingImages(data, TINY.canvas),
        out,
        fabric,
        workers=0,
        checkpoint_minutes=SAVED_EVERY / 60,
        validate_every=10**6,
    )
    clock.training.images.validation.clear()
    clock.training.run()
    clock.training.progress.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
