"""The two lungs: labels, names and flags, and the clean-up of class probabilities.

The classes are background, the patient's right lung (on the left of the image) and the patient's left lung.
scipy loads its submodules when they are first used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import scipy

BACKGROUND, RIGHT, LEFT = 0, 1, 2


@dataclass(frozen=True)
class LungName:
    """A lung's English name, and its codes in SNOMED CT and, for older files, SNOMED RT (DICOM PS3.16)."""

    english: str
    snomed_ct: str
    snomed_rt: str


LUNG_NAMES = {
    RIGHT: LungName("right lung", "3341006", "T-28100"),
    LEFT: LungName("left lung", "44029006", "T-28500"),
}


def other_lung(lung: int) -> int:
    """LEFT of RIGHT, and RIGHT of LEFT."""
    return LEFT if lung == RIGHT else RIGHT


def side_named_in(text: str) -> int:
    """The lung whose side is named in a text, such as "left", "lung_right", "rightMask" or "leftlung";
    BACKGROUND for none or both."""
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text)}
    named = []
    for lung, name in LUNG_NAMES.items():
        side = name.english.split()[0]
        if not words.isdisjoint({side, f"{side}lung", f"lung{side}", f"{side}mask"}):
            named.append(lung)
    return named[0] if len(named) == 1 else BACKGROUND


def lung_named_in(text: str) -> int:
    """The lung named in a text, by "lung" and a side; BACKGROUND for none or both."""
    return side_named_in(text) if "lung" in text.lower() else BACKGROUND


FLAG_TEXT: dict[str, str] = {
    "right_missing": "No right lung was found. If this is a frontal chest radiograph, draw it by hand.",
    "left_missing": "No left lung was found. If this is a frontal chest radiograph, draw it by hand.",
    "sides_swapped": (
        "The right lung lies on the right side of the image. Check whether the radiograph is mirrored; "
        "if it is not, exchange the two lungs."
    ),
    "views_disagree": (
        "Without the lowest tenth of the image the model draws this lung otherwise. Check whether abdomen "
        "was taken for lung, or lung left out."
    ),
    "low_confidence": "The model is unsure where the lung ends. Check the outline before using the mask.",
    "ragged": "The outline has a deep notch or a loop. Check whether part of the lung is left out.",
    "unequal": "One lung is much smaller than the other. Check whether part of it is left out.",
}
"""What may be wrong with a mask, by code; `assessment.assess` decides which of these apply."""


def are_sides_exchanged(labels: np.ndarray) -> bool:
    """Whether the lungs of (H, W) labels of an upright image lie on each other's side, the right one not on
    the left; a lone one, on the other half. False where there is none, or one lies above the other: then the
    image is not upright, and its sides are not to be seen."""
    middles = {
        lung: [_middle((labels == lung).sum(axis)) for axis in (1, 0)]
        for lung in (RIGHT, LEFT)
        if (labels == lung).any()
    }
    image = [(side - 1) / 2 for side in labels.shape]
    down, across = np.subtract(middles.get(RIGHT, image), middles.get(LEFT, image))
    return bool(middles) and bool(across > (abs(down) if len(middles) == 2 else 0))


def _middle(counts: np.ndarray) -> float:
    """The mean place of pixels that are counted by row or column."""
    return float(counts @ np.arange(len(counts))) / int(counts.sum())


def exchange_sides(labels: np.ndarray) -> np.ndarray:
    """(H, W) labels with right and left lung exchanged, as uint8."""
    return np.array([BACKGROUND, LEFT, RIGHT], np.uint8)[labels]


def most_probable_labels(probability: np.ndarray) -> np.ndarray:
    """The most probable class of every pixel; of equals the lowest, as with argmax.

    Args:
        probability: (3, H, W) probabilities or logits of background, right and left lung.

    Returns:
        (H, W) uint8 of 0, 1 and 2.

    Raises:
        ValueError: the array has another shape.
    """
    background, right, left = _three_classes(probability)
    # Five times as fast as argmax over the first axis, which matters at 2500 x 2000 pixels.
    is_right = (right > background) & (right >= left)
    is_left = (left > background) & (left > right)
    return is_right.view(np.uint8) + is_left.view(np.uint8) * np.uint8(LEFT)


