"""Every tool by which a reader changed a mask is in its version, however soon the reader goes on."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6 import QtCore, QtTest, QtWidgets

Qt = QtCore.Qt
SPOT = ((5, 5), (5, 15))  # beside both lungs


def take(hands, tool: str) -> None:
    """Choose a tool by its button."""
    hands.panel.correct.widget.collapsed = False
    hands.panel.view.pixels()
    button = hands.panel.correct.editor.findChild(QtWidgets.QToolButton, tool)
    QtTest.QTest.mouseClick(button, Qt.LeftButton)
    assert hands.panel.correct.editor.activeEffect().effect == tool


def choose(hands, tool: str, **parameters: object) -> None:
    """What its options choose."""
    for name, value in parameters.items():
        hands.panel.correct.editor.effectByName(tool).setParameter(name, value)


def press_apply(hands, tool: str) -> None:
    options = hands.panel.correct.editor.effectByName(tool).optionsFrame()
    button = next(each for each in options.findChildren(QtWidgets.QPushButton) if each.text == "Apply")
    QtTest.QTest.mouseClick(button, Qt.LeftButton)


def brush(hands, tool: str = "Paint", *points: tuple[float, float]) -> None:
    take(hands, tool)
    hands.panel.view.dragIjk(list(points or SPOT))


def threshold(hands) -> None:
    take(hands, "Threshold")
    choose(hands, "Threshold", MinimumThreshold=2000)
    press_apply(hands, "Threshold")


def smooth(hands) -> None:
    take(hands, "Smoothing")
    choose(hands, "Smoothing", SmoothingMethod="MORPHOLOGICAL_OPENING", KernelSizeMm=9)
    press_apply(hands, "Smoothing")


def grow(hands) -> None:
    take(hands, "Margin")
    choose(hands, "Margin", MarginSizeMm=3)
    press_apply(hands, "Margin")


def cut(hands) -> None:
    brush(hands, "Scissors", (20, 5), (20, 30), (60, 30), (60, 5))


def draw(hands) -> None:
    take(hands, "Draw")
    for corner in ((5, 5), (5, 20), (20, 20)):
        hands.panel.view.clickIjk(*corner)
    hands.panel.view.clickIjk(10, 15, button=Qt.RightButton)


def keep_the_largest_island(hands) -> None:
    brush(hands, "Erase", (60, 5), (60, 45))
    take(hands, "Islands")
    press_apply(hands, "Islands")


def keep_the_largest_pieces(hands) -> None:
    brush(hands, "Erase", (60, 5), (60, 45))
    QtTest.QTest.mouseClick(hands.panel.correct.largestButton, Qt.LeftButton)


def exchange_sides(hands) -> None:
    QtTest.QTest.mouseClick(hands.panel.segment.overlay.swapButton, Qt.LeftButton)


ACTS = {
    ("Paint",): brush,
    ("Erase",): lambda hands: brush(hands, "Erase", (60, 10), (60, 30)),
    ("Draw",): draw,
    ("Scissors",): cut,
    ("Threshold",): threshold,
    ("Smoothing",): smooth,
    ("Margin",): grow,
    ("Erase", "Islands"): keep_the_largest_island,
    ("Erase", "Keep largest pieces"): keep_the_largest_pieces,
    ("Swap sides",): exchange_sides,
}


def go_on_at_once(hands):
    """Press N, with no time in between, and return the version that was kept."""
    key = hands.worklist.key
    hands.go(hands.press, Qt.Key_N)
    hands.panel.correct.widget.collapsed = True
    return hands.worklist.session.newest(key, "Reader A")


@pytest.mark.parametrize("tools", ACTS, ids=" ".join)
def test_going_on_at_once_records_the_tool(hands, tools):
    ACTS[tools](hands)
    version = go_on_at_once(hands)
    assert (version.status, version.tools) == ("corrected", tools)


def test_a_tool_in_hand_that_changes_nothing_is_not_recorded(hands):
    """Another mask of the model's comes, and it is painted where that is already."""
    made = hands.panel.labels
    brush(hands, "Paint", (60, 20), (60, 25))
    hands.panel.engine.lower["student"] = 4
    hands.panel.press_segment()
    assert (hands.panel.labels != made).any()
    brush(hands, "Erase", (60, 20), (60, 25))
    assert go_on_at_once(hands).tools == ("Erase",)


