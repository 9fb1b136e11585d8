"""The updates of one step: the optimizers, the losses that each minimizes, and their order (section 3.2)."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.optim import Adam, Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from .. import CxradainError
from ..models.model import AdaINModel
from ..networks.discriminator import Discriminator
from .batches import Batch
from .checkpoint import seeded
from .objectives import LossTerms, Objectives, StyleSource
from .options import Schedule, Stage, TrainOptions, UpdateOrder

# Iterations cycle through a list; each entry lists the updates in turn by their style sources.
UPDATE_ORDERS: dict[UpdateOrder, list[list[tuple[StyleSource, ...]]]] = {
    "sequence": [[("latent",), ("reference",)]],
    "together": [[("latent", "reference")]],
    "alternate": [[("latent",)], [("reference",)]],
}


ADVICE = " Try a lower --learning-rate, or --precision 32-true."


class NonFiniteLoss(CxradainError):
    """A training diverged to NaN or infinity; the message says where, and what to do."""


class ForwardPass(nn.Module):
    """One forward pass of the networks, with as many calls of their methods as the losses need.

    Fabric wraps this module: it sets the precision only in `forward`, and only there DDP finds the weights on
    which the losses depend.
    """

    def __init__(self, *networks: nn.Module):
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, losses: Callable[[], LossTerms]) -> LossTerms:
        """Compute the losses, by calling `losses`."""
        return losses()


class Updates:
    """The model, the discriminator, their optimizers and the averaged weights; `step` trains on one batch.

    Args:
        options: the recipe.
        model, discriminator: on the Fabric's device.
        fabric: precision, and the processes over which DDP averages gradients, with `find_unused_parameters`
            since no update uses all weights. Unused weights get no gradient, so Adam leaves them alone.
    """

    def __init__(
        self, options: TrainOptions, model: AdaINModel, discriminator: Discriminator, fabric: Fabric
    ):
        self.options, self.model, self.discriminator, self.fabric = options, model, discriminator, fabric
        self.forward_pass: nn.Module = fabric.setup(ForwardPass(model, discriminator))
        self.ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(options.ema_decay))
        self.objectives = Objectives(options, model, discriminator, self.averaged)
        trained = [p for p in model.generator.parameters() if p.requires_grad]
        adam: Any = {"betas": (options.beta1, 0.99), "weight_decay": options.weight_decay}
        rate = options.learning_rate
        self.optimizers: dict[str, Optimizer] = {
            "generator": Adam(trained, lr=rate, **adam),
            "style": Adam(model.style_encoder.parameters(), lr=rate, **adam),
            "code": Adam(model.code_generator.parameters(), lr=options.code_learning_rate, **adam),
            "adversary": Adam(discriminator.parameters(), lr=rate, **adam),
        }

    @property
    def averaged(self) -> AdaINModel:
        """The model with the averaged weights."""
        return cast(AdaINModel, self.ema.module)

    @property
    def modules(self) -> dict[str, nn.Module]:
        """The modules whose state a checkpoint holds."""
        return {"model": self.model, "ema": self.ema, "discriminator": self.discriminator}

    def step(self, batch: Batch, stage: Stage, stage_index: int, step: int) -> dict[str, float]:
        """One step: adaptation if it is due, then segmentation and distillation together.

        Returns the weighted loss terms by name. All randomness is seeded by (seed, stage_index, step, rank).
        Raises NonFiniteLoss, naming the first loss that is NaN or infinite.
        """
        o = self.options
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
        if not batch.keys().isdisjoint(("labelled", "unlabelled", "pseudo_labelled")):
            restored = stage.restored // self.fabric.world_size  # at least one: see `batches.check_parts`
            losses = partial(self.objectives.joint_terms, batch, random, restored)
            with_codes = stage.trains_student or stage.restored
            names = ["generator", "code"] if with_codes else ["generator"]
            terms |= self._minimize(losses, *names)
        self.ema.update_parameters(self.model)
        losses_found = {name: value.item() for name, value in terms.items()}
        for name, value in losses_found.items():
            if not math.isfinite(value):
                raise NonFiniteLoss(f"{stage.name}, step {step + 1}: the loss {name} is {value}.{ADVICE}")
        return losses_found

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
        losses = partial(self.objectives.discriminator_terms, batch, translation, r1)
        terms = self._minimize(losses, "adversary")
        self.discriminator.requires_grad_(False)  # its gradients would be discarded
        losses = partial(self.objectives.adaptation_terms, batch, translation, diversity_weight)
        # In the paper's second, reference-guided pass only the generator steps.
        second = self.options.update_order == "sequence" and style_sources == ("reference",)
        names = ["generator"] if second else ["generator", "style", "code"]
        terms |= self._minimize(losses, *names)
        self.discriminator.requires_grad_(True)
        return terms

    def _minimize(self, losses: Callable[[], LossTerms], *names: str) -> LossTerms:
        """A step of the named optimizers on the sum of the losses; returns the detached terms."""
        for optimizer in self.optimizers.values():
            optimizer.zero_grad(set_to_none=True)
        terms: LossTerms = self.forward_pass(losses)
        self.fabric.backward(torch.stack([t.float() for t in terms.values()]).sum())
        for optimizer in (self.optimizers[name] for name in names):
            if limit := self.options.max_gradient_norm:
                self.fabric.clip_gradients(
                    self.forward_pass, optimizer, max_norm=limit, error_if_nonfinite=False
                )
            optimizer.step()
        return {name: value.detach() for name, value in terms.items()}

    def _set_learning_rates(self, stage: Stage, step: int) -> None:
        o = self.options
        factor = learning_rate_factor(o.schedule, step, stage.steps)
        code = o.self_code_learning_rate if stage.trains_student else o.code_learning_rate
        for name, optimizer in self.optimizers.items():
            for group in optimizer.param_groups:
                group["lr"] = factor * (code if name == "code" else o.learning_rate)


def learning_rate_factor(schedule: Schedule, step: int, steps: int) -> float:
    """Factor of the learning rate: the paper's x0.1 at 55 % and 70 % of a stage, or 5 % warm-up and a cosine
    to 1 %."""
    done = step / steps
    if schedule == "steps":
        return 0.1 ** ((done >= 0.55) + (done >= 0.70))
    warm_up = min(1.0, (done + 1 / steps) / 0.05)
    return warm_up * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
