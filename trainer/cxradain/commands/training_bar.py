"""The progress bar of a training."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..training.options import TrainOptions


@contextmanager
def training_bar(options: TrainOptions) -> Iterator[Callable[[str], None]]:
    """Shows on stderr the stage, its steps, the time that remains, and the last losses and figures."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        tasks = {s.name: bar.add_task(s.name, total=s.steps, words="", start=False) for s in options.stages}

        def listen(line: str) -> None:
            event = json.loads(line)
            task = tasks[event["stage"]]
            bar.start_task(task)
            values = event.get("loss") or event.get("validation") or {}
            words = "  ".join(f"{name} {value:.3f}" for name, value in values.items())
            if "validation" in event:
                bar.console.print(f"{event['stage']} {event['step']}: {words}")
                words = ""
            bar.update(task, completed=event["step"])
            if words:
                bar.update(task, words=words)

        yield listen
