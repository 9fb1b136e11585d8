"""A round: a model trained on by a session's corrected, approved and unlabelled radiographs.

Corrected masks are labels of their own domain, abnormal ones too, which the paper had none of; unlabelled
images go through adaptation and distillation, taught by the averaged weights. Normal images are replayed
against forgetting: those of the base data, else the base model's own (`imagine`). What the session sets
aside, by its pixels, is not replayed either, nor what the base data hold of the same patient.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from .. import CxradainError
from ..datasets import Case
from ..files import replace_atomically
from ..imaging.letterbox import Letterbox
from ..imaging.radiograph import RadiographError
from ..models.model import AdaINModel
from ..models.tasks import Domain
from ..sessions.records import Image, RecordError, Version
from ..sessions.sources import radiograph
from ..sessions.store import Session
from ..training.data import SPLITS, TrainingImages
from .gate_samples import without_paths
from .overlap import forms, keys_of
from .selection import Gathered

T = TypeVar("T")

CANVASES, LIST, SUFFIX = "canvases", "canvases.json", ".npz"
LABELLED, VALIDATION, UNLABELLED, IMAGINED = USES = ("labelled", "validation", "unlabelled", "imagined")
ASIDE = "set aside"  # not an image of the round, but what no base data may bring back
# Of more, every second, third ...: fewer than twice as many.
ENOUGH_VALIDATION = 32  # of the base data's held-out images, to keep validation short
ENOUGH_IMAGINED = 100


class NothingToTrainOn(CxradainError, ValueError):
    """The session holds no image that a round could use."""


class RoundImages(TrainingImages):
    """The radiographs of a round, at the canvas: a session's, as `take` left them in a folder, and replay.

    A session's images count as abnormal: what is corrected there is what the model found hard.

    Args:
        folder: the round's.
        canvas: of the model, pixels.
        replay: base data in the shared format, or None where imagined ones stand in for them.

    `withheld` are the base data's cases that are not replayed. Raises NothingToTrainOn, and DatasetError of
    the base data.
    """

    def __init__(self, folder: Path, canvas: int, replay: Path | None = None):
        self.directory, self.canvas = folder / CANVASES, canvas
        self._rows = listed(folder)
        of = {use: [_case(self.directory, row) for row in self._rows if row["use"] == use] for use in USES}
        if not of[LABELLED] + of[UNLABELLED]:
            raise NothingToTrainOn("The session has no image to train on. Add radiographs, or correct some.")
        normal, self.validation = of[IMAGINED], of[VALIDATION]
        unlabelled: list[Case] = []
        self._base = TrainingImages(replay, canvas) if replay is not None else None
        self.replayed: list[Case] = []
        self.withheld: list[Case] = []
        if self._base is not None:
            normal, unlabelled, held = self._without_aside(self._base)
            self.replayed = normal + unlabelled
            if not self.replayed:
                raise NothingToTrainOn("The session sets aside all normal radiographs of the base data.")
            self.validation = self.validation + held[:: max(1, len(held) // ENOUGH_VALIDATION)]
        self.labelled = {Domain.NORMAL: normal, Domain.ABNORMAL: of[LABELLED]}
        self.unlabelled = {Domain.NORMAL: unlabelled, Domain.ABNORMAL: of[UNLABELLED]}
        self._begin_cache()

    def _without_aside(self, base: TrainingImages) -> tuple[list[Case], list[Case], list[Case]]:
        """The base data's normal cases, labelled, unlabelled and held out; `withheld` is the rest."""
        pools = (base.labelled[Domain.NORMAL], base.unlabelled[Domain.NORMAL], base.validation)
        aside = {row["id"]: tuple(row["shape"]) for row in self._rows if row["use"] == ASIDE}
        same = keys_of([case for pool in pools for case in pool], set(aside.values()))
        gone = {case.patient_group for key in aside.keys() & same.keys() for case in same[key]}
        self.withheld = [case for pool in pools for case in pool if case.patient_group in gone]
        normal, unlabelled, held = ([c for c in pool if c.patient_group not in gone] for pool in pools)
        return normal, unlabelled, held

    def described(self) -> list[dict[str, Any]]:
        """As of base data, with hashes that tell whether a round was made from the same images and masks."""
        found = [
            _described(f"session, {use}", [row["sha256"] for row in self._rows if row["use"] == use])
            for use in (LABELLED, UNLABELLED, IMAGINED)
        ]
        base = [] if self._base is None else self._base.described()
        return [row for row in found if row["images"]] + [
            {**row, "split": f"replayed, {row['split']}", **self._withheld_of(row)}
            for row in base
            if SPLITS.get(row["split"]) == Domain.NORMAL
        ]

    def _withheld_of(self, row: dict[str, Any]) -> dict[str, int]:
        of = (row["split"], row["source"])
        count = sum((case.split, case.source) == of for case in self.withheld)
        return {"not_replayed": count} if count else {}

    def _load(self, case: Case, with_labels: bool) -> tuple[np.ndarray, np.ndarray | None]:
        if case.image.suffix != SUFFIX:
            return super()._load(case, with_labels)
        image, labels = _read(case.image)
        return image, labels if with_labels else None


