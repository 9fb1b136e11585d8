"""A training's images: the training splits of a data set, at the size of the network's canvas."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..datasets import (
    LABELLED_SPLIT,
    TRAINING_SPLITS,
    VALIDATION_PERCENT,
    DatasetImage,
    describe_data,
    images_of_split,
    read_mask,
)
from ..imaging.radiograph import Radiograph, read_radiograph
from ..models.tasks import Domain
from .losses import UNKNOWN
from .pseudo_labels import UNSURE

SPLITS = dict(zip(TRAINING_SPLITS, (Domain.NORMAL, Domain.NORMAL, Domain.ABNORMAL), strict=True))
CACHE_BYTES = 512 * 2**20


def at_canvas(
    radiograph: Radiograph, labels: np.ndarray | None, canvas: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """A radiograph, and its labels (H, W) if any, upright on the canvas: (canvas, canvas) uint8 each."""
    upright, turn = radiograph.upright(), radiograph.facts.turn
    letterbox = upright.letterbox(canvas)
    image = np.round(255 * letterbox.to_canvas(upright.intensities())).astype(np.uint8)
    return image, None if labels is None else letterbox.labels_to_canvas(turn.apply(labels)).astype(np.uint8)


def held_out(case: DatasetImage) -> bool:
    """Whether the patient of a labelled case is held out for validation, decided once and for all by a
    hash."""
    digest = hashlib.sha256(case.patient_group.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < VALIDATION_PERCENT


class TrainingImages:
    """The training splits of a data set, letterboxed to the canvas on demand.

    Args:
        directory: a data set's folder (`datasets`).
        canvas: S, the side of the square images in pixels.
        abnormal_labels: also use the masks of abnormal images as labels; the paper has none.

    Attributes:
        labelled: by domain, the images whose masks are labels.
        validation: labelled images of held-out patients, who are in no batch.
        unlabelled: by domain, the images used without a mask.
        abdomens: strips (h, w) in 0..1 to paste below labelled images (`field_of_view.find_abdomens`).
        pseudo_labels: by image id, (S, S) uint8 (`pseudo_labels.find_pseudo_labels`).

    Raises DatasetError.
    """

    abdomens: Sequence[np.ndarray] = ()
    pseudo_labels: Mapping[str, np.ndarray] = MappingProxyType({})
    abnormal_labels = False

    def __init__(self, directory: str | Path, canvas: int, abnormal_labels: bool = False):
        self.directory, self.canvas, self.abnormal_labels = Path(directory), canvas, abnormal_labels
        with_masks = {Domain.NORMAL: images_of_split(directory, LABELLED_SPLIT)}
        others = {
            domain: images_of_split(directory, split)
            for split, domain in reversed(SPLITS.items())
            if split != LABELLED_SPLIT
        }
        if abnormal_labels:
            with_masks[Domain.ABNORMAL] = [c for c in others[Domain.ABNORMAL] if c.mask is not None]
        self.labelled = {domain: [c for c in of if not held_out(c)] for domain, of in with_masks.items()}
        self.validation = [c for of in with_masks.values() for c in of if held_out(c)]
        unseen = {c.patient_group for c in self.validation}  # none of their images is in a batch
        known = {c.id for of in with_masks.values() for c in of}
        self.unlabelled = {
            domain: [c for c in of if c.patient_group not in unseen and c.id not in known]
            for domain, of in others.items()
        }

    def described(self) -> list[dict[str, Any]]:
        """The rows of the card on the training data, by split and source."""
        return describe_data(self.directory, self.abnormal_labels)

    def digest(self) -> str:
        """SHA-256 of the images' ids and uses; hashing the pixels would take minutes."""
        pools = {"validation": self.validation}
        for use, by_domain in (("labelled", self.labelled), ("unlabelled", self.unlabelled)):
            pools |= {f"{use} {int(domain)}": chosen for domain, chosen in by_domain.items()}
        lines = [f"{use} {case.id}" for use, chosen in sorted(pools.items()) for case in chosen]
        lines += [f"pseudo-labelled {name}" for name in sorted(self.pseudo_labels)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def load(self) -> Callable[[DatasetImage, bool], tuple[np.ndarray, np.ndarray | None]]:
        """`load(case, with_labels)`: image and labels (or None) of a case, (S, S) uint8 each; cached.

        Raises RadiographError, DatasetError and OSError.
        """
        return lru_cache(maxsize=max(1, CACHE_BYTES // (2 * self.canvas**2)))(self._load)

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the cache, of which each process has its own."""
        return {name: value for name, value in vars(self).items() if name != "load"}

    def _load(self, case: DatasetImage, with_labels: bool) -> tuple[np.ndarray, np.ndarray | None]:
        radiograph = read_radiograph(case.image)
        return at_canvas(radiograph, read_mask(case) if with_labels else None, self.canvas)

    def tensors(self, labelled: Sequence[DatasetImage]) -> tuple[Tensor, Tensor]:
        """Labelled images without augmentation, (B, 1, S, S) in -1..1, and their labels (B, S, S)."""
        pairs = [self.load(case, True) for case in labelled]
        image = torch.from_numpy(np.stack([pixels for pixels, _ in pairs])).float().unsqueeze(1) / 127.5 - 1
        labels = torch.stack([as_labels(mask, pixels.shape) for pixels, mask in pairs])
        return image, labels


def as_labels(labels: np.ndarray | None, shape: tuple[int, ...]) -> Tensor:
    if labels is None:
        return torch.full(shape, UNKNOWN)
    whole = torch.from_numpy(labels.astype(np.int64))
    return torch.where(whole == UNSURE, UNKNOWN, whole)
