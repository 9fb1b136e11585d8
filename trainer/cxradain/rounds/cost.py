"""The estimated duration of a round on this device, measured on a few of its own images and steps."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from lightning_fabric import Fabric

from ..imaging.radiograph import RadiographError
from ..models.model import load_model
from ..models.segmenter import Segmenter
from ..models.tasks import Domain
from ..sessions.store import Session
from ..training import validation
from ..training.batches import Batches
from ..training.loop import Training
from ..training.options import TrainOptions
from ..training.pseudo_labels import pseudo_labels
from .images import (
    LABELLED,
    UNLABELLED,
    RoundImages,
    find_teachers,
    images_to_teach,
    read_image_list,
    sources_of_normals,
    stage_images,
    synthesize_normals,
    without_pseudo_labels,
)
from .selection import RoundSelection

TRIED = 4  # images of each kind that are read for the measurement
MEASURED = 3  # timed steps of each stage; the first includes adaptation
KINDS = ("labelled", "validation", "unlabelled")


@dataclass(frozen=True)
class RoundCost:
    """Estimated seconds by part; `synthesizing` is of normal images, `labelling` of pseudo-labels.
    Base data and references are assumed to have images of the session's sizes."""

    reading: float
    labelling: float
    synthesizing: float
    training: float
    comparing: float

    @property
    def whole(self) -> float:
        return sum(vars(self).values())


def round_cost(
    session: Session,
    selection: RoundSelection,
    options: TrainOptions,
    base: Path,
    scratch: Path,
    fabric: Fabric,
    validate_every: int,
    references: int = 0,
    replay: bool = False,
) -> RoundCost:
    """Estimate how long a round with these options takes.

    Args:
        scratch: a temporary folder for what a training writes.
        references: the number of images in reference sets for the comparison.
        replay: whether base data are replayed, so that no normal images are synthesized.

    Raises NothingToTrainOn and OSError.
    """
    few = replace(selection, **{kind: getattr(selection, kind)[:TRIED] for kind in KINDS})
    model, teachers = load_model(base), find_teachers(options, base, fabric.device.type)
    started = time.monotonic()
    stage_images(session, few, scratch, model, teachers=teachers)
    staging = time.monotonic() - started
    rows = [row for row in read_image_list(scratch) if row["use"] in (LABELLED, UNLABELLED)]
    started = time.monotonic()
    synthesize_normals(model, scratch, rows)
    synthesizing = time.monotonic() - started
    images = RoundImages(scratch, model.config.canvas)
    unlabelled = images.unlabelled[Domain.ABNORMAL]
    started = time.monotonic()
    for case in unlabelled if teachers else ():
        pseudo_labels(teachers, images.load(case, False)[0].astype(np.float32) / 255)
    labelling = time.monotonic() - started
    reading = max(0.0, staging - synthesizing - labelling)
    reading /= max(1, sum(len(getattr(few, kind)) for kind in KINDS))
    whole = sources_of_normals([*selection.labelled, *selection.unlabelled])
    compared = len(selection.validation) + references
    return RoundCost(
        reading=reading * sum(len(getattr(selection, kind)) for kind in KINDS),
        labelling=labelling / max(1, len(unlabelled)) * len(images_to_teach(selection)),
        synthesizing=0.0 if replay else synthesizing / max(1, len(rows)) * len(whole),
        training=_training(
            Training(
                options if images.pseudo_labels else without_pseudo_labels(options),
                images,
                scratch / "training",
                fabric,
                init=base,
            ),
            validate_every,
            len(selection.validation),
        ),
        comparing=compared * (reading + _predicting(session, few, base, fabric)),
    )


def _training(training: Training, validate_every: int, validating: int) -> float:
    """Estimate the seconds of the training from a few steps of each stage and one validation."""
    images, total = training.images, 0.0
    for index, stage in enumerate(training.options.stages):
        batches = Batches(images, training.options, index)
        seconds = []
        for step in (0, *range(min(MEASURED, stage.steps))):  # the first one warms up
            started = time.monotonic()
            batch = {key: value.to(training.fabric.device) for key, value in batches[step].items()}
            training.updates.step(batch, stage, index, step)
            seconds.append(time.monotonic() - started)
        plain = min(seconds[1:])
        adapted = max(0.0, seconds[1] - plain) if stage.adaptation else 0.0
        total += stage.steps * plain + math.ceil(stage.steps / stage.adaptation_every) * adapted
        if images.validation:
            started = time.monotonic()
            validation.validate(training.model, images, student=stage.trains_student)
            each = (time.monotonic() - started) / len(images.validation)
            total += math.ceil(stage.steps / validate_every) * each * validating
    training.progress.close()
    return total


def _predicting(session: Session, few: RoundSelection, base: Path, fabric: Fabric) -> float:
    """Seconds that both models take to predict one image at full size."""
    images = [image for image, _ in (*few.validation, *few.labelled)] + list(few.unlabelled)
    segmenter = Segmenter(base, fabric.device.type)
    for image in images:
        with suppress(RadiographError):  # try the next one
            loaded = session.radiograph(image)
            segmenter.predict(loaded, quality=False)  # warms up
            started = time.monotonic()
            segmenter.predict(loaded, quality=False)
            return 2 * (time.monotonic() - started)
    return 0.0
