"""The two lungs: labels and names, and from class probabilities to a cleaned mask with quality flags.

Classes are background, the patient's right lung (on the image's left) and the patient's left lung. scipy
loads its parts when they are first used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

BACKGROUND, RIGHT, LEFT = 0, 1, 2


@dataclass(frozen=True)
class LungName:
    """A lung in English, and its codes in SNOMED CT and, as older files have it, SNOMED RT (DICOM PS3.16)."""

    english: str
    snomed_ct: str
    snomed_rt: str


LUNG_NAMES = {
    RIGHT: LungName("right lung", "3341006", "T-28100"),
    LEFT: LungName("left lung", "44029006", "T-28500"),
}


def lung_named_in(text: str) -> int:
    """The lung that a text names, by a SNOMED code or "lung" and a side; BACKGROUND for none or both."""
    lower = text.lower()
    named = [
        lung
        for lung, name in LUNG_NAMES.items()
        if name.snomed_ct in lower
        or name.snomed_rt.lower() in lower
        or all(word in lower for word in name.english.split())
    ]
    return named[0] if len(named) == 1 else BACKGROUND


# Thresholds of the quality flags. Percentiles are those of the 254 masks of `train_normal_labelled`
# (children, normal).
#
# One lung's share of the image: right 0.092 (lowest), 0.109 (5th), 0.145 (50th), 0.187 (95th); left 0.103,
# 0.118, 0.152, 0.196. A hundredth is a ninth of the smallest lung: a remnant, not a lung on a radiograph
# with wide borders.
MISSING_SHARE = 0.01
# Right area over left: 0.62 (lowest), 0.77 (1st), 0.84 (5th), 0.95 (50th), 1.06 (95th), 1.12 (99th), 1.17
# (highest). Adults have larger right lungs, and a collapsed lung is a finding, not a mistake; so only twice
# the area is flagged.
RATIO_RANGE = (0.5, 2.0)
# Share of the lung pixels that the clean-up threw away. In the masks every lung is one piece without holes
# (share 0).
FRAGMENTED_SHARE = 0.05
# Mean highest class probability within 1.5 % of the network input's side of the outline. The masks with their
# outline blurred (Gaussian, standard deviation in percent of the side) give 0.80 (0.8 %), 0.75 (1 %), 0.68
# (1.6 %), 0.65 (2 %) and 0.61 (3 %). Two annotators on abnormal radiographs (Dice 0.947) differ by
# about 1.5 %: the flag means less certain than that.
BAND_SHARE = 0.015
BAND_CONFIDENCE = 0.65

FLAG_TEXT: dict[str, str] = {
    "right_missing": "No right lung was found. If this is a frontal chest radiograph, draw it by hand.",
    "left_missing": "No left lung was found. If this is a frontal chest radiograph, draw it by hand.",
    "unequal": "One lung is over twice the size of the other. Check whether part of the smaller is left out.",
    "fragmented": "Pieces outside the lungs were removed. Check that no part of a lung went with them.",
    "low_confidence": "The model is unsure where the lungs end. Check the outline before using the masks.",
    "sides_swapped": (
        "The right lung lies on the right side of the image. Check whether the radiograph is mirrored; "
        "if it is not, exchange the two lungs."
    ),
}


def most_probable_labels(probability: np.ndarray) -> np.ndarray:
    """The most probable class of every pixel; of equals the lowest, as argmax has it.

    Args:
        probability: (3, H, W) probabilities or logits of background, right and left lung.

    Returns:
        (H, W) uint8 of 0, 1 and 2.

    Raises:
        ValueError: the array has another shape.
    """
    background, right, left = _three_classes(probability)
    # Comparisons take a fifth of argmax's time over the first axis, which counts at 2500 x 2000 pixels.
    is_right = (right > background) & (right >= left)
    is_left = (left > background) & (left > right)
    return is_right.view(np.uint8) + is_left.view(np.uint8) * np.uint8(LEFT)


def clean_probability(probability: np.ndarray) -> np.ndarray:
    """Two lungs of one piece each, without holes, as probabilities at the network's size.

    Of each lung the largest piece stays (4-neighbours). A smaller piece that touches the other lung's
    largest piece goes over to that lung, any other to the background; holes are filled. "Two largest
    components, holes filled" is Oh & Ye's post-processing (arXiv 2104.05892) for one class; here it is done
    lung by lung, so that one lung never stands for two.

    The probability moves with the pixels: the class that won a pixel gives its share to the class that has
    it now, and in a lung the other lung keeps nothing. A linear enlargement followed by
    `most_probable_labels` therefore shows the cleaned lungs: where all corners of a cell agree so does its
    inside, and between a lung and the background the other lung cannot appear.

    Args:
        probability: (3, h, w) in 0..1, summing to 1 over the classes. Not changed.

    Returns:
        (3, h, w) float32, summing to 1; all background where there is no lung, which is not an error.

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
    """The rules of `clean_probability` for labels: (h, w) of 0, 1, 2 to (h, w) uint8. Idempotent."""
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


