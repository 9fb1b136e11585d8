"""The paper's loss terms (sections 3.2 and 3.3), each by its name. All return a scalar."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from monai.losses import DiceLoss
from torch import Tensor

UNKNOWN = -1  # label of a pixel that does not count


def adversarial_loss(logit: Tensor, real: bool) -> Tensor:
    """L_adv: non-saturating binary cross-entropy of the discriminator's logit (B,) against real or fake."""
    logit = logit.float()
    return F.softplus(-logit if real else logit).mean()


def r1_penalty(logit: Tensor, image: Tensor) -> Tensor:
    """0.5 * |d logit / d image|^2 at real images, mean over the batch; `image` must require grad."""
    (gradient,) = torch.autograd.grad(logit.sum(), image, create_graph=True)
    return 0.5 * gradient.square().flatten(1).sum(1).mean()


def style_loss(code: Tensor, recovered: Tensor) -> Tensor:
    """L_style: L1 between the code of a translation and the code that the style encoder finds in it."""
    return F.l1_loss(recovered.float(), code.float())


def cycle_loss(image: Tensor, returned: Tensor) -> Tensor:
    """L_cycle: L1 between an image and its translation there and back."""
    return F.l1_loss(returned.float(), image)


def diversity_loss(image: Tensor, other: Tensor) -> Tensor:
    """L_div: L1 between translations by two codes (no gradient through the second); to be maximized."""
    return F.l1_loss(image.float(), other.detach().float())


def segmentation_loss(logits: Tensor, labels: Tensor, class_weights: Tensor, dice: bool) -> Tensor:
    """L_seg: weighted cross-entropy, plus the soft Dice loss of both lungs if `dice`.

    logits: (B, classes, H, W); labels: (B, H, W) integer, UNKNOWN for pixels that do not count;
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
    """L_inter or L_intra: distance of the student's logits (B, classes, H, W) from the teacher's, without
    gradient to the teacher.

    The paper's L1 of logits if `l1_logits`, else cross-entropy and soft Dice loss against the teacher's
    probabilities. Pixels where the teacher's highest probability is below `threshold` (0..1) do not count.
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
