"""The trainings of the ablation. No torch: the command line lists them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..models.tasks import Mode
from .options import LIGHT, PAPER, REFINE, TrainOptions, scaled

# What the recipe `paper` takes from `light`: the sizes, steps and step sizes that two cores allow.
PAPER_FROM_LIGHT = (
    "model",
    "learning_rate",
    "code_learning_rate",
    "self_code_learning_rate",
    "schedule",
    "beta1",
    "max_gradient_norm",
    "ema_decay",
    "r1_every",
    "augment",
    "opacity_probability",
)


@dataclass(frozen=True)
class Recipe:
    """A training of the ablation: its options, the modes to evaluate, its network.

    `continues`: it starts from the weights of the base model. `canvas`: the image size in pixels where it is
    not the base model's.
    """

    name: str
    text: str
    options: TrainOptions
    modes: tuple[Mode, ...]
    unet: bool = False
    continues: bool = False
    canvas: int | None = None


SUPERVISED = "supervised"  # the recipe with which those that start from scratch are compared


def recipes(scale: float = 1.0, seed: int = 0) -> list[Recipe]:
    """The trainings of the ablation from a seed, their steps multiplied by `scale`."""
    light = replace(LIGHT, seed=seed, stages=scaled(LIGHT.stages, scale))
    labels, adaptation, distillation = light.stages
    images = sum(stage.steps * stage.labelled for stage in light.stages)  # labelled images seen by `light`
    supervised = replace(light, stages=(replace(labels, steps=images // labels.labelled),))
    plain = replace(supervised, opacity_probability=0.0)
    view = replace(supervised, crop_probability=0.3, abdomen_probability=0.5)
    # The paper's losses, weights and teacher.
    paper = replace(
        PAPER,
        seed=seed,
        **{name: getattr(light, name) for name in PAPER_FROM_LIGHT},
        stages=(
            replace(adaptation, steps=labels.steps + adaptation.steps, restored=0),
            replace(distillation, labelled=0, restored=0),
        ),
    )
    # Only student and direct are compared, so the stage that trains the translation again is left out.
    self_training, _closing = scaled(REFINE.stages, scale)
    refine = replace(REFINE, seed=seed, stages=(self_training,))
    # The same labelled images, without pseudo-labels.
    refine_view = replace(refine, stages=(replace(self_training, name="supervised", pseudo_labelled=0),))
    refine_none = replace(refine_view, crop_probability=0.0, abdomen_probability=0.0)
    two_step = replace(refine, two_step_answers=True)
    hard = replace(refine, hard_probability=0.5)
    all_labels = replace(refine, abnormal_labels=True)
    student: tuple[Mode, ...] = ("direct", "student")
    return [
        Recipe("continued", "the base trained on, supervised only", refine_none, ("direct",), continues=True),
        Recipe("view", "and with other fields of view", refine_view, ("direct",), continues=True),
        Recipe("self-training", "and with pseudo-labels", refine, student, continues=True),
        Recipe("two-step", "and with two-step answers among them", two_step, student, continues=True),
        Recipe("hard", "self-training, hard images oftener", hard, student, continues=True),
        Recipe("all-labels", "self-training, masks of abnormal images", all_labels, student, continues=True),
        Recipe("view-256", "view, at 256 pixels", refine_view, ("direct",), continues=True, canvas=256),
        Recipe("unet", "plain residual U-Net", supervised, ("direct",), unet=True),
        Recipe(SUPERVISED, "our generator, supervised only", supervised, ("direct",)),
        Recipe("unet-plain", "the U-Net without simulated opacities", plain, ("direct",), unet=True),
        Recipe("supervised-plain", "supervised only, without simulated opacities", plain, ("direct",)),
        Recipe("unet-view", "the U-Net with other fields of view", view, ("direct",), unet=True),
        Recipe("supervised-view", "supervised only, with other fields of view", view, ("direct",)),
        Recipe("paper", "the paper's losses, light schedule", paper, ("direct", "teacher", "student")),
        Recipe("light", "ours", light, ("direct", "teacher", "student")),
    ]


RECIPE_NAMES = tuple(recipe.name for recipe in recipes())
