"""Options of a training, with every deviation from the paper by name, and the presets."""

from __future__ import annotations

import math
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, Literal, get_args

Precision = Literal["auto", "32-true", "bf16-mixed"]  # of Lightning Fabric; auto: the faster one
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
Teacher = Literal["two_step", "direct", "confident", "union"]
TEACHERS: tuple[Teacher, ...] = get_args(Teacher)
UpdateOrder = Literal["sequence", "together", "alternate"]
Schedule = Literal["steps", "cosine"]
SegmentationLoss = Literal["cross_entropy", "cross_entropy_dice"]
DistillationLoss = Literal["l1_logits", "cross_entropy"]


def option(default: Any, text: str, flag: str = "", suffix: str = "") -> Any:
    """A field that is also an option of the command line, with this help.

    Its name there, in checkpoints and on cards is `flag`, or else the field's name without `suffix`.
    """
    return field(default=default, metadata={"help": text, "flag": flag, "suffix": suffix})


def weight(default: float, of: str) -> Any:
    """The weight of a loss term; `style_weight` is the option `style`."""
    return option(default, f"weight {of}", suffix="_weight")


def probability(of: str) -> Any:
    """A probability, 0 in the paper; `crop_probability` is the option `crop`."""
    return option(0.0, f"probability {of}", suffix="_probability")


@dataclass(frozen=True)
class Stage:
    """A stage of a training. Counts are images in a step, over all devices together.

    labelled: for the segmentation loss; adaptation: sources of the domain adaptation done every
        `adaptation_every` steps; restored: how many of the labelled ones also train restoration; unlabelled:
        for distillation; pseudo_labelled: for self-training. Raises ValueError, naming the stage, for
        impossible counts.
    """

    name: str
    steps: int
    labelled: int = 1
    adaptation: int = 0
    adaptation_every: int = 1
    restored: int = 0
    unlabelled: int = 0
    pseudo_labelled: int = 0

    def __post_init__(self) -> None:
        counts = [field.name for field in fields(self) if field.name != "name"]
        for name in counts:
            least = 1 if name in ("steps", "adaptation_every") else 0
            if getattr(self, name) < least:
                raise ValueError(
                    f"stage {self.name}: {name} is {getattr(self, name)}; it must be at least {least}"
                )
        if not self.labelled + self.adaptation + self.unlabelled + self.pseudo_labelled:
            uses = "labelled, adaptation, unlabelled or pseudo_labelled"
            raise ValueError(f"stage {self.name}: has no images; give {uses}")
        if self.restored > self.labelled:
            raise ValueError(
                f"stage {self.name}: {self.restored} restored of {self.labelled} labelled images"
            )

    @property
    def trains_student(self) -> bool:
        """Whether the student's path is trained."""
        return self.unlabelled + self.pseudo_labelled > 0


