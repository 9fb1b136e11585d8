"""Train a tiny model without chance inside its steps: `train_in_processes.py DATA OUT DEVICES`.

A script of its own, for Fabric starts it again for each further process.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from cxradain import model
from cxradain.training import updates
from cxradain.training.data import TrainingImages
from cxradain.training.loop import CHECKPOINT, Training
from cxradain.training.options import PAPER, Stage
from lightning_fabric import Fabric

TINY = model.ModelConfig(canvas=64, width=4, max_width=16, style_width=4, style_max_width=8, code_hidden=8)
# Adaptation comes last: through its 4 x 4 features, rounding would grow in the updates that follow.
STAGES = (
    Stage("distillation", 1, labelled=4, unlabelled=4),
    Stage("adaptation", 1, labelled=0, adaptation=4),
)
# Each process draws its own latents, so none are drawn here; and losses are means over equal parts.
OPTIONS = replace(
    PAPER,
    model="tiny",
    stages=STAGES,
    ways="alternate",
    diversity=0.0,
    identity=1.0,
    background_weight=1.0,
    learning_rate=3e-4,
    code_learning_rate=3e-4,
    self_code_learning_rate=3e-4,
    ema=0.5,
)


def main(data: Path, out: Path, devices: int) -> None:
    """Train on `devices` processes of the CPU; the checkpoint is in `out`."""
    model.PRESETS["tiny"] = TINY
    updates.WAYS["alternate"] = [[(True,)]]
    fabric = Fabric(
        accelerator="cpu", devices=devices, strategy="ddp" if devices > 1 else "auto", precision="32-true"
    )
    fabric.launch()
    training = Training(OPTIONS, TrainingImages(data, TINY.canvas), out, fabric, workers=0)
    for optimizer in training.updates.optimizers.values():
        for group in optimizer.param_groups:
            group["eps"] = 1e-3  # Adam would make a whole step of a gradient that is rounding alone
    training.save()
    if fabric.is_global_zero:
        (out / CHECKPOINT).rename(out / "start.safetensors")
    training.run()
    training.progress.close()
    if fabric.is_global_zero:
        print(f"processes: {fabric.world_size}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
