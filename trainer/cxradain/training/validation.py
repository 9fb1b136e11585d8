"""How good the model is on the held-out labelled patients, as they are and under simulated opacities.

There are no labels of abnormal images to choose by; opacities painted over normal lungs stand in for them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from ..models.model import AdaINModel
from ..models.tasks import Mode
from .checkpoint import seeded
from .data import TrainingImages
from .objectives import Objectives
from .opacity import simulate_opacity
from .options import TEACHERS, Teacher


def union_dice(predicted: Tensor, reference: Tensor) -> float:
    """Mean Dice of the union of both lungs over a batch of label maps (B, H, W); 1 where both have none."""
    p, r = (predicted > 0).flatten(1).float(), (reference > 0).flatten(1).float()
    both, total = (p * r).sum(1), p.sum(1) + r.sum(1)
    return float(torch.where(total > 0, 2 * both / total, 1).mean())


def validation_images(images: TrainingImages) -> tuple[Tensor, Tensor, Tensor]:
    """The held-out images (B, 1, S, S), the same under opacities, and their labels (B, S, S)."""
    image, labels = images.tensors(images.validation)
    lungs = torch.stack([labels == 1, labels == 2], dim=1).float()
    opaque = simulate_opacity(image, lungs, probability=0.7, generator=seeded(20220808))
    return image, opaque, labels


def dice_of(
    segment: Callable[[Tensor], Tensor], image: Tensor, labels: Tensor, device: torch.device
) -> float:
    """Mean union Dice of `segment`, which maps images to logits, over a set given in small batches."""
    with torch.no_grad():
        predicted = [segment(x.to(device)).argmax(1).cpu() for x in image.split(8)]
    return union_dice(torch.cat(predicted), labels)


def validate(model: AdaINModel, images: TrainingImages, student: bool) -> dict[str, float]:
    """Dice at the canvas by each mode, plain and under opacity; `score` is what checkpoints are chosen by.

    The score is the mean of plain and opaque Dice of the student (direct, before there is a student).
    """
    plain, opaque, labels = validation_images(images)
    device = next(model.parameters()).device
    modes: tuple[Mode, ...] = ("student", "direct") if student else ("direct",)
    found = {
        f"{mode}_{name}": dice_of(partial(model.segment, mode=mode), image, labels, device)
        for mode in modes
        for name, image in (("plain", plain), ("opaque", opaque))
    }
    chosen = "student" if student else "direct"
    found["score"] = (found[f"{chosen}_plain"] + found[f"{chosen}_opaque"]) / 2
    return found


def compare_teachers(objectives: Objectives, images: TrainingImages) -> dict[Teacher, float]:
    """Dice of each kind of teacher on the held-out images under opacities: distil from the best alone."""
    _, opaque, labels = validation_images(images)
    device = next(objectives.model.parameters()).device
    return {kind: dice_of(partial(objectives.teach, kind=kind), opaque, labels, device) for kind in TEACHERS}
