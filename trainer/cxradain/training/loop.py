"""The training loop: stages of steps on Lightning Fabric, with checkpoints, validation and progress."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import Adam, Optimizer
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ..model import PRESETS, AdaINModel, load_model, new_discriminator
from ..networks.generator import start_student_from_direct
from . import validation
from .checkpoint import load_checkpoint, options_as_json, save_checkpoint, seeded
from .data import Batch, Batches, TrainingImages, stream
from .objectives import Losses, Objectives
from .options import Stage, TrainOptions
from .progress import Progress

CHECKPOINT = "checkpoint.safetensors"

# For each iteration of a cycle, its updates in turn; each by a latent (False), a reference (True) or both.
WAYS: dict[str, list[list[tuple[bool, ...]]]] = {
    "sequence": [[(False,), (True,)]],
    "together": [[(False, True)]],
    "alternate": [[(False,)], [(True,)]],
}


class Training:
    """One training of one model: `run` does its steps, from the start or from a checkpoint.

    Args:
        options: the recipe.
        images: what to train on.
        out: folder for checkpoint, progress and the model.
        fabric: devices and precision.
        init: folder of a model whose weights to start from.
        checkpoint_minutes, validate_every: how often to save (minutes) and to validate (steps).
        should_stop: asked after each step; True saves a checkpoint and ends the run.
    """

    def __init__(
        self,
        options: TrainOptions,
        images: TrainingImages,
        out: Path,
        fabric: Fabric,
        *,
        init: Path | None = None,
        workers: int = 1,
        checkpoint_minutes: float = 5.0,
        validate_every: int = 200,
        should_stop: Callable[[], bool] = lambda: False,
    ):
        self.options, self.images, self.out, self.fabric = options, images, out, fabric
        self.workers, self.checkpoint_minutes = workers, checkpoint_minutes
        self.validate_every, self.should_stop = validate_every, should_stop
        torch.manual_seed(options.seed)
        model = load_model(init) if init else AdaINModel(PRESETS[options.model])
        self.model = model.to(fabric.device).train()
        self.discriminator = new_discriminator(model.config).to(fabric.device)
        self.ema = AveragedModel(self.model, multi_avg_fn=get_ema_multi_avg_fn(options.ema))
        self.objectives = Objectives(options, self.model, self.discriminator, self.ema.module)
        self.optimizers = self._optimizers()
        self.progress = Progress(out, enabled=fabric.is_global_zero)
        self.stage_index, self.step = 0, 0
        self.best: dict[str, Any] = {}
        self.seconds = 0.0

    def _optimizers(self) -> dict[str, Optimizer]:
        o = self.options
        generator = [p for p in self.model.generator.parameters() if p.requires_grad]
        adam = {"betas": (o.beta1, 0.99), "weight_decay": o.weight_decay}
        return {
            "generator": Adam(generator, lr=o.learning_rate, **adam),
            "style": Adam(self.model.style_encoder.parameters(), lr=o.learning_rate, **adam),
            "code": Adam(self.model.code_generator.parameters(), lr=o.code_learning_rate, **adam),
            "adversary": Adam(self.discriminator.parameters(), lr=o.learning_rate, **adam),
        }

    # --- running ---

    def run(self) -> bool:
        """Do what is left of the training; False when `should_stop` ended it early."""
        last_save = time.monotonic()
        while self.stage_index < len(self.options.stages):
            stage = self.options.stages[self.stage_index]
            if self.step == 0:
                self._begin(stage)
            for batch in self._batches():
                started = time.monotonic()
                self._set_learning_rates(stage)
                terms = self._update(stage, batch)
                self.step += 1
                self.seconds += time.monotonic() - started
                self.progress.step(stage, self.step, terms, self._remaining(stage, self.seconds))
                if self.step % self.validate_every == 0 or self.step == stage.steps:
                    self._validate(stage)
                if self._agree(self.should_stop()):
                    self.save()
                    return False
                if time.monotonic() - last_save > 60 * self.checkpoint_minutes:
                    self.save()
                    last_save = time.monotonic()
            self.stage_index, self.step = self.stage_index + 1, 0
            self.save()
        return True

    def _begin(self, stage: Stage) -> None:
        if not stage.unlabelled:
            return
        if self.options.validated_teacher and self.images.validation:
            found = validation.compare_teachers(self.objectives, self.images)
            self.objectives.teacher = max(found, key=lambda kind: found[kind])
            self.progress.validated(stage, 0, {f"teacher_{kind}": dice for kind, dice in found.items()})
        if self.options.student_from_direct:
            for generator in (self.model.generator, self.ema.module.generator):
                start_student_from_direct(generator)

    def _batches(self) -> Iterable[Batch]:
        batches = Batches(
            self.images, self.options, self.stage_index, self.fabric.global_rank, self.fabric.world_size
        )
        for batch in stream(batches, self.step, self.workers):
            yield {key: value.to(self.fabric.device) for key, value in batch.items()}

    def _update(self, stage: Stage, batch: Batch) -> dict[str, float]:
        """One step: the adaptation iteration where it is due, then segmentation and distillation together."""
        o, objectives = self.options, self.objectives
        random = seeded(o.seed, self.stage_index, self.step, self.fabric.global_rank)
        terms: Losses = {}
        if "source" in batch:
            iteration = self.step // stage.adaptation_every
            diversity = o.diversity * max(0.0, 1 - self.step / stage.steps)
            for ways in WAYS[o.ways][iteration % len(WAYS[o.ways])]:
                terms |= self._adapt(
                    batch, random, ways, diversity, r1=o.r1 > 0 and iteration % o.r1_every == 0
                )
        if "labelled" in batch or "unlabelled" in batch:
            with self.fabric.autocast():
                found = objectives.segmentation(batch, random) if "labelled" in batch else {}
                if "unlabelled" in batch:
                    found |= objectives.distillation(batch, random)
            terms |= self._descend(
                found, *(["generator", "code"] if "unlabelled" in batch else ["generator"])
            )
        self.ema.update_parameters(self.model)
        return {name: value.item() for name, value in terms.items()}

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

    def _set_learning_rates(self, stage: Stage) -> None:
        o = self.options
        factor = rate_factor(o.schedule, self.step, stage.steps)
        code = o.self_code_learning_rate if stage.unlabelled else o.code_learning_rate
        for name, optimizer in self.optimizers.items():
            for group in optimizer.param_groups:
                group["lr"] = factor * (code if name == "code" else o.learning_rate)

    def _validate(self, stage: Stage) -> None:
        if not self.images.validation:
            return
        found = validation.validate(self.ema.module, self.images, student=bool(stage.unlabelled))
        self.progress.validated(stage, self.step, found)
        if stage is self.options.stages[-1] and found["score"] >= self.best.get("score", -1):
            self.best = {"step": self.step, **found}
            if self.fabric.is_global_zero:
                save_checkpoint(self.out / "best.safetensors", {"model": self.ema.module}, {}, self.best)

    def _remaining(self, stage: Stage, spent: float) -> float:
        """Seconds to go in this stage at the mean pace so far."""
        return spent / max(1, self._steps_done()) * (stage.steps - self.step)

    def _steps_done(self) -> int:
        return sum(s.steps for s in self.options.stages[: self.stage_index]) + self.step

    def _agree(self, stop: bool) -> bool:
        """Whether any process was asked to stop."""
        flag = torch.tensor(float(stop), device=self.fabric.device)
        return bool(self.fabric.all_reduce(flag, reduce_op="sum") > 0)

    # --- state ---

    @property
    def modules(self) -> dict[str, nn.Module]:
        return {"model": self.model, "ema": self.ema, "discriminator": self.discriminator}

    def save(self) -> None:
        """Write the checkpoint, on the first process."""
        state = {
            "stage": self.stage_index,
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "teacher": self.objectives.teacher,
            "options": options_as_json(self.options),
        }
        if self.fabric.is_global_zero:
            save_checkpoint(self.out / CHECKPOINT, self.modules, self.optimizers, state)
        self.fabric.barrier()

    def resume(self) -> None:
        """Go back to the checkpoint in `out`. Raises ModelError when there is none that fits."""
        state = load_checkpoint(self.out / CHECKPOINT, self.modules, self.optimizers)
        self.stage_index, self.step = state["stage"], state["step"]
        self.seconds, self.best = state["seconds"], state["best"]
        self.objectives.teacher = state["teacher"]


def average_gradients(fabric: Fabric, parameters: list[Tensor]) -> None:
    """Mean of the gradients over all processes, in one message."""
    if fabric.world_size == 1:
        return
    for p in parameters:
        if p.grad is None:
            p.grad = torch.zeros_like(p)
    flat = torch.cat([p.grad.flatten() for p in parameters])
    mean = fabric.all_reduce(flat, reduce_op="mean")
    for p, part in zip(parameters, mean.split([p.numel() for p in parameters]), strict=True):
        p.grad.copy_(part.view_as(p))


def rate_factor(schedule: str, step: int, steps: int) -> float:
    """Learning rate's factor: the paper's x0.1 at 55 % and 70 %, or 5 % warm-up and a cosine to 1 %."""
    done = step / steps
    if schedule == "steps":
        return 0.1 ** ((done >= 0.55) + (done >= 0.70))
    warm_up = min(1.0, (done + 1 / steps) / 0.05)
    return warm_up * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
