"""`cxradain train round`: a session's corrections and unlabelled images make a better model."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..training.options import ROUND_PRESETS, TrainOptions
from .options import UsageError
from .process import StopSignals
from .round_gate import compare
from .training_options import add_machine, add_progress, add_recipe, launched, recipe, shown

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from ..rounds.folder import RoundStatus
    from ..rounds.selection import Gathered
    from ..sessions.store import Session


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
    from ..models.devices import keep_memory
    from ..models.registry import default_model
    from ..rounds.folder import RoundBusy, alone
    from ..rounds.selection import gather

    keep_memory()
    base = arguments.base or default_model()
    options = recipe(ROUND_PRESETS[arguments.preset], arguments)
    if options.validated_teacher or not options.keep_last:
        raise UsageError(
            "a round takes the teacher that is named and keeps the last weights; to choose by the patients "
            "that validate would spoil the comparison, which is made on the same"
        )
    if arguments.out is None and not arguments.plan:
        raise UsageError("name a folder for the round with --out")
    with _session(arguments) as session:  # read before the devices, which take a while
        if arguments.plan:
            return plan(session, gather(session, arguments.reader), options, base, arguments)
        try:
            with alone(arguments.out):
                begun = _as_begun(arguments)
                gathered = gather(session, arguments.reader)
                return _round(session, gathered, arguments, options, base, launched(arguments), begun)
        except RoundBusy as error:
            raise UsageError(error) from error


def plan(
    session: Session, gathered: Gathered, options: TrainOptions, base: Path, arguments: argparse.Namespace
) -> int:
    """Print, as one line of JSON, what a round would use and how many seconds it takes on this device."""
    from ..rounds.cost import round_cost
    from ..rounds.gate_samples import reference_samples
    from ..training.finish import device_name

    references = len(reference_samples(arguments.reference))
    fabric = launched(arguments)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            cost = round_cost(
                session,
                gathered,
                options,
                base,
                Path(scratch),
                fabric,
                arguments.validate_every,
                references,
                arguments.data is not None,
            )
    except ValueError as error:  # nothing to train on, the model, the stages
        raise UsageError(error) from error
    steps = sum(stage.steps for stage in options.stages)
    parts = {name: round(seconds, 1) for name, seconds in vars(cost).items()}
    found = {"steps": steps, "seconds": round(cost.whole), "device": device_name(fabric.device)}
    print(json.dumps({**gathered.counts(), **found, "parts": parts}), flush=True)
    return 0


def _as_begun(arguments: argparse.Namespace) -> bool:
    """Whether the folder holds a round to go on with; then data, readers and references are those it began
    with. Raises UsageError where that is not asked for, or others are given."""
    from ..rounds.folder import read_status
    from ..rounds.images import LIST

    told = read_status(arguments.out)
    arguments.data = arguments.data and arguments.data.absolute()
    arguments.reference = [path.absolute() for path in arguments.reference]
    if not (arguments.out / LIST).is_file():
        return False
    if not arguments.resume:
        raise UsageError(f"{arguments.out} holds a round; --resume goes on with it, or name another --out")
    if "references" in told:  # one of an older version says nothing of these
        began = {
            "data": Path(told["data"]) if told["data"] else None,
            "reader": told["readers"],
            "reference": [Path(path) for path in told["references"]],
        }
        for name, value in began.items():
            if (given := getattr(arguments, name)) and given != value:
                raise UsageError(
                    f"{arguments.out}: this round began with another --{name}, or without; leave it out to "
                    "go on, or name another --out"
                )
            setattr(arguments, name, value)
    return True


def _round(
    session: Session,
    gathered: Gathered,
    arguments: argparse.Namespace,
    options: TrainOptions,
    base: Path,
    fabric: Fabric,
    begun: bool,
) -> int:
    from ..models.model import CARD
    from ..rounds.folder import RoundStatus, read_status

    if begun:  # another may be in use by now
        base = Path(read_status(arguments.out).get("base", base))
    status = RoundStatus(
        arguments.out,
        resume=begun,
        session=str(session.path),
        base=str(base),
        used=[version.id for _, version in gathered.labelled],
        data=str(arguments.data) if arguments.data else None,
        readers=arguments.reader,
        references=[str(path) for path in arguments.reference],
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
        compare(session, arguments, base, model, fabric.device.type, status)
    return 0


def _prepare(
    session: Session, gathered: Gathered, arguments: argparse.Namespace, base: Path, status: RoundStatus
) -> None:
    from ..models.model import load_model
    from ..rounds.images import RoundImages, take
    from .batch import complain

    status.say("preparing", "reading the session")
    model = load_model(base)
    take(
        session,
        gathered,
        arguments.out,
        model,
        arguments.data is not None,
        lambda done, total: status.alive(f"reading the session: {done} of {total}"),
        lambda name, text: complain(Path(name), text),
    )
    withheld = RoundImages(arguments.out, model.config.canvas, arguments.data).withheld
    if withheld:
        print(f"cxradain: {len(withheld)} of the base data are not replayed: set aside here", file=sys.stderr)


def _train(
    arguments: argparse.Namespace,
    options: TrainOptions,
    base: Path,
    fabric: Fabric,
    status: RoundStatus,
    stop: Callable[[], bool],
) -> bool:
    """Train from the start or the checkpoint, and write the model; False when it was stopped."""
    from ..models.model import load_model
    from ..rounds.images import RoundImages
    from ..training.finish import finish
    from ..training.loop import CHECKPOINT, Training

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


@contextmanager
def _session(arguments: argparse.Namespace) -> Iterator[Session]:
    """The session, read. What it, a data set or the disk says against the request is said in words."""
    from ..datasets import DatasetError
    from ..sessions.records import SessionError
    from ..sessions.store import Session

    try:
        with Session(arguments.session, write=False) as session:
            yield session
    except (SessionError, DatasetError, OSError) as error:
        raise UsageError(error) from error


@contextmanager
def _failing(status: RoundStatus) -> Iterator[None]:
    """Whatever ends the round early stands in its folder too, in words."""
    from ..datasets import DatasetError
    from ..imaging.radiograph import RadiographError
    from ..models.card import ModelError

    try:
        yield
    except (RadiographError, DatasetError, ModelError, ValueError, OSError) as error:
        with suppress(OSError):  # a full disk may not even take these words
            status.say("failed", str(error))
        raise UsageError(error) from error
    except RuntimeError as error:
        status.say("failed", str(error))
        raise