def quality_flags(
    cleaned: np.ndarray, probability: np.ndarray, content: tuple[slice, slice] | None = None
) -> tuple[str, ...]:
    """What a person should look at, as codes of `FLAG_TEXT`; an empty tuple when nothing stands out.

    Args:
        cleaned: (h, w) labels after the clean-up, at the network's size.
        probability: (3, h, w) the network's output there, before the clean-up: it shows what was removed.
        content: the rows and columns that hold image (`Letterbox.content`); without it, all of them.

    Returns:
        Codes in the order of `FLAG_TEXT`. Thresholds and where they come from: the constants of this file.

    Raises:
        ValueError: shapes that do not belong together.
    """
    probability = _three_classes(probability)
    if cleaned.shape != probability.shape[1:]:
        raise ValueError(f"labels of {cleaned.shape} do not belong to probabilities of {probability.shape}")
    pixels = cleaned[content].size if content is not None else cleaned.size
    right, left = (np.count_nonzero(cleaned == lung) for lung in (RIGHT, LEFT))
    missing = {lung: area < MISSING_SHARE * pixels for lung, area in ((RIGHT, right), (LEFT, left))}
    both = not any(missing.values())
    raised = {
        "right_missing": missing[RIGHT],
        "left_missing": missing[LEFT],
        "unequal": both and not RATIO_RANGE[0] <= right / left <= RATIO_RANGE[1],
        "fragmented": removed_share(cleaned, probability) > FRAGMENTED_SHARE,
        "low_confidence": outline_confidence(cleaned, probability) < BAND_CONFIDENCE,
        "sides_swapped": both and _mean_column(cleaned == RIGHT) > _mean_column(cleaned == LEFT),
    }
    return tuple(code for code in FLAG_TEXT if raised[code])


def removed_share(cleaned: np.ndarray, probability: np.ndarray) -> float:
    """Share (0..1) of the network's lung pixels that the clean-up removed; 0 when there were none."""
    lung = most_probable_labels(probability) != BACKGROUND
    total = np.count_nonzero(lung)
    return float(np.count_nonzero(lung & (cleaned == BACKGROUND)) / total) if total else 0.0


def outline_confidence(cleaned: np.ndarray, probability: np.ndarray) -> float:
    """Mean highest class probability (1/3..1) near the lungs' outline; 1 where there is no outline."""
    lung = cleaned != BACKGROUND
    if lung.all() or not lung.any():
        return 1.0
    width = max(1, round(BAND_SHARE * max(lung.shape)))
    band = scipy.ndimage.binary_dilation(lung, iterations=width)
    band &= ~scipy.ndimage.binary_erosion(lung, iterations=width, border_value=1)
    return float(np.max(probability, axis=0)[band].mean())


def _three_classes(probability: np.ndarray) -> np.ndarray:
    probability = np.asarray(probability)
    if probability.ndim != 3 or probability.shape[0] != 3:
        raise ValueError(f"expected (3, height, width): background, right, left; got {probability.shape}")
    return probability


def _holes(mask: np.ndarray) -> np.ndarray:
    """Pixels outside the mask that no path of 4-neighbours joins to the image's border.

    As scipy's binary_fill_holes, in a seventh of its time, which every prediction waits for.
    """
    outside, count = scipy.ndimage.label(~mask)
    reaches_border = np.zeros(count + 1, bool)
    for edge in (outside[0], outside[-1], outside[:, 0], outside[:, -1]):
        reaches_border[edge] = True
    return ~mask & ~reaches_border[outside]


def _surroundings_of_removed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Removed pixels and their faint rim: the background nearer to them than to a lung that stayed."""
    removed = (before != BACKGROUND) & (after == BACKGROUND)
    if not removed.any():
        return removed
    nearest = scipy.ndimage.distance_transform_edt(
        ~(removed | (after != BACKGROUND)), return_distances=False, return_indices=True
    )
    return removed[tuple(nearest)]


def _mean_column(mask: np.ndarray) -> float:
    return float(np.nonzero(mask.any(axis=0))[0].mean())
