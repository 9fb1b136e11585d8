"""What a round will take on this device: measured on a few of its own steps, not guessed."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path

from lightning_fabric import Fabric

from .data import Batches
from .loop import Training
from .options import TrainOptions
from .rounds import RoundImages

MEASURED = 3  # steps of a stage, the one with adaptation first


def training_seconds(
    options: TrainOptions, images: RoundImages, base: Path, scratch: Path, fabric: Fabric
) -> float:
    """Seconds that the training of these options takes, from a few steps of each stage.

    `scratch` is a folder for what a training writes, to be thrown away.
    """
    training = Training(replace(options, validated_teacher=False), images, scratch, fabric, init=base)
    total = 0.0
    for index, stage in enumerate(options.stages):
        batches = Batches(images, options, index)
        seconds = []
        for step in (0, *range(min(MEASURED, stage.steps))):  # the first one warms up
            started = time.monotonic()
            batch = {key: value.to(fabric.device) for key, value in batches[step].items()}
            training.updates.step(batch, stage, index, step)
            seconds.append(time.monotonic() - started)
        plain = min(seconds[1:])
        adapted = max(0.0, seconds[1] - plain) if stage.adaptation else 0.0
        total += stage.steps * plain + math.ceil(stage.steps / stage.adaptation_every) * adapted
    training.progress.close()
    return total
