"""A radiograph that is flipped: the sides of all readers' masks follow; taken back, nothing has changed."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cxradain.imaging.lungs import exchange_sides
from cxradain.imaging.turn import Turn
from cxradain.sessions.store import Session
from in_process_engine import boxes
from module_panel import answer_by
from places import SAMPLES
from PySide6 import QtTest
from PySide6.QtCore import Qt
from test_turned import choose, painted, show_first_of
from worklist_driver import worklist


@pytest.fixture
def hands(window):
    with worklist(window) as hands:
        yield hands


@pytest.fixture
def read(hands, tmp_path):
    """Two radiographs, segmented, the first in the view."""
    files = SAMPLES / "kermany_normal__IM-0459-0001.jpeg", SAMPLES / "v7cohen__53c9be49.jpg"
    show_first_of(hands, tmp_path / "s", *files)
    yield hands
    hands.panel.correct.widget.collapsed = True


def seen(hands) -> tuple:
    """What a reader sees of the image at hand: sides and mask, status, measurements, heart, approval."""
    from CXRAdaINSegLib.scene.ChestLines import heartPoints
    from CXRAdaINSegLib.scene.MaskProvenance import isApproved

    lungs = hands.panel.lungs
    approved = [isApproved(hands.panel.segmentation, lung) for lung in lungs]
    corrected = hands.panel.segmenting.corrected(hands.panel.volume)
    points = heartPoints(hands.panel.volume)
    rows = tuple(hands.panel.measure.rows)
    return hash(hands.panel.labels.tobytes()), hands.statuses, lungs, approved, corrected, rows, points


def reopen(hands) -> None:
    folder = hands.worklist.session.path
    hands.close()
    hands.open(folder)
    hands.panel.until(hands.is_there, 30)
    hands.panel.settle()


def away(hands) -> None:
    hands.go(hands.press, Qt.Key_N)
    hands.go(hands.press, Qt.Key_P)
    hands.panel.settle()


def one_lung(hands) -> None:
    hands.paint((5, 40), (5, 60))
    hands.panel.correct.putToolDown()


def approved(hands) -> None:
    one_lung(hands)
    hands.press(Qt.Key_A)


def flagged(hands) -> None:
    one_lung(hands)
    hands.press(Qt.Key_F)


def by_teacher(hands) -> None:
    """A mask of another mode than the panel's."""
    box = hands.panel.segment.modeBox
    box.setCurrentIndex(1)
    hands.panel.press_segment()
    box.setCurrentIndex(0)


def approve_though(hands) -> None:
    """By the button, and yes to the question whether the sides are meant."""
    answer_by("Approve")
    QtTest.QTest.mouseClick(hands.section.reading.buttons["A"], Qt.LeftButton)


def exchanged_on_purpose(hands) -> None:
    hands.panel.segment.overlay.swapButton.click()
    hands.panel.settle()
    approve_though(hands)


def exchanged(hands) -> None:
    hands.panel.segment.overlay.swapButton.click()
    hands.panel.settle()


@pytest.mark.parametrize("between", [away, reopen])
def test_masks_exchanged_by_hand_before_a_flip_are_not_made_anew_by_looking_at_them_again(read, between):
    """The flip makes them the model's, and taking it back corrected ones."""
    hands = read
    exchanged(hands)
    labels, corrected = hands.panel.labels, hands.panel.segmenting.corrected
    assert corrected(hands.panel.volume) == (1, 2)
    choose(hands.panel, Turn(0, True))
    for _time in range(2):
        assert np.array_equal(hands.panel.labels, labels) and corrected(hands.panel.volume) == ()
        between(hands)
    choose(hands.panel, Turn())
    assert np.array_equal(hands.panel.labels, labels) and corrected(hands.panel.volume) == (1, 2)
    between(hands)
    assert np.array_equal(hands.panel.labels, labels) and corrected(hands.panel.volume) == (1, 2)
    assert hands.newest().status == "corrected" and not hands.worklist.session.verify().problems


@pytest.mark.parametrize(
    ("work", "between"),
    [
        (None, None),
        (one_lung, away),
        (approved, reopen),
        (flagged, None),
        (by_teacher, reopen),
        (exchanged_on_purpose, away),
        (exchanged, reopen),
    ],
)
def test_a_flip_that_is_taken_back_leaves_all_as_it_was(read, work, between):
    from CXRAdaINSegLib.scene.ChestLines import setHeartPoints

    hands = read
    if work is not None:
        work(hands)
    setHeartPoints(hands.panel.volume, ((400.0, 300.0), (410.0, 700.0)))
    away(hands)
    before = seen(hands)
    choose(hands.panel, Turn(0, True))
    assert work in (exchanged, exchanged_on_purpose) or seen(hands)[0] != before[0]
    if between is not None:
        between(hands)
    choose(hands.panel, Turn())
    assert seen(hands) == before
    away(hands)
    assert seen(hands) == before
    reopen(hands)
    assert seen(hands) == before and not hands.worklist.session.verify().problems


def test_the_tools_of_a_mask_are_kept_through_a_flip_and_back_and_its_new_look_is_seen_first(read):
    hands = read
    one_lung(hands)
    choose(hands.panel, Turn(0, True))
    assert hands.newest().tools == ("Paint",)
    hands.worklist.save()
    assert (hands.newest().turn, hands.newest().tools) == (Turn(0, True), ("Paint",))
    hands.panel.segment.turning.turn(Turn())
    hands.press(Qt.Key_A)
    assert hands.newest().status == "corrected" and "just changed" in hands.message
    hands.look()
    hands.press(Qt.Key_A)
    assert (hands.newest().status, hands.newest().tools) == ("approved", ("Paint",))