def test_a_tool_put_down_within_a_moment_is_recorded(hands):
    brush(hands)
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Escape)
    hands.panel.settle()
    assert go_on_at_once(hands).tools == ("Paint",)


def test_a_tool_whose_work_is_undone_and_redone_is_recorded(hands):
    brush(hands)
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    hands.panel.settle()
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Y, Qt.ControlModifier)
    assert go_on_at_once(hands).tools == ("Paint",)


def test_what_was_taken_back_is_not_recorded(hands):
    made = hands.panel.labels
    brush(hands)
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    hands.panel.settle()
    assert np.array_equal(hands.panel.labels, made)
    brush(hands, "Erase", (60, 10), (60, 30))
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Y, Qt.ControlModifier)
    assert go_on_at_once(hands).tools == ("Erase",)


@pytest.mark.parametrize("approved", [False, True])
def test_strokes_are_undone_and_redone_however_fast(hands, approved):
    """What is noted with a mask after a step would end the editor's history."""
    if approved:
        hands.press(Qt.Key_A)
    made = hands.panel.labels
    brush(hands)
    painted = hands.panel.labels
    assert not np.array_equal(painted, made)
    for key, expected in ((Qt.Key_Z, made), (Qt.Key_Y, painted), (Qt.Key_Z, made), (Qt.Key_Y, painted)):
        QtTest.QTest.keyClick(hands.window.window, key, Qt.ControlModifier)
        assert np.array_equal(hands.panel.labels, expected), key
        hands.panel.settle()
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    assert np.array_equal(hands.panel.labels, made)


def undo(hands) -> None:
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)


def redo(hands) -> None:
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Y, Qt.ControlModifier)


def erase(hands) -> None:
    brush(hands, "Erase", (60, 10), (60, 30))


def click(hands) -> None:
    button = hands.panel.segment.clickButton
    QtTest.QTest.mouseClick(button, Qt.LeftButton)
    hands.panel.click(10, 80)
    QtTest.QTest.mouseClick(button, Qt.LeftButton)


@pytest.mark.parametrize("settles", [False, True])
@pytest.mark.parametrize("other", [exchange_sides, erase, click])
def test_of_two_tools_the_one_that_was_undone_is_not_recorded(hands, other, settles):
    brush(hands)
    hands.panel.settle()
    painted = hands.panel.labels
    other(hands)
    changed = hands.panel.labels
    assert not np.array_equal(changed, painted)
    for act, expected in ((undo, painted), (redo, changed), (undo, painted)):
        if settles:
            hands.panel.settle()
        act(hands)
        assert np.array_equal(hands.panel.labels, expected)
    version = go_on_at_once(hands)
    assert (version.status, version.tools, version.clicks) == ("corrected", ("Paint",), ())


def test_of_two_tools_the_one_that_was_made_again_is_recorded(hands):
    brush(hands)
    hands.panel.settle()
    exchange_sides(hands)
    undo(hands)
    redo(hands)
    assert go_on_at_once(hands).tools == ("Paint", "Swap sides")


def test_what_was_saved_and_is_undone_to_then_has_the_tools_of_then(hands):
    brush(hands)
    hands.worklist.autosave()
    erase(hands)
    hands.worklist.autosave()
    assert hands.newest().tools == ("Erase",)
    undo(hands)
    assert go_on_at_once(hands).tools == ("Paint",)


def test_a_click_is_recorded_as_the_tool_that_it_is(hands):
    click(hands)
    version = go_on_at_once(hands)
    assert (version.status, version.tools, len(version.clicks)) == ("corrected", ("Click",), 1)
