"""What was refused is said until it would be refused no more."""

from __future__ import annotations

import pytest
from PySide6 import QtTest
from PySide6.QtCore import Qt
from test_closing_window import closes
from worklist_driver import sample_files, worklist


@pytest.fixture
def hands(window, tmp_path):
    with worklist(window) as hands:
        hands.create(tmp_path / "s")
        hands.add(*sample_files(3))
        hands.show(0)
        yield hands
        hands.panel.correct.widget.collapsed = True


def in_view(hands) -> str:
    return " ".join(hands.panel.widget.viewLabels.text.lines)


def goes(hands, text: str) -> None:
    """The text goes from panel and view."""
    hands.panel.until(lambda: text not in hands.message, 2)
    assert text not in in_view(hands)


@pytest.mark.parametrize("by", ["mask", "next image by the selector"])
def test_that_there_is_no_mask_to_approve(hands, by):
    hands.press(Qt.Key_A)
    assert "no mask to approve" in hands.message and "no mask to approve" in in_view(hands)
    hands.window.process(0.6)
    assert "no mask to approve" in hands.message, "as long as it is so"
    if by == "mask":
        hands.panel.press_segment()
    else:
        hands.panel.add(sample_files(4)[3])
    goes(hands, "no mask to approve")


@pytest.mark.parametrize("by", ["approval", "stroke", "next image"])
def test_not_approved(hands, by):
    QtTest.QTest.mouseClick(hands.panel.segment.segmentButton, Qt.LeftButton)
    hands.press(Qt.Key_A)  # before the mask is there
    hands.panel.settle()
    assert "Not approved" in hands.message
    hands.window.process(0.6)
    assert "Not approved" in hands.message
    if by == "approval":
        hands.press(Qt.Key_A)
        assert hands.newest().status == "approved"
    elif by == "stroke":
        hands.paint((9, 40), (9, 60))
    else:
        hands.go(hands.press, Qt.Key_N)
    goes(hands, "Not approved")


@pytest.mark.parametrize("key", [Qt.Key_A, Qt.Key_D])
def test_that_the_model_gave_no_answer_to_what_the_approval_waited_for(hands, key):
    """The reader wanted another mask, and has not seen it."""
    mode = hands.panel.segment.modeBox
    mode.setCurrentIndex(0)
    hands.panel.press_segment()
    mode.setCurrentIndex(1)
    QtTest.QTest.mouseClick(hands.panel.segment.segmentButton, Qt.LeftButton)
    hands.press(key)
    assert "once the model has answered" in hands.message
    hands.panel.engine.fail("The engine was ended.")
    hands.panel.until(lambda: "Not approved: the model has given no answer" in hands.message, 5)
    hands.window.process(0.3)
    assert hands.name == "image-0001" and hands.statuses["image-0001"] != "approved"
    mode.setCurrentIndex(0)
    hands.press(Qt.Key_A)
    assert hands.statuses["image-0001"] == "approved"
    goes(hands, "Not approved")


def test_the_window_stays_if_the_mask_approved_before_it_is_not_what_was_seen(hands, monkeypatch):
    """The reader has to look at it; a second try closes the window."""
    import slicer

    closed: list[str] = []
    monkeypatch.setattr(slicer.util.mainWindow(), "close", lambda: closed.append("closed"), raising=False)
    QtTest.QTest.mouseClick(hands.panel.segment.segmentButton, Qt.LeftButton)
    hands.press(Qt.Key_A)
    assert not closes(hands)
    hands.panel.settle()
    hands.window.process(0.5)
    assert hands.panel.lungs and not closed and "Not approved" in hands.message
    assert closes(hands)


@pytest.mark.parametrize("way", ["key", "close"])
def test_that_an_outline_is_not_closed(hands, way):
    hands.panel.press_segment()
    hands.panel.view.pixels()
    hands.panel.take("Draw")
    for corner in [(5, 5), (5, 30), (30, 30)]:
        hands.panel.view.clickIjk(*corner)
    if way == "key":
        hands.press(Qt.Key_A)
    else:
        hands.rows.openButton.click()
    assert "outline is not closed" in hands.message
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Escape)
    goes(hands, "outline is not closed")


def test_that_no_image_is_in_the_view(hands):
    hands.panel.add(sample_files(4)[3])
    hands.press(Qt.Key_A)
    assert "Choose one first" in hands.message
    hands.panel.segment.input.choose(hands.worklist.current.volume)
    goes(hands, "Choose one first")


def test_that_it_is_the_last_image(hands):
    hands.table.textEdit.text = "image-0001"
    hands.press(Qt.Key_N)
    assert "last image" in hands.message
    hands.table.textEdit.text = ""
    goes(hands, "last image")


def test_that_the_session_was_opened_to_read(hands):
    hands.close()
    hands.rows.open(write=False)
    hands.show(0)
    hands.press(Qt.Key_A)
    assert "opened to read" in hands.message
    hands.close()
    goes(hands, "opened to read")


def test_a_new_mask_told_above_a_refusal_stays_when_that_goes(hands):
    hands.press(Qt.Key_A)
    hands.section.messages.tellNewMask(hands.panel.volume, "A new mask.")
    assert "no mask to approve" in hands.message
    hands.panel.press_segment()
    goes(hands, "no mask to approve")
    assert hands.message == "A new mask."
