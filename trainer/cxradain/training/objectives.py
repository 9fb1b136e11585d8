"""What each update minimizes: the paper's equations put together from `losses` (sections 3.2 and 3.3).

Passes are shared where the paper's plain sequence repeats them: an image's features do not depend on the
style it is decoded with, so one encoder pass serves every translation of the same batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..models.model import AdaINModel
from ..models.tasks import Domain
from ..networks.discriminator import Discriminator
from . import losses
from .data import UNKNOWN, Batch
from .opacity import simulate_opacity
from .options import Teacher, TrainOptions

Losses = dict[str, Tensor]


@dataclass(frozen=True)
class Translation:
    """Sources translated in one or two ways: B sources, W ways, images (W * B, 1, S, S) in -1..1."""

    features: Tensor
    image: Tensor
    code: Tensor
    domain: Tensor
    other: Tensor | None


class Segmentation:
    """L_seg: what a network is shown of labelled images, and how its answer is judged."""

    def __init__(self, options: TrainOptions, classes: int, device: torch.device):
        self.options = options
        weights = [options.background_weight] + [options.lung_weight] * (classes - 1)
        self.class_weights = torch.tensor(weights, device=device)

    def view(self, image: Tensor, labels: Tensor, random: torch.Generator) -> Tensor:
        """Images (B, 1, S, S) with opacities over the lungs of `labels` (B, S, S), if asked for."""
        return self.veiled(image, torch.stack([labels == 1, labels == 2], dim=1).float(), random)

    def veiled(self, image: Tensor, lungs: Tensor, random: torch.Generator) -> Tensor:
        """The same for lungs (B, 2, S, S) known by probability 0..1."""
        if not self.options.opacity:
            return image
        return simulate_opacity(image, lungs, self.options.opacity, random)

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Unweighted L_seg of logits (B, classes, S, S)."""
        dice = self.options.segmentation_loss == "cross_entropy_dice"
        return losses.segmentation_loss(logits, labels, self.class_weights, dice)


