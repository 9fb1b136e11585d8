"""Heart points survive a session that cannot be written, the image's edge, and undo."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.sessions.store import Session
from module_panel import answer_by
from PySide6 import QtTest
from PySide6.QtCore import Qt
from test_heart import place, press_remove

POINTS = ((60, 30), (70, 80))
MOVED = ((60, 30), (85, 85))


@pytest.fixture
def placed(hands):
    """The first image, with its heart's points in the session."""
    hands.panel.measure.widget.collapsed = False
    place(hands.panel, *POINTS)
    yield hands
    hands.panel.measure.widget.collapsed = True


def shown(hands) -> tuple:
    from CXRAdaINSegLib.scene.ChestLines import heartPoints

    return heartPoints(hands.panel.volume)


def kept(hands, reader: str = "Reader A") -> tuple:
    return hands.worklist.session.heart(hands.worklist.current.image.key, reader)


def drag(hands, *path) -> None:
    hands.panel.view.dragIjk(list(path))
    hands.window.process(0.3)


def at(found, points, atol: float = 2) -> bool:
    return np.shape(found) == (2, 2) and np.allclose(found, points, atol=atol)


def control_z(hands) -> None:
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    hands.panel.settle()


def control_y(hands) -> None:
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Y, Qt.ControlModifier)
    hands.panel.settle()


def test_points_moved_in_a_session_taken_over_stay_and_are_kept_once_it_is_taken_back(placed):
    hands, name = placed, placed.name
    with Session(hands.worklist.session.path, take_over=True, program="another application"):
        drag(hands, POINTS[1], (80, 83), MOVED[1])
        assert "another application" in hands.message and "save your work here" in hands.message
        hands.press(Qt.Key_N)
        hands.window.process(0.3)
        assert hands.name == name and at(shown(hands), MOVED), "it is not left"
        assert hands.rows.takeButton.isVisibleTo(hands.section.widget)
        QtTest.QTest.mouseClick(hands.rows.takeButton, Qt.LeftButton)
        hands.window.process()
        assert at(kept(hands), MOVED) and at(shown(hands), MOVED)
        hands.go(hands.press, Qt.Key_N)
        hands.go(hands.press, Qt.Key_P)
        assert at(shown(hands), MOVED)


def test_points_moved_while_the_folder_is_away_are_kept_once_it_is_back(placed):
    hands, name = placed, placed.name
    folder = hands.worklist.session.path
    away = folder.rename(folder.with_name("away"))
    drag(hands, POINTS[1], (80, 83), MOVED[1])
    place(hands.panel, (20, 20))  # begun, not completed
    hands.press(Qt.Key_N)
    hands.window.process(0.3)
    assert hands.name == name and "stay in the scene" in hands.message
    away.rename(folder)
    hands.go(hands.press, Qt.Key_N)
    assert hands.name != name
    hands.go(hands.press, Qt.Key_P)
    assert at(kept(hands), MOVED) and at(shown(hands), MOVED)


def test_points_that_could_not_be_written_come_back_when_the_session_is_opened_again(placed):
    hands, folder = placed, placed.worklist.session.path
    renamed = folder.rename(folder.with_name("renamed"))
    drag(hands, POINTS[1], (80, 83), MOVED[1])
    hands.close_without_saving()
    hands.rows.path.currentPath = str(renamed)
    QtTest.QTest.mouseClick(hands.rows.openButton, Qt.LeftButton)
    hands.panel.until(hands.is_there, 30)
    assert at(shown(hands), MOVED) and "is here again" in hands.message
    hands.go(hands.press, Qt.Key_N)
    hands.go(hands.press, Qt.Key_P)
    assert at(kept(hands), MOVED)


@pytest.mark.parametrize("act", ["turn", "remove"])
def test_whatever_a_session_taken_over_refuses_offers_to_take_it_over(placed, act):
    hands = placed
    with Session(hands.worklist.session.path, take_over=True, program="another application"):
        if act == "turn":
            hands.panel.segment.turning.box.setCurrentIndex(1)
        else:
            answer_by("Remove")
            QtTest.QTest.mouseClick(hands.section.removeButton, Qt.LeftButton)
        hands.window.process()
        assert "another application" in hands.message
        assert hands.rows.takeButton.isVisibleTo(hands.section.widget)


def test_a_point_dragged_out_of_the_image_stays_at_its_edge(placed):
    hands = placed
    _rows, columns = hands.panel.labels.shape
    hands.panel.view.pixels()
    drag(hands, POINTS[1], (70, columns - 2), (70, columns + 8))
    assert at(shown(hands), (POINTS[0], (70, columns - 1)), atol=1)
    assert at(kept(hands), (POINTS[0], (70, columns - 1)), atol=1)
    width = {name: value for name, value, _unit in hands.panel.measure.rows}["Heart width, by hand"]
    assert float(width) == pytest.approx(columns - 1 - POINTS[0][1], abs=1)
    drag(hands, (70, columns - 1), (75, 90), MOVED[1])
    assert at(kept(hands), MOVED), "it is there to be dragged back"


