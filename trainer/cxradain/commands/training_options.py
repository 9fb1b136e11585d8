"""Command-line options of every training: where it runs, how it shows progress, its recipe."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import MISSING, Field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from ..training.options import Stage, TrainOptions, options_by_flag, scaled
from .options import UsageError, count, not_negative, positive, positive_int

if TYPE_CHECKING:
    from lightning_fabric import Fabric


def add_machine(parser: argparse.ArgumentParser) -> None:
    """Where it runs, and how often it saves and validates."""
    add = parser.add_argument
    add("--accelerator", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    add("--precision", choices=("32-true", "bf16-mixed"), default="bf16-mixed")
    add("--workers", type=count, default=1, metavar="N", help="processes that prepare batches")
    add("--threads", type=positive_int, metavar="N", help="CPU threads of a process; all by default")
    add("--checkpoint-minutes", type=not_negative, default=5.0, metavar="M")
    add("--validate-every", type=positive_int, default=200, metavar="N", help="steps")


def add_processes(parser: argparse.ArgumentParser) -> None:
    """Over how many devices and machines it runs."""
    add = parser.add_argument
    add("--devices", type=positive_int, default=1, metavar="N", help="devices on each node")
    add("--strategy", choices=("auto", "ddp"), default="auto", help="ddp: several processes, one a device")
    add("--num-nodes", type=positive_int, default=1, metavar="N")


def add_progress(parser: argparse.ArgumentParser) -> None:
    """How it shows itself."""
    parser.add_argument(
        "--progress",
        choices=("bar", "json", "quiet"),
        default="bar",
        help="json: one line an event, on stdout",
    )


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Stages and options that differ from the preset's."""
    parser.add_argument(
        "--scale",
        type=positive,
        default=1.0,
        metavar="F",
        help="shorten or lengthen every stage by this factor",
    )
    parser.add_argument(
        "--stage",
        action="append",
        metavar="name=NAME,steps=N,...",
        type=stage,
        help="instead of the preset's: name, steps, labelled, adaptation, adaptation_every, restored, "
        "unlabelled",
    )
    group = parser.add_argument_group("the recipe", "Defaults are the preset's.")
    kinds_of = get_type_hints(TrainOptions)
    for flag, field in recipe_fields().items():
        add_option(group, flag, field, kinds_of[field.name])


def recipe_fields() -> dict[str, Field[Any]]:
    """The fields of TrainOptions that the command line sets, by flag without its dashes."""
    return {
        flag.replace("_", "-"): field for flag, field in options_by_flag().items() if "help" in field.metadata
    }


def add_option(group: argparse._ArgumentGroup, flag: str, field: Field[Any], kind: Any) -> None:
    """One flag for one field of this type; absent, the preset's value stays."""
    text = field.metadata["help"].replace("%", "%%")
    words: dict[str, Any] = {"help": text, "default": None, "dest": field.name}
    if kind is bool:
        words["action"] = argparse.BooleanOptionalAction
    elif get_origin(kind) is Literal:
        words["choices"] = get_args(kind)
    else:
        words |= {"type": kind, "metavar": kind.__name__.upper()}
    group.add_argument(f"--{flag}", **words)


def stage(text: str) -> Stage:
    """A stage from "name=adaptation,steps=800,labelled=8"."""
    try:
        values: dict[str, Any] = dict(part.split("=", 1) for part in text.split(","))
        counts = {key: int(value) for key, value in values.items() if key != "name"}
        return Stage(**values | counts)
    except (ValueError, TypeError) as error:
        names = ", ".join(f.name if f.default is MISSING else f"[{f.name}]" for f in fields(Stage))
        raise argparse.ArgumentTypeError(f"{text!r} is not {names} as name=value,... ({error})") from error


def recipe(preset: TrainOptions, arguments: argparse.Namespace) -> TrainOptions:
    """The preset with what the command line changes. Raises UsageError where that makes no sense."""
    given = {field.name: getattr(arguments, field.name) for field in recipe_fields().values()}
    given["stages"] = scaled(tuple(arguments.stage or preset.stages), arguments.scale)
    try:
        return replace(preset, **{name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        raise UsageError(error) from error


def launched(arguments: argparse.Namespace) -> Fabric:
    """This process among those of the training. Raises UsageError where the devices cannot be had."""
    import torch
    from lightning_fabric import Fabric

    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    devices, nodes = getattr(arguments, "devices", 1), getattr(arguments, "num_nodes", 1)
    several = devices > 1 or nodes > 1 or getattr(arguments, "strategy", "auto") == "ddp"
    try:
        fabric = Fabric(
            accelerator=arguments.accelerator,
            devices=devices,
            num_nodes=nodes,
            strategy="ddp_find_unused_parameters_true" if several else "auto",
            precision=arguments.precision,
        )
    except (RuntimeError, ValueError) as error:
        raise UsageError(error) from error
    fabric.launch()
    return fabric


def shown(
    how: str, here: bool, options: TrainOptions
) -> AbstractContextManager[Callable[[str], None] | None]:
    """A context that gives the listener of progress lines: a bar, JSON on stdout, or none."""
    if not here or how == "quiet":
        return nullcontext(None)
    if how == "json":
        return nullcontext(lambda line: print(line, flush=True))
    return training_bar(options)


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
