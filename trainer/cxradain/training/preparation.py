"""What a training needs of models that are there already: abdomens to paste, and pseudo-labels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..files import replace_atomically
from ..models.folders import weights_hash
from ..models.segmenter import Segmenter
from .data import TrainingImages, cohort
from .field_of_view import CHILDREN, find_abdomens
from .options import TrainOptions
from .pseudo_labels import TeacherModel, find_pseudo_labels


def prepare_images(
    images: TrainingImages,
    options: TrainOptions,
    folder: Path,
    base: Path,
    teachers: Sequence[Path] = (),
    report: Callable[[str], None] = lambda message: None,
) -> None:
    """Give the images the abdomens and pseudo-labels that the options ask for.

    Args:
        folder: where they are kept, by the models they are of, for the next training.
        base: folder of the model whose masks tell where an abdomen begins, and whose two-step answers count
            where the options say so.
        teachers: folders of the models whose direct answers become pseudo-labels; none: the base alone.
        report: given a line of text for each that begins and ends.

    Raises ModelError and OSError.
    """
    unlabelled = [case for domain in images.unlabelled.values() for case in domain]
    names = hashlib.sha256("\n".join(case.id for case in unlabelled).encode()).hexdigest()
    if options.abdomen_probability:
        adults = [case for case in unlabelled if cohort(case) != CHILDREN]

        def abdomens() -> dict[str, np.ndarray]:
            report(f"abdomens of {len(adults)} radiographs of adults")
            return {str(i): strip for i, strip in enumerate(find_abdomens(Segmenter(base), adults))}

        images.abdomens = list(_kept(folder, "abdomens", [names, weights_hash(base)], abdomens).values())
        report(f"{len(images.abdomens)} abdomens")
    if any(stage.pseudo_labelled for stage in options.stages):
        teachers = teachers or (base,)
        models = [TeacherModel(Segmenter(teacher), "direct") for teacher in teachers]
        of = [names, *map(weights_hash, teachers)]
        if options.two_step_answers:
            models.append(TeacherModel(Segmenter(base), "teacher"))
            of.append(f"two-step {weights_hash(base)}")

        def labels() -> dict[str, np.ndarray]:
            report(f"pseudo-labels of {len(unlabelled)} radiographs, by {len(models)} teachers")
            return find_pseudo_labels(models, unlabelled, images.canvas)

        images.pseudo_labels = _kept(folder, "pseudo-labels", of, labels)
        report(f"{len(images.pseudo_labels)} radiographs with pseudo-labels")


def _kept(
    folder: Path, name: str, of: Sequence[object], make: Callable[[], dict[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Arrays from the folder's file for these ingredients, made and written unless it is there."""
    digest = hashlib.sha256("\n".join(map(str, of)).encode()).hexdigest()[:12]
    path = folder / f"{name}-{digest}.npz"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = make()
        replace_atomically(path, lambda part: np.savez_compressed(part, **arrays))
    with np.load(path, allow_pickle=False) as stored:
        return dict(stored)
