"""The images on which a round is trained: the session's, copied into the round's folder, and normal ones.

Corrected masks are labels of the abnormal domain, of which the paper has none; unlabelled images train
adaptation and distillation. With the preset `self-training` the base model is their fixed teacher: it
pseudo-labels each once, as it is copied. Normal images are replayed against forgetting: the base data's, or
else ones synthesized by the base model. Images that the session holds out, recognized by their pixels, are
not replayed, nor are other images of the same patients in the base data.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from .. import CxradainError
from ..datasets import DatasetImage
from ..files import read_limited, replace_atomically, write_text
from ..imaging.radiograph import RadiographError
from ..models.model import AdaINModel
from ..models.segmenter import Segmenter
from ..models.tasks import Domain
from ..sessions.records import RecordError, SessionImage, Version
from ..sessions.store import Session
from ..training.data import SPLITS, TrainingImages, at_canvas
from ..training.options import TrainOptions
from ..training.pseudo_labels import TeacherModel, labels_on_canvas
from .folder import CANVASES, IMAGE_LIST
from .gate_images import labelled, without_paths
from .overlap import cases_by_pixel_key, export_keys
from .selection import RoundSelection

T = TypeVar("T")

SUFFIX = ".npz"
LABELLED, VALIDATION, UNLABELLED, SYNTHETIC = USES = ("labelled", "validation", "unlabelled", "synthetic")
ASIDE = "set aside"  # the use of held-out images, listed so that they are not replayed
# Of at least twice as many, every second, third ... is used.
ENOUGH_VALIDATION = 32  # of the base data's held-out images, to keep validation fast
ENOUGH_SYNTHETIC = 100
ENOUGH_PSEUDO_LABELLED = 200


class NothingToTrainOn(CxradainError, ValueError):
    """There is no image on which a round could be trained."""


class RoundImages(TrainingImages):
    """The images of a round, on the canvas: the session's, as `stage_images` wrote them, and normal ones.

    The session's images count as abnormal: they are corrected because the model found them hard.

    Args:
        folder: the round's.
        canvas: of the model, in pixels.
        replay: the folder of the base data, or None to use synthetic normal images instead.

    `withheld` are the cases of the base data that are not replayed. Raises NothingToTrainOn, and DatasetError
    for the base data.
    """

    def __init__(self, folder: Path, canvas: int, replay: Path | None = None):
        self.directory, self.canvas = folder / CANVASES, canvas
        self._rows = read_image_list(folder)
        of = {use: [_case(self.directory, row) for row in self._rows if row["use"] == use] for use in USES}
        if not of[LABELLED] + of[UNLABELLED]:
            raise NothingToTrainOn("The session has no image to train on. Add radiographs, or correct some.")
        normal, self.validation = of[SYNTHETIC], of[VALIDATION]
        unlabelled: list[DatasetImage] = []
        self._base = TrainingImages(replay, canvas) if replay is not None else None
        self.replayed: list[DatasetImage] = []
        self.withheld: list[DatasetImage] = []
        if self._base is not None:
            normal, unlabelled, held_out = self._without_set_aside(self._base)
            self.replayed = normal + unlabelled
            if not self.replayed:
                raise NothingToTrainOn("The session sets aside all normal radiographs of the base data.")
            self.validation = [*self.validation, *every_nth(held_out, ENOUGH_VALIDATION)]
        self.labelled = {Domain.NORMAL: normal, Domain.ABNORMAL: of[LABELLED]}
        self.unlabelled = {Domain.NORMAL: unlabelled, Domain.ABNORMAL: of[UNLABELLED]}
        self.pseudo_labels = {}
        for row in self._rows:
            if row.get("pseudo_labelled"):
                with np.load(_case(self.directory, row).image, allow_pickle=False) as arrays:
                    self.pseudo_labels[row["id"]] = arrays["labels"]

    def _without_set_aside(
        self, base: TrainingImages
    ) -> tuple[list[DatasetImage], list[DatasetImage], list[DatasetImage]]:
        """The base data's normal cases, labelled, unlabelled and held out, without those that are
        withheld."""
        pools = (base.labelled[Domain.NORMAL], base.unlabelled[Domain.NORMAL], base.validation)
        aside = {row["id"]: tuple(row["shape"]) for row in self._rows if row["use"] == ASIDE}
        shared = cases_by_pixel_key([case for pool in pools for case in pool], set(aside.values()))
        patients = {case.patient_group for key in aside.keys() & shared.keys() for case in shared[key]}
        self.withheld = [case for pool in pools for case in pool if case.patient_group in patients]
        normal, unlabelled, held_out = (
            [case for case in pool if case.patient_group not in patients] for pool in pools
        )
        return normal, unlabelled, held_out

    def described(self) -> list[dict[str, Any]]:
        """The rows of the card on the training data; their hashes show whether two rounds had the same
        images."""
        withheld = Counter((case.split, case.source) for case in self.withheld)
        own = [
            _described(f"session, {use}", [row["sha256"] for row in self._rows if row["use"] == use])
            for use in (LABELLED, UNLABELLED, SYNTHETIC)
        ]
        rows = [row for row in own if row["images"]]
        for row in [] if self._base is None else self._base.described():
            if SPLITS.get(row["split"]) == Domain.NORMAL:
                count = withheld[row["split"], row["source"]]
                not_replayed = {"not_replayed": count} if count else {}
                rows.append({**row, "split": f"replayed, {row['split']}", **not_replayed})
        return rows

    def _load(self, case: DatasetImage, with_labels: bool) -> tuple[np.ndarray, np.ndarray | None]:
        if case.image.suffix != SUFFIX:
            return super()._load(case, with_labels)
        image, labels = _read(case.image)
        return image, labels if with_labels else None


def stage_images(
    session: Session,
    selection: RoundSelection,
    folder: Path,
    base: AdaINModel,
    replay: bool = False,
    progress: Callable[[str, int, int], None] = lambda step, done, total: None,
    leave_out: Callable[[SessionImage, str], None] = lambda image, message: None,
    teachers: Sequence[TeacherModel] = (),
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Copy the images of a round into its folder, on the base model's canvas, so that it can be resumed;
    without base data to `replay`, also synthesize normal images; with `teachers`, pseudo-label images
    without a mask.

    `progress` is called with what is being done, and the number of images done and in all; `leave_out` with
    each image that is left out, such as one whose mask is empty, and a message, which does not contain the
    file's name, as that may contain the patient's. `should_stop` is called before each image is copied or
    synthesized; returns False if it ended that. Raises OSError.
    """
    taught = {image.key for image in images_to_teach(selection)} if teachers else set()
    wanted: list[tuple[str, SessionImage, Version | None]] = [
        *((LABELLED, image, version) for image, version in selection.labelled),
        *((VALIDATION, image, version) for image, version in selection.validation),
        *((UNLABELLED, image, None) for image in selection.unlabelled),
    ]
    rows: list[dict[str, Any]] = []
    for index, (use, image, version) in enumerate(wanted):
        if should_stop():
            return False
        progress("reading the session", index, len(wanted))
        try:
            original, mask = (
                (session.radiograph(image), None) if version is None else labelled(session, image, version)
            )
            pixels, labels = at_canvas(original, mask, base.config.canvas)
        except (RadiographError, RecordError) as error:
            name = image.name if image.reference is None else f"image-{image.sequence:04d} ({image.key[:8]})"
            leave_out(image, without_paths(session, image, error, name))
            continue
        if image.key in taught:
            labels = labels_on_canvas(teachers, original, base.config.canvas)
        _write(folder, image.key, pixels, labels)
        content = image.key if version is None else f"{image.key} {version.sha256}"
        row = _row(image.key, use, image.patient or image.key, content)
        rows.append(row if labels is None or version else {**row, "pseudo_labelled": True})
    if replay:
        aside = (image for image in session.images() if session.is_held_out(image) and not image.fault)
        rows += [
            {**_row(key, ASIDE, image.patient or image.key, key), "shape": list(image.shape)}
            for image in aside
            for key in export_keys(session, image)
        ]
    else:
        sources = [row for row in rows if row["use"] in (LABELLED, UNLABELLED)]
        made = partial(progress, "making normal radiographs to rehearse")
        normals = synthesize_normals(base, folder, sources, should_stop, made)
        if normals is None:
            return False
        rows += normals
    # Last: a copy with a list is complete.
    write_text(folder / IMAGE_LIST, json.dumps(rows, indent=1) + "\n")
    return True


