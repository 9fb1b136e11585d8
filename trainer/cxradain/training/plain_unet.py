"""The baseline of the ablation: MONAI's plain residual U-Net, trained only on labels."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from monai.networks.nets import UNet
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ..models.card import ModelConfig
from ..models.tasks import Mode
from .batches import Batches, stream
from .checkpoint import seeded
from .data import TrainingImages
from .objectives import SupervisedObjective
from .opacity import lung_masks
from .options import TrainOptions
from .progress import Progress
from .updates import learning_rate_factor


class PlainUNet(nn.Module):
    """MONAI's residual U-Net with the one method that a segmenter and a training need of a model."""

    def __init__(self, config: ModelConfig, card: dict[str, Any] | None = None):
        super().__init__()
        self.config, self.card = config, card or {}
        self.network = UNet(
            spatial_dims=2,
            in_channels=1,
            out_channels=config.classes,
            channels=(24, 48, 96, 192, 320),
            strides=(2, 2, 2, 2),
            num_res_units=2,
        )

    def segment(self, image: Tensor, mode: Mode = "direct") -> Tensor:
        """Image (B, 1, H, W) in -1..1 -> logits (B, classes, H, W), whatever the mode."""
        return self.network(image)


def train_unet(
    options: TrainOptions,
    images: TrainingImages,
    config: ModelConfig,
    fabric: Fabric,
    progress: Progress,
    should_stop: Callable[[], bool] = lambda: False,
    workers: int = 1,
) -> PlainUNet | None:
    """Train on the labelled images of the first stage of the options; returns the averaged weights.

    None if `should_stop`, called after each step, ended it; there is no checkpoint, so the next call starts
    over.
    """
    torch.manual_seed(options.seed)
    model = PlainUNet(config).to(fabric.device).train()
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(options.ema_decay))
    optimizer = Adam(model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay)
    objective = SupervisedObjective(options, config.classes, fabric.device)
    stage = options.stages[0]
    with closing(stream(Batches(images, options, 0), 0, workers)) as batches:
        for step, batch in enumerate(batches):
            image, labels = (batch[key].to(fabric.device) for key in ("labelled", "labels"))
            for group in optimizer.param_groups:
                factor = learning_rate_factor(options.schedule, step, stage.steps)
                group["lr"] = factor * options.learning_rate
            with fabric.autocast():
                random = seeded(options.seed, 0, step, 0)
                opaque = objective.with_opacities(image, lung_masks(labels), random)
                loss = options.segmentation_weight * objective.loss(model.segment(opaque), labels)
            optimizer.zero_grad(set_to_none=True)
            fabric.backward(loss)
            if options.max_gradient_norm:
                torch.nn.utils.clip_grad_norm_(model.parameters(), options.max_gradient_norm)
            optimizer.step()
            average.update_parameters(model)
            progress.step(stage, step + 1, {"segmentation": loss.item()}, 0.0)
            if should_stop():
                return None
    return cast(PlainUNet, average.module.eval())
