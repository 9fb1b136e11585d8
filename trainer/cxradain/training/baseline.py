"""The yardstick: a plain residual U-Net of MONAI, trained on the same labels, augmentation and steps."""

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

from ..models.model import ModelConfig
from .checkpoint import seeded
from .data import Batches, TrainingImages
from .objectives import Segmentation
from .options import TrainOptions
from .progress import Progress
from .stream import stream
from .updates import rate_factor


class PlainUNet(nn.Module):
    """MONAI's residual U-Net behind the one method that a segmenter and a training ask of a model."""

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

    def segment(self, image: Tensor, mode: str = "direct") -> Tensor:
        """Image (B, 1, H, W) in -1..1 -> logits (B, classes, H, W); it has no modes."""
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
    """Train on the labelled images of the options' first stage; returns the averaged weights.

    None when `should_stop`, asked after each step, ended it: it keeps no checkpoint, so the next call begins
    anew.
    """
    torch.manual_seed(options.seed)
    model = PlainUNet(config).to(fabric.device).train()
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(options.ema))
    optimizer = Adam(model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay)
    objective = Segmentation(options, config.classes, fabric.device)
    stage = options.stages[0]
    with closing(stream(Batches(images, options, 0), 0, workers)) as batches:
        for step, batch in enumerate(batches):
            image, labels = (batch[key].to(fabric.device) for key in ("labelled", "labels"))
            for group in optimizer.param_groups:
                group["lr"] = options.learning_rate * rate_factor(options.schedule, step, stage.steps)
            with fabric.autocast():
                view = objective.view(image, labels, seeded(options.seed, 0, step, 0))
                loss = options.segmentation * objective.loss(model.segment(view), labels)
            optimizer.zero_grad(set_to_none=True)
            fabric.backward(loss)
            if options.clip:
                torch.nn.utils.clip_grad_norm_(model.parameters(), options.clip)
            optimizer.step()
            average.update_parameters(model)
            progress.step(stage, step + 1, {"segmentation": loss.item()}, 0.0)
            if should_stop():
                return None
    return cast(PlainUNet, average.module.eval())
