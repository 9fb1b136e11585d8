"""Clean-up of drawn lungs, whose right answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.imaging.lungs import (
    BACKGROUND,
    LEFT,
    RIGHT,
    clean_labels,
    clean_probability,
    most_probable_labels,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

SIZE = 96


def two_lungs() -> np.ndarray:
    """Two upright rectangles of 60 x 25 pixels, 10 pixels apart."""
    drawn = np.zeros((SIZE, SIZE), np.uint8)
    drawn[18:78, 18:43] = RIGHT
    drawn[18:78, 53:78] = LEFT
    return drawn


def certain(drawn: np.ndarray, sure: float = 0.9) -> np.ndarray:
    """Probabilities that say `sure` for the drawn class and share the rest between the others."""
    rest = (1 - sure) / 2
    return np.stack([np.where(drawn == lung, sure, rest) for lung in range(3)]).astype(np.float32)


def any_labels(side: int = 14) -> st.SearchStrategy[np.ndarray]:
    return arrays.arrays(np.uint8, (side, side), elements=st.integers(0, 2))


def test_labels_is_argmax_ties_included() -> None:
    values = np.array([0.0, 0.25, 0.5], np.float32)
    every = np.stack(np.meshgrid(values, values, values, indexing="ij")).reshape(3, 3, 9)
    assert most_probable_labels(every).dtype == np.uint8
    np.testing.assert_array_equal(most_probable_labels(every), every.argmax(axis=0))


def test_clean_lungs_stay_as_they_are() -> None:
    drawn = two_lungs()
    np.testing.assert_array_equal(clean_labels(drawn), drawn)
    np.testing.assert_array_equal(most_probable_labels(clean_probability(certain(drawn))), drawn)


def test_a_stray_piece_goes_to_the_background_with_its_rim() -> None:
    drawn = two_lungs()
    drawn[2:8, 84:90] = LEFT
    smooth = np.stack([ndimage.gaussian_filter((drawn == lung).astype(np.float32), 1) for lung in range(3)])
    cleaned = clean_probability(smooth)
    np.testing.assert_array_equal(cleaned[LEFT, :14, 80:], 0)
    np.testing.assert_array_equal(cleaned[BACKGROUND, :14, 80:], 1)
    assert cleaned[LEFT, 40, 51] == pytest.approx(smooth[LEFT, 40, 51])


def test_a_piece_of_one_lung_inside_the_other_joins_it() -> None:
    drawn = two_lungs()
    drawn[60:78, 60:70] = RIGHT
    np.testing.assert_array_equal(clean_labels(drawn), two_lungs())
    cleaned = clean_probability(certain(drawn))
    assert cleaned[LEFT, 70, 65] == pytest.approx(0.95)
    assert cleaned[RIGHT, 70, 65] == 0


def test_holes_are_filled_but_a_bay_is_not() -> None:
    drawn = two_lungs()
    drawn[40:46, 25:30] = BACKGROUND
    drawn[50:56, 18:25] = BACKGROUND
    expected = two_lungs()
    expected[50:56, 18:25] = BACKGROUND
    np.testing.assert_array_equal(clean_labels(drawn), expected)
    assert clean_probability(certain(drawn))[RIGHT, 42, 27] == pytest.approx(1)


def test_the_space_between_touching_lungs_is_no_hole() -> None:
    drawn = two_lungs()
    drawn[18:24, 43:48], drawn[18:24, 48:53] = RIGHT, LEFT
    drawn[72:78, 43:48], drawn[72:78, 48:53] = RIGHT, LEFT
    np.testing.assert_array_equal(clean_labels(drawn), drawn)


def test_an_empty_prediction_is_no_error() -> None:
    nothing = certain(np.zeros((SIZE, SIZE), np.uint8))
    cleaned = clean_probability(nothing)
    np.testing.assert_array_equal(cleaned, nothing)


@settings(max_examples=200, deadline=None)
@given(any_labels())
def test_cleaning_leaves_one_whole_piece_of_each_lung(drawn: np.ndarray) -> None:
    cleaned = clean_labels(drawn)
    for lung in (RIGHT, LEFT):
        assert (cleaned == lung).any() == (drawn == lung).any()
        assert ndimage.label(cleaned == lung)[1] <= 1
        other = RIGHT + LEFT - lung
        holes = ndimage.binary_fill_holes(cleaned == lung) & (cleaned != lung)
        assert not (holes & (cleaned != other)).any()
    np.testing.assert_array_equal(clean_labels(cleaned), cleaned)


@settings(max_examples=100, deadline=None)
@given(arrays.arrays(np.float32, (3, 12, 12), elements=st.floats(0.015625, 1, width=32)))
def test_cleaned_probability_agrees_with_the_cleaned_labels(raw: np.ndarray) -> None:
    probability = raw / raw.sum(axis=0)
    untouched = probability.copy()
    cleaned = clean_probability(probability)
    np.testing.assert_array_equal(probability, untouched)
    np.testing.assert_array_equal(
        most_probable_labels(cleaned), clean_labels(most_probable_labels(probability))
    )
    np.testing.assert_allclose(cleaned.sum(axis=0), 1, atol=1e-5)
    assert cleaned.min() >= 0


def test_enlarging_the_cleaned_probability_adds_no_piece() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 0.35, (3, SIZE, SIZE))
    raw = np.exp(2 * (np.eye(3)[two_lungs()].transpose(2, 0, 1) + noise))
    probability = (raw / raw.sum(axis=0)).astype(np.float32)
    assert ndimage.label(most_probable_labels(probability) == RIGHT)[1] > 1
    cleaned = clean_probability(probability)
    enlarged = most_probable_labels(ndimage.zoom(cleaned, (1, 5, 5), order=1, grid_mode=True, mode="nearest"))
    # Every enlarged lung pixel lies within a canvas pixel of the cleaned lung: nothing new appears elsewhere.
    for lung in (RIGHT, LEFT):
        near = ndimage.binary_dilation(most_probable_labels(cleaned) == lung, np.ones((3, 3)))
        assert not ((enlarged == lung) & ~np.kron(near, np.ones((5, 5), bool))).any()


@pytest.mark.parametrize("shape", [(2, 8, 8), (8, 8), (1, 3, 8, 8)])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        clean_probability(np.zeros(shape, np.float32))
