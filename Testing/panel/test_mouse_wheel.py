"""The mouse wheel scrolls the panel, and changes none of the controls that it passes over."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6 import QtCore, QtTest, QtWidgets
from test_nothing_moves import panel_of

Qt = QtCore.Qt
KINDS = (QtWidgets.QComboBox, QtWidgets.QAbstractSpinBox, QtWidgets.QSlider)


@pytest.fixture
def unfolded(hands):
    """A session open, all sections, boxes and options of tools unfolded."""
    root = panel_of(hands.window)
    folding = [each for each in root.findChildren(QtWidgets.QWidget) if hasattr(type(each), "collapsed")]
    before = [each.collapsed for each in folding]
    for each in folding:
        each.collapsed = False
    yield hands
    for each, collapsed in zip(folding, before, strict=True):
        each.collapsed = collapsed


def middle(control: QtWidgets.QWidget) -> QtCore.QPoint:
    """Its place in the window."""
    return control.mapTo(control.window(), control.rect.center())


def is_below(control: QtWidgets.QWidget, place: QtCore.QPoint) -> bool:
    below = control.window().childAt(place)
    return below is control or control.isAncestorOf(below)


def reach(hands, control: QtWidgets.QWidget) -> QtWidgets.QScrollBar:
    """Scroll the panel to a control; returns the panel's scroll bar."""
    area = panel_of(hands.window)
    while not isinstance(area, QtWidgets.QScrollArea):
        area = area.parentWidget()
    hands.panel.view.view.setFocus()

    def is_reached() -> bool:
        area.ensureWidgetVisible(control)
        place = middle(control)
        hands.window.process(0.02)
        return middle(control) == place and is_below(control, place)  # the layout is done

    hands.panel.until(is_reached, 10)
    return area.verticalScrollBar()


def turn_wheel(control: QtWidgets.QWidget, notches: int) -> None:
    """Turn the wheel over the middle of a control, as a hand does; positive away from oneself."""
    window, place = control.window().windowHandle(), middle(control)
    assert is_below(control, place)
    QtTest.QTest.wheelEvent(window, QtCore.QPointF(place), QtCore.QPoint(0, 120 * notches))
    QtCore.QCoreApplication.processEvents()


def controls(root: QtWidgets.QWidget) -> list[QtWidgets.QWidget]:
    """Those that can be seen and used."""
    found = [each for kind in KINDS for each in root.findChildren(kind)]
    return [each for each in found if each.isVisible() and each.isEnabled()]


def state(control: QtWidgets.QWidget) -> Any:
    if isinstance(control, QtWidgets.QComboBox):
        return control.currentIndex, control.currentText
    return control.value


def test_the_wheel_scrolls_past_every_control_and_changes_none(unfolded):
    root = panel_of(unfolded.window)
    for tool in ("Paint", "Scissors"):
        unfolded.panel.correct.editor.setActiveEffectByName(tool)
        unfolded.window.process(0.05)
        found = controls(root)
        assert len(found) > 15
        for control in found:
            for notches in (-1, 1):  # one of the two changes it even at the end of what it can show
                bar = reach(unfolded, control)
                before, place = state(control), bar.value
                turn_wheel(control, notches)
                name = control.objectName or control.parentWidget().objectName
                assert state(control) == before and not control.hasFocus(), f"{name}, {tool}"
                assert bar.value != place or place in (bar.minimum, bar.maximum), f"{name} holds it up"
    unfolded.panel.correct.editor.setActiveEffect(None)


def test_the_wheel_over_turned_turns_no_approved_radiograph(unfolded):
    box = unfolded.panel.segment.turning.box
    unfolded.press(Qt.Key_A)
    reach(unfolded, box)
    box.setFocus()  # as after a choice by mouse
    turn_wheel(box, -1)
    image = unfolded.worklist.current.image
    assert box.currentIndex == 0 and not unfolded.worklist.session.image(image.key).facts.turn
    assert unfolded.statuses["image-0001"] == "approved" and not unfolded.panel.segmenting.busy


def test_the_wheel_changes_a_number_that_was_given_the_focus(unfolded):
    scale = unfolded.panel.widget.trainSection.options.scale
    reach(unfolded, scale)
    before = scale.value
    QtTest.QTest.mouseClick(scale.findChild(QtWidgets.QLineEdit), Qt.LeftButton)
    turn_wheel(scale, 1)
    assert scale.value > before
    scale.value = before
