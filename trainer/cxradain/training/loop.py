"""The training loop: stages of steps on Lightning Fabric, with checkpoints, validation and progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from ..models.card import PRESETS
from ..models.folders import ModelError, weights_hash
from ..models.model import AdaINModel, load_model, new_discriminator
from ..networks.generator import start_student_from_direct
from . import BEST, CHECKPOINT, validation
from .batches import Batch, Batches, stream
from .checkpoint import load_checkpoint, options_as_json, save_checkpoint
from .data import TrainingImages
from .launch import precision_of
from .options import Stage, TrainOptions
from .progress import Listener, Progress
from .updates import Updates


class Training:
    """One training of one model: `train` runs its steps, from the start or from a checkpoint.

    Args:
        options: the recipe.
        images: what to train on.
        out: folder for checkpoint, progress and the model.
        fabric: devices and precision.
        init: folder of a model to start from, with its weights and sizes.
        workers: processes that prepare batches.
        checkpoint_minutes, validate_every: interval of checkpoints (minutes) and of validations (steps).
        should_stop: called after each step; True saves a checkpoint and ends the run.
        listener: called with the object of each line of progress.
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
        listener: Listener | None = None,
    ):
        self.options, self.images, self.out, self.fabric = options, images, out, fabric
        self.workers, self.checkpoint_minutes = workers, checkpoint_minutes
        self.validate_every, self.should_stop = validate_every, should_stop
        torch.manual_seed(options.seed)
        model = load_model(init) if init else AdaINModel(PRESETS[options.model])
        discriminator = new_discriminator(model.config, init)
        self.updates = Updates(
            options, model.to(fabric.device).train(), discriminator.to(fabric.device), fabric
        )
        self.progress = Progress(out, enabled=fabric.is_global_zero, listener=listener)
        self.conditions = {
            "data": images.digest(),
            "init": weights_hash(init) if init else None,
            "precision": precision_of(fabric),
        }
        self.stage_index, self.step = 0, 0
        self.best: dict[str, Any] = {}
        self.seconds = 0.0

    # --- running ---

    def run(self) -> bool:
        """Run the remaining steps; False if `should_stop` ended it early."""
        started = last_save = time.monotonic()
        while self.stage_index < len(self.options.stages):
            stage = self.options.stages[self.stage_index]
            if self.step == 0:
                self._begin(stage)
            with closing(self.batches()) as batches:
                for batch in batches:
                    terms = self.updates.step(batch, stage, self.stage_index, self.step)
                    self.step += 1
                    self.seconds += time.monotonic() - started
                    started = time.monotonic()
                    self.progress.step(stage, self.step, terms, self._remaining(stage, self.seconds))
                    if self.step % self.validate_every == 0 or self.step == stage.steps:
                        self._validate(stage)
                    due = time.monotonic() - last_save > 60 * self.checkpoint_minutes
                    stop, due = self._agree(self.should_stop(), due)
                    if stop or due:
                        self.save()
                        last_save = time.monotonic()
                    if stop:
                        return False
            self.stage_index, self.step = self.stage_index + 1, 0
            self.save()
        return True

    def train(self, resume: bool = False) -> bool:
        """`resume` if requested, then `run`; closes the files of progress."""
        with closing(self.progress):
            if resume:
                self.resume()
            return self.run()

    def _begin(self, stage: Stage) -> None:
        """Before distillation: choose the teacher and initialize the student, if the options say so."""
        if not stage.trains_student:
            return
        if stage.unlabelled and self.options.validated_teacher and self.images.validation:
            dices = validation.compare_teachers(self.updates.objectives, self.images)
            self.updates.objectives.teacher = max(dices, key=lambda kind: dices[kind])
            self.progress.validated(stage, 0, {f"teacher_{kind}": dice for kind, dice in dices.items()})
        if self.options.student_from_direct:
            for generator in (self.updates.model.generator, self.model.generator):
                start_student_from_direct(generator)

    def batches(self) -> Generator[Batch, None, None]:
        """The batches of this stage from this step on, on the device."""
        batches = Batches(
            self.images, self.options, self.stage_index, self.fabric.global_rank, self.fabric.world_size
        )
        with closing(stream(batches, self.step, self.workers)) as prepared:
            for batch in prepared:
                yield {key: value.to(self.fabric.device) for key, value in batch.items()}

    def _validate(self, stage: Stage) -> None:
        if not self.images.validation:
            return
        metrics = validation.validate(self.model, self.images, student=stage.trains_student)
        self.progress.validated(stage, self.step, metrics)
        last = stage is self.options.stages[-1] and not self.options.keep_last
        if last and metrics["score"] >= self.best.get("score", -1):
            self.best = {"step": self.step, **metrics}
            if self.fabric.is_global_zero:
                save_checkpoint(self.out / BEST, {"model": self.model}, {}, self.best)

    def _remaining(self, stage: Stage, spent: float) -> float:
        """Estimated seconds left in this stage, at the mean speed so far."""
        done = sum(s.steps for s in self.options.stages[: self.stage_index]) + self.step
        return spent / max(1, done) * (stage.steps - self.step)

    def _agree(self, stop: bool, due: bool) -> tuple[bool, bool]:
        """Whether any process was asked to stop, and whether a checkpoint is due by the first process's
        clock.

        With a clock for each process, some would wait in `save` for others that wait in the next step.
        """
        due = due and self.fabric.is_global_zero
        flags = torch.tensor([float(stop), float(due)], device=self.fabric.device)
        total: Any = self.fabric.all_reduce(flags, reduce_op="sum")
        return bool(total[0] > 0), bool(total[1] > 0)

    # --- state ---

    @property
    def model(self) -> AdaINModel:
        """The model with the averaged weights, the result of the training."""
        return self.updates.averaged

    def save(self) -> None:
        """Write the checkpoint, from the first process."""
        state = {
            "stage": self.stage_index,
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "teacher": self.updates.objectives.teacher,
            "options": options_as_json(self.options),
            "conditions": self.conditions,
        }
        if self.fabric.is_global_zero:
            save_checkpoint(self.out / CHECKPOINT, self.updates.modules, self.updates.optimizers, state)
        self.fabric.barrier()

    def resume(self) -> None:
        """Restore the checkpoint in `out`.

        Raises ModelError if there is none, or its options, data, initial weights or precision differ.
        """
        path = self.out / CHECKPOINT
        state = load_checkpoint(path, self.updates.modules, self.updates.optimizers)
        now = {**options_as_json(self.options), **self.conditions}
        # Older checkpoints have no conditions.
        then = {**self.conditions, **state["options"], **state.get("conditions", {})}
        others = sorted(name for name in now if now[name] != then.get(name))
        if others:
            raise ModelError(
                f"{path}: was started with other values of {', '.join(others)}. "
                "Use the same values, or a new folder."
            )
        self.stage_index, self.step = state["stage"], state["step"]
        self.seconds, self.best = state["seconds"], state["best"]
        self.updates.objectives.teacher = state["teacher"]
