"""Metrics on squares whose distances are counted by hand, and the bootstrap's intervals on known samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from cxradain.evaluation.metrics import (
    FEWEST_GROUPS,
    METRICS,
    REGIONS,
    cluster_bootstrap_interval,
    lung_metrics,
    mask_metrics,
    monai_metrics,
    paired_difference,
    summarize,
)
from cxradain.imaging.lungs import LEFT, RIGHT
from hypothesis import given, settings
from hypothesis import strategies as st

SHAPE = (30, 40)  # diagonal 50


def square(row: int, column: int, side: int = 10, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[row : row + side, column : column + side] = True
    return mask


def test_equal_masks_are_perfect() -> None:
    assert mask_metrics(square(5, 5), square(5, 5)) == {"dice": 1, "iou": 1, "assd": 0, "hd95": 0}


def test_metrics_of_a_shifted_square() -> None:
    found = mask_metrics(square(5, 8), square(5, 5))  # 3 columns: 70 of 100 pixels shared
    assert found["dice"] == pytest.approx(0.7)
    assert found["iou"] == pytest.approx(70 / 130)
    # The two outlines are mirror images, so the mean of one direction is the mean of both.
    assert found["assd"] == pytest.approx(counted(square(5, 8), square(5, 5)).mean() / 50, abs=1e-7)
    assert found["hd95"] == pytest.approx(3 / 50)


def counted(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """From every outline pixel of a the distance to b's outline, by trying all pairs."""
    inner = [np.logical_and.reduce([np.roll(m, s, x) for s in (-1, 1) for x in (0, 1)]) & m for m in (a, b)]
    edges = [np.argwhere(m & ~i) for m, i in zip((a, b), inner, strict=True)]
    return np.linalg.norm(edges[0][:, None] - edges[1][None], axis=-1).min(axis=1)


def test_metrics_of_concentric_squares() -> None:
    outer, inner = square(5, 5, 12), square(7, 7, 8)
    found = mask_metrics(inner, outer)
    assert found["dice"] == pytest.approx(2 * 64 / (64 + 144))
    assert found["iou"] == pytest.approx(64 / 144)
    both = np.concatenate([counted(inner, outer), counted(outer, inner)])
    assert found["assd"] == pytest.approx(both.mean() / 50, abs=1e-7)
    assert found["hd95"] == pytest.approx(
        2 * math.sqrt(2) / 50
    )  # 4 of the 44 outer pixels are corners: over 5 %


def test_swapped_lungs_lower_the_metrics_of_each_lung_but_not_of_the_union() -> None:
    reference = square(5, 4) * RIGHT + square(5, 24) * LEFT
    swapped = square(5, 4) * LEFT + square(5, 24) * RIGHT
    found = lung_metrics(swapped, reference)
    assert tuple(found) == REGIONS
    assert all(tuple(values) == METRICS for values in found.values())
    assert found["union"] == {"dice": 1, "iou": 1, "assd": 0, "hd95": 0}
    assert found["right"]["dice"] == found["left"]["dice"] == 0
    assert found["right"]["hd95"] == pytest.approx(20 / 50)


def test_empty_masks_score_zero_or_nan() -> None:
    something, nothing = square(5, 5), np.zeros(SHAPE, bool)
    lost = {"dice": 0, "iou": 0, "assd": 1, "hd95": 1}
    assert mask_metrics(nothing, something) == lost
    assert mask_metrics(something, nothing) == lost
    assert all(math.isnan(value) for value in mask_metrics(nothing, nothing).values())


def test_different_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(30, 40\).*\(31, 40\)"):
        lung_metrics(np.zeros((30, 40)), np.zeros((31, 40)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 20), st.integers(0, 30), st.integers(0, 20), st.integers(0, 30), st.integers(1, 10))
def test_cropping_changes_nothing(
    row: int, column: int, other_row: int, other_column: int, side: int
) -> None:
    # Boxes that reach the image's edges are among these: there MONAI pads, as it does for the whole image.
    a, b = square(row, column, side), square(other_row, other_column, 10)
    assert mask_metrics(a, b) == monai_metrics(a, b, 50.0)


