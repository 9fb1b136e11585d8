"""How good the model is on the held-out labelled patients, as they are and under simulated opacities.

There are no labels of abnormal images to choose by; opacities painted over normal lungs stand in for them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..model import AdaINModel
from .checkpoint import seeded
from .data import TrainingImages
from .opacity import simulate_opacity


def union_dice(predicted: Tensor, reference: Tensor) -> float:
    """Mean Dice of the union of both lungs over a batch of label maps (B, H, W)."""
    p, r = (predicted > 0).flatten(1).float(), (reference > 0).flatten(1).float()
    return float((2 * (p * r).sum(1) / (p.sum(1) + r.sum(1)).clamp(min=1)).mean())


@torch.no_grad()
def validate(model: AdaINModel, images: TrainingImages, student: bool) -> dict[str, float]:
    """Dice at the canvas by each mode, plain and under opacity; `score` is what checkpoints are chosen by.

    The score is the mean of plain and opaque Dice of the student (direct, before there is a student).
    """
    image, labels = images.tensors(images.validation)
    lungs = torch.stack([labels == 1, labels == 2], dim=1).float()
    opaque = simulate_opacity(image, lungs, probability=0.7, generator=seeded(20220808))
    device = model.constant_latent.device
    found = {}
    for mode in ("student", "direct", "teacher") if student else ("direct", "teacher"):
        for name, batch in (("plain", image), ("opaque", opaque)):
            predicted = [model.segment(x.to(device), mode).argmax(1).cpu() for x in batch.split(8)]
            found[f"{mode}_{name}"] = union_dice(torch.cat(predicted), labels)
    chosen = "student" if student else "direct"
    found["score"] = (found[f"{chosen}_plain"] + found[f"{chosen}_opaque"]) / 2
    return found