def clean_probability(probability: np.ndarray) -> np.ndarray:
    """Clean class probabilities, so that each lung is one component without holes.

    Of each lung the largest component (4-neighbors) is kept. A smaller one that touches the other lung's
    largest component joins that lung, any other becomes background; holes are filled. Oh & Ye (arXiv
    2104.05892) keep the two largest components of a single lung class and fill holes; doing so lung by lung,
    one lung cannot count for two.

    The probabilities follow: the class that had a pixel passes its share on to the class that has it now, and
    within a lung the other lung's share is 0. So linear enlargement followed by `most_probable_labels`
    gives the cleaned lungs: where the four corners of a cell agree so does its inside, and between a lung
    and the background the other lung cannot appear.

    Args:
        probability: (3, h, w) in 0..1, summing to 1 over the classes. Not changed.

    Returns:
        (3, h, w) float32, summing to 1; all background if there is no lung, which is not an error.

    Raises:
        ValueError: the array has another shape.
    """
    before = most_probable_labels(probability)
    after = clean_labels(before)
    result = np.array(probability, dtype=np.float32)
    for lung, other in ((RIGHT, LEFT), (LEFT, RIGHT)):
        inside = after == lung
        result[lung, inside] += result[other, inside]
        result[other, inside] = 0
        filled = inside & (before == BACKGROUND)
        result[lung, filled] += result[BACKGROUND, filled]
        result[BACKGROUND, filled] = 0
    stray = _surroundings_of_removed(before, after)
    result[:, stray] = np.array([[1], [0], [0]], dtype=np.float32)
    return result


def clean_labels(labels: np.ndarray) -> np.ndarray:
    """`clean_probability` for labels: (h, w) of 0, 1, 2 -> (h, w) uint8. Idempotent."""
    pieces = {lung: scipy.ndimage.label(labels == lung) for lung in (RIGHT, LEFT)}
    main = {}
    for lung, (numbered, count) in pieces.items():
        sizes = np.bincount(numbered.ravel(), minlength=count + 1)[1:]
        main[lung] = numbered == 1 + sizes.argmax() if count else np.zeros(labels.shape, bool)
    result = np.zeros(labels.shape, np.uint8)
    for lung, other in ((RIGHT, LEFT), (LEFT, RIGHT)):
        numbered, count = pieces[other]
        joined = main[lung]
        if count > 1:
            touching = np.unique(numbered[scipy.ndimage.binary_dilation(main[lung])])
            joined = joined | (np.isin(numbered, touching[touching > 0]) & ~main[other])
        result[joined] = lung
    for lung in (RIGHT, LEFT):
        result[_holes(result == lung) & (result == BACKGROUND)] = lung
    return result


def _three_classes(probability: np.ndarray) -> np.ndarray:
    probability = np.asarray(probability)
    if probability.ndim != 3 or probability.shape[0] != 3:
        raise ValueError(f"expected (3, height, width): background, right, left; got {probability.shape}")
    return probability


def _holes(mask: np.ndarray) -> np.ndarray:
    """Pixels outside the mask that are not 4-connected to the image's border.

    As scipy's binary_fill_holes, in a seventh of the time, which matters in every prediction.
    """
    outside, count = scipy.ndimage.label(~mask)
    reaches_border = np.zeros(count + 1, bool)
    for edge in (outside[0], outside[-1], outside[:, 0], outside[:, -1]):
        reaches_border[edge] = True
    return ~mask & ~reaches_border[outside]


def _surroundings_of_removed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Removed pixels with their faint rim: background that is closer to them than to a remaining lung."""
    removed = (before != BACKGROUND) & (after == BACKGROUND)
    if not removed.any():
        return removed
    nearest = scipy.ndimage.distance_transform_edt(
        ~(removed | (after != BACKGROUND)), return_distances=False, return_indices=True
    )
    return removed[tuple(nearest)]