def test_summary_of_known_values() -> None:
    values = np.linspace(0, 1, 101)
    found = summarize(values, range(101))
    assert found["mean"] == pytest.approx(0.5)
    assert found["p10"] == pytest.approx(0.1)
    assert found["n"] == 101
    # The interval of a mean: 1.96 standard errors on either side.
    half = 1.96 * np.std(values) / math.sqrt(101)
    assert found["ci95"] == pytest.approx([0.5 - half, 0.5 + half], abs=0.005)
    assert summarize(values, range(101)) == found


def test_images_of_one_patient_are_drawn_together() -> None:
    values = [0.0, 1.0] * 20
    as_patients = summarize(values, [index // 2 for index in range(40)])
    as_images = summarize(values, list(range(40)))
    assert as_patients["ci95"] == [0.5, 0.5]  # every patient has the mean 0.5
    assert as_images["ci95"][0] < 0.4 < 0.6 < as_images["ci95"][1]


def test_nan_is_left_out_and_few_patients_have_no_interval() -> None:
    found = summarize([0.5, math.nan, 0.7], ["a", "b", "c"])
    assert (found["mean"], found["n"]) == (pytest.approx(0.6), 2)
    for patients in (1, 2, FEWEST_GROUPS - 1):
        few = summarize([0.5, 0.7] * 9, [index % patients for index in range(18)])
        assert few["mean"] == pytest.approx(0.6)
        assert all(math.isnan(end) for end in few["ci95"])
    enough = summarize([0.5, 0.7] * FEWEST_GROUPS, [index // 2 for index in range(2 * FEWEST_GROUPS)])
    assert enough["ci95"] == pytest.approx([0.6, 0.6])
    none = summarize([math.nan], ["a"])
    assert none["n"] == 0
    assert math.isnan(none["mean"]) and math.isnan(none["p10"])


def test_paired_difference_sees_through_the_spread_of_cases() -> None:
    rng = np.random.default_rng(1)
    easy_or_hard = rng.uniform(0.5, 1, 60)
    groups = list(range(60))
    better, worse = easy_or_hard, easy_or_hard - 0.01
    found = paired_difference(better, worse, groups)
    assert found["mean"] == pytest.approx(0.01)
    assert found["ci95"] == pytest.approx([0.01, 0.01])
    assert found["n"] == 60
    assert summarize(better, groups)["ci95"][0] < summarize(worse, groups)["ci95"][1]
    with pytest.raises(ValueError, match="same cases"):
        paired_difference([1.0], [1.0, 2.0], ["a"])


def test_few_patients_have_wider_intervals_than_the_plain_percentiles() -> None:
    """As much wider as Student's 2.20 and a variance over n - 1 are than 1.96 and one over n."""
    values = np.random.default_rng(3).normal(size=12)
    low, high = cluster_bootstrap_interval(values, range(12), resamples=20_000)
    drawn = np.random.default_rng(0).multinomial(12, np.full(12, 1 / 12), size=20_000)
    plain = np.quantile(drawn @ values / 12, [0.025, 0.975])
    assert low < plain[0] < plain[1] < high
    assert (high - low) / (plain[1] - plain[0]) == pytest.approx(2.20 * math.sqrt(12 / 11) / 1.96, abs=0.02)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 15)), min_size=1, max_size=40))
def test_the_interval_lies_within_the_values(rows: list[tuple[float, int]]) -> None:
    values, groups = zip(*rows, strict=True)
    found = summarize(values, groups, resamples=200)
    assert min(values) - 1e-12 <= found["mean"] <= max(values) + 1e-12
    low, high = found["ci95"]
    if len(set(groups)) >= FEWEST_GROUPS:
        assert min(values) - 1e-12 <= low <= high <= max(values) + 1e-12
    else:
        assert math.isnan(low) and math.isnan(high)
