"""A round of training as a Python call, and an estimate of its duration.

    result = run_round(RoundRequest(session, out))

continues the training of the model in use on a session's corrected, approved and unlabelled radiographs, in
the folder `out` (`rounds.folder`), and compares the new model with its base. It does not change the model in
use: see `models.registry`. For research, not for diagnosis.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric

from .. import CxradainError
from ..datasets import read_manifest
from ..files import remove_temporaries
from ..imaging.scratch import scratch_folder
from ..models.card import read_configuration
from ..models.devices import keep_memory
from ..models.folders import CARD
from ..models.model import load_model
from ..models.registry import default_model
from ..sessions.records import SessionImage
from ..sessions.store import Session
from ..training import CHECKPOINT, MODEL
from ..training.finish import write_trained_model
from ..training.launch import computed_on, device_name, launch, precision_of, threads_of
from ..training.loop import Training
from ..training.options import ROUND, Precision, TrainOptions
from .cost import RoundCost, round_cost
from .folder import (
    CANVASES,
    IMAGE_LIST,
    UNREADABLE,
    RoundError,
    RoundStatus,
    State,
    StatusWriter,
    exclusive_round,
    read_status,
)
from .gate import Judgement, judge
from .gate_images import images_to_compare, reference_images
from .gate_report import write_comparison
from .images import RoundImages, find_teachers, stage_images, without_pseudo_labels
from .overlap import cases_by_pixel_key, png_shape
from .selection import RoundSelection, select_images


@dataclass(frozen=True)
class RoundRequest:
    """What a round trains on, how, and where.

    session: the session's folder, which is only read.
    out: the round's folder; not needed for a plan.
    base: folder of the model to start from; None: the one in use.
    data: folder of base data to replay; None: normal images synthesized by the base model.
    readers: whose masks are labels; None: everybody's; only `sessions.records.MODEL`: nobody's.
    references: data sets' folders, for the comparison beside the session's own images.
    resume: continue the round in `out`, with its base, data, readers and references.
    accelerator, precision: as in Lightning Fabric. workers: processes that prepare batches. threads: CPU
        threads; None: all.
    checkpoint_minutes, validate_every: interval of checkpoints (minutes) and of validations (steps).
    command: the command line for the model's card (`training.finish.redact_command`).
    """

    session: Path
    out: Path | None = None
    base: Path | None = None
    data: Path | None = None
    readers: Sequence[str] | None = None
    references: Sequence[Path] = ()
    options: TrainOptions = ROUND
    resume: bool = False
    accelerator: str = "auto"
    precision: Precision = "auto"
    workers: int = 1
    threads: int | None = None
    checkpoint_minutes: float = 5.0
    validate_every: int = 200
    command: Sequence[str] = ()


@dataclass(frozen=True)
class RoundEvent:
    """Progress of a round.

    state, message: as in `round.json`. notice: whether the message is to be read, not only
        followed; of_image: whether it concerns one image of the session, which it names.
    training: a line of `progress.jsonl` during training, else empty.
    """

    state: State
    message: str
    notice: bool = False
    of_image: bool = False
    training: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RoundResult:
    """The result of a round: the new model's folder, and its comparison with the base."""

    model: Path
    judgement: Judgement


@dataclass(frozen=True)
class RoundPlan:
    """What a round would use (`counts` of `RoundSelection`), and how long it would take on the device.

    device: the GPU's name, or the kind of processor. threads: of the processor; 0 on a GPU. precision: a key
    of `launch.PRECISION_NAMES`.
    """

    counts: dict[str, int]
    steps: int
    device: str
    threads: int
    precision: str
    cost: RoundCost


def run_round(
    request: RoundRequest,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    report: Callable[[RoundEvent], None] = lambda event: None,
) -> RoundResult | None:
    """Run or resume a round; returns None if it was stopped early and can be resumed.

    Args:
        should_stop: called before each image is read and after each step; True ends the round, with a
            checkpoint once it trains, as the file `stop` in its folder does.
        report: called with each event.

    Raises CxradainError (RoundError, SessionError, DatasetError, ModelError, DeviceError, ...); once the
    round has started, `round.json` has the reason too.
    """
    _check(request)
    if request.out is None:
        raise RoundError("name a folder for the round with --out")
    keep_memory()
    with (
        _domain_errors(),
        Session(request.session, write=False) as session,  # opened before the devices, which take a while
        exclusive_round(request.out),
    ):
        return _Round(request, request.out, session, report).run(should_stop)


