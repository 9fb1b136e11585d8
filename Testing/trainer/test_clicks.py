"""One click: what it may change, what it must, and that it makes masks better."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click_shapes import hangs, pieces
from cxradain.datasets import images_of_split, read_mask
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models.clicks import Click
from cxradain.models.refinement import Evidence, refine
from cxradain.models.segmenter import Segmenter
from engine_client import Engine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

CHECKOUT = Path(__file__).resolve().parents[2]
SHAPE = (150, 120)


def ellipses(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Two lungs, uint8 labels."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    rows, columns = rows / shape[0] - 0.5, columns / shape[1]
    right = (rows / 0.36) ** 2 + ((columns - 0.28) / 0.16) ** 2 < 1
    left = (rows / 0.36) ** 2 + ((columns - 0.72) / 0.16) ** 2 < 1
    return right.astype(np.uint8) + 2 * left.astype(np.uint8)


def evidence(truth: np.ndarray, said: np.ndarray, canvas: int = 64) -> Evidence:
    """A radiograph of these lungs, and a model that found `said`, with a soft outline."""
    noise = np.random.default_rng(0).normal(0, 0.03, truth.shape)
    image = np.clip(np.where(truth > 0, 0.3, 0.7) + noise, 0, 1).astype(np.float32)
    found = Evidence(image, np.zeros((3, canvas, canvas), np.float32))
    classes = [found.letterbox.labels_to_canvas((said == label).astype(np.uint8)) for label in (0, 1, 2)]
    soft = np.stack([ndimage.gaussian_filter(each.astype(float), 1.5) for each in classes]) + 1e-3
    return Evidence(image, (soft / soft.sum(0)).astype(np.float32))


def after(labels: np.ndarray, click) -> np.ndarray:
    """The labels with the click's patch in place."""
    r0, r1, c0, c1 = click.box
    result = labels.copy()
    result[r0:r1, c0:c1] = click.patch
    return result


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


@st.composite
def situations(draw):
    """Any image, labels and model, however odd, and a click somewhere in it."""
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    height, width = draw(st.integers(16, 90)), draw(st.integers(16, 90))
    canvas = draw(st.sampled_from((8, 16, 33)))
    kind = draw(st.sampled_from(("lungs", "speckle", "empty", "full")))
    labels = {
        "lungs": ellipses((height, width)),
        "speckle": rng.integers(0, 3, (height, width)).astype(np.uint8),
        "empty": np.zeros((height, width), np.uint8),
        "full": np.full((height, width), rng.integers(1, 3), np.uint8),
    }[kind]
    probability = rng.random((3, canvas, canvas)).astype(np.float32)
    if draw(st.booleans()):
        probability = np.round(probability)
    image = rng.random((height, width)).astype(np.float32)
    if draw(st.booleans()):
        image[:] = 0.5
    point = draw(st.floats(-0.5, height - 0.51)), draw(st.floats(-0.5, width - 0.51))
    return labels, Evidence(image, probability), point


@settings(max_examples=150)
@given(situations(), st.sampled_from(("add", "remove")), st.sampled_from((1, 2)))
def test_a_click_changes_one_region_around_it_and_nothing_else(situation, action, lung):
    labels, seen, point = situation
    given_labels = labels.copy()
    click = refine(labels, seen, Click(*point, action, lung))
    np.testing.assert_array_equal(labels, given_labels)
    result = after(labels, click)
    row, column = (int(np.floor(value + 0.5)) for value in point)
    assert (result[row, column] == lung) == (action == "add")
    changed = result != labels
    assert np.count_nonzero(changed) == click.changed
    if click.changed:
        numbered, count = ndimage.label(changed)
        assert count == 1
        assert numbered[row, column]
        assert set(result[changed]) == {lung if action == "add" else 0}
        assert set(labels[changed]) == {labels[row, column]}


@pytest.mark.parametrize("lung", [1, 2])
def test_an_add_click_restores_a_missed_part(lung):
    truth = ellipses()
    labels = truth.copy()
    labels[90:] = 0
    column = 34 if lung == 1 else 86
    found = after(labels, refine(labels, evidence(truth, labels), Click(105, column, "add", lung)))
    assert dice(found == lung, truth == lung) > dice(labels == lung, truth == lung) + 0.05


@pytest.mark.parametrize("lung", [1, 2])
def test_a_remove_click_takes_away_a_false_region(lung):
    truth = ellipses()
    labels = truth.copy()
    column = 34 if lung == 1 else 86
    labels[112:140, column - 14 : column + 14] = lung
    found = after(labels, refine(labels, evidence(truth, labels), Click(135, column, "remove", lung)))
    assert dice(found == lung, truth == lung) > dice(labels == lung, truth == lung) + 0.02


def test_a_click_reports_the_probability_of_the_added_region():
    truth = ellipses((90, 80))
    missed = truth.copy()
    missed[:30] = 0
    seen = evidence(truth, truth)
    assert refine(missed, seen, Click(25, 22, "add", 1)).probability > 0.8
    assert refine(missed, seen, Click(85, 40, "add", 1)).probability < 0.1


