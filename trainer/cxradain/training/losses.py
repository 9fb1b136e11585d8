"""The paper's loss terms (section 3.2), each by its name. All return a scalar."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from monai.losses import DiceLoss
from torch import Tensor

UNKNOWN = -1  # label of a pixel of which no one knows what it is


def adversarial_loss(logit: Tensor, real: bool) -> Tensor:
    """Non-saturating binary cross-entropy of the discriminator's logit (B,) against real or fake."""
    logit = logit.float()
    return F.softplus(-logit if real else logit).mean()


def r1_penalty(logit: Tensor, image: Tensor) -> Tensor:
    """0.5 * |d logit / d image|^2 at real images, mean over the batch; `image` must require grad."""
    (gradient,) = torch.autograd.grad(logit.sum(), image, create_graph=True)
    return 0.5 * gradient.square().flatten(1).sum(1).mean()


def style_loss(code: Tensor, recovered: Tensor) -> Tensor:
    """L1 between the code an image was made with and the code the style encoder sees in it."""
    return F.l1_loss(recovered.float(), code.float())


def cycle_loss(image: Tensor, returned: Tensor) -> Tensor:
    """L1 between an image and its translation back."""
    return F.l1_loss(returned.float(), image)


def diversity_loss(image: Tensor, other: Tensor) -> Tensor:
    """L1 between translations by two codes (no gradient through the second); to be made large."""
    return F.l1_loss(image.float(), other.detach().float())


def segmentation_loss(logits: Tensor, labels: Tensor, class_weights: Tensor, dice: bool) -> Tensor:
    """Weighted cross-entropy, with soft Dice of both lungs beside it when asked.

    logits: (B, classes, H, W); labels: (B, H, W) integer, UNKNOWN where a pixel does not count;
    class_weights: (classes,).
    """
    logits = logits.float()
    loss = F.cross_entropy(logits, labels, class_weights, ignore_index=UNKNOWN)
    if dice:
        known = (labels != UNKNOWN).unsqueeze(1)
        one_hot = F.one_hot(labels.clamp(min=0), logits.shape[1]).movedim(-1, 1)
        soft_dice = DiceLoss(include_background=False, batch=True)
        loss = loss + soft_dice(known * logits.softmax(1), known * one_hot)
    return loss


def distillation_loss(student: Tensor, teacher: Tensor, l1_logits: bool, threshold: float = 0.0) -> Tensor:
    """What keeps the student (B, classes, H, W) from its teacher's logits; no gradient to the teacher.

    The paper's L1 of logits, or the cross-entropy with the teacher's probabilities plus their soft Dice.
    Pixels where the teacher gives no class at least the probability `threshold` (0..1) do not count.
    """
    student, teacher = student.float(), teacher.detach().float()
    target = teacher.softmax(1)
    confident = (target.amax(1, keepdim=True) >= threshold).float()
    if l1_logits:
        differences = confident * (student - teacher).abs()
        return differences.sum() / (confident.sum() * student.shape[1]).clamp(min=1)
    soft_dice = DiceLoss(include_background=False, batch=True)
    cross_entropy = F.cross_entropy(student, target, reduction="none")
    mean = (confident[:, 0] * cross_entropy).sum() / confident.sum().clamp(min=1)
    return mean + soft_dice(confident * student.softmax(1), confident * target)