def plan_round(request: RoundRequest) -> RoundPlan:
    """Estimate what a round would use and how long it would take, from a few of its images and steps.

    Raises CxradainError, as `run_round` does.
    """
    _check(request)
    keep_memory()
    with (
        _domain_errors(),
        Session(request.session, write=False) as session,
        scratch_folder() as scratch,
    ):
        selection = select_images(session, request.readers)
        references = len(reference_images(request.references))
        fabric = _launch(request)
        cost = round_cost(
            session,
            selection,
            request.options,
            request.base or default_model(),
            scratch,
            fabric,
            request.validate_every,
            references,
            request.data is not None,
        )
        steps = sum(stage.steps for stage in request.options.stages)
        name, threads = device_name(fabric.device), threads_of(fabric.device)
        return RoundPlan(selection.counts(), steps, name, threads, precision_of(fabric), cost)


def _launch(request: RoundRequest) -> Fabric:
    return launch(request.accelerator, request.precision, request.threads)


def _check(request: RoundRequest) -> None:
    if request.options.validated_teacher or not request.options.keep_last:
        raise RoundError(
            "a round cannot choose its teacher or weights by validation (--validated-teacher, "
            "--no-keep-last): the comparison is made on the same patients"
        )
    if request.options.abdomen_probability:
        raise RoundError("a round cannot paste abdomens, as the ages are unknown; use --abdomen 0")