class Objectives:
    """The training losses of a model and its adversary under given options.

    Each method returns named, already weighted terms; their sum is what its optimizer minimizes.
    """

    def __init__(
        self, options: TrainOptions, model: AdaINModel, discriminator: Discriminator, ema: AdaINModel
    ):
        self.options, self.model, self.discriminator, self.ema = options, model, discriminator, ema
        device = next(model.parameters()).device
        self.supervision = Segmentation(options, model.config.classes, device)
        self.teacher: Teacher = options.teacher

    # --- segmentation (supervised, normal images only) ---

    def segmentation(self, batch: Batch, random: torch.Generator) -> Losses:
        """L_seg of the direct path; with `label_student`, of the student for half of a distilling batch."""
        o, labels, judge = self.options, batch["labels"], self.supervision.loss
        image = self.supervision.view(batch["labelled"], labels, random)
        if not (o.label_student and "unlabelled" in batch):
            return {"segmentation": o.segmentation * judge(self.model.segment(image, "direct"), labels)}
        direct, student = slice(0, None, 2), slice(1, None, 2)
        by_direct = self.model.segment(image[direct], "direct")
        by_student = self.model.segment(image[student], "student")
        return {
            "segmentation": o.segmentation * judge(by_direct, labels[direct]),
            "label_student": o.label_student * judge(by_student, labels[student]),
        }

    # --- domain adaptation ---

    def restoration(self, batch: Batch, random: torch.Generator, count: int) -> Losses:
        """Normal images given back from under simulated opacities by the teacher's two steps. Ours.

        Here, alone, an opaque image is known in its normal look, and its mask: so the way that adversarial
        training only guides is shown to the teacher outright.
        """
        o = self.options
        normal = batch["labelled_domain"] == Domain.NORMAL
        if not normal.any():
            return {}
        # Spread, so that several processes take what one would.
        apart = max(1, int(normal.sum()) // count)
        image, labels = (batch[key][normal][::apart][:count] for key in ("labelled", "labels"))
        restored = self.model.as_normal(self.supervision.view(image, labels, random))
        logits = self.model.segment(restored, "direct")
        return {
            "restore": o.restore * losses.cycle_loss(image, restored),
            "label_teacher": o.label_teacher * self.supervision.loss(logits, labels),
        }

    def target_code(
        self, batch: Batch, random: torch.Generator, guided: bool, reference: str = "reference"
    ) -> Tensor:
        """The style to translate to: S(reference) when guided by a reference, else F(random latent)."""
        domain = batch["reference_domain"]
        if guided:
            return self.model.style_encoder(batch[reference], domain)
        latent = torch.randn(len(domain), self.model.config.latent_size, generator=random)
        return self.model.code_generator(latent.to(domain.device), domain)

    def translate(
        self, batch: Batch, random: torch.Generator, ways: Sequence[bool], diverse: bool
    ) -> Translation:
        """Sources in the references' domains, once for each way (guided by the reference, or by a latent).

        One encoder pass of the sources serves every way, the second translations of the diversity loss, and
        both the discriminator's and the generator's update.
        """
        generator, count = self.model.generator, len(ways)
        code = torch.cat([self.target_code(batch, random, guided) for guided in ways])
        features = generator.encode(batch["source"])
        repeated = features.repeat(count, 1, 1, 1)
        other = None
        if diverse:
            with torch.no_grad():
                others = torch.cat(
                    [self.target_code(batch, random, guided, "other_reference") for guided in ways]
                )
                other = generator.image(repeated, others)
        return Translation(
            features, generator.image(repeated, code), code, batch["reference_domain"].repeat(count), other
        )

    def discriminator_update(self, batch: Batch, translation: Translation, r1: bool) -> Losses:
        """Real references against translations, with the R1 penalty on the real ones."""
        o = self.options
        real = batch["reference"].detach().requires_grad_(r1)
        real_logit = self.discriminator(real, batch["reference_domain"])
        fake_logit = self.discriminator(translation.image.detach(), translation.domain)
        found = {
            "real": losses.adversarial_loss(real_logit, real=True),
            "fake": losses.adversarial_loss(fake_logit, real=False),
        }
        if r1:
            found["r1"] = o.r1 * o.r1_every * losses.r1_penalty(real_logit, real)
        return found

    def adaptation(self, batch: Batch, translation: Translation, diversity_weight: float) -> Losses:
        """L_adv + L_style + L_cycle - L_div of the generator, and our structure terms where asked for."""
        o, model, source, fake = self.options, self.model, batch["source"], translation
        count = len(fake.image) // len(source)
        source_code = model.style_encoder(source, batch["source_domain"])
        fake_features = model.generator.encode(fake.image)
        back = model.generator.image(fake_features, source_code.repeat(count, 1))
        logit = self.discriminator(fake.image, fake.domain)
        found = {
            "adversarial": o.adversarial * losses.adversarial_loss(logit, real=True),
            "style": o.style * losses.style_loss(fake.code, model.style_encoder(fake.image, fake.domain)),
            "cycle": o.cycle * losses.cycle_loss(source.repeat(count, 1, 1, 1), back),
        }
        if fake.other is not None:
            found["diversity"] = -diversity_weight * losses.diversity_loss(fake.image, fake.other)
        if o.identity:
            same = model.generator.image(fake.features, source_code)
            found["identity"] = o.identity * losses.cycle_loss(source, same)
        labels = batch["source_labels"].repeat(count, 1, 1)
        known = labels[:, 0, 0] != UNKNOWN
        if o.keep_mask and known.any():
            # A translation that keeps the lungs where they are is segmented by the mask we know.
            logits = model.generator.mask(fake_features[known])
            found["keep_mask"] = o.keep_mask * self.supervision.loss(logits, labels[known])
        return found

    # --- distillation ---

    @torch.no_grad()
    def teach(self, image: Tensor, kind: Teacher) -> Tensor:
        """A teacher's logits for images (B, 1, S, S), from the averaged weights."""
        if kind == "direct":
            return self.ema.segment(image, "direct")
        two_step = self.ema.segment(image, "teacher").float()
        if kind == "two_step":
            return two_step
        direct = self.ema.segment(image, "direct").float()
        return combine(two_step, direct, union=kind == "union")

    def distillation(self, batch: Batch, random: torch.Generator) -> Losses:
        """L_inter on abnormal images (from the teacher) and L_intra on normal ones (from the direct path)."""
        o, weak = self.options, batch["unlabelled"]
        abnormal = batch["unlabelled_domain"] == Domain.ABNORMAL
        with torch.no_grad():
            direct = self.ema.segment(weak, "direct").float()
            target = direct.clone()
            if abnormal.any():
                target[abnormal] = self.teach(weak[abnormal], self.teacher).float()
        image = self.supervision.veiled(batch["unlabelled_strong"], target.softmax(1)[:, 1:], random)
        student = self.model.segment(image, "student")
        l1 = o.distillation_loss == "l1_logits"
        found = {}
        if abnormal.any():
            found["inter"] = o.inter * losses.distillation_loss(
                student[abnormal], target[abnormal], l1, o.sure
            )
        if (~abnormal).any():
            found["intra"] = o.intra * losses.distillation_loss(
                student[~abnormal], target[~abnormal], l1, o.sure
            )
        return found


def combine(two_step: Tensor, direct: Tensor, union: bool) -> Tensor:
    """Logits of a teacher that heeds both ways, (B, classes, H, W) each.

    union: a pixel is lung where either way says so (the way with the higher lung probability decides);
    else at each pixel the more confident way decides.
    """
    a, b = two_step.log_softmax(1), direct.log_softmax(1)
    more_lung = a[:, :1] < b[:, :1]
    surer = a.amax(1, keepdim=True) > b.amax(1, keepdim=True)
    return torch.where(more_lung if union else surer, a, b)
