"""The trainings of the ablation: the same labels, augmentation and steps, and one part of the method changed.

Every training sees as many labelled images in its segmentation loss, but for the paper's, whose second stage
has none: it takes as many steps as ours, and sees a fifth fewer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..models.tasks import Mode
from .options import LIGHT, PAPER, Stage, TrainOptions

# What the paper's row takes from ours: the size, steps and step sizes that two cores allow.
BUDGET = (
    "model",
    "learning_rate",
    "code_learning_rate",
    "self_code_learning_rate",
    "schedule",
    "beta1",
    "clip",
    "ema",
    "r1_every",
    "augment",
    "opacity",
)


@dataclass(frozen=True)
class Recipe:
    """One training: its options, and the ways its weights are used."""

    name: str
    text: str
    options: TrainOptions
    modes: tuple[Mode, ...]
    unet: bool = False


def recipes(scale: float = 1.0, seed: int = 0) -> list[Recipe]:
    """The trainings, their steps multiplied by `scale`, from this seed."""
    light = replace(
        LIGHT,
        seed=seed,
        stages=tuple(replace(s, steps=max(1, round(scale * s.steps))) for s in LIGHT.stages),
    )
    seen = sum(s.steps * s.labelled for s in light.stages)
    labels, adaptation, distillation = light.stages
    per_step = labels.labelled
    supervised = replace(light, stages=(Stage("supervised", seen // per_step, labelled=per_step),))
    plain = replace(supervised, opacity=0.0)
    view = replace(supervised, crop=0.3, abdomen=0.5)
    # The paper's losses, weights and teacher.
    papers = replace(
        PAPER,
        seed=seed,
        **{name: getattr(light, name) for name in BUDGET},
        stages=(
            replace(adaptation, steps=labels.steps + adaptation.steps, restored=0),
            replace(distillation, labelled=0, restored=0),
        ),
    )
    return [
        Recipe("unet", "plain residual U-Net", supervised, ("direct",), unet=True),
        Recipe("supervised", "our generator, supervised only", supervised, ("direct",)),
        Recipe("unet-plain", "the U-Net without simulated opacities", plain, ("direct",), unet=True),
        Recipe("supervised-plain", "supervised only, without simulated opacities", plain, ("direct",)),
        Recipe("unet-view", "the U-Net with other fields of view", view, ("direct",), unet=True),
        Recipe("supervised-view", "supervised only, with other fields of view", view, ("direct",)),
        Recipe("paper", "the paper's losses, light schedule", papers, ("direct", "teacher", "student")),
        Recipe("light", "ours", light, ("direct", "teacher", "student")),
    ]


NAMES = tuple(recipe.name for recipe in recipes())
