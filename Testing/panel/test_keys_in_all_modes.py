"""A key that cannot act says why, in the panel and in the view; and what was said goes with its cause."""

from __future__ import annotations

import pytest
from PySide6 import QtTest
from PySide6.QtCore import Qt
from worklist_driver import sample_files, worklist


@pytest.fixture
def hands(window, tmp_path):
    """Two images without masks; none is shown."""
    with worklist(window) as hands:
        hands.create(tmp_path / "s")
        hands.add(*sample_files(2))
        hands.panel.segment.input.choose(None)
        window.process()
        yield hands
        hands.panel.correct.widget.collapsed = True


def said(hands) -> str:
    """What is said in the panel, which the view says too."""
    lines = " ".join(hands.panel.widget.viewLabels.text.lines)
    texts = [text for text in (hands.message, hands.panel.segment.message.text) if text]
    told = [text for text in texts if " ".join(text.split()) in lines]
    return "\n".join(told)


def press(hands, key, modifiers=Qt.NoModifier) -> str:
    hands.section.showMessage("")
    hands.panel.segment.told.emit("")
    QtTest.QTest.keyClick(hands.window.window, key, modifiers)
    hands.window.process(0.05)
    return said(hands)


def tool(hands) -> str | None:
    effect = hands.panel.correct.editor.activeEffect()
    return effect.name if effect is not None else None


def segmented(hands) -> None:
    hands.show(0)
    hands.panel.press_segment()


ALL = [Qt.Key_1, Qt.Key_9, Qt.Key_I, Qt.Key_C, Qt.Key_M, Qt.Key_H, Qt.Key_Z, Qt.Key_Y]


@pytest.mark.parametrize("key", ALL)
def test_without_a_radiograph_each_key_says_that_there_is_none(hands, key):
    assert "No radiograph is chosen" in press(hands, key)
    assert tool(hands) is None and not hands.panel.widget.viewSection.comparison.button.checked
    segmented(hands)
    hands.window.process(0.3)
    assert "No radiograph" not in hands.panel.segment.message.text + said(hands)


@pytest.mark.parametrize("key", [Qt.Key_1, Qt.Key_M, Qt.Key_H])
def test_a_key_that_needs_a_mask_says_so_until_there_is_one(hands, key):
    hands.show(0)
    hands.panel.correct.widget.collapsed = False
    drawn = hands.panel.measure.drawButton.checked
    assert "There is no mask" in press(hands, key)
    assert tool(hands) is None and hands.panel.measure.drawButton.checked == drawn
    hands.panel.press_segment()
    hands.window.process(0.3)
    assert "There is no mask" not in hands.panel.segment.message.text + said(hands)


def test_a_digit_takes_its_tool_in_hand_and_puts_it_down(hands):
    segmented(hands)
    hands.panel.correct.widget.collapsed = False
    for key, name in ((Qt.Key_1, "Paint"), (Qt.Key_2, "Draw"), (Qt.Key_3, "Erase"), (Qt.Key_3, None)):
        press(hands, key)
        assert tool(hands) == name


@pytest.mark.parametrize("folded", [False, True])
def test_a_digit_says_that_clicks_segment_until_they_do_not(hands, folded):
    segmented(hands)
    hands.panel.correct.widget.collapsed = folded
    QtTest.QTest.mouseClick(hands.panel.segment.clickButton, Qt.LeftButton)
    assert "press Escape" in press(hands, Qt.Key_1)
    assert tool(hands) is None and hands.panel.segment.clickButton.checked
    press(hands, Qt.Key_Escape)
    assert "Escape" not in hands.panel.segment.message.text + said(hands)


def test_a_digit_says_that_the_tools_are_folded_until_they_are_not(hands):
    segmented(hands)
    assert "unfold Correct" in press(hands, Qt.Key_1) and tool(hands) is None
    hands.panel.correct.widget.collapsed = False
    hands.panel.until(lambda: "unfold" not in hands.panel.segment.message.text + said(hands), 2)


def test_undo_and_redo_say_that_there_is_nothing_until_there_is(hands):
    segmented(hands)
    assert "Nothing to redo" in press(hands, Qt.Key_Y, Qt.ControlModifier)
    hands.paint((5, 40), (5, 60))
    hands.panel.until(lambda: "Nothing to redo" not in hands.panel.segment.message.text, 2)
    press(hands, Qt.Key_Z)
    assert "redo" not in press(hands, Qt.Key_Y)


def test_undo_says_so_of_a_radiograph_outside_the_session_too(hands):
    hands.panel.add(sample_files(3)[2])
    assert "Nothing to undo" in press(hands, Qt.Key_Z)


def test_an_arrow_key_says_why_it_does_not_go_on_while_a_tool_is_chosen(hands):
    segmented(hands)
    hands.panel.take("Paint")
    hands.panel.view.view.setFocus()
    QtTest.QTest.keyClick(hands.panel.view.view, Qt.Key_Right)
    assert "Arrow keys" in hands.message and hands.name == "image-0001"
    hands.panel.correct.putToolDown()
    hands.panel.until(lambda: not hands.message, 2)


def test_going_on_in_an_empty_list_says_that_it_is_empty(hands):
    hands.table.textEdit.text = "no such name"
    for key in (Qt.Key_N, Qt.Key_P, Qt.Key_U):
        assert "The list has no images" in press(hands, key)
    hands.table.textEdit.text = ""
    hands.panel.until(lambda: not hands.message, 2)
