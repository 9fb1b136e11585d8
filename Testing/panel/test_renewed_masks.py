"""A mask that the model makes in the background replaces none in view, nor ends what a reader has begun; by
mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from in_process_engine import boxes
from PySide6 import QtCore, QtTest
from test_view_stays import end_segment_all, press_segment_all

Qt = QtCore.Qt
OFFERED, SHOWN = "image-0001: the model has a new mask", "image-0001: the model's new mask is shown."


@pytest.fixture
def lower(hands):
    """A session with older masks of another model; the one in use makes them ten rows lower."""
    hands.panel.engine.lower["student"] = 10
    hands.panel.until(lambda: not hands.panel.widget.masks.waiting, 10)
    return hands


def model_mask(hands) -> np.ndarray:
    return np.roll(boxes(hands.panel.labels.shape), 10, axis=0)


def segment_all(hands) -> None:
    press_segment_all(hands)
    end_segment_all(hands)


def renewed(hands) -> bool:
    return bool(np.array_equal(hands.panel.labels, model_mask(hands)))


def row_of(hands, place: int) -> QtCore.QPoint:
    return hands.table.view.visualRect(hands.table.model.index(place, 0)).center()


@pytest.mark.parametrize("key", [Qt.Key_A, Qt.Key_D])
def test_what_is_approved_is_what_was_in_view_and_not_the_models_newer_mask(lower, key):
    before, image = lower.panel.labels, lower.worklist.key
    segment_all(lower)
    assert np.array_equal(lower.panel.labels, before) and OFFERED in lower.message
    lower.go(lower.press, key)
    session = lower.worklist.session
    approved = session.newest(image, "Reader A")
    assert approved.status == "approved" and np.array_equal(session.mask(approved), before)
    assert OFFERED not in lower.message


@pytest.mark.parametrize("way", ["its row", "leaving and coming back"])
def test_the_models_newer_mask_is_shown_when_the_reader_asks_for_it(lower, way):
    segment_all(lower)
    if way == "its row":
        QtTest.QTest.mouseClick(lower.table.view.viewport(), Qt.LeftButton, Qt.NoModifier, row_of(lower, 0))
        lower.panel.settle()
        assert SHOWN in lower.message
    else:
        lower.go(lower.press, Qt.Key_N)
        assert OFFERED not in lower.message
        lower.go(lower.press, Qt.Key_P)
    assert renewed(lower) and lower.statuses["image-0001"] == "auto" and not lower.worklist.isModified()
    lower.press(Qt.Key_A)
    assert lower.statuses["image-0001"] == "approved", "which the reader has asked for"


@pytest.mark.parametrize("key", [Qt.Key_A, Qt.Key_D])
def test_a_mask_that_appears_as_a_key_is_pressed_is_not_approved_unseen(lower, key):
    from CXRAdaINSegLib.logic import Renewing

    lower.show(4)
    assert not lower.panel.lungs
    press_segment_all(lower)
    lower.panel.until(lambda: lower.panel.engine.answer() or bool(lower.panel.lungs), 60)
    lower.press(key)
    assert lower.name == "image-0005" and lower.statuses["image-0005"] == "auto"
    assert "Not approved" in lower.message
    lower.window.process(Renewing.SEEN)
    lower.press(key)
    assert lower.statuses["image-0005"] == "approved"
    end_segment_all(lower)


def test_an_outline_that_was_begun_is_filled_after_segment_all(lower):
    panel, before = lower.panel, lower.panel.labels
    panel.view.pixels()
    panel.take("Draw")
    corners = ((2, 10), (2, 60), (12, 60))
    for corner in corners:
        panel.view.clickIjk(*corner)
    segment_all(lower)
    assert len(panel.correct.editor.activeEffect().line) == 3 and np.array_equal(panel.labels, before)
    panel.view.clickIjk(12, 60, button=Qt.RightButton)
    panel.settle()
    assert panel.labels[4, 50] == 1 and np.array_equal(panel.labels[20:], before[20:])
    panel.correct.widget.collapsed = True
    lower.window.process(0.3)
    assert panel.labels[4, 50] == 1, "nor afterwards"
    assert lower.worklist.save() and lower.newest().status == "corrected"


@pytest.mark.parametrize("way", ["Segment all", "segmented ahead"])
def test_the_heart_is_placed_to_its_second_point(lower, way):
    from CXRAdaINSegLib.scene.ChestLines import heartPoints

    panel = lower.panel
    if way == "segmented ahead":
        fourth, fifth = (lower.table.model.keyAt(place) for place in (3, 4))
        answer, panel.engine.answer = panel.engine.answer, lambda: None  # not yet
        lower.section.show(fourth)
        panel.until(lambda: lower.worklist.readAhead.has(fifth) and bool(panel.engine.asked), 60)
        ahead, panel.engine.asked, panel.engine.answer = panel.engine.asked, [], answer
        lower.show(4)
    before = panel.labels if panel.lungs else None
    panel.measure.widget.collapsed = False
    panel.view.pixels()
    QtTest.QTest.mouseClick(panel.measure.heartButton, Qt.LeftButton)
    panel.view.clickIjk(60, 30)
    if way == "segmented ahead":
        panel.engine.asked += ahead
        panel.until(lambda: panel.engine.answer() or lower.statuses["image-0005"] == "auto", 30)
        lower.window.process(0.2)
    else:
        segment_all(lower)
    assert panel.measure.heartButton.checked
    assert before is None or np.array_equal(panel.labels, before)
    panel.view.clickIjk(60, 80)
    appears = way == "segmented ahead"
    panel.until(lambda: not panel.measure.heartButton.checked and renewed(lower) == appears, 10)
    panel.until(lambda: appears or OFFERED in lower.message, 10)
    assert len(heartPoints(panel.volume)) == 2, "and then the mask appears, or is offered"
    panel.until(lambda: len(lower.worklist.session.heart(lower.worklist.key, "Reader A")) == 2, 10)
    panel.measure.widget.collapsed = True


def test_a_click_that_waits_for_the_model_is_applied(lower):
    panel = lower.panel
    QtTest.QTest.mouseClick(panel.segment.clickButton, Qt.LeftButton)
    panel.view.pixels()
    panel.view.clickIjk(10, 25)
    waiting, panel.engine.asked = panel.engine.asked, []
    assert panel.segmenting.writing
    segment_all(lower)
    assert panel.segmenting.writing
    panel.engine.asked += waiting
    panel.settle()
    assert panel.labels[10, 25] == 1 and len(panel.clicks) == 1
    lower.window.process(0.2)
    assert panel.labels[10, 25] == 1 and not renewed(lower)


def test_a_mask_does_not_appear_while_a_mouse_button_is_down(lower):
    """In 3D Slicer, the brush is applied when the button is released."""
    lower.show(4)
    panel, before = lower.panel, lower.panel.labels
    panel.view.pixels()
    press_segment_all(lower)
    place = panel.view.placeOf(60, 60)
    QtTest.QTest.mousePress(panel.view.view, Qt.LeftButton, Qt.NoModifier, place)
    end_segment_all(lower)
    assert np.array_equal(panel.labels, before)
    QtTest.QTest.mouseRelease(panel.view.view, Qt.LeftButton, Qt.NoModifier, place)
    panel.until(lambda: renewed(lower), 10)


def test_a_click_that_was_taken_back_can_still_be_made_again(lower):
    panel = lower.panel
    QtTest.QTest.mouseClick(panel.segment.clickButton, Qt.LeftButton)
    panel.click(10, 25)
    assert panel.labels[10, 25] == 1
    QtTest.QTest.keyClick(lower.window.window, Qt.Key_Z, Qt.ControlModifier)
    panel.settle()
    assert panel.labels[10, 25] == 0
    segment_all(lower)
    assert panel.labels[10, 25] == 0 and not renewed(lower)
    QtTest.QTest.keyClick(lower.window.window, Qt.Key_Y, Qt.ControlModifier)
    panel.settle()
    assert panel.labels[10, 25] == 1
