"""The objectives of the updates: the paper's equations, composed of `losses` (sections 3.2 and 3.3).

Passes that the paper's sequence repeats are shared: features do not depend on the style of the decoder, so
one encoder pass serves all translations of a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ..models.model import AdaINModel
from ..models.tasks import Domain
from ..networks.discriminator import Discriminator
from . import losses
from .batches import Batch
from .losses import UNKNOWN
from .opacity import lung_masks, simulate_opacity
from .options import Teacher, TrainOptions

LossTerms = dict[str, Tensor]  # scalars
StyleSource = Literal["latent", "reference"]  # the source of a style code: F(z) or S(reference)


@dataclass(frozen=True)
class Translation:
    """The translations of B source images, one for each of W style sources (1 or 2).

    features: of the sources, (B, C, S/16, S/16). Of the W * B translations, first those by the first style
        source: image (W * B, 1, S, S) in -1..1; code (W * B, code_size) and domain (W * B,), to which they
        were translated; other: the same sources in other styles of that domain, shaped like `image`, or None.
    """

    features: Tensor
    image: Tensor
    code: Tensor
    domain: Tensor
    other: Tensor | None


class SupervisedObjective:
    """L_seg on labelled images, with simulated opacities if the options ask for them."""

    def __init__(self, options: TrainOptions, classes: int, device: torch.device):
        self.options = options
        weights = [options.background_weight] + [options.lung_weight] * (classes - 1)
        self.class_weights = torch.tensor(weights, device=device)

    def with_opacities(self, image: Tensor, lungs: Tensor, random: torch.Generator) -> Tensor:
        """Images (B, 1, S, S) in -1..1 with simulated opacities over their lungs (B, 2, S, S) in 0..1."""
        if not self.options.opacity_probability:
            return image
        return simulate_opacity(image, lungs, self.options.opacity_probability, random)

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Unweighted L_seg of logits (B, classes, S, S) against labels (B, S, S)."""
        dice = self.options.segmentation_loss == "cross_entropy_dice"
        return losses.segmentation_loss(logits, labels, self.class_weights, dice)