def test_a_flip_by_one_reader_is_followed_by_the_masks_of_the_others(read):
    hands = read
    approved(hands)
    before = hands.panel.labels
    hands.read_as("Reader B")
    hands.paint((30, 140), (30, 160))
    hands.panel.correct.putToolDown()
    choose(hands.panel, Turn(0, True))
    assert "exchanged right and left" in hands.panel.segment.message.text
    away(hands)
    hands.read_as("Reader A")
    hands.panel.settle()
    session = hands.worklist.session
    theirs = session.newest(hands.worklist.key, "Reader A")
    assert np.array_equal(hands.panel.labels, exchange_sides(before)) and theirs.status == "approved"
    assert "on the patient's left" not in hands.panel.segment.quality.text
    assert hands.statuses[hands.name] == "approved" and not hands.worklist.isModified()
    reopen(hands)
    assert np.array_equal(hands.panel.labels, exchange_sides(before)) and len(session_versions(hands)) == 3


def session_versions(hands) -> list:
    session = hands.worklist.session
    return [each for each in session.versions(hands.worklist.key) if each.reader]


def test_a_model_mask_that_another_reader_turned_the_image_of_is_made_anew(read):
    """One lung is corrected: it stays, with its side; the other is the model's, of the upright image."""
    hands = read
    one_lung(hands)
    away(hands)
    before = hands.panel.labels
    assert hands.panel.segmenting.corrected(hands.panel.volume) == (1,)
    hands.go(hands.press, Qt.Key_N)
    key = hands.table.model.keyAt(0)
    hands.worklist.session.set_turn(key, Turn(0, True))  # as another application, or an import, does
    hands.worklist.readAhead.forget()
    hands.go(hands.press, Qt.Key_P)
    hands.panel.settle()
    assert np.array_equal(hands.panel.labels == 2, before == 1), "its own pixels"
    assert np.array_equal(hands.panel.labels == 1, (boxes(before.shape)[:, ::-1] == 1) & (before != 1))


@pytest.mark.parametrize("between", [away, reopen])
def test_of_a_corrected_lung_and_one_made_anew_for_the_flip_only_the_first_is_corrected(read, between):
    hands = read
    one_lung(hands)
    choose(hands.panel, Turn(0, True))
    labels, corrected = hands.panel.labels, hands.panel.segmenting.corrected
    assert corrected(hands.panel.volume) == (2,), "it has changed its side with the flip"
    between(hands)
    assert np.array_equal(hands.panel.labels, labels) and corrected(hands.panel.volume) == (2,)
    painted(hands.panel, 2, (5, 140), (5, 160))
    between(hands)
    assert corrected(hands.panel.volume) == (2,)
    hands.panel.correct.resetButton.click()
    hands.panel.settle()
    assert np.array_equal(hands.panel.labels == 1, boxes(labels.shape)[:, ::-1] == 1)
    assert not hands.worklist.session.verify().problems


@pytest.mark.parametrize("between", [away, reopen])
def test_of_a_corrected_lung_and_one_that_another_mode_made_only_the_first_is_corrected(read, between):
    hands, segmenting = read, read.panel.segmenting
    hands.panel.engine.lower["teacher"] = 4
    one_lung(hands)
    segmenting.segment(hands.panel.volume, "teacher")
    hands.panel.settle()
    labels = hands.panel.labels
    assert segmenting.corrected(hands.panel.volume) == (1,)
    between(hands)
    assert np.array_equal(hands.panel.labels, labels) and segmenting.corrected(hands.panel.volume) == (1,)
    assert hands.newest().mode == "student", "that of the lung that was corrected"


def test_masks_of_a_copy_that_was_not_flipped_are_added_on_the_sides_of_the_image(read):
    hands = read
    choose(hands.panel, Turn(0, True))
    away(hands)
    key, image = hands.worklist.key, SAMPLES / "kermany_normal__IM-0459-0001.jpeg"
    hands.panel.add(image)
    hands.panel.press_segment()
    one_lung(hands)
    drawn = hands.panel.labels
    QtTest.QTest.mouseClick(hands.section.inView.addButton, Qt.LeftButton)
    hands.panel.until(hands.is_there, 30)
    hands.panel.settle()
    assert hands.worklist.key == key and np.array_equal(hands.panel.labels == 2, drawn == 1)
    kept = hands.newest()
    assert kept.turn == Turn(0, True) and kept.status == "corrected"


def test_approving_a_mask_of_an_older_program_says_for_which_turn_it_is(read):
    hands = read
    choose(hands.panel, Turn(0, True))
    away(hands)
    hands.press(Qt.Key_A)
    folder, right = hands.worklist.session.path, hands.panel.labels
    hands.panel.segment.overlay.swapButton.click()
    hands.panel.settle()
    approve_though(hands)
    hands.close()
    for path in folder.glob("masks/*/*.json"):
        record = json.loads(path.read_text())
        path.write_text(json.dumps({name: value for name, value in record.items() if name != "turn"}))
    with Session(folder) as session:
        session.rebuild()
        assert "'Reader A'" in session.verify().problems[0]
    hands.open(folder)
    hands.panel.until(hands.is_there, 30)
    hands.panel.settle()
    assert not np.array_equal(hands.panel.labels, right) and not hands.panel.segmenting.busy, (
        "as it was drawn"
    )
    assert "on the patient's left" in hands.panel.segment.quality.text
    approve_though(hands)
    assert hands.newest().turn == Turn(0, True) and not hands.worklist.session.verify().problems
