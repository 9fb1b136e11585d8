"""Command-line options of every training: where it runs, how it shows progress, its recipe."""

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

if TYPE_CHECKING:
    from ..rounds.run import RoundRequest


PRECISION_HELP = "auto: the faster of the two here, by a short measurement; the card names it"


def add_training(parser: argparse.ArgumentParser, several_processes: bool = False) -> None:
    """Add where a training runs, how often it saves and validates, how it shows progress, and its recipe.

    several_processes: also over how many devices and machines.
    """
    add = parser.add_argument
    add("--accelerator", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    add("--precision", choices=PRECISIONS, default="auto", help=PRECISION_HELP)
    add("--workers", type=count, default=1, metavar="N", help="processes that prepare batches")
    add("--threads", type=positive_int, metavar="N", help="CPU threads of a process; all by default")
    add("--checkpoint-minutes", type=not_negative, default=5.0, metavar="M")
    add("--validate-every", type=positive_int, default=200, metavar="N", help="steps")
    if several_processes:
        add("--devices", type=positive_int, default=1, metavar="N", help="devices on each node")
        add(
            "--strategy", choices=("auto", "ddp"), default="auto", help="ddp: several processes, one a device"
        )
        add("--num-nodes", type=positive_int, default=1, metavar="N")
    styles = ("bar", "json", "quiet")
    add("--progress", choices=styles, default="bar", help="json: one line an event, on stdout")
    scale = "shorten or lengthen every stage by this factor"
    add("--scale", type=positive, default=1.0, metavar="F", help=scale)
    add(
        "--stage",
        action="append",
        metavar="name=NAME,steps=N,...",
        type=stage,
        help="instead of the preset's: name, steps, labelled, adaptation, adaptation_every, restored, "
        "unlabelled, pseudo_labelled",
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
    argument: dict[str, Any] = {"help": text, "default": None, "dest": field.name}
    if kind is bool:
        argument["action"] = argparse.BooleanOptionalAction
    elif get_origin(kind) is Literal:
        argument["choices"] = get_args(kind)
    else:
        argument |= {"type": kind, "metavar": kind.__name__.upper()}
    group.add_argument(f"--{flag}", **argument)


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
    """The preset with the options and stages of the command line. Raises UsageError for impossible values."""
    values = {field.name: getattr(arguments, field.name) for field in recipe_fields().values()}
    values["stages"] = scaled(tuple(arguments.stage or preset.stages), arguments.scale)
    try:
        return replace(preset, **{name: value for name, value in values.items() if value is not None})
    except ValueError as error:
        raise UsageError(error) from error


def progress_listener(
    style: str, first_process: bool, options: TrainOptions
) -> AbstractContextManager[Callable[[Mapping[str, Any]], None] | None]:
    """A context that gives the listener of progress: a bar, JSON on stdout, or none."""
    if not first_process or style == "quiet":
        return nullcontext(None)
    if style == "json":
        return nullcontext(lambda event: print(json.dumps(event), flush=True))
    return training_bar(options)


@contextmanager
def training_bar(options: TrainOptions) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Shows on stderr the stage, its steps, the time that remains, and the last losses and figures."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
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
    """All arguments of a round."""
    add = parser.add_argument
    add("--session", required=True, metavar="DIR", type=Path, help="the session's folder; it is only read")
    add("--base", metavar="MODEL", type=Path, help="the model to train on (default: the one in use)")
    add("--out", metavar="DIR", type=Path, help="folder for the round; not needed with --plan")
    add("--data", metavar="DIR", type=Path, help="base data to replay (default: by what the model knows)")
    again = partial(add, action="append")
    again("--reader", dest="readers", metavar="NAME", help="use this reader's masks; may be given again")
    again(
        "--reference",
        dest="references",
        default=[],
        metavar="DIR",
        type=Path,
        help="also compare on the masks of this folder (manifest.csv, images, masks); may be given again",
    )
    presets = "round: light; self-training: light, with pseudo-labels; paper: the paper's recipe"
    add("--preset", choices=ROUND_PRESETS, default="round", help=presets)
    add("--resume", action="store_true", help="go on with the round in --out")
    add("--plan", action="store_true", help="say what a round would use and, measured, how long it takes")
    add_training(parser)


def round_request(arguments: argparse.Namespace) -> RoundRequest:
    """The round that the arguments describe. Raises UsageError for a recipe that makes no sense."""
    from ..rounds.run import RoundRequest

    names = [field.name for field in fields(RoundRequest) if field.name != "options"]
    options = recipe(ROUND_PRESETS[arguments.preset], arguments)
    return RoundRequest(options=options, **{name: getattr(arguments, name) for name in names})