def test_undo_after_a_heart_point_was_dragged_puts_it_back_and_leaves_the_strokes(placed):
    hands = placed
    hands.paint((5, 5), (12, 12))
    painted = hands.panel.labels
    hands.panel.correct.editor.setActiveEffect(None)
    drag(hands, POINTS[1], (80, 83), MOVED[1])
    hands.paint((30, 5), (36, 12))
    both = hands.panel.labels
    hands.panel.correct.editor.setActiveEffect(None)
    control_z(hands)
    assert np.array_equal(hands.panel.labels, painted) and at(shown(hands), MOVED)
    control_z(hands)
    assert np.array_equal(hands.panel.labels, painted), "not the stroke from before"
    assert at(shown(hands), POINTS) and at(kept(hands), POINTS)
    control_y(hands)
    assert at(shown(hands), MOVED) and at(kept(hands), MOVED)
    control_y(hands)
    assert np.array_equal(hands.panel.labels, both) and at(shown(hands), MOVED)
    for _step in range(3):
        control_z(hands)
    assert at(shown(hands), POINTS) and not np.array_equal(hands.panel.labels, painted)
    control_z(hands)
    assert shown(hands) == kept(hands) == (), "and the points as they were placed"


def test_redo_begins_with_what_was_taken_back_last(placed):
    hands = placed
    before = hands.panel.labels
    control_z(hands)
    hands.paint((5, 5), (12, 12))
    painted = hands.panel.labels
    hands.panel.correct.editor.setActiveEffect(None)
    control_z(hands)
    assert np.array_equal(hands.panel.labels, before) and shown(hands) == ()
    control_y(hands)
    assert np.array_equal(hands.panel.labels, painted) and shown(hands) == (), "the stroke, not the points"
    control_z(hands)
    control_y(hands)
    assert np.array_equal(hands.panel.labels, painted)


def test_undo_brings_removed_points_back_and_gives_placing_up(placed):
    hands = placed
    press_remove(hands.panel, "Remove")
    control_z(hands)
    assert at(shown(hands), POINTS) and at(kept(hands), POINTS)
    place(hands.panel, (20, 20))
    control_z(hands)
    assert not hands.panel.measure.heartButton.checked and at(shown(hands), POINTS)


def test_undo_never_gives_a_reader_anothers_points(placed):
    hands = placed
    drag(hands, POINTS[1], (80, 83), MOVED[1])
    hands.read_as("Reader B")
    hands.window.process(0.3)
    control_z(hands)
    assert shown(hands) == kept(hands, "Reader B") == () and at(kept(hands), MOVED)
    hands.read_as("Reader A")
    hands.go(hands.press, Qt.Key_N)
    control_z(hands)
    assert shown(hands) == ()
    hands.go(hands.press, Qt.Key_P)
    assert at(shown(hands), MOVED) and at(kept(hands), MOVED)


def away(hands) -> None:
    hands.go(hands.press, Qt.Key_N)
    hands.go(hands.press, Qt.Key_P)


def test_points_are_as_they_were_left_when_their_image_comes_back(placed):
    """Placed; removed; brought back; removed, and this undone; undone and done again."""
    hands = placed
    away(hands)
    assert at(shown(hands), POINTS) and at(kept(hands), POINTS)
    press_remove(hands.panel, "Remove")
    away(hands)
    assert shown(hands) == kept(hands) == () and "Heart width" not in str(hands.panel.measure.rows)
    control_z(hands)
    assert shown(hands) == kept(hands) == (), "undo reaches no further back than to when it was opened"
    place(hands.panel, *POINTS)
    press_remove(hands.panel, "Remove")
    press_remove(hands.panel, "Bring back")
    away(hands)
    assert at(shown(hands), POINTS)
    press_remove(hands.panel, "Remove")
    control_z(hands)
    away(hands)
    assert at(shown(hands), POINTS) and at(kept(hands), POINTS)
    press_remove(hands.panel, "Remove")
    control_z(hands)
    control_y(hands)
    away(hands)
    assert shown(hands) == kept(hands) == ()


def test_points_removed_stay_removed_after_a_stroke_a_turn_and_when_the_session_is_opened_again(placed):
    hands, folder = placed, placed.worklist.session.path
    press_remove(hands.panel, "Remove")
    hands.paint((5, 5), (12, 12))
    hands.panel.correct.editor.setActiveEffect(None)
    hands.panel.segment.turning.box.setCurrentIndex(4)
    hands.panel.settle()
    assert shown(hands) == kept(hands) == ()
    hands.close()
    hands.open(folder)
    hands.panel.until(hands.is_there, 30)
    hands.panel.settle()
    assert shown(hands) == kept(hands) == ()
    hands.read_as("Reader B")
    hands.panel.settle()  # the model's mask is made anew for the turned image
    place(hands.panel, *MOVED)
    hands.read_as("Reader A")
    assert shown(hands) == () and at(kept(hands, "Reader B"), MOVED)
    hands.read_as("Reader B")
    hands.panel.settle()
    press_remove(hands.panel, "Remove")
    hands.read_as("Reader A")
    hands.panel.settle()
    hands.read_as("Reader B")
    assert hands.worklist.reader == "Reader B" and shown(hands) == kept(hands, "Reader B") == ()


def test_a_point_deleted_in_the_view_removes_the_width_for_good(placed):
    from CXRAdaINSegLib.scene.ChestLines import heartOf

    hands = placed
    heartOf(hands.panel.volume).RemoveNthControlPoint(1)  # as the view's own menu does
    hands.press(Qt.Key_N)  # before the panel has followed
    hands.panel.until(hands.is_there, 30)
    hands.panel.settle()
    hands.go(hands.press, Qt.Key_P)
    assert shown(hands) == kept(hands) == ()
