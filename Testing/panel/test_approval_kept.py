"""What a reader has approved stays approved when undo brings it back, though it was saved meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6 import QtCore, QtTest

Qt = QtCore.Qt
STROKE = ((30, 40), (30, 60))


def press(hands, key: int) -> None:
    QtTest.QTest.keyClick(hands.window.window, key, Qt.ControlModifier)
    hands.panel.settle()


def stroke(hands) -> None:
    hands.paint(*STROKE)
    hands.panel.correct.putToolDown()


def swap(hands) -> None:
    QtTest.QTest.mouseClick(hands.panel.segment.overlay.swapButton, Qt.LeftButton)
    hands.panel.settle()


def reset(hands) -> None:
    hands.panel.correct.resetButton.click()
    hands.panel.settle()


@pytest.fixture(params=["the model's mask", "a corrected one"])
def approved(hands, request):
    if request.param == "a corrected one":
        hands.paint((5, 40), (5, 60))
        hands.panel.correct.putToolDown()
    hands.press(Qt.Key_A)
    yield hands.newest()
    hands.panel.correct.widget.collapsed = True


def completed(hands) -> list[bool]:
    """The segments' status, as the editor lists them."""
    from CXRAdaINSegLib.scene.MaskProvenance import isApproved

    return [isApproved(hands.panel.segmentation, lung) for lung in hands.panel.lungs]


@pytest.mark.parametrize("act", [stroke, swap])
def test_a_change_ends_the_approval_in_the_list_of_segments_too_and_undo_brings_it_back(hands, approved, act):
    assert completed(hands) == [True, True]
    act(hands)
    assert completed(hands) == [False, False], "before it is saved, for an export at once"
    press(hands, Qt.Key_Z)
    assert completed(hands) == [True, True]
    press(hands, Qt.Key_Y)
    assert completed(hands) == [False, False]


@pytest.mark.parametrize("act", [stroke, swap])
def test_undo_after_an_autosave_gives_the_approval_back_with_the_pixels(hands, approved, act):
    key, labels = hands.worklist.key, hands.panel.labels
    act(hands)
    hands.worklist.autosave()
    assert hands.statuses["image-0001"] == "corrected"
    press(hands, Qt.Key_Z)
    assert np.array_equal(hands.panel.labels, labels)
    hands.worklist.autosave()
    assert hands.statuses["image-0001"] == "approved"
    again = hands.worklist.session.newest(key, "Reader A")
    assert (again.tools, again.clicks, again.base) == (approved.tools, approved.clicks, approved.id)
    press(hands, Qt.Key_Y)
    hands.go(hands.press, Qt.Key_N)
    assert hands.statuses["image-0001"] == "corrected", "what was made again is not what was approved"
    assert not hands.worklist.session.verify().problems


def test_a_mask_that_the_model_makes_again_is_not_approved_with_it(hands, approved):
    """Nobody has approved it since it was given up."""
    stroke(hands)
    hands.worklist.autosave()
    reset(hands)
    hands.go(hands.press, Qt.Key_N)
    assert hands.statuses["image-0001"] == "auto"


def test_what_was_approved_before_the_last_approval_is_not(hands, approved):
    stroke(hands)
    hands.press(Qt.Key_A)
    press(hands, Qt.Key_Z)
    hands.go(hands.press, Qt.Key_N)
    assert hands.statuses["image-0001"] != "approved"