def test_corrections_elsewhere_stay():
    truth = ellipses()
    labels = truth.copy()
    labels[90:] = 0
    labels[2:6, 2:6] = 1  # drawn by hand, where no model would look for a lung
    labels[60:64, 30:34] = 0
    found = after(labels, refine(labels, evidence(truth, labels), Click(105, 34, "add", 1)))
    assert (found[2:6, 2:6] == 1).all()
    assert (found[60:64, 30:34] == 0).all()
    assert (found[labels == 2] == 2).all()


def test_removing_leaves_no_crumb_of_which_the_model_is_sure():
    truth = ellipses()
    labels = truth.copy()
    labels[126:142, 24:44] = 1
    labels[142:149, 29:39] = 1
    seen = evidence(truth, labels)
    probability = seen.probability.copy()
    parts = (labels != truth).astype(np.uint8)
    parts[142:149, 29:39] = 2
    parts = seen.letterbox.labels_to_canvas(parts)
    probability[:, parts == 1] = np.array([[0.4], [0.59], [0.01]])
    probability[:, parts == 2] = np.array([[1e-6], [1 - 2e-6], [1e-6]])
    found = after(labels, refine(labels, Evidence(seen.image, probability), Click(136, 34, "remove", 1)))
    assert pieces(found) == 0
    assert not found[142:].any()
    assert dice(found == 1, truth == 1) > 0.95


def test_a_larger_piece_that_a_click_cuts_off_stays():
    labels = ellipses()
    labels[70:78, 28:34] = 0  # a waist of the right lung, to be cut through
    labels[70:78, 38:] = np.where(labels[70:78, 38:] == 1, 0, labels[70:78, 38:])
    labels[70:78, :28] = 0
    found = after(labels, refine(labels, evidence(labels, labels), Click(74, 36, "remove", 1)))
    assert found[74, 36] == 0
    assert np.count_nonzero(found[40:66] == 1) > 0.9 * np.count_nonzero(labels[40:66] == 1)
    assert np.count_nonzero(found[82:110] == 1) > 0.9 * np.count_nonzero(labels[82:110] == 1)


@pytest.mark.parametrize("point", [(12, 8), (75, 3), (142, 34), (140, 6), (100, 60)])
def test_adding_far_outside_a_lung_grows_no_lollipop_and_no_island(point):
    labels = ellipses()
    found = after(labels, refine(labels, evidence(labels, labels), Click(*point, "add", 1)))
    assert found[point] == 1
    assert pieces(found) == 0
    assert not hangs(labels, found, 1)


@pytest.mark.parametrize("beyond", [3, 6, 10])
def test_adding_at_the_costophrenic_angle_grows_no_knob(beyond):
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    labels = ((columns > 15) & (columns < 50) & (rows > 20) & (rows < 120 - 1.2 * (columns - 15))).astype(
        np.uint8
    )
    click = Click(119 + beyond, 15, "add", 1)
    found = after(labels, refine(labels, evidence(labels, labels), click))
    assert found[119 + beyond, 15] == 1
    assert pieces(found) == 0
    assert not hangs(labels, found, 1)


def test_adding_a_little_of_what_a_click_removed_does_not_bring_all_of_it_back():
    believed = ellipses()  # by the model, still
    labels = believed.copy()
    labels[80:][labels[80:] == 1] = 0
    click = refine(labels, evidence(believed, believed), Click(86, 34, "add", 1))
    found = after(labels, click)
    assert (found[80:88, 30:38] == 1).all()
    assert not (found[102:] == 1).any()


@pytest.fixture(scope="module")
def sample():
    """A bundled radiograph's evidence and the model's masks of it."""
    radiograph = read_radiograph(CHECKOUT / "Resources" / "SampleData" / "kermany_normal__IM-0459-0001.jpeg")
    prediction = Segmenter(device="cpu").predict(radiograph)
    return Evidence(radiograph.intensities(), prediction.canvas_probability), prediction.labels


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Click(1681, 1585, "add", 2), Click(1677, 1508, "remove", 2)),
        (Click(420, 1182, "add", 1), Click(517, 1081, "remove", 1)),
        (Click(1303, 487, "remove", 1), Click(1215, 570, "add", 1)),
    ],
)
def test_a_click_takes_back_no_earlier_one_elsewhere(sample, first, second):
    """Each acts where it is made."""
    seen, labels = sample
    once = after(labels, refine(labels, seen, first))
    twice = after(once, refine(once, seen, second, [first]))
    at, then = ((int(click.row), int(click.column)) for click in (first, second))
    assert once[at] != labels[at] and once[then] != labels[then], "which the first one changed"
    assert twice[at] == once[at] and twice[then] != once[then]
    rows, columns = np.nonzero(twice != once)
    nearer = np.hypot(rows - at[0], columns - at[1]) < np.hypot(rows - then[0], columns - then[1])
    assert nearer.mean() < 0.05, "at the border, by pixels of the canvas"


