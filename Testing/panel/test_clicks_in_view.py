"""Click-to-segment in the real window: lungs made, refined and taken back by the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from module_panel import chest, standing_in
from PySide6 import QtCore, QtTest, QtWidgets

Qt = QtCore.Qt
RIGHT, LEFT = (120, 50), (120, 150)  # pixels in the stand-in's two boxes


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        panel.add_pixels(chest())
        panel.segment.clickButton.click()
        yield panel


def test_a_click_makes_the_lung_under_it_and_it_shows(panel):
    before = panel.view.pixels().astype(int)
    panel.click(*LEFT)
    assert panel.lungs == (2,)
    assert set(np.unique(panel.labels)) == {0, 2}
    x, y = (round(value) for value in panel.view.ijkToView(*LEFT))
    after = panel.view.pixels().astype(int)
    orange = after[y, x] - before[y, x]
    assert orange[0] > orange[2] + 20, "the left lung shows in its color"


def test_the_other_lung_is_made_by_its_own_click_without_asking_again(panel):
    panel.click(*LEFT)
    panel.view.clickIjk(*RIGHT)
    assert panel.lungs == (1, 2), "what the model said is kept"


def test_shift_makes_both(panel):
    panel.click(*RIGHT, modifiers=Qt.ShiftModifier)
    assert panel.lungs == (1, 2)


def test_a_click_in_a_lung_refines_it_and_each_is_one_undo_step(panel):
    panel.click(*RIGHT, modifiers=Qt.ShiftModifier)
    made = panel.labels
    panel.click(40, 50)
    added = panel.labels
    assert added[40, 50] == 1 and (added != made).sum() == 11 * 11
    panel.click(*RIGHT, modifiers=Qt.ControlModifier)
    assert panel.labels[RIGHT] == 0
    assert [c.action for c in panel.clicks] == ["add", "remove"]
    panel.correct.undo()
    assert (panel.labels == added).all() and len(panel.clicks) == 1
    panel.correct.undo()
    assert (panel.labels == made).all() and not panel.clicks
    panel.correct.redo()
    assert (panel.labels == added).all() and len(panel.clicks) == 1


def test_the_engine_is_told_which_clicks_a_mask_has_so_that_the_next_one_takes_none_back(panel):
    panel.click(*RIGHT, modifiers=Qt.ShiftModifier)
    panel.click(40, 50)
    clicks = [click.to_json() for click in panel.clicks]
    panel.view.clickIjk(60, 50, modifiers=Qt.ControlModifier)
    asked = panel.engine.asked[-1]
    assert (asked[1], asked[2]["earlier"]) == ("refine", clicks) and len(clicks) == 1
    panel.settle()


def test_markers_follow_the_clicks(panel):
    import slicer

    def points():
        nodes = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode")
        return sum(node.GetNumberOfControlPoints() for node in nodes)

    panel.click(*RIGHT, modifiers=Qt.ShiftModifier)
    panel.click(40, 50)
    panel.click(40, 150)
    assert points() == 2
    panel.correct.undo()
    panel.until(lambda: points() == 1, 5)
    panel.widget.exit()
    assert points() == 0, "another module's views are clean"
    panel.widget.enter()
    assert points() == 1


def test_clicks_while_the_engine_works_are_answered_in_order(panel):
    panel.view.clickIjk(*RIGHT)
    panel.view.clickIjk(*LEFT)
    panel.view.clickIjk(40, 50)
    panel.settle()
    assert panel.lungs == (1, 2) and panel.labels[40, 50] == 1


def test_a_remove_click_without_a_mask_explains_what_to_do(panel):
    panel.click(*RIGHT, modifiers=Qt.ControlModifier)
    assert panel.segmentation is None and "no mask yet" in panel.segment.message.text


def test_clicks_outside_the_image_do_nothing(panel):
    view = panel.view.view
    for place in (QtCore.QPoint(2, 2), QtCore.QPoint(view.width - 3, view.height - 3)):
        QtTest.QTest.mouseClick(view, Qt.LeftButton, Qt.NoModifier, place)
    panel.settle()
    assert panel.segmentation is None and not panel.engine.asked


def test_a_drag_is_no_click(panel):
    panel.view.dragIjk([RIGHT, (140, 70), (160, 90)])
    panel.settle()
    assert panel.segmentation is None


def test_the_left_button_leaves_window_and_level_alone_while_clicking(panel):
    display = panel.volume.GetDisplayNode()
    before = display.GetWindow(), display.GetLevel()
    panel.view.dragIjk([RIGHT, (140, 70), (160, 90)])
    assert (display.GetWindow(), display.GetLevel()) == before


def test_escape_leaves_and_the_views_are_as_before(panel):
    assert panel.segment.clicks.active
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_Escape)
    assert not panel.segment.clicks.active and not panel.segment.clickButton.checked
    panel.click(*RIGHT)
    assert panel.segmentation is None, "a click is the view's again"


def test_undo_by_the_keyboard(panel):
    panel.click(*RIGHT, modifiers=Qt.ShiftModifier)
    panel.click(40, 50)
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_Z, Qt.ControlModifier)
    assert panel.labels[40, 50] == 0


def test_undo_takes_back_clicks_that_have_no_answer_yet_before_all_else(panel):
    panel.click(*RIGHT, modifiers=Qt.ShiftModifier)
    made = panel.labels
    for row in (40, 20):
        panel.view.clickIjk(row, 50)
    assert panel.segmenting.busy
    for _click in range(2):
        QtTest.QTest.keyClick(panel.window.window, Qt.Key_Z, Qt.ControlModifier)
    assert not panel.segmenting.busy and not panel.segment.progressBar.isVisible()
    panel.settle()
    assert (panel.labels == made).all() and not panel.clicks, "what the model made before is still there"
    panel.click(40, 50)
    assert panel.labels[40, 50] == 1, "and clicks go on"
    panel.segment.overlay.toggles["as_normal"].click()
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_Z, Qt.ControlModifier)
    panel.settle()
    assert (panel.labels == made).all(), "what is only looked at is none of it"
    panel.segment.overlay.toggles["as_normal"].checked = False


def test_the_buttons_undo_and_redo_do_what_their_keys_do(panel):
    """The first click waits for its answer, and there is no mask yet."""
    panel.correct.widget.collapsed = False
    panel.window.process()
    buttons = [each for each in panel.correct.widget.findChildren(QtWidgets.QPushButton) if each.visible]
    undo, redo = (
        next(each for each in buttons if each.text.replace("&", "") == text) for text in ("Undo", "Redo")
    )
    panel.view.clickIjk(*RIGHT)
    assert panel.segmenting.busy
    QtTest.QTest.mouseClick(undo, Qt.LeftButton)
    assert not panel.segmenting.busy
    panel.settle()
    assert panel.lungs == ()
    panel.click(*RIGHT)
    made = panel.labels
    panel.click(40, 50)
    clicked = panel.labels
    panel.view.clickIjk(20, 50)
    QtTest.QTest.mouseClick(undo, Qt.LeftButton)
    panel.settle()
    assert (panel.labels == clicked).all(), "the click that waited goes first"
    QtTest.QTest.mouseClick(undo, Qt.LeftButton)
    assert (panel.labels == made).all()
    QtTest.QTest.mouseClick(redo, Qt.LeftButton)
    assert (panel.labels == clicked).all()
    panel.view.clickIjk(20, 50)
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_Z)
    assert not panel.segmenting.busy, "and so does the editor's key of one letter"
    panel.settle()
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_Z)
    assert (panel.labels == made).all()
    panel.correct.widget.collapsed = True


def test_leaving_the_module_ends_the_mode(panel):
    panel.widget.exit()
    assert not panel.segment.clicks.active
    panel.widget.enter()
    assert not panel.segment.clicks.active


def test_a_tool_of_the_editor_ends_the_mode_and_gets_the_mouse(panel):
    panel.press_segment()
    assert panel.segment.clicks.active
    made, editor = panel.labels, panel.correct.editor
    panel.take("Erase")
    assert not panel.segment.clicks.active and not panel.segment.clickButton.checked
    row, column = np.argwhere(made == 1).mean(axis=0)
    panel.view.dragIjk([(row, column), (row, column + 10)])
    assert (panel.labels != made).any() and panel.clicks == []
    editor.setActiveEffect(None)


def test_a_click_that_changes_nothing_leaves_no_trace(panel):
    panel.click(*RIGHT)
    panel.click(*RIGHT)
    assert not panel.clicks
    assert panel.lungs == (1,)


def test_clicks_that_wait_go_on_after_one_that_needs_no_answer(panel):
    """The second is answered from what the first has asked."""
    for place in ((120, 50), (120, 150), (40, 50)):
        panel.view.clickIjk(*place)
    assert len(panel.engine.asked) == 1
    panel.settle()
    assert panel.lungs == (1, 2) and panel.labels[40, 50] == 1 and not panel.segmenting.busy


def test_clicks_that_are_lost_with_the_engine_are_counted(panel):
    for place in ((120, 50), (120, 150), (40, 50)):
        panel.view.clickIjk(*place)
    panel.engine.fail("It failed.")
    assert panel.segment.message.text == "It failed.\nClicks that waited and were not applied: 2."


@pytest.mark.parametrize("change", ["swap", "largest", "reset", "redo"])
def test_what_changes_the_masks_waits_until_a_click_is_answered(panel, change):
    """Sides that are exchanged meanwhile would give the click's region the other lung's label."""
    correct = panel.correct
    buttons = {
        "swap": panel.segment.overlay.swapButton,
        "largest": correct.largestButton,
        "reset": correct.resetButton,
        "redo": correct.redoButton,
    }
    correct.widget.collapsed = False
    panel.click(*RIGHT, modifiers=Qt.ShiftModifier)
    panel.click(10, 10)  # a second piece, not the model's
    if change == "redo":  # by which the sides are exchanged again
        QtTest.QTest.mouseClick(buttons["swap"], Qt.LeftButton)
        correct.undo()
    panel.settle()
    before = panel.labels
    panel.view.clickIjk(40, 50)
    QtTest.QTest.mouseClick(buttons[change], Qt.LeftButton)
    assert np.array_equal(panel.labels, before) and "still working" in panel.segment.message.text
    panel.settle()
    after = panel.labels
    assert after[40, 50] == 1 and np.array_equal(after[60:], before[60:]), "only the click's part has changed"
    if change != "redo":  # the click is what could be made again now
        QtTest.QTest.mouseClick(buttons[change], Qt.LeftButton)
        panel.settle()
        assert not np.array_equal(panel.labels, after)
    correct.widget.collapsed = True