class _Round:
    """One run of a round, in the only process that works on it."""

    def __init__(
        self, request: RoundRequest, out: Path, session: Session, report: Callable[[RoundEvent], None]
    ):
        self.out, self.session, self.report = out, session, report
        self.resumed = (out / IMAGE_LIST).is_file()
        request = replace(
            request,
            data=request.data and request.data.absolute(),
            readers=None if request.readers is None else list(request.readers),
            references=[path.absolute() for path in request.references],
        )
        begun = self.resumed or (request.resume and read_status(out).state == "stopped")
        self.request = request = _as_begun(request, out) if begun else request
        self.base = request.base or default_model()
        self.selection: RoundSelection = select_images(session, request.readers)
        self.fabric = _launch(request)
        begun_with = RoundStatus(
            session=str(session.path),
            base=str(self.base),
            used=[version.id for _, version in self.selection.labelled],
            data=str(request.data) if request.data else None,
            readers=request.readers,
            references=list(map(str, request.references)),
            command=list(request.command),
        )
        self.status = StatusWriter(out, begun_with, self.resumed)
        self.state: State = "preparing"

    def run(self, should_stop: Callable[[], bool]) -> RoundResult | None:
        def stop() -> bool:
            return self.status.stop_requested() or should_stop()

        with self._failure_recorded(), self.status.beating():
            remove_temporaries(self.out)
            if not self.resumed and not self._stage(stop):
                self._set_state("stopped", "while preparing; resuming the round prepares anew")
                return None
            if not (self.out / MODEL / CARD).is_file():  # otherwise only the comparison is missing
                self._set_state("training", f"begins on {computed_on(self.fabric)}")
                if not self._train(stop):
                    self._set_state("stopped", "a checkpoint is kept; the round can be resumed")
                    return None
            # Here, because a killed round may have left them beside its model.
            (self.out / CHECKPOINT).unlink(missing_ok=True)
            shutil.rmtree(self.out / CANVASES, ignore_errors=True)
            judgement = self._compare()
            self._set_state("finished", judgement.decision.text)
            return RoundResult(self.out / MODEL, judgement)

    def _stage(self, should_stop: Callable[[], bool]) -> bool:
        """Copy the round's images into its folder; False if stopped."""
        self._set_state("preparing", "reading the session")
        shutil.rmtree(self.out / CANVASES, ignore_errors=True)  # an incomplete copy of a killed round
        teachers = find_teachers(self.request.options, self.base, self.fabric.device.type)
        left_out: set[str] = set()

        def leave_out(image: SessionImage, message: str) -> None:
            left_out.add(image.key)
            self.report(RoundEvent(self.state, message, notice=True, of_image=True))

        finished = stage_images(
            self.session,
            self.selection,
            self.out,
            load_model(self.base),
            self.request.data is not None,
            lambda step, done, total: self._progress(f"{step}: {done} of {total}"),
            leave_out,
            teachers,
            should_stop,
        )
        if not finished:
            shutil.rmtree(self.out / CANVASES, ignore_errors=True)
            return False
        used = [version.id for image, version in self.selection.labelled if image.key not in left_out]
        self.status.set_used(used, len(left_out))
        images = self._images()
        if images.withheld:
            count = len(images.withheld)
            message = f"Images of the base data not replayed, as this session sets them aside: {count}"
            self.report(RoundEvent(self.state, message, notice=True))
        if teachers:
            message = f"Radiographs with pseudo-labels: {len(images.pseudo_labels)}"
            self.report(RoundEvent(self.state, message, notice=True))
        return True

    def _train(self, should_stop: Callable[[], bool]) -> bool:
        """Train from the start or the checkpoint, and write the model; False if stopped."""
        request, images, checkpoint = self.request, self._images(), self.out / CHECKPOINT
        training = Training(
            request.options if images.pseudo_labels else without_pseudo_labels(request.options),
            images,
            self.out,
            self.fabric,
            init=self.base,
            workers=request.workers,
            checkpoint_minutes=request.checkpoint_minutes,
            validate_every=request.validate_every,
            should_stop=should_stop,
            listener=self._on_training,
        )
        if finished := training.train(resume=checkpoint.is_file()):
            name = training.model.card.get("name", "")
            write_trained_model(training, request.command, name, version="candidate")
        return finished

    def _compare(self) -> Judgement:
        """Compare the new model with the base on held-out and reference images, and write the comparison."""
        self._set_state("comparing", "the new model with the old one")
        readers, references = self.request.readers, self.request.references
        images = images_to_compare(self.session, readers, references, self._replayed())
        judgement = judge(
            self.out / MODEL,
            self.base,
            images,
            self.fabric.device.type,
            lambda done, total: self._progress(f"comparing: {done} of {total}"),
            of_session=True,
        )
        write_comparison(judgement, self.out)
        return judgement

    def _images(self) -> RoundImages:
        return RoundImages(self.out, read_configuration(self.base).canvas, self.request.data)

    def _replayed(self) -> Iterator[str]:
        """Pixel keys of the replayed images that have the size of a reference image."""
        if self.request.data is not None:
            cases = [c for folder in self.request.references for c in read_manifest(folder) if c.mask]
            shapes = {shape for case in cases if (shape := png_shape(case.image))}
            yield from cases_by_pixel_key(self._images().replayed, shapes)

    def _on_training(self, event: Mapping[str, Any]) -> None:
        self._progress(f"{event['stage']}, step {event['step']} of {event['steps']}", event)

    def _set_state(self, state: State, message: str) -> None:
        self.state = state
        self.status.set_state(state, message)
        self.report(RoundEvent(state, message))

    def _progress(self, message: str, training: Mapping[str, Any] | None = None) -> None:
        self.status.heartbeat(message)
        self.report(RoundEvent(self.state, message, training=training or {}))

    @contextmanager
    def _failure_recorded(self) -> Iterator[None]:
        """Record an error that ends the round in its folder, too."""
        try:
            yield
        except (CxradainError, ValueError, OSError, RuntimeError) as error:
            with suppress(OSError):  # a full disk may not even take this
                self.status.set_state("failed", str(error))
            raise


def _as_begun(request: RoundRequest, out: Path) -> RoundRequest:
    """The request with the base, data, readers and references of the round in `out`. Raises RoundError if
    `resume` is not set, or other data, readers or references are given."""
    status = read_status(out)
    if status.state == UNREADABLE:
        raise RoundError(f"{out}: its round.json is damaged, so it cannot be resumed; choose another --out")
    if not request.resume:
        raise RoundError(f"{out} holds a round; continue it with --resume, or choose another --out")
    if status.base:  # another model may be in use by now
        request = replace(request, base=Path(status.base))
    if status.references is None:
        return request
    begun_with: dict[str, Any] = {
        "data": Path(status.data) if status.data else None,
        "readers": status.readers,
        "references": list(map(Path, status.references)),
    }
    for name, value in begun_with.items():
        if (given := getattr(request, name)) and given != value:
            raise RoundError(
                f"{out}: this round was started with another --{name.removesuffix('s')}, or none; leave it "
                "out to resume, or choose another --out"
            )
    return replace(request, **begun_with)


@contextmanager
def _domain_errors() -> Iterator[None]:
    """Turn OSError, and ValueError from impossible options, into RoundError."""
    try:
        yield
    except CxradainError:
        raise
    except (ValueError, OSError) as error:
        raise RoundError(str(error)) from error
