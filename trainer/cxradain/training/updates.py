"""The updates of one step: the optimizers, the losses that each minimizes, and their order (section 3.2)."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ..models.model import AdaINModel
from ..networks.discriminator import Discriminator
from .checkpoint import seeded
from .data import Batch
from .objectives import LossTerms, Objectives, StyleSource
from .options import Schedule, Stage, TrainOptions, UpdateOrder

# Iterations go round each list: of each, the updates in turn; of each update, what its styles come from.
UPDATE_ORDERS: dict[UpdateOrder, list[list[tuple[StyleSource, ...]]]] = {
    "sequence": [[("latent",), ("reference",)]],
    "together": [[("latent", "reference")]],
    "alternate": [[("latent",)], [("reference",)]],
}


class Updates:
    """Model, discriminator, their optimizers and the moving average of weights; `step` takes one batch.

    Args:
        options: the recipe.
        model, discriminator: on the Fabric's device.
        fabric: precision, and the processes over which gradients are averaged.
    """

    def __init__(
        self, options: TrainOptions, model: AdaINModel, discriminator: Discriminator, fabric: Fabric
    ):
        self.options, self.model, self.discriminator, self.fabric = options, model, discriminator, fabric
        self.ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(options.ema_decay))
        self.objectives = Objectives(options, model, discriminator, self.averaged)
        self.optimizers = self._optimizers()

    @property
    def averaged(self) -> AdaINModel:
        """The model with the averaged weights."""
        return cast(AdaINModel, self.ema.module)

    @property
    def modules(self) -> dict[str, nn.Module]:
        """All that a checkpoint keeps the weights of."""
        return {"model": self.model, "ema": self.ema, "discriminator": self.discriminator}

    def _optimizers(self) -> dict[str, Optimizer]:
        o = self.options
        generator = [p for p in self.model.generator.parameters() if p.requires_grad]
        adam: Any = {"betas": (o.beta1, 0.99), "weight_decay": o.weight_decay}
        return {
            "generator": Adam(generator, lr=o.learning_rate, **adam),
            "style": Adam(self.model.style_encoder.parameters(), lr=o.learning_rate, **adam),
            "code": Adam(self.model.code_generator.parameters(), lr=o.code_learning_rate, **adam),
            "adversary": Adam(self.discriminator.parameters(), lr=o.learning_rate, **adam),
        }

    def step(self, batch: Batch, stage: Stage, stage_index: int, step: int) -> dict[str, float]:
        """One step: the adaptation iteration where it is due, then segmentation and distillation together.

        Returns the weighted loss terms by name. All randomness comes from (seed, stage_index, step, rank).
        """
        o, objectives = self.options, self.objectives
        random = seeded(o.seed, stage_index, step, self.fabric.global_rank)
        self._set_learning_rates(stage, step)
        terms: LossTerms = {}
        if "source" in batch:
            iteration = step // stage.adaptation_every
            diversity_weight = o.diversity_weight * max(0.0, 1 - step / stage.steps)
            r1 = o.r1_weight > 0 and iteration % o.r1_every == 0
            order = UPDATE_ORDERS[o.update_order]
            for style_sources in order[iteration % len(order)]:
                terms |= self._adapt(batch, random, style_sources, diversity_weight, r1)
        if "labelled" in batch or "unlabelled" in batch:
            with self.fabric.autocast():
                losses = objectives.segmentation_terms(batch, random) if "labelled" in batch else {}
                if "labelled" in batch and stage.restored:
                    share = stage.restored // self.fabric.world_size  # above 0: see `data.check_parts`
                    losses |= objectives.restoration_terms(batch, random, share)
                if "unlabelled" in batch:
                    losses |= objectives.distillation_terms(batch, random)
            with_codes = "unlabelled" in batch or stage.restored
            terms |= self._minimize(losses, *(["generator", "code"] if with_codes else ["generator"]))
        self.ema.update_parameters(self.model)
        return {name: value.item() for name, value in terms.items()}

    def _adapt(
        self,
        batch: Batch,
        random: torch.Generator,
        style_sources: tuple[StyleSource, ...],
        diversity_weight: float,
        r1: bool,
    ) -> LossTerms:
        """The discriminator's update, then the generator's, on the same translations."""
        with self.fabric.autocast():
            translation = self.objectives.translate(batch, random, style_sources, diversity_weight > 0)
            losses = self.objectives.discriminator_terms(batch, translation, r1)
        terms = self._minimize(losses, "adversary")
        self.discriminator.requires_grad_(False)  # its weights' gradients would be thrown away
        with self.fabric.autocast():
            losses = self.objectives.adaptation_terms(batch, translation, diversity_weight)
        # In the paper's second, reference-guided pass only the generator steps.
        second = self.options.update_order == "sequence" and style_sources == ("reference",)
        terms |= self._minimize(losses, *(["generator"] if second else ["generator", "style", "code"]))
        self.discriminator.requires_grad_(True)
        return terms

    def _minimize(self, terms: LossTerms, *names: str) -> LossTerms:
        """A step of the named optimizers on the sum of the terms; returns these, detached."""
        optimizers = [self.optimizers[name] for name in names]
        for optimizer in self.optimizers.values():
            optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(torch.stack([t.float() for t in terms.values()]).sum())
        for optimizer in optimizers:
            parameters = [p for g in optimizer.param_groups for p in g["params"]]
            average_gradients(self.fabric, parameters)
            if self.options.max_gradient_norm:
                torch.nn.utils.clip_grad_norm_(parameters, self.options.max_gradient_norm)
            optimizer.step()
        return {name: value.detach() for name, value in terms.items()}

    def _set_learning_rates(self, stage: Stage, step: int) -> None:
        o = self.options
        factor = learning_rate_factor(o.schedule, step, stage.steps)
        code = o.self_code_learning_rate if stage.unlabelled else o.code_learning_rate
        for name, optimizer in self.optimizers.items():
            for group in optimizer.param_groups:
                group["lr"] = factor * (code if name == "code" else o.learning_rate)


def average_gradients(fabric: Fabric, parameters: list[Tensor]) -> None:
    """Mean of the gradients over all processes, in one message.

    A weight without a gradient in every process keeps none, so that Adam leaves it alone as it would in a
    single process; one that only some processes lack counts as zero there.
    """
    if fabric.world_size == 1:
        return
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    used = gradients[0].new_tensor([p.grad is not None for p in parameters])
    flat = torch.cat([used, *(g.flatten() for g in gradients)])
    mean: Any = fabric.all_reduce(flat, reduce_op="mean")
    sizes = [len(parameters), *(p.numel() for p in parameters)]
    share, *parts = mean.split(sizes)
    for p, part, some in zip(parameters, parts, share.tolist(), strict=True):
        p.grad = part.view_as(p) if some else None


def learning_rate_factor(schedule: Schedule, step: int, steps: int) -> float:
    """Factor of the learning rate: the paper's x0.1 at 55 % and 70 %, or 5 % warm-up and a cosine to 1 %."""
    done = step / steps
    if schedule == "steps":
        return 0.1 ** ((done >= 0.55) + (done >= 0.70))
    warm_up = min(1.0, (done + 1 / steps) / 0.05)
    return warm_up * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