def take(
    session: Session,
    gathered: Gathered,
    folder: Path,
    base: AdaINModel,
    replay: bool = False,
    told: Callable[[int, int], None] = lambda done, total: None,
    complain: Callable[[str, str], None] = lambda name, text: None,
) -> None:
    """Copy what a round uses of a session into its folder, at the base model's canvas, so that it can be
    resumed; without base data to `replay`, normal images that the model imagines too.

    An image that cannot be read is told of (its name, and why, both without the file's own name, which may
    tell the patient's) and left out. Raises OSError.
    """
    wanted: list[tuple[str, Image, Version | None]] = [
        *((LABELLED, image, version) for image, version in gathered.labelled),
        *((VALIDATION, image, version) for image, version in gathered.validation),
        *((UNLABELLED, image, None) for image in gathered.unlabelled),
    ]
    rows: list[dict[str, Any]] = []
    for index, (use, image, version) in enumerate(wanted):
        told(index, len(wanted))
        try:
            shown, labels = at_canvas(session, image, version, base.config.canvas)
        except (RadiographError, RecordError) as error:
            name = image.name if image.reference is None else f"image-{image.sequence:04d} ({image.key[:8]})"
            complain(name, without_paths(session, image, error, name))
            continue
        _write(folder, image.key, shown, labels)
        content = image.key if version is None else f"{image.key} {version.sha256}"
        rows.append(_row(image.key, use, image.patient or image.key, content))
    if replay:
        aside = (image for image in session.images() if session.is_held_out(image) and not image.fault)
        rows += [
            {**_row(key, ASIDE, image.patient or image.key, key), "shape": list(image.shape)}
            for image in aside
            for key in forms(session, image)
        ]
    else:
        rows += imagine(base, folder, [row for row in rows if row["use"] in (LABELLED, UNLABELLED)])
    text = json.dumps(rows, indent=1) + "\n"  # last, so that a folder with a list is complete
    replace_atomically(folder / LIST, lambda part: part.write_text(text, encoding="utf-8"))


def at_canvas(
    session: Session, image: Image, version: Version | None, canvas: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """A session's image and its version's labels at the canvas, (canvas, canvas) uint8 each."""
    found = radiograph(session, image)
    letterbox = Letterbox(found.shape, canvas)
    shown = np.round(255 * letterbox.to_canvas(found.intensities())).astype(np.uint8)
    if version is None:
        return shown, None
    return shown, letterbox.labels_to_canvas(session.mask(version)).astype(np.uint8)


@torch.no_grad()
def imagine(model: AdaINModel, folder: Path, sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the base model knows of normal images, where there are no base data: files, and rows for the list.

    The model's own as-normal translations of the session's images, with its own masks of those, are what it
    is asked to keep (pseudo-rehearsal, Robins 1995).
    """
    rows = []
    for source in chosen_to_imagine(sources):
        image, _ = _read(folder / CANVASES / f"{source['id']}{SUFFIX}")
        normal = model.as_normal(torch.from_numpy(image).float()[None, None] / 127.5 - 1)
        labels = model.segment(normal, "direct").argmax(1)[0].to(torch.uint8)
        pixels = ((normal[0, 0].clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        name = f"normal-{source['id']}"
        _write(folder, name, pixels.numpy(), labels.numpy())
        rows.append(_row(name, IMAGINED, source["patient"], source["sha256"]))
    return rows


def chosen_to_imagine(sources: Sequence[T]) -> Sequence[T]:
    """Those of so many sources that a normal image is imagined of."""
    return sources[:: max(1, len(sources) // ENOUGH_IMAGINED)]


# --- the round's folder ---


def listed(folder: Path) -> list[dict[str, Any]]:
    """The rows of a round's list."""
    return json.loads((folder / LIST).read_text("utf-8"))


def _row(name: str, use: str, patient: str, content: str) -> dict[str, Any]:
    digest = hashlib.sha256(content.encode()).hexdigest()
    return {"id": name, "use": use, "patient": patient, "sha256": digest}


def _case(folder: Path, row: dict[str, Any]) -> Case:
    return Case(
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
