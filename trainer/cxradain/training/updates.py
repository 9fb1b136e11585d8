"""The updates of one step: who steps down which losses, in which order (section 3.2)."""

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
from .objectives import Losses, Objectives
from .options import Stage, TrainOptions

# For each iteration of a cycle, its updates in turn; each by a latent (False), a reference (True) or both.
WAYS: dict[str, list[list[tuple[bool, ...]]]] = {
    "sequence": [[(False,), (True,)]],
    "together": [[(False, True)]],
    "alternate": [[(False,)], [(True,)]],
}


class Updates:
    """Model, adversary, their optimizers and the moving average, moved on by one batch at a time.

    Args:
        options: the recipe.
        model, discriminator: on the Fabric's device.
        fabric: precision, and the processes over which gradients are averaged.
    """

    def __init__(
        self, options: TrainOptions, model: AdaINModel, discriminator: Discriminator, fabric: Fabric
    ):
        self.options, self.model, self.discriminator, self.fabric = options, model, discriminator, fabric
        self.ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(options.ema))
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
        terms: Losses = {}
        if "source" in batch:
            iteration = step // stage.adaptation_every
            diversity = o.diversity * max(0.0, 1 - step / stage.steps)
            for ways in WAYS[o.ways][iteration % len(WAYS[o.ways])]:
                terms |= self._adapt(
                    batch, random, ways, diversity, r1=o.r1 > 0 and iteration % o.r1_every == 0
                )
        if "labelled" in batch or "unlabelled" in batch:
            with self.fabric.autocast():
                found = objectives.segmentation(batch, random) if "labelled" in batch else {}
                if "labelled" in batch and stage.restored:
                    found |= objectives.restoration(batch, random, self._share(stage.restored))
                if "unlabelled" in batch:
                    found |= objectives.distillation(batch, random)
            with_codes = "unlabelled" in batch or stage.restored
            terms |= self._descend(found, *(["generator", "code"] if with_codes else ["generator"]))
        self.ema.update_parameters(self.model)
        return {name: value.item() for name, value in terms.items()}

    def _share(self, count: int) -> int:
        """This process's part of a number of images in a step (`data.check_parts` sees that there is one)."""
        return count // self.fabric.world_size

    def _adapt(
        self, batch: Batch, random: torch.Generator, ways: tuple[bool, ...], diversity: float, r1: bool
    ) -> Losses:
        """The discriminator's update, then the generator's, on the same translations."""
        with self.fabric.autocast():
            translation = self.objectives.translate(batch, random, ways, diverse=diversity > 0)
            adversary = self.objectives.discriminator_update(batch, translation, r1)
        terms = self._descend(adversary, "adversary")
        self.discriminator.requires_grad_(False)  # its weights' gradients would be thrown away
        with self.fabric.autocast():
            found = self.objectives.adaptation(batch, translation, diversity)
        # In the paper's second, reference-guided pass only the generator steps.
        second = self.options.ways == "sequence" and ways == (True,)
        terms |= self._descend(found, *(["generator"] if second else ["generator", "style", "code"]))
        self.discriminator.requires_grad_(True)
        return terms

    def _descend(self, terms: Losses, *names: str) -> Losses:
        """Step the named optimizers down the sum of the terms, gradients averaged over processes."""
        optimizers = [self.optimizers[name] for name in names]
        for optimizer in self.optimizers.values():
            optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(torch.stack([t.float() for t in terms.values()]).sum())
        for optimizer in optimizers:
            parameters = [p for g in optimizer.param_groups for p in g["params"]]
            average_gradients(self.fabric, parameters)
            if self.options.clip:
                torch.nn.utils.clip_grad_norm_(parameters, self.options.clip)
            optimizer.step()
        return {name: value.detach() for name, value in terms.items()}

    def _set_learning_rates(self, stage: Stage, step: int) -> None:
        o = self.options
        factor = rate_factor(o.schedule, step, stage.steps)
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
    there = gradients[0].new_tensor([p.grad is not None for p in parameters])
    flat = torch.cat([there, *(g.flatten() for g in gradients)])
    mean: Any = fabric.all_reduce(flat, reduce_op="mean")
    sizes = [len(parameters), *(p.numel() for p in parameters)]
    share, *parts = mean.split(sizes)
    for p, part, some in zip(parameters, parts, share.tolist(), strict=True):
        p.grad = part.view_as(p) if some else None


def rate_factor(schedule: str, step: int, steps: int) -> float:
    """Learning rate's factor: the paper's x0.1 at 55 % and 70 %, or 5 % warm-up and a cosine to 1 %."""
    done = step / steps
    if schedule == "steps":
        return 0.1 ** ((done >= 0.55) + (done >= 0.70))
    warm_up = min(1.0, (done + 1 / steps) / 0.05)
    return warm_up * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
