"""Command-line options that `train base` and `train round` share: device, progress, recipe."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import MISSING, Field, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from ..training.options import PRECISIONS, ROUND_PRESETS, Stage, TrainOptions, options_by_flag, scaled
from .options import UsageError, count, not_negative, positive, positive_int
from .process import terminal_console

if TYPE_CHECKING:
    from ..rounds.run import RoundRequest


PRECISION_HELP = "auto: a short measurement picks the faster; the card records it"


def add_training(parser: argparse.ArgumentParser, several_processes: bool = False) -> None:
    """Add the options for device, precision, workers, checkpoints, progress and recipe.

    several_processes: also those for several devices and nodes.
    """
    add = parser.add_argument
    add("--accelerator", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    add("--precision", choices=PRECISIONS, default="auto", help=PRECISION_HELP)
    add("--workers", type=count, default=1, metavar="N", help="processes that prepare batches")
    add("--threads", type=positive_int, metavar="N", help="CPU threads per process (default: all)")
    add("--checkpoint-minutes", type=not_negative, default=5.0, metavar="M")
    add("--validate-every", type=positive_int, default=200, metavar="N", help="steps")
    if several_processes:
        add("--devices", type=positive_int, default=1, metavar="N", help="devices on each node")
        add("--strategy", choices=("auto", "ddp"), default="auto", help="ddp: one process per device")
        add("--num-nodes", type=positive_int, default=1, metavar="N")
    styles = ("bar", "json", "quiet")
    add("--progress", choices=styles, default="bar", help="json: one line per event, on stdout")
    scale = "factor on the steps of every stage"
    add("--scale", type=positive, default=1.0, metavar="F", help=scale)
    add(
        "--stage",
        action="append",
        metavar="name=NAME,steps=N,...",
        type=stage,
        help="replaces the preset's stages; may be repeated. Keys: name, steps, labelled, adaptation, "
        "adaptation_every, restored, unlabelled, pseudo_labelled",
    )
    group = parser.add_argument_group("the recipe", "Defaults are the preset's.")
    kinds_of = get_type_hints(TrainOptions)
    for flag, field in recipe_fields().items():
        add_option(group, flag, field, kinds_of[field.name])


def recipe_fields() -> dict[str, Field[Any]]:
    """The fields of TrainOptions with a command-line option: name without dashes -> field."""
    return {
        flag.replace("_", "-"): field for flag, field in options_by_flag().items() if "help" in field.metadata
    }


def add_option(group: argparse._ArgumentGroup, flag: str, field: Field[Any], kind: Any) -> None:
    """Add the option for one field of this type; None by default, which keeps the preset's value."""
    text = field.metadata["help"].replace("%", "%%")
    argument: dict[str, Any] = {"help": text, "default": None, "dest": field.name}
    if kind is bool:
        argument["action"] = argparse.BooleanOptionalAction
    elif get_origin(kind) is Literal:
        argument["choices"] = get_args(kind)
    else:
        argument |= {"type": kind, "metavar": kind.__name__.upper()}
    group.add_argument(f"--{flag}", **argument)


def stage(text: str) -> Stage:
    """A stage from text such as "name=adaptation,steps=800,labelled=8". Raises ArgumentTypeError."""
    try:
        values: dict[str, Any] = dict(part.split("=", 1) for part in text.split(","))
        counts = {key: int(value) for key, value in values.items() if key != "name"}
        return Stage(**values | counts)
    except (ValueError, TypeError) as error:
        names = ", ".join(f.name if f.default is MISSING else f"[{f.name}]" for f in fields(Stage))
        raise argparse.ArgumentTypeError(f"{text!r} is not {names} as name=value,... ({error})") from error


def recipe(preset: TrainOptions, arguments: argparse.Namespace) -> TrainOptions:
    """The preset, changed by the options and stages of the command line. Raises UsageError."""
    values = {field.name: getattr(arguments, field.name) for field in recipe_fields().values()}
    values["stages"] = scaled(tuple(arguments.stage or preset.stages), arguments.scale)
    try:
        return replace(preset, **{name: value for name, value in values.items() if value is not None})
    except ValueError as error:
        raise UsageError(error) from error


def progress_listener(
    style: str, first_process: bool, options: TrainOptions
) -> AbstractContextManager[Callable[[Mapping[str, Any]], None] | None]:
    """A context that yields a listener for progress events: a bar, JSON on stdout, or None."""
    if not first_process or style == "quiet":
        return nullcontext(None)
    if style == "json":
        return nullcontext(lambda event: print(json.dumps(event), flush=True))
    return training_bar(options)


@contextmanager
def training_bar(options: TrainOptions) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """A bar on stderr with stage, step, remaining time and the latest losses or validation figures."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}"),
    )
    with Progress(*columns, console=terminal_console()) as bar:
        tasks = {s.name: bar.add_task(s.name, total=s.steps, text="", start=False) for s in options.stages}

        def listen(event: Mapping[str, Any]) -> None:
            task = tasks[event["stage"]]
            bar.start_task(task)
            values = event.get("loss") or event.get("validation") or {}
            text = "  ".join(f"{name} {value:.3f}" for name, value in values.items())
            bar.update(task, completed=event["step"])
            if "validation" in event:
                bar.console.print(f"{event['stage']} {event['step']}: {text}")
            elif text:
                bar.update(task, text=text)

        yield listen


def add_round(parser: argparse.ArgumentParser) -> None:
    """Add all arguments of a round."""
    add = parser.add_argument
    add("--session", required=True, metavar="DIR", type=Path, help="the session's folder; it is only read")
    add("--base", metavar="MODEL", type=Path, help="the model to train further (default: the one in use)")
    add("--out", metavar="DIR", type=Path, help="folder for the round; not needed with --plan")
    add("--data", metavar="DIR", type=Path, help="base data to replay (default: synthetic images)")
    again = partial(add, action="append")
    again("--reader", dest="readers", metavar="NAME", help="use this reader's masks; may be repeated")
    again(
        "--reference",
        dest="references",
        default=[],
        metavar="DIR",
        type=Path,
        help="also compare on this folder's masks (manifest.csv, images, masks); may be repeated",
    )
    presets = "round: light; self-training: light, with pseudo-labels; paper: the paper's recipe"
    add("--preset", choices=ROUND_PRESETS, default="round", help=presets)
    add("--resume", action="store_true", help="continue the round in --out")
    add(
        "--plan",
        action="store_true",
        help="print what a round would use and, by measurement, how long it takes",
    )
    add_training(parser)


def round_request(arguments: argparse.Namespace) -> RoundRequest:
    """The round that the arguments describe. Raises UsageError for an invalid recipe."""
    from ..rounds.run import RoundRequest

    names = [field.name for field in fields(RoundRequest) if field.name != "options"]
    options = recipe(ROUND_PRESETS[arguments.preset], arguments)
    return RoundRequest(options=options, **{name: getattr(arguments, name) for name in names})
