"""`cxradain train round`: a session's corrections and unlabelled images make a better model."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..training.options import ROUND_PRESETS, TrainOptions
from .options import UsageError
from .stopping import StopSignals
from .training_options import add_machine, add_progress, add_recipe, launched, recipe, shown

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from ..sessions.gathering import Gathered
    from ..sessions.store import Session
    from ..training.round_status import RoundStatus

TRIED = 4  # images of each kind that a plan reads, to measure with


def add_parser(kinds: argparse._SubParsersAction) -> None:
    """Register the command."""
    parser = kinds.add_parser(
        "round",
        help="train on by a session's corrected and unlabelled radiographs, and compare",
        description="One round: a session's corrected and approved masks become labels, its unlabelled "
        "images are adapted and distilled, and the new model is compared with the one it began as. Nothing "
        "is put in use by itself; see `cxradain models`. For research, not for diagnosis.",
    )
    add = parser.add_argument
    add("--session", required=True, metavar="DIR", type=Path, help="the session's folder; it is only read")
    add("--base", metavar="MODEL", type=Path, help="the model to train on (default: the one in use)")
    add("--out", metavar="DIR", type=Path, help="folder for the round; not needed with --plan")
    add("--data", metavar="DIR", type=Path, help="base data to replay (default: by what the model knows)")
    add("--reader", action="append", metavar="NAME", help="use this reader's masks; may be given again")
    add(
        "--reference",
        action="append",
        default=[],
        metavar="DIR",
        type=Path,
        help="also compare on the masks of this folder (manifest.csv, images, masks); may be given again",
    )
    add("--preset", choices=ROUND_PRESETS, default="round", help="round: light; paper: the paper's recipe")
    add("--resume", action="store_true", help="go on with the round in --out")
    add("--plan", action="store_true", help="say what a round would use and, measured, how long it takes")
    add_machine(parser)
    add_progress(parser)
    add_recipe(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do a round, or with --plan say what it would be. Raises Stopped and UsageError."""
    from ..model import default_model
    from ..training.allocator import keep_memory

    keep_memory()
    base = arguments.base or default_model()
    options = recipe(ROUND_PRESETS[arguments.preset], arguments)
    if arguments.out is None and not arguments.plan:
        raise UsageError("name a folder for the round with --out")
    with _session(arguments) as (session, gathered):  # read before the devices, which take a while
        fabric = launched(arguments)
        if arguments.plan:
            return plan(session, gathered, options, base, fabric)
        return _round(session, gathered, arguments, options, base, fabric)


