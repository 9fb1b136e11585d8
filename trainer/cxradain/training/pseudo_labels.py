"""Pseudo-labels: masks of unlabelled radiographs on which fixed teachers agree over several views.

Self-training with a noisy student (Xie et al., CVPR 2020): the teachers see each radiograph whole and with
cropped edges, the student later sees it augmented. Not in the paper, whose two-step teacher may be one of the
teachers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..datasets import DatasetImage
from ..imaging.letterbox import Letterbox
from ..imaging.lungs import clean_labels, most_probable_labels
from ..imaging.measurements import dice
from ..imaging.radiograph import Radiograph, RadiographError, read_radiograph
from ..models.segmenter import Segmenter
from ..models.tasks import Mode

UNSURE = 255  # label where the teachers disagree
AGREEMENT = 0.9  # least union Dice of each answer against the mean of all
CONFIDENCE = 0.8  # least mean probability of a pixel's class
# Shares cut off at the top, the bottom, the left and the right.
VIEWS = ((0.0, 0.0, 0.0, 0.0), (0.0, 0.1, 0.0, 0.0), (0.05, 0.05, 0.05, 0.05))


@dataclass(frozen=True, eq=False)
class TeacherModel:
    """A model that gives pseudo-labels, and the mode in which it does; its weights are fixed."""

    segmenter: Segmenter
    mode: Mode


def find_pseudo_labels(
    teachers: Sequence[TeacherModel], cases: Sequence[DatasetImage], canvas: int
) -> dict[str, np.ndarray]:
    """`labels_on_canvas` by case id.

    Radiographs on which the answers differ too much, or that cannot be read, get none.
    """
    labels = {}
    for case in cases:
        try:
            found = labels_on_canvas(teachers, read_radiograph(case.image), canvas)
        except (RadiographError, OSError):
            continue
        if found is not None:
            labels[case.id] = found
    return labels


def labels_on_canvas(
    teachers: Sequence[TeacherModel], radiograph: Radiograph, canvas: int
) -> np.ndarray | None:
    """The pseudo-labels of a radiograph, upright on the canvas: (S, S) uint8 of 0, 1, 2 and UNSURE, or None.

    Raises RadiographError for one without contrast.
    """
    upright = radiograph.upright()
    letterbox = upright.letterbox(canvas)
    answer = pseudo_labels(teachers, letterbox.to_canvas(upright.intensities())[letterbox.content])
    if answer is None:
        return None
    labels = np.zeros((canvas, canvas), np.uint8)
    labels[letterbox.content] = answer
    return labels


def pseudo_labels(teachers: Sequence[TeacherModel], image: np.ndarray) -> np.ndarray | None:
    """The agreement of the teachers on an image (h, w) in 0..1: (h, w) uint8 of 0, 1, 2 and UNSURE, or
    None."""
    answers = [answer for teacher in teachers for answer in _answers(teacher, image)]
    total, views = np.zeros((3, *image.shape), np.float32), np.zeros(image.shape, np.float32)
    for area, probability in answers:
        total[:, *area] += probability
        views[area] += 1
    mean = total / views
    labels = most_probable_labels(mean)
    for area, probability in answers:
        lungs = most_probable_labels(probability) > 0
        if not lungs.any() or dice(lungs, labels[area] > 0) < AGREEMENT:
            return None
    whole = clean_labels(labels)
    return np.where((mean.max(0) >= CONFIDENCE) & (labels == whole), whole, UNSURE).astype(np.uint8)


def unsure_share(labels: np.ndarray) -> float:
    """The pixels of pseudo-labels (S, S) on which the teachers disagree, in lung areas: how hard an image
    is."""
    return float((labels == UNSURE).sum() / max(1, np.isin(labels, (1, 2)).sum()))


def _answers(teacher: TeacherModel, image: np.ndarray) -> list[tuple[tuple[slice, slice], np.ndarray]]:
    """For each view, its rows and columns and the probabilities (3, rows, columns) in it."""
    height, width = image.shape

    def inside(length: int, before: float, after: float) -> slice:
        return slice(int(before * length), length - int(after * length))

    areas = [(inside(height, top, bottom), inside(width, left, right)) for top, bottom, left, right in VIEWS]
    segmenter = teacher.segmenter
    letterboxes = [Letterbox(image[area].shape, segmenter.canvas) for area in areas]
    canvases = [box.to_canvas(image[area]) for box, area in zip(letterboxes, areas, strict=True)]
    outputs = segmenter.backend.predict(np.stack(canvases)[:, np.newaxis] * 2 - 1, teacher.mode, False)
    return [
        (area, box.from_canvas(output.probability))
        for area, box, output in zip(areas, letterboxes, outputs, strict=True)
    ]