@pytest.mark.parametrize(
    "first",
    [
        Click(1564, 2014, "add", 2),
        Click(1650, 1600, "add", 2),
        Click(1700, 600, "add", 1),
        Click(900, 700, "remove", 1),
        Click(1300, 1600, "remove", 2),
    ],
)
def test_the_opposite_click_at_the_same_place_gives_back_the_models_mask(sample, first):
    """Nothing of the lung goes with what the first click did."""
    seen, labels = sample
    once = after(labels, refine(labels, seen, first))
    opposite = "remove" if first.action == "add" else "add"
    click = Click(first.row + 2, first.column - 2, opposite, first.lung)
    back = after(once, refine(once, seen, click, [first]))
    found = dice(once == first.lung, labels == first.lung), dice(back == first.lung, labels == first.lung)
    assert found[0] < found[1] > 0.99, found


def test_clicks_on_a_radiograph_leave_one_piece_for_each_lung(sample):
    seen, labels = sample
    height, width = labels.shape
    assert pieces(labels) == 0
    for row in np.linspace(0.05, 0.95, 7) * height:
        for column in np.linspace(0.05, 0.95, 6) * width:
            at = int(row), int(column)
            lung = labels[at] or (1 if column < width / 2 else 2)
            click = Click(*at, "remove" if labels[at] else "add", int(lung))
            found = after(labels, refine(labels, seen, click))
            assert pieces(found) == 0, click
            assert click.action == "remove" or not hangs(labels, found, click.lung), click


def test_a_click_starts_a_missing_lung():
    truth = ellipses()
    found = after(
        np.zeros_like(truth), refine(np.zeros_like(truth), evidence(truth, truth), Click(75, 34, "add", 1))
    )
    assert dice(found == 1, truth == 1) > 0.8


@pytest.mark.parametrize(("action", "point"), [("add", (75, 34)), ("remove", (3, 3)), ("remove", (75, 86))])
def test_a_click_on_a_point_that_is_already_right_changes_nothing(action, point):
    labels = ellipses()
    click = refine(labels, evidence(labels, labels), Click(*point, action, 1))
    assert click.changed == 0
    np.testing.assert_array_equal(after(labels, click), labels)


@pytest.mark.parametrize(
    ("point", "action", "lung"),
    [
        ((-0.6, 3), "add", 1),
        ((3, 119.5), "add", 1),
        ((float("nan"), 3), "add", 1),
        ((3, 3), "paint", 1),
        ((3, 3), "add", 0),
    ],
)
def test_wrong_clicks_are_refused(point, action, lung):
    labels = ellipses()
    with pytest.raises(ValueError):
        refine(labels, evidence(labels, labels), Click(*point, action, lung))


def test_a_click_is_the_same_after_json_and_older_sessions_are_read():
    click = Click(3.5, 7.0, "remove", 2)
    assert Click.from_json(json.loads(json.dumps(click.to_json()))) == click
    assert Click.from_json({"row": 3.5, "column": 7, "adds": False, "lung": 2}) == click
    for wrong in ({}, click.to_json() | {"row": None}, click.to_json() | {"lung": 0}, None, 3):
        with pytest.raises(ValueError):
            Click.from_json(wrong)


def test_labels_of_another_image_are_refused():
    labels = ellipses()
    with pytest.raises(ValueError):
        refine(labels[:-1], evidence(labels, labels), Click(3, 3, "add", 1))


def test_clicks_raise_dice_on_radiographs(shared_data):
    """Adding in the middle of the largest missed region, removing in that of the largest false one."""
    gained: dict[str, list[float]] = {"add": [], "remove": []}
    with Engine() as engine:
        engine.request("load", device="cpu")
        for case in [case for case in images_of_split(shared_data, "dev_abnormal") if case.mask][::6]:
            truth, pixels = read_mask(case), read_radiograph(case.image).pixels
            labels = engine.request("predict", {"pixels": pixels}, key=case.id).arrays["labels"]
            for lung in (1, 2):
                real, found = truth == lung, labels == lung
                for action, wrong in (("add", real & ~found), ("remove", found & ~real)):
                    depth = ndimage.distance_transform_edt(np.pad(wrong, 1))[1:-1, 1:-1]
                    if depth.max() < 4:  # thinner than anybody could click at
                        continue
                    click = Click(*np.unravel_index(depth.argmax(), depth.shape), action, lung)
                    got = engine.request("refine", {"labels": labels}, key=case.id, click=click.to_json())
                    r0, r1, c0, c1 = got.header["box"]
                    better = labels.copy()
                    better[r0:r1, c0:c1] = got.arrays["patch"]
                    gained[action].append(dice(real, better == lung) - dice(real, found))
    for action, values in gained.items():
        assert len(values) > 10
        assert np.mean(values) > 0.005, action
        assert np.mean(np.array(values) > 0) > 0.8, action
        assert min(values) > -0.005, action
