"""The images that a round is trained on: a session's, copied into the round's folder, and normal ones.

Corrected masks are labels of their own domain, abnormal ones too, which the paper had none of; unlabelled
images go through adaptation and distillation. Normal images are replayed against forgetting: those of the
base data, else synthesized by the base model. What the session sets aside, by its pixels, is not replayed
either, nor what the base data hold of the same patient.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from .. import CxradainError
from ..datasets import DatasetImage
from ..files import read_limited, replace_atomically, write_text
from ..imaging.radiograph import RadiographError
from ..models.model import AdaINModel
from ..models.tasks import Domain
from ..sessions.records import RecordError, SessionImage, Version
from ..sessions.store import Session
from ..training.data import SPLITS, TrainingImages, at_canvas
from .folder import CANVASES, IMAGE_LIST
from .gate_images import labelled, without_paths
from .overlap import cases_by_pixel_key, export_keys
from .selection import RoundSelection

T = TypeVar("T")

SUFFIX = ".npz"
LABELLED, VALIDATION, UNLABELLED, SYNTHETIC = USES = ("labelled", "validation", "unlabelled", "imagined")
ASIDE = "set aside"  # not an image of the round, but one that is not to be replayed
# Of more than twice as many, every second, third ... is used.
ENOUGH_VALIDATION = 32  # of the base data's held-out images, to keep validation short
ENOUGH_SYNTHETIC = 100


class NothingToTrainOn(CxradainError, ValueError):
    """The session holds no image that a round could use."""


class RoundImages(TrainingImages):
    """The radiographs of a round, at the canvas: a session's, as `stage_images` wrote them, and normal ones.

    A session's images count as abnormal: what is corrected there is what the model found hard.

    Args:
        folder: the round's.
        canvas: of the model, pixels.
        replay: base data in the shared format, or None where synthetic normal images stand in for them.

    `withheld` are the base data's cases that are not replayed. Raises NothingToTrainOn, and DatasetError of
    the base data.
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
            self.validation = self.validation + held_out[:: max(1, len(held_out) // ENOUGH_VALIDATION)]
        self.labelled = {Domain.NORMAL: normal, Domain.ABNORMAL: of[LABELLED]}
        self.unlabelled = {Domain.NORMAL: unlabelled, Domain.ABNORMAL: of[UNLABELLED]}

    def _without_set_aside(
        self, base: TrainingImages
    ) -> tuple[list[DatasetImage], list[DatasetImage], list[DatasetImage]]:
        """The base data's normal cases, labelled, unlabelled and held out; `withheld` is the rest."""
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
        """Rows for the card, as of base data; hashes tell whether two rounds had the same images."""
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
    progress: Callable[[int, int], None] = lambda done, total: None,
    unreadable: Callable[[str], None] = lambda message: None,
) -> None:
    """Copy what a round uses of a session into its folder, at the base model's canvas, so that it can be
    resumed; without base data to `replay`, synthetic normal images, too.

    `progress` is called with the images done and all; `unreadable` for each that is left out, as for a mask
    that was made before its image was flipped, with a message that names it, but not by its file's name,
    which may tell the patient's. Raises OSError.
    """
    wanted: list[tuple[str, SessionImage, Version | None]] = [
        *((LABELLED, image, version) for image, version in selection.labelled),
        *((VALIDATION, image, version) for image, version in selection.validation),
        *((UNLABELLED, image, None) for image in selection.unlabelled),
    ]
    rows: list[dict[str, Any]] = []
    for index, (use, image, version) in enumerate(wanted):
        progress(index, len(wanted))
        try:
            original, mask = (
                (session.radiograph(image), None) if version is None else labelled(session, image, version)
            )
            pixels, labels = at_canvas(original, mask, base.config.canvas)
        except (RadiographError, RecordError) as error:
            name = image.name if image.reference is None else f"image-{image.sequence:04d} ({image.key[:8]})"
            unreadable(without_paths(session, image, error, name))
            continue
        _write(folder, image.key, pixels, labels)
        content = image.key if version is None else f"{image.key} {version.sha256}"
        rows.append(_row(image.key, use, image.patient or image.key, content))
    if replay:
        aside = (image for image in session.images() if session.is_held_out(image) and not image.fault)
        rows += [
            {**_row(key, ASIDE, image.patient or image.key, key), "shape": list(image.shape)}
            for image in aside
            for key in export_keys(session, image)
        ]
    else:
        sources = [row for row in rows if row["use"] in (LABELLED, UNLABELLED)]
        rows += synthesize_normals(base, folder, sources)
    write_text(folder / IMAGE_LIST, json.dumps(rows, indent=1) + "\n")  # last: with a list it is complete


@torch.no_grad()
def synthesize_normals(
    model: AdaINModel, folder: Path, sources: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Normal images with masks where there are no base data: writes the files, returns rows for the list.

    They are the base model's as-normal translations of the session's images, with its own masks of those:
    what it knows of normal images and shall keep (pseudo-rehearsal, Robins 1995).
    """
    rows = []
    for source in sources_of_normals(sources):
        image, _ = _read(folder / CANVASES / f"{source['id']}{SUFFIX}")
        normal = model.as_normal(torch.from_numpy(image).float()[None, None] / 127.5 - 1)
        labels = model.segment(normal, "direct").argmax(1)[0].to(torch.uint8)
        pixels = ((normal[0, 0].clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        name = f"normal-{source['id']}"
        _write(folder, name, pixels.numpy(), labels.numpy())
        rows.append(_row(name, SYNTHETIC, source["patient"], source["sha256"]))
    return rows


def sources_of_normals(sources: Sequence[T]) -> Sequence[T]:
    """Those of so many images that a normal one is synthesized from."""
    return sources[:: max(1, len(sources) // ENOUGH_SYNTHETIC)]


# --- the round's folder ---


def read_image_list(folder: Path) -> list[dict[str, Any]]:
    """The rows of a round's list of images: id, use, patient, sha256, and the shape of those set aside."""
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