def plan(session: Session, gathered: Gathered, options: TrainOptions, base: Path, fabric: Fabric) -> int:
    """Print, as one line of JSON, what a round would use and how many seconds it takes on this device."""
    from ..training.finish import device_name
    from ..training.round_cost import training_seconds

    few = replace(
        gathered, **{f: getattr(gathered, f)[:TRIED] for f in ("labelled", "validation", "unlabelled")}
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        started = time.monotonic()
        images = _images(session, few, folder, base, None)
        read = sum(len(part) for part in (few.labelled, few.validation, few.unlabelled))
        reading = (time.monotonic() - started) / max(1, read)
        every = sum(len(part) for part in (gathered.labelled, gathered.validation, gathered.unlabelled))
        seconds = every * reading + training_seconds(options, images, base, folder / "training", fabric)
        steps = sum(stage.steps for stage in options.stages)
        found = {"steps": steps, "seconds": round(seconds), "device": device_name(fabric.device)}
    print(json.dumps({**gathered.counts(), **found}), flush=True)
    return 0


def _round(
    session: Session,
    gathered: Gathered,
    arguments: argparse.Namespace,
    options: TrainOptions,
    base: Path,
    fabric: Fabric,
) -> int:
    from ..model import CARD
    from ..training.round_status import RoundStatus, read_status
    from ..training.rounds import LIST

    begun = (arguments.out / LIST).is_file()
    if begun and not arguments.resume:
        raise UsageError(f"{arguments.out} holds a round; --resume goes on with it, or name another --out")
    if begun:  # another may be in use by now
        base = Path(read_status(arguments.out).get("base", base))
    status = RoundStatus(
        arguments.out,
        resume=arguments.resume,
        session=str(session.path),
        base=str(base),
        used=[version.id for _, version in gathered.labelled],
        command=arguments.command,
    )
    with StopSignals() as signals, _failing(status):

        def stop() -> bool:
            return status.stop_asked() or signals.asked()

        if not begun:
            _prepare(session, gathered, arguments, base, status)
        model = arguments.out / "model"
        if not (model / CARD).is_file():  # else only the comparison is left to do
            status.say("training", "begins")
            if not _train(arguments, options, base, fabric, status, stop):
                status.say("stopped", "a checkpoint is kept; the round can be resumed")
                raise signals.stopped("stopped; --resume goes on from the checkpoint.")
        _compare(session, arguments, base, model, fabric.device.type, status)
    return 0


def _prepare(
    session: Session, gathered: Gathered, arguments: argparse.Namespace, base: Path, status: RoundStatus
) -> None:
    from .batch import complain

    status.say("preparing", "reading the session")
    _images(
        session,
        gathered,
        arguments.out,
        base,
        arguments.data,
        lambda done, total: status.alive(f"reading the session: {done} of {total}"),
        lambda name, text: complain(Path(name), text),
    )


def _images(
    session: Session, gathered: Gathered, folder: Path, base: Path, replay: Path | None, *told: Callable
) -> Any:
    """The round's images in its folder, those that stand in for missing base data among them."""
    from ..model import load_model
    from ..training.rounds import RoundImages, take

    model = load_model(base)
    take(session, gathered, folder, model, replay is not None, *told)
    return RoundImages(folder, model.config.canvas, replay)


def _train(
    arguments: argparse.Namespace,
    options: TrainOptions,
    base: Path,
    fabric: Fabric,
    status: RoundStatus,
    stop: Callable[[], bool],
) -> bool:
    """Train from the start or the checkpoint, and write the model; False when it was stopped."""
    from ..model import load_model
    from ..training.finish import finish
    from ..training.loop import CHECKPOINT, Training
    from ..training.rounds import RoundImages

    images = RoundImages(arguments.out, load_model(base).config.canvas, arguments.data)
    with shown(arguments.progress, fabric.is_global_zero, options) as listener:

        def listen(line: str) -> None:
            event = json.loads(line)
            status.alive(f"{event['stage']}, step {event['step']} of {event['steps']}")
            if listener is not None:
                listener(line)

        training = Training(
            options,
            images,
            arguments.out,
            fabric,
            init=base,
            workers=arguments.workers,
            checkpoint_minutes=arguments.checkpoint_minutes,
            validate_every=arguments.validate_every,
            should_stop=stop,
            listener=listen,
        )
        if (arguments.out / CHECKPOINT).is_file():
            training.resume()
        try:
            finished = training.run()
        finally:
            training.progress.close()
    if finished:
        name = load_model(base).card.get("name", "")
        finish(training, arguments.command, arguments.precision, name, version="candidate")
        (arguments.out / CHECKPOINT).unlink(missing_ok=True)
        shutil.rmtree(images.directory, ignore_errors=True)
    return finished


def _compare(
    session: Session,
    arguments: argparse.Namespace,
    base: Path,
    model: Path,
    device: str,
    status: RoundStatus,
) -> None:
    from ..evaluation.gate import judge, reference_samples, session_samples, write

    status.say("comparing", "the new model with the old one")
    samples = session_samples(session, arguments.reader) + reference_samples(arguments.reference)
    judgement = judge(
        model, base, samples, device, lambda done, total: status.alive(f"comparing: {done} of {total}")
    )
    write(judgement, arguments.out)
    status.say("finished", judgement.text)
    print(judgement.text if arguments.progress != "json" else json.dumps({"model": str(model)}), flush=True)


@contextmanager
def _session(arguments: argparse.Namespace) -> Iterator[tuple[Session, Gathered]]:
    from ..sessions.gathering import gather
    from ..sessions.records import SessionError
    from ..sessions.store import Session

    try:
        with Session(arguments.session, write=False) as session:
            yield session, gather(session, arguments.reader)
    except SessionError as error:
        raise UsageError(error) from error


@contextmanager
def _failing(status: RoundStatus) -> Iterator[None]:
    """Whatever ends the round early stands in its folder too, in words."""
    from ..evaluation.dataset import DatasetError
    from ..model import ModelError
    from ..radiograph import RadiographError

    try:
        yield
    except (RadiographError, DatasetError, ModelError, ValueError) as error:
        status.say("failed", str(error))
        raise UsageError(error) from error
    except (OSError, RuntimeError) as error:
        status.say("failed", str(error))
        raise
