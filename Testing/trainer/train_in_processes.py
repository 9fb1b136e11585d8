"""Train tiny models without chance inside their steps: `train_in_processes.py DATA OUT DEVICES`.

A script of its own, for Fabric starts it again for each further process. Each process draws its own latents,
so none are drawn here; and losses are means over equal parts. OUT/single has one step in single precision:
through further steps of an untrained generator rounding grows too much to compare. OUT/double has more, with
adaptation, in double precision.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from cxradain.models import model
from cxradain.networks import adain
from cxradain.training import updates
from cxradain.training.batches import Batch
from cxradain.training.data import TrainingImages
from cxradain.training.loop import CHECKPOINT, Training
from cxradain.training.options import PAPER, Stage, TrainOptions
from cxradain.training.updates import Updates
from lightning_fabric import Fabric

TINY = model.ModelConfig(canvas=64, width=4, max_width=16, style_width=4, style_max_width=8, code_hidden=8)
ADAPTATION = Stage("adaptation", 2, labelled=4, adaptation=4, restored=2)
DISTILLATION = Stage("distillation", 1, labelled=4, unlabelled=4)
OPTIONS = replace(
    PAPER,
    model="tiny",
    update_order="alternate",
    diversity_weight=0.0,
    identity_weight=1.0,
    restore_weight=10.0,
    label_teacher_weight=2.0,
    background_weight=1.0,
    learning_rate=3e-4,
    code_learning_rate=3e-4,
    self_code_learning_rate=3e-4,
    ema_decay=0.5,
)


class DoubleTraining(Training):
    """A training in double precision."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        single = self.updates
        self.updates = Updates(
            single.options, single.model.double(), single.discriminator.double(), single.fabric
        )

    def batches(self) -> Generator[Batch, None, None]:
        for batch in super().batches():
            yield {k: v.double() if v.is_floating_point() else v for k, v in batch.items()}


def train(kind: type[Training], options: TrainOptions, data: Path, out: Path, fabric: Fabric) -> None:
    """Leaves the checkpoints of the beginning and the end in `out`."""
    images = TrainingImages(data, TINY.canvas)
    training = kind(options, images, out, fabric, workers=0, validate_every=10**6)
    images.validation.clear()
    for optimizer in training.updates.optimizers.values():
        for group in optimizer.param_groups:
            group["eps"] = 1e-3  # Adam would make a whole step of a gradient that is rounding alone
    training.save()
    if fabric.is_global_zero:
        (out / CHECKPOINT).rename(out / "start.safetensors")
    training.run()
    training.progress.close()


def main(data: Path, out: Path, devices: int) -> None:
    """Train on `devices` processes of the CPU."""
    model.PRESETS["tiny"] = TINY
    updates.UPDATE_ORDERS["alternate"] = [[("reference",)]]
    strategy = "ddp_find_unused_parameters_true" if devices > 1 else "auto"
    fabric = Fabric(accelerator="cpu", devices=devices, strategy=strategy, precision="32-true")
    fabric.launch()
    single = replace(OPTIONS, stages=(DISTILLATION,))
    train(Training, single, data, out / "single", fabric)
    norm = adain.instance_norm  # its scale and shift come in single precision
    adain.instance_norm = lambda x, scale, shift: norm(x, scale.to(x.dtype), shift.to(x.dtype))
    double = replace(OPTIONS, stages=(ADAPTATION, DISTILLATION))
    train(DoubleTraining, double, data, out / "double", fabric)
    if fabric.is_global_zero:
        print(f"processes: {fabric.world_size}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
