"""What a training needs from existing models: abdomens to paste, and pseudo-labels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..datasets import DatasetImage
from ..files import replace_atomically
from ..models.folders import weights_hash
from ..models.segmenter import Segmenter
from .data import TrainingImages
from .field_of_view import CHILDREN, find_abdomens
from .options import TrainOptions
from .pseudo_labels import TeacherModel, find_pseudo_labels

TRIED = "tried/ids"  # key of the ids that were tried; some of them have no array


def prepare_images(
    images: TrainingImages,
    options: TrainOptions,
    folder: Path,
    base: Path,
    teachers: Sequence[Path] = (),
    report: Callable[[str], None] = lambda message: None,
) -> None:
    """Set the images' abdomens and pseudo-labels, if the options ask for them.

    Args:
        folder: where they are cached for the next training, by the models that made them.
        base: folder of the model whose masks tell where an abdomen begins, and whose two-step answers are
            used if the options say so.
        teachers: folders of the models whose direct answers become pseudo-labels; empty for only the base.
        report: called with a line of text at each start and end.

    Raises ModelError and OSError.
    """
    unlabelled = [case for domain in images.unlabelled.values() for case in domain]
    if options.abdomen_probability:

        def abdomens(cases: Sequence[DatasetImage]) -> dict[str, np.ndarray]:
            report(f"abdomens of {len(cases)} radiographs of adults")
            return find_abdomens(Segmenter(base), cases)

        adults = [case for case in unlabelled if case.cohort != CHILDREN]
        found = _kept(folder, "abdomens", [weights_hash(base)], adults, abdomens)
        images.abdomens = list(found.values())
    if any(stage.pseudo_labelled for stage in options.stages):
        teachers = teachers or (base,)
        by = [*map(weights_hash, teachers)] + [f"two-step {weights_hash(base)}"] * options.two_step_answers

        def labels(cases: Sequence[DatasetImage]) -> dict[str, np.ndarray]:
            models = [TeacherModel(Segmenter(teacher), "direct") for teacher in teachers]
            models += [TeacherModel(Segmenter(base), "teacher")] * options.two_step_answers
            report(f"pseudo-labels of {len(cases)} radiographs, by {len(models)} teachers")
            return find_pseudo_labels(models, cases, images.canvas)

        images.pseudo_labels = _kept(folder, "pseudo-labels", by, unlabelled, labels)
        report(f"{len(images.pseudo_labels)} of {len(unlabelled)} radiographs with pseudo-labels")


def _kept(
    folder: Path,
    name: str,
    by: Sequence[str],
    cases: Sequence[DatasetImage],
    make: Callable[[Sequence[DatasetImage]], dict[str, np.ndarray]],
) -> dict[str, np.ndarray]:
    """Arrays by case id, from the folder's file for these models; missing ones are made and added."""
    digest = hashlib.sha256("\n".join(by).encode()).hexdigest()[:12]
    path = folder / f"{name}-{digest}.npz"
    kept: dict[str, Any] = {TRIED: np.array([], str)}
    if path.is_file():
        with np.load(path, allow_pickle=False) as stored:
            kept = dict(stored)
    tried = set(kept[TRIED].tolist())
    if missing := [case for case in cases if case.id not in tried]:
        folder.mkdir(parents=True, exist_ok=True)
        kept |= make(missing)
        kept[TRIED] = np.array([*tried, *(case.id for case in missing)])
        replace_atomically(path, lambda part: np.savez_compressed(part, **kept))
    return {case.id: kept[case.id] for case in cases if case.id in kept}