def find_teachers(options: TrainOptions, base: Path, device: str) -> list[TeacherModel]:
    """The base model as a teacher, in each mode that the options ask for; none without pseudo-labels.

    Raises ModelError and DeviceError.
    """
    if not any(stage.pseudo_labelled for stage in options.stages):
        return []
    segmenter = Segmenter(base, device)
    teachers = [TeacherModel(segmenter, "direct")]
    return teachers + [TeacherModel(segmenter, "teacher")] * options.two_step_answers


def without_pseudo_labels(options: TrainOptions) -> TrainOptions:
    """The options for a round in which no image has pseudo-labels: as many are distilled instead."""
    return replace(
        options,
        stages=tuple(
            replace(stage, unlabelled=stage.unlabelled + stage.pseudo_labelled, pseudo_labelled=0)
            for stage in options.stages
        ),
    )


@torch.no_grad()
def synthesize_normals(
    model: AdaINModel,
    folder: Path,
    sources: list[dict[str, Any]],
    should_stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[dict[str, Any]] | None:
    """Synthesize normal images with masks; writes the files and returns rows for the list, or None if
    `should_stop`, called before each, ended it. `progress` is called with the number done and in all.

    They are the base model's as-normal translations of the session's images, with its own masks of them: what
    it knows about normal images and should not forget (pseudo-rehearsal, Robins 1995).
    """
    rows = []
    chosen = sources_of_normals(sources)
    for index, source in enumerate(chosen):
        if should_stop():
            return None
        progress(index, len(chosen))
        image, _ = _read(folder / CANVASES / f"{source['id']}{SUFFIX}")
        normal = model.as_normal(torch.from_numpy(image).float()[None, None] / 127.5 - 1)
        labels = model.segment(normal, "direct").argmax(1)[0].to(torch.uint8)
        pixels = ((normal[0, 0].clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        name = f"normal-{source['id']}"
        _write(folder, name, pixels.numpy(), labels.numpy())
        rows.append(_row(name, SYNTHETIC, source["patient"], source["sha256"]))
    return rows


def images_to_teach(selection: RoundSelection) -> Sequence[SessionImage]:
    """The session's unlabelled images that are pseudo-labelled, fewer than twice ENOUGH_PSEUDO_LABELLED."""
    return every_nth(selection.unlabelled, ENOUGH_PSEUDO_LABELLED)


def sources_of_normals(sources: Sequence[T]) -> Sequence[T]:
    """The images from which normal ones are synthesized, fewer than twice ENOUGH_SYNTHETIC."""
    return every_nth(sources, ENOUGH_SYNTHETIC)


def every_nth(images: Sequence[T], enough: int) -> Sequence[T]:
    """All images, or every second, third ... if there are at least twice, three times ... as many as are
    enough."""
    return images[:: max(1, len(images) // enough)]


# --- the round's folder ---


def read_image_list(folder: Path) -> list[dict[str, Any]]:
    """The rows of a round's list of images: id, use, patient, sha256, and the shape of held-out ones."""
    return json.loads(read_limited(folder / IMAGE_LIST))


def _row(name: str, use: str, patient: str, content: str) -> dict[str, Any]:
    digest = hashlib.sha256(content.encode()).hexdigest()
    return {"id": name, "use": use, "patient": patient, "sha256": digest}


def _case(folder: Path, row: dict[str, Any]) -> DatasetImage:
    return DatasetImage(
        row["id"], row["use"], "session", row["patient"], folder / f"{row['id']}{SUFFIX}", None, False
    )


def _described(split: str, hashes: Iterable[str]) -> dict[str, Any]:
    """A row of the card."""
    ordered = sorted(hashes)
    return {
        "split": split,
        "source": "session",
        "images": len(ordered),
        "licences": [],
        "attribution": "the user's own",
        "sha256": hashlib.sha256("\n".join(ordered).encode()).hexdigest(),
    }


def _write(folder: Path, name: str, image: np.ndarray, labels: np.ndarray | None) -> None:
    arrays: dict[str, Any] = {"image": image} if labels is None else {"image": image, "labels": labels}
    place = folder / CANVASES / f"{name}{SUFFIX}"
    replace_atomically(place, lambda part: np.savez_compressed(part, **arrays))


def _read(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    with np.load(path, allow_pickle=False) as arrays:
        return arrays["image"], arrays.get("labels")
