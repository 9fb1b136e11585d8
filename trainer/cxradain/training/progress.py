"""A training's progress as JSON lines (for programs) and TensorBoard curves (for people)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import PROGRESS
from .options import Stage

Listener = Callable[[Mapping[str, Any]], None]

FEWEST_POINTS = 10  # of a stage's curve, if the stage has as many steps


class Progress:
    """Writes `progress.jsonl` and TensorBoard events into the folder `out`; nothing unless `enabled`.

    Losses are means over `every` steps, or fewer in a short stage. `listener` is called with the object of
    each line. Without TensorBoard there are no events.
    """

    def __init__(self, out: Path, enabled: bool, every: int = 20, listener: Listener | None = None):
        self.every, self.listener = every, listener
        self._files: list[Any] = []
        self._curves: Any = None
        if enabled:
            out.mkdir(parents=True, exist_ok=True)
            lines = (out / PROGRESS).open("a", encoding="utf-8", buffering=1)
            self._files = [lines]
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError:
                pass
            else:
                self._curves = SummaryWriter(str(out / "tensorboard"))
                self._files.append(self._curves)
        self._sums: dict[str, list[float]] = {}

    def step(self, stage: Stage, step: int, terms: dict[str, float], remaining: float) -> None:
        """Record a step's loss terms; every n-th step their means are written with the remaining seconds."""
        for name, value in terms.items():
            self._sums.setdefault(name, []).append(value)
        if step % min(self.every, max(1, stage.steps // FEWEST_POINTS)) and step != stage.steps:
            return
        means = {name: sum(values) / len(values) for name, values in self._sums.items()}
        self._sums = {}
        self._write("loss", stage, step, means, remaining_seconds=round(remaining, 1))

    def validated(self, stage: Stage, step: int, metrics: dict[str, float]) -> None:
        """Write the results of a validation."""
        self._write("validation", stage, step, metrics)

    def _write(self, kind: str, stage: Stage, step: int, values: dict[str, float], **more: float) -> None:
        if not self._files:
            return
        rounded = {name: round(value, 6) for name, value in values.items()}
        place = {"time": round(time.time(), 1), "stage": stage.name, "step": step, "steps": stage.steps}
        event = {**place, kind: rounded, **more}
        self._files[0].write(json.dumps(event) + "\n")
        if self.listener is not None:
            self.listener(event)
        for name, value in values.items() if self._curves else ():
            self._curves.add_scalar(f"{stage.name}/{kind}/{name}", value, step)

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()