class Objectives:
    """The training objectives of a model and its discriminator.

    Each method `..._terms` returns named, weighted loss terms, whose sum the optimizers minimize. `average`
    is the model with averaged weights, the teacher. `batch` is an item of `batches.Batches`; `random` is the
    source of latents and simulated opacities.
    """

    def __init__(
        self, options: TrainOptions, model: AdaINModel, discriminator: Discriminator, average: AdaINModel
    ):
        self.options, self.model, self.discriminator, self.average = options, model, discriminator, average
        device = next(model.parameters()).device
        self.supervised = SupervisedObjective(options, model.config.classes, device)
        self.teacher: Teacher = options.teacher

    def joint_terms(self, batch: Batch, random: torch.Generator, restored: int) -> LossTerms:
        """The terms of segmentation, restoration (of up to `restored` images), distillation and
        self-training, as far as the batch has images for them."""
        terms = self.segmentation_terms(batch, random) if "labelled" in batch else {}
        if "labelled" in batch and restored:
            terms |= self.restoration_terms(batch, random, restored)
        if "unlabelled" in batch:
            terms |= self.distillation_terms(batch, random)
        if "pseudo_labelled" in batch:
            terms |= self.self_training_terms(batch, random)
        return terms

    # --- segmentation (section 3.2) ---

    def segmentation_terms(self, batch: Batch, random: torch.Generator) -> LossTerms:
        """L_seg of the direct path; with `label_student_weight`, half of the batch trains the student's
        path."""
        o, labels, loss = self.options, batch["labels"], self.supervised.loss
        image = self.supervised.with_opacities(batch["labelled"], lung_masks(labels), random)
        trains_student = "unlabelled" in batch or "pseudo_labelled" in batch
        if not (o.label_student_weight and trains_student):
            logits = self.model.segment(image, "direct")
            return {"segmentation": o.segmentation_weight * loss(logits, labels)}
        direct, student = slice(0, None, 2), slice(1, None, 2)
        direct_logits = self.model.segment(image[direct], "direct")
        student_logits = self.model.segment(image[student], "student")
        return {
            "segmentation": o.segmentation_weight * loss(direct_logits, labels[direct]),
            "label_student": o.label_student_weight * loss(student_logits, labels[student]),
        }

    # --- domain adaptation (section 3.2) ---

    def restoration_terms(self, batch: Batch, random: torch.Generator, count: int) -> LossTerms:
        """Restoration: the teacher removes simulated opacities from up to `count` normal images. Not in the
        paper.

        Only here are both the normal look and the mask of an opaque image known, so the teacher is supervised
        where adversarial training can only guide it.
        """
        o = self.options
        normal = batch["labelled_domain"] == Domain.NORMAL
        if not normal.any():
            return {}
        # Evenly spread, so that several processes take the same images as one.
        stride = max(1, int(normal.sum()) // count)
        image, labels = (batch[key][normal][::stride][:count] for key in ("labelled", "labels"))
        opaque = self.supervised.with_opacities(image, lung_masks(labels), random)
        restored = self.model.as_normal(opaque)
        logits = self.model.segment(restored, "direct")
        return {
            "restore": o.restore_weight * losses.cycle_loss(image, restored),
            "label_teacher": o.label_teacher_weight * self.supervised.loss(logits, labels),
        }

    def target_code(
        self, batch: Batch, random: torch.Generator, source: StyleSource, reference: str = "reference"
    ) -> Tensor:
        """The target codes (B, code_size): S(reference), or F(random latent)."""
        domain = batch["reference_domain"]
        if source == "reference":
            return self.model.style_encoder(batch[reference], domain)
        latent = torch.randn(len(domain), self.model.config.latent_size, generator=random)
        return self.model.code_generator(latent.to(domain.device), domain)

    def translate(
        self, batch: Batch, random: torch.Generator, style_sources: Sequence[StyleSource], diverse: bool
    ) -> Translation:
        """Translate the batch's sources to the domains of their references, once for each style source.

        One encoder pass of the sources serves every style, the second translations for the diversity loss (if
        `diverse`), and both the discriminator's and the generator's update.
        """
        generator, count = self.model.generator, len(style_sources)
        code = torch.cat([self.target_code(batch, random, source) for source in style_sources])
        features = generator.encode(batch["source"])
        repeated = features.repeat(count, 1, 1, 1)
        other = None
        if diverse:
            with torch.no_grad():
                other_code = torch.cat(
                    [self.target_code(batch, random, source, "other_reference") for source in style_sources]
                )
                other = generator.image(repeated, other_code)
        return Translation(
            features, generator.image(repeated, code), code, batch["reference_domain"].repeat(count), other
        )

    def discriminator_terms(self, batch: Batch, translation: Translation, r1: bool) -> LossTerms:
        """L_adv of the discriminator: real references against translations, with the R1 penalty if `r1`."""
        o = self.options
        real = batch["reference"].detach().requires_grad_(r1)
        real_logit = self.discriminator(real, batch["reference_domain"])
        fake_logit = self.discriminator(translation.image.detach(), translation.domain)
        terms = {
            "real": losses.adversarial_loss(real_logit, real=True),
            "fake": losses.adversarial_loss(fake_logit, real=False),
        }
        if r1:
            terms["r1"] = o.r1_weight * o.r1_every * losses.r1_penalty(real_logit, real)
        return terms

    def adaptation_terms(self, batch: Batch, fake: Translation, diversity_weight: float) -> LossTerms:
        """L_adv + L_style + L_cycle - L_div of the generator, and our identity and kept-mask terms if
        weighted."""
        o, model, source = self.options, self.model, batch["source"]
        count = len(fake.image) // len(source)
        source_code = model.style_encoder(source, batch["source_domain"])
        fake_features = model.generator.encode(fake.image)
        back = model.generator.image(fake_features, source_code.repeat(count, 1))
        logit = self.discriminator(fake.image, fake.domain)
        fake_code = model.style_encoder(fake.image, fake.domain)
        terms = {
            "adversarial": o.adversarial_weight * losses.adversarial_loss(logit, real=True),
            "style": o.style_weight * losses.style_loss(fake.code, fake_code),
            "cycle": o.cycle_weight * losses.cycle_loss(source.repeat(count, 1, 1, 1), back),
        }
        if fake.other is not None:
            terms["diversity"] = -diversity_weight * losses.diversity_loss(fake.image, fake.other)
        if o.identity_weight:
            same = model.generator.image(fake.features, source_code)
            terms["identity"] = o.identity_weight * losses.cycle_loss(source, same)
        labels = batch["source_labels"].repeat(count, 1, 1)
        known = labels[:, 0, 0] != UNKNOWN
        if o.keep_mask_weight and known.any():
            # If a translation leaves the lungs in place, the known mask still holds.
            logits = model.generator.mask(fake_features[known])
            terms["keep_mask"] = o.keep_mask_weight * self.supervised.loss(logits, labels[known])
        return terms

    # --- distillation (section 3.3) ---

    @torch.no_grad()
    def teacher_logits(self, image: Tensor, teacher: Teacher) -> Tensor:
        """The teacher's logits (B, classes, S, S) for images (B, 1, S, S), from the averaged weights."""
        if teacher == "direct":
            return self.average.segment(image, "direct")
        two_step = self.average.segment(image, "teacher").float()
        if teacher == "two_step":
            return two_step
        direct = self.average.segment(image, "direct").float()
        return combine_teachers(two_step, direct, union=teacher == "union")

    def distillation_terms(self, batch: Batch, random: torch.Generator) -> LossTerms:
        """L_inter on abnormal images (the teacher is `teacher`) and L_intra on normal ones (the direct
        path)."""
        o, weak = self.options, batch["unlabelled"]
        abnormal = batch["unlabelled_domain"] == Domain.ABNORMAL
        target = weak.new_empty((len(weak), self.model.config.classes, *weak.shape[2:]), dtype=torch.float32)
        ways: tuple[tuple[Tensor, Teacher], ...] = ((abnormal, self.teacher), (~abnormal, "direct"))
        for part, teacher in ways:
            if part.any():
                target[part] = self.teacher_logits(weak[part], teacher).float()
        lungs = target.softmax(1)[:, 1:]
        image = self.supervised.with_opacities(batch["unlabelled_strong"], lungs, random)
        student = self.model.segment(image, "student")
        return {
            name: weight
            * losses.distillation_loss(
                student[part], target[part], o.distillation_loss == "l1_logits", o.confidence_threshold
            )
            for name, weight, part in (
                ("inter", o.inter_weight, abnormal),
                ("intra", o.intra_weight, ~abnormal),
            )
            if part.any()
        }

    # --- self-training: not in the paper ---

    def self_training_terms(self, batch: Batch, random: torch.Generator) -> LossTerms:
        """L_seg of the student against pseudo-labels, also with simulated opacities."""
        labels = batch["pseudo_labels"]
        image = self.supervised.with_opacities(batch["pseudo_labelled"], lung_masks(labels), random)
        loss = self.supervised.loss(self.model.segment(image, "student"), labels)
        return {"pseudo_label": self.options.pseudo_label_weight * loss}


def combine_teachers(two_step: Tensor, direct: Tensor, union: bool) -> Tensor:
    """Combine the logits (B, classes, H, W) of the two-step and of the direct path into one teacher.

    union: a pixel is lung if either path says so (the path with the higher lung probability decides);
        otherwise the more confident path decides at each pixel.
    """
    a, b = two_step.log_softmax(1), direct.log_softmax(1)
    more_lung = a[:, :1] < b[:, :1]
    more_confident = a.amax(1, keepdim=True) > b.amax(1, keepdim=True)
    return torch.where(more_lung if union else more_confident, a, b)
