"""A message about one radiograph, or about what its reader did, goes with the radiograph, or the reader."""

from __future__ import annotations

import pytest
from cxradain.imaging.turn import Turn
from PySide6 import QtTest
from PySide6.QtCore import Qt
from test_heart import place
from test_turned import choose, show_first_of
from worklist_driver import sample_files, worklist

TURNED = "exchanged right and left"
WAITS = {"worklist": "once the model has answered", "correct": "still working"}


@pytest.fixture
def hands(window, tmp_path):
    with worklist(window) as hands:
        show_first_of(hands, tmp_path / "s", *sample_files(2))
        yield hands
        hands.panel.measure.widget.collapsed = True


def messages(hands) -> str:
    return "\n".join([hands.panel.segment.message.text, hands.message])


def press_segment(hands) -> None:
    """The stand-in has not answered yet."""
    QtTest.QTest.mouseClick(hands.panel.segment.segmentButton, Qt.LeftButton)
    assert hands.panel.segmenting.writing


@pytest.mark.parametrize("go", ["next", "reader"])
def test_what_a_turn_did_is_said_until_another_image_or_reader_comes(hands, go):
    hands.paint((5, 40), (5, 60))  # one lung: the other is segmented again, and the message stays for that
    hands.panel.correct.putToolDown()
    choose(hands.panel, Turn(0, True))
    assert TURNED in messages(hands)
    if go == "reader":
        hands.read_as("Reader B")
        hands.panel.settle()
    else:
        hands.go(hands.press, Qt.Key_N)
    assert TURNED not in messages(hands)
    hands.read_as("Reader A")
    if go == "next":
        hands.go(hands.press, Qt.Key_P)
    hands.panel.settle()
    assert TURNED not in messages(hands)
    hands.panel.correct.widget.collapsed = True


@pytest.mark.parametrize("end", ["answer", "cancel"])
@pytest.mark.parametrize("who", ["worklist", "correct"])
def test_that_the_model_is_still_working_is_said_until_it_has_ended(hands, who, end):
    hands.panel.correct.widget.collapsed = False
    press_segment(hands)
    if who == "worklist":
        hands.press(Qt.Key_F)
    else:
        hands.panel.correct.largestButton.click()
    assert WAITS[who] in messages(hands)
    assert WAITS[who] in " ".join(hands.panel.widget.viewLabels.text.lines)
    if end == "cancel":
        QtTest.QTest.mouseClick(hands.panel.segment.cancelButton, Qt.LeftButton)
    hands.panel.settle()
    assert not hands.panel.segmenting.busy and WAITS[who] not in messages(hands)
    assert WAITS[who] not in " ".join(hands.panel.widget.viewLabels.text.lines)
    hands.panel.correct.widget.collapsed = True


@pytest.mark.parametrize("go", ["next", "reader", "other radiograph"])
def test_what_was_taken_back_is_said_of_its_image_alone(hands, go):
    QtTest.QTest.mouseClick(hands.section.beforeButton, Qt.LeftButton)
    assert "no mask before" in hands.message
    if go == "reader":
        hands.read_as("Reader B")
    elif go == "next":
        hands.go(hands.press, Qt.Key_N)
    else:
        hands.panel.add(sample_files(3)[2])
    hands.panel.settle()
    assert "no mask before" not in hands.message


def test_how_the_heart_is_placed_is_said_until_it_is(hands):
    hands.panel.measure.widget.collapsed = False
    place(hands.panel, (60, 30))
    assert "Click at the heart" in messages(hands)
    hands.panel.view.clickIjk(70, 80)
    hands.window.process(0.3)
    assert "Click at the heart" not in messages(hands)