@dataclass(frozen=True)
class TrainOptions:
    """The options of a training. The defaults are the paper's (sections 3.2 and 4.2); `LIGHT` lists our
    deviations.

    Raises ValueError for impossible numbers.
    """

    preset: str = "paper"
    model: str = option("paper", "size of the networks: paper or compact")
    stages: tuple[Stage, ...] = (
        Stage("adaptation", 40_000, labelled=1, adaptation=1),
        Stage("distillation", 40_000, labelled=0, unlabelled=1),
    )
    seed: int = option(0, "seed of weights, batches and augmentation")

    learning_rate: float = option(1e-4, "Adam's learning rate of generator, style encoder, discriminator")
    code_learning_rate: float = option(1e-6, "learning rate of the AdaIN code generator")
    self_code_learning_rate: float = option(1e-4, "learning rate of the code generator while distilling")
    schedule: Schedule = option(
        "steps", "steps: x0.1 at 55 % and 70 % of a stage; cosine: warm-up and cosine"
    )
    beta1: float = option(0.0, "Adam's first decay; the second is 0.99")
    max_gradient_norm: float = option(
        0.0, "limit of the gradient's norm at each update; 0: none", flag="clip"
    )
    weight_decay: float = option(1e-4, "Adam's weight decay")
    ema_decay: float = option(
        0.999, "decay of the moving average of the weights that is kept as the model", flag="ema"
    )

    # Weights of the loss terms (sections 3.2 and 3.3).
    style_weight: float = weight(1.0, "of the style reconstruction loss")
    cycle_weight: float = weight(2.0, "of the cycle consistency loss")
    diversity_weight: float = weight(1.0, "of the diversity loss at the start; falls linearly to 0")
    segmentation_weight: float = weight(5.0, "of the segmentation loss")
    inter_weight: float = weight(10.0, "of inter-domain distillation: teacher to student, unlabelled images")
    intra_weight: float = weight(1.0, "of intra-domain distillation: direct to student, normal images")
    adversarial_weight: float = weight(1.0, "of the adversarial loss")
    r1_weight: float = weight(1.0, "of the R1 penalty (its factor 0.5 is apart)")
    r1_every: int = option(1, "compute the R1 penalty in every n-th iteration, n-fold")

    segmentation_loss: SegmentationLoss = option(
        "cross_entropy", "or cross_entropy_dice: soft Dice beside it"
    )
    lung_weight: float = option(1.0, "class weight of the lungs in the cross-entropy")
    background_weight: float = option(0.7, "class weight of the background in the cross-entropy")
    distillation_loss: DistillationLoss = option(
        "l1_logits", "or cross_entropy on the teacher's probabilities"
    )

    # Deviations; by default off, as in the paper.
    update_order: UpdateOrder = option(
        "sequence", "latent- and reference-guided updates: in sequence, together, or alternate", flag="ways"
    )
    identity_weight: float = weight(0.0, "of reconstructing an image in its own style without translating it")
    keep_mask_weight: float = weight(
        0.0, "of segmenting translations of labelled normal images by their known masks"
    )
    restore_weight: float = weight(
        0.0, "of restoring a normal image from under simulated opacities; see a stage's `restored`"
    )
    label_teacher_weight: float = weight(0.0, "of segmenting a restored image by its known mask")
    match_cohort: bool = option(
        False, "take style references from the source's own cohort if the domain has it", flag="like_sources"
    )
    teacher: Teacher = option(
        "two_step", "what the student learns from; confident and union add the direct path"
    )
    confidence_threshold: float = option(
        0.0, "distil only pixels where the teacher gives a class at least this probability", flag="sure"
    )
    validated_teacher: bool = option(False, "choose the teacher that is best on held-out patients instead")
    student_from_direct: bool = option(
        False, "initialize the student from the direct path; off, to continue training a student"
    )
    label_student_weight: float = weight(0.0, "of the segmentation loss on the student's own path")
    pseudo_label_weight: float = weight(
        0.0, "of the student's segmentation loss on pseudo-labelled images; see a stage's `pseudo_labelled`"
    )
    two_step_answers: bool = option(
        False, "also use the two-step answers of the model to start from for pseudo-labels"
    )
    hard_probability: float = probability(
        "of a pseudo-labelled image from the quarter of its source on which the teachers are least sure"
    )
    abnormal_labels: bool = option(False, "also use the masks of abnormal images as labels, if there are any")
    augment: bool = option(False, "random affine and intensity transforms")
    crop_probability: float = probability("of a view with its edges cropped, the lower one by up to 15 %")
    abdomen_probability: float = probability("of an adult's abdomen pasted below a labelled image")
    keep_last: bool = option(False, "keep the last averaged weights instead of those that validated best")
    opacity_probability: float = probability("of simulated opacities in a lung of a segmented image")

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError("a training needs a stage")
        for name, value in vars(self).items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{name} is {value}, not a finite number")
        for name, least in (("seed", 0), ("r1_every", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least {least}")
        shares = ("crop_probability", "abdomen_probability", "hard_probability", "opacity_probability")
        for name in ("ema_decay", "confidence_threshold", *shares):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be between 0 and 1")


def options_by_flag() -> dict[str, Field[Any]]:
    """The fields of TrainOptions by their names on the command line, in checkpoints and on cards."""
    return {
        field.metadata.get("flag") or field.name.removesuffix(field.metadata.get("suffix", "")): field
        for field in fields(TrainOptions)
    }


# Labels first: adaptation from the start left a small generator worse.
LIGHT_STAGES = (
    Stage("supervised", 4000, labelled=4),
    Stage("adaptation", 500, labelled=4, adaptation=4, adaptation_every=8, restored=1),
    Stage("distillation", 800, labelled=6, unlabelled=4, restored=1),
)

PAPER = TrainOptions()
LIGHT = TrainOptions(
    preset="light",
    model="compact",
    stages=LIGHT_STAGES,
    learning_rate=5e-4,
    code_learning_rate=1e-4,
    self_code_learning_rate=5e-4,
    beta1=0.5,
    max_gradient_norm=5.0,
    schedule="cosine",
    ema_decay=0.997,
    cycle_weight=1.0,
    diversity_weight=0.0,
    adversarial_weight=0.5,
    r1_every=4,
    segmentation_loss="cross_entropy_dice",
    background_weight=1.0,
    distillation_loss="cross_entropy",
    inter_weight=3.0,
    update_order="alternate",
    identity_weight=1.0,
    keep_mask_weight=2.0,
    restore_weight=10.0,
    label_teacher_weight=2.0,
    match_cohort=True,
    confidence_threshold=0.8,
    validated_teacher=True,
    student_from_direct=True,
    label_student_weight=5.0,
    augment=True,
    opacity_probability=0.5,
)

# Continues a trained model with other fields of view, and its student with pseudo-labels of fixed teachers.
# The translation, which shares weights with the mask, is neglected meanwhile, so the last stage trains it
# again.
REFINE_STAGES = (
    Stage("self-training", 800, labelled=4, pseudo_labelled=4),
    Stage("closing", 480, labelled=6, adaptation=2, adaptation_every=8, restored=2, pseudo_labelled=4),
)
REFINE = replace(
    LIGHT,
    preset="refine",
    stages=REFINE_STAGES,
    learning_rate=3e-4,
    self_code_learning_rate=3e-4,
    pseudo_label_weight=5.0,
    crop_probability=0.3,
    abdomen_probability=0.5,
    student_from_direct=False,
    validated_teacher=False,
    keep_last=True,
)
PRESETS = {"paper": PAPER, "light": LIGHT, "refine": REFINE}

# A good model is changed carefully: fewer and smaller steps, and the last averaged weights. Validation
# patients choose neither weights nor teacher, as the gate judges on the same patients.
ROUND = replace(
    LIGHT,
    preset="round",
    stages=(Stage("round", 240, labelled=6, adaptation=2, adaptation_every=8, restored=1, unlabelled=2),),
    learning_rate=2e-4,
    self_code_learning_rate=2e-4,
    ema_decay=0.99,
    teacher="direct",
    crop_probability=0.3,
    validated_teacher=False,
    student_from_direct=False,
    keep_last=True,
)
# The same with pseudo-labels of the model that the round begins with, as `refine` has them, in place of what
# the moving average answers.
SELF_TRAINING_ROUND = replace(
    ROUND,
    preset="self-training",
    stages=tuple(replace(stage, unlabelled=0, pseudo_labelled=stage.unlabelled) for stage in ROUND.stages),
    pseudo_label_weight=REFINE.pseudo_label_weight,
)
PAPER_ROUND = replace(
    PAPER,
    preset="paper",
    stages=(
        Stage("adaptation", 2000, labelled=1, adaptation=1),
        Stage("distillation", 2000, labelled=0, unlabelled=1),
    ),
    keep_last=True,
)
ROUND_PRESETS = {"round": ROUND, "self-training": SELF_TRAINING_ROUND, "paper": PAPER_ROUND}


def scaled(stages: tuple[Stage, ...], factor: float) -> tuple[Stage, ...]:
    """The stages with their steps multiplied by `factor`, at least one step each."""
    return tuple(replace(stage, steps=max(1, round(factor * stage.steps))) for stage in stages)
