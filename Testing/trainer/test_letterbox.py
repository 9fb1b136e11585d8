"""The letterbox: where pixels land, and that everything comes back."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.imaging.letterbox import Letterbox
from hypothesis import given, settings
from hypothesis import strategies as st

sides = st.integers(64, 3000)
sizes = st.sampled_from([64, 192, 256, 320])
property_test = settings(max_examples=25, deadline=None, derandomize=True)


def disc(shape: tuple[int, int]) -> np.ndarray:
    """An ellipse that fills 0.35 of each side around the center, 0 or 1."""
    rows, columns = (np.linspace(-1, 1, side) for side in shape)
    return (rows[:, None] ** 2 + columns**2 < 0.7**2).astype(np.float32)


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other))


@property_test
@given(sides, sides, sizes)
def test_the_images_corners_are_the_contents_corners(height: int, width: int, size: int) -> None:
    letterbox = Letterbox((height, width), size)
    rows, columns = letterbox.content
    corners = letterbox.points_to_canvas([(-0.5, -0.5), (height - 0.5, width - 0.5)])
    assert np.allclose(
        corners, [(rows.start - 0.5, columns.start - 0.5), (rows.stop - 0.5, columns.stop - 0.5)]
    )
    assert 0 <= rows.start < rows.stop <= size and 0 <= columns.start < columns.stop <= size
    assert max(rows.stop - rows.start, columns.stop - columns.start) == size
    # Centered, to the pixel.
    assert abs(rows.start - (size - rows.stop)) <= 1 and abs(columns.start - (size - columns.stop)) <= 1
    # The aspect is kept to the canvas pixel.
    assert abs((rows.stop - rows.start) - size * height / max(height, width)) <= 0.5


@property_test
@given(sides, sides, sizes, st.floats(0.2, 0.8), st.floats(0.2, 0.8))
def test_pixels_land_where_points_do(height: int, width: int, size: int, down: float, along: float) -> None:
    letterbox = Letterbox((height, width), size)
    center = np.array([round(down * (height - 1)), round(along * (width - 1))])
    image = np.zeros((height, width), np.float32)
    reach = max(1, min(height, width) // 40)
    image[
        max(0, center[0] - reach) : center[0] + reach + 1, max(0, center[1] - reach) : center[1] + reach + 1
    ] = 1
    canvas = letterbox.to_canvas(image)
    found = np.array([(canvas.sum(1) @ np.arange(size)), (canvas.sum(0) @ np.arange(size))]) / canvas.sum()
    assert np.abs(found - letterbox.points_to_canvas(center[None])[0]).max() < 0.3


@property_test
@given(sides, sides, sizes, st.floats(0.1, 1.0))
def test_a_constant_stays_constant_and_the_padding_zero(
    height: int, width: int, size: int, value: float
) -> None:
    letterbox = Letterbox((height, width), size)
    canvas = letterbox.to_canvas(np.full((height, width), value, np.float32))
    assert canvas.dtype == np.float32 and canvas.shape == (size, size)
    assert np.allclose(canvas[letterbox.content], value, atol=1e-6)
    canvas[letterbox.content] = 0
    assert not canvas.any()
    back = letterbox.from_canvas(np.full((size, size), value, np.float32))
    assert back.dtype == np.float32 and back.shape == (height, width)
    assert np.allclose(back, value, atol=1e-6)


@property_test
@given(sides, sides, sizes)
def test_a_ramp_survives(height: int, width: int, size: int) -> None:
    letterbox = Letterbox((height, width), size)
    ramp = np.add.outer(np.linspace(0, 1, height), np.linspace(0, 1, width)).astype(np.float32)
    back = letterbox.from_canvas(letterbox.to_canvas(ramp))
    # Near the border a triangle wider than a pixel sees the border twice: two canvas pixels are left out.
    margin = [int(np.ceil(2 * max(1, 1 / scale))) for scale in letterbox.scale]
    inside = tuple(slice(m, max(m, side - m)) for m, side in zip(margin, (height, width), strict=True))
    # A tenth of a step of the coarser grid along each axis: the discrete triangle is not quite even.
    assert np.abs(back - ramp)[inside].max(initial=0) < 0.2 / min(height, width, *letterbox.inner)


@property_test
@given(sides, sides, st.sampled_from([192, 256, 320]))
def test_a_smooth_mask_goes_down_and_up(height: int, width: int, size: int) -> None:
    if max(height, width) > 4 * min(height, width):
        height = width = max(height, width)  # a sliver has too few canvas pixels across for a figure
    letterbox = Letterbox((height, width), size)
    mask = disc((height, width))
    assert dice(letterbox.from_canvas(letterbox.to_canvas(mask)) > 0.5, mask > 0.5) > 0.98


@property_test
@given(sides, sides, st.sampled_from([192, 256, 320]))
def test_labels_keep_their_values_and_place(height: int, width: int, size: int) -> None:
    letterbox = Letterbox((height, width), size)
    labels = (disc((height, width)) * 7).astype(np.uint8)
    canvas = letterbox.labels_to_canvas(labels)
    assert canvas.dtype == np.uint8 and set(np.unique(canvas)) == {0, 7}
    smooth = letterbox.to_canvas(labels == 7) > 0.5
    assert np.mean((canvas == 7)[letterbox.content] == smooth[letterbox.content]) > 0.98


@pytest.mark.parametrize("seed", range(12))
def test_nothing_of_a_part_of_the_canvas_lies_outside_of_what_it_reaches(seed: int) -> None:
    """And a part that is resampled alone is that part of the whole, bit by bit."""
    chance = np.random.default_rng(seed)
    height, width, size = (int(n) for n in chance.integers(3, 90, 3))
    letterbox = Letterbox((height, width), size, float(chance.choice([0.5, 1.0, 2.3])))
    mask = np.zeros((size, size), bool)
    (top, left), (rows, columns) = letterbox.offset, letterbox.inner
    r, c = top + chance.integers(rows), left + chance.integers(columns)
    mask[r : r + 3, c : c + 2] = True
    mask[:, left + columns :] = mask[top + rows :] = False
    whole = letterbox.from_canvas(mask.astype(np.float32))
    part = letterbox.reached_from(mask)
    outside = np.ones(whole.shape, bool)
    outside[part] = False
    assert not whole[outside].any()
    assert np.array_equal(letterbox.from_canvas(mask.astype(np.float32), part), whole[part])
    nothing = letterbox.reached_from(np.zeros_like(mask))
    assert letterbox.from_canvas(mask, nothing).size == 0


@pytest.mark.parametrize(
    "height,width,size", [(384, 384, 192), (768, 512, 192), (300, 280, 192), (40, 64, 192)]
)
def test_labels_are_not_displaced_against_the_image(height: int, width: int, size: int) -> None:
    letterbox = Letterbox((height, width), size)
    for axis, (before, after) in enumerate(zip(letterbox.shape, letterbox.inner, strict=True)):
        place = np.broadcast_to(np.expand_dims(np.arange(before), 1 - axis), letterbox.shape)
        taken = letterbox.labels_to_canvas(place)[letterbox.content].take(0, axis=1 - axis)
        assert ((taken >= 0) & (taken < before)).all()
        middles = (np.arange(after) + 0.5) * before / after - 0.5
        assert abs((taken - middles).mean()) < 0.02 and abs(taken - middles).max() <= 0.5


def test_channels_are_resampled_one_by_one() -> None:
    letterbox = Letterbox((90, 130), 64)
    image = np.random.default_rng(0).random((3, 90, 130), np.float32)
    canvas = letterbox.to_canvas(image)
    back = letterbox.from_canvas(canvas)
    assert canvas.shape == (3, 64, 64) and back.shape == (3, 90, 130)
    for channel in range(3):
        assert np.array_equal(canvas[channel], letterbox.to_canvas(image[channel]))
        assert np.array_equal(back[channel], letterbox.from_canvas(canvas[channel]))


def test_shrinking_averages_what_a_canvas_pixel_covers() -> None:
    stripes = np.zeros((1024, 1024), np.float32)
    stripes[:, ::2] = 1
    canvas = Letterbox((1024, 1024), 64).to_canvas(stripes)
    # Without antialiasing it would be all 0 or all 1. At the border the outermost pixel counts for more.
    assert np.abs(canvas - 0.5)[:, 1:-1].max() < 0.01 and np.abs(canvas - 0.5).max() < 0.1


def test_the_same_size_is_the_identity() -> None:
    image = np.random.default_rng(0).random((64, 64), np.float32)
    letterbox = Letterbox((64, 64), 64)
    assert np.array_equal(letterbox.to_canvas(image), image)
    assert np.array_equal(letterbox.from_canvas(image), image)
    assert np.array_equal(letterbox.points_to_canvas([(3.25, 7)]), [(3.25, 7)])


@pytest.mark.parametrize("shape,size", [((0, 5), 64), ((5, 0), 64), ((-1, 5), 64), ((5, 5), 0)])
def test_no_letterbox_without_pixels(shape: tuple[int, int], size: int) -> None:
    with pytest.raises(ValueError, match="no letterbox"):
        Letterbox(shape, size)


def test_arrays_of_another_shape_are_refused() -> None:
    letterbox = Letterbox((100, 80), 64)
    for call in (letterbox.to_canvas, letterbox.from_canvas, letterbox.labels_to_canvas):
        for shape in ((80, 100), (100,), (63, 64)):
            with pytest.raises(ValueError, match="expected"):
                call(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="expected"):
        letterbox.labels_to_canvas(np.zeros((2, 100, 80), np.uint8))
    for count in (3, 1):
        with pytest.raises(ValueError, match=r"\(N, 2\)"):
            letterbox.points_to_canvas(np.zeros((4, count)))
