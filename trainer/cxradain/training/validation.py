"""Validation on the held-out labelled patients, without and with simulated opacities.

There are no abnormal labels to validate on; simulated opacities over normal lungs stand in for them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from monai.metrics import compute_dice
from torch import Tensor

from ..models.model import AdaINModel
from ..models.tasks import Mode
from .checkpoint import seeded
from .data import TrainingImages
from .objectives import Objectives
from .opacity import lung_masks, simulate_opacity
from .options import TEACHERS, Teacher


def mean_union_dice(prediction: Tensor, reference: Tensor) -> float:
    """Mean union Dice over a batch of label maps (B, H, W); 1 where both are empty."""
    lungs, reference_lungs = (labels.unsqueeze(1) > 0 for labels in (prediction, reference))
    return float(compute_dice(lungs, reference_lungs, ignore_empty=False).mean())


def segmentation_dice(
    segment: Callable[[Tensor], Tensor], image: Tensor, labels: Tensor, device: torch.device
) -> float:
    """Mean union Dice of `segment`, which maps images to logits, computed in small batches.

    image: (N, 1, S, S) in -1..1; labels: (N, S, S). `segment` runs on `device`.
    """
    with torch.no_grad():
        predictions = [segment(x.to(device)).argmax(1).cpu() for x in image.split(8)]
    return mean_union_dice(torch.cat(predictions), labels)


def validation_images(images: TrainingImages) -> tuple[Tensor, Tensor, Tensor]:
    """The held-out images (N, 1, S, S), the same with simulated opacities, and their labels (N, S, S)."""
    image, labels = images.tensors(images.validation)
    opaque = simulate_opacity(image, lung_masks(labels), probability=0.7, generator=seeded(20220808))
    return image, opaque, labels


def validate(model: AdaINModel, images: TrainingImages, student: bool) -> dict[str, float]:
    """Union Dice on the canvas in each mode, plain and opaque; `score` chooses the best weights.

    The score is the mean of the plain and the opaque Dice of the student (before distillation: direct).
    """
    plain, opaque, labels = validation_images(images)
    device = next(model.parameters()).device
    modes: tuple[Mode, ...] = ("student", "direct") if student else ("direct",)
    metrics = {
        f"{mode}_{name}": segmentation_dice(partial(model.segment, mode=mode), image, labels, device)
        for mode in modes
        for name, image in (("plain", plain), ("opaque", opaque))
    }
    return metrics | {"score": (metrics[f"{modes[0]}_plain"] + metrics[f"{modes[0]}_opaque"]) / 2}


def compare_teachers(objectives: Objectives, images: TrainingImages) -> dict[Teacher, float]:
    """Union Dice of each kind of teacher on the held-out images with simulated opacities."""
    _, opaque, labels = validation_images(images)
    device = next(objectives.model.parameters()).device
    return {
        kind: segmentation_dice(partial(objectives.teacher_logits, teacher=kind), opaque, labels, device)
        for kind in TEACHERS
    }
