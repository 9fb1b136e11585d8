"""Two windows on one session: one writes, the other says by whom the session is held, and can follow."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.imaging.lungs import are_sides_exchanged
from cxradain.imaging.turn import Turn
from cxradain.sessions.store import Session
from PySide6 import QtCore, QtTest
from PySide6.QtCore import Qt
from worklist_driver import sample_files, worklist


@pytest.fixture
def hands(window, tmp_path):
    with worklist(window) as hands:
        hands.create(tmp_path / "s")
        hands.add(*sample_files(2))
        hands.show(0)
        hands.panel.press_segment()
        yield hands
        hands.panel.correct.widget.collapsed = True


def press(button) -> None:
    QtTest.QTest.mouseClick(button, Qt.LeftButton)


def is_read_whole(hands) -> bool:
    """Whether all of the worklist's message can be seen without scrolling."""
    label = hands.section.message
    hands.window.process(0.05)
    place = label.parentWidget().parentWidget()  # the scroll area's viewport
    whole = QtCore.QRect(label.mapTo(place, QtCore.QPoint(0, 0)), label.size)
    return place.rect.contains(whole)


def test_who_has_the_session_is_read_at_once_and_not_below_a_hint(hands):
    folder = hands.worklist.session.path
    hands.close()
    with Session(folder, program="another application"):
        hands.open(folder)
        assert hands.worklist.session is None
        assert "another application (user" in hands.message and "open it here to read" in hands.message
        assert is_read_whole(hands)
        rows = hands.rows
        assert all(b.isVisibleTo(hands.section.widget) for b in (rows.takeButton, rows.readButton))


def test_one_who_reads_gets_the_session_once_the_other_has_closed_it(hands):
    folder = hands.worklist.session.path
    hands.close()
    with Session(folder, program="another application"):
        hands.open(folder)
        press(hands.rows.readButton)
        hands.panel.until(hands.is_there, 10)
        for key in (Qt.Key_A, Qt.Key_F, Qt.Key_D):
            hands.press(key)
            assert "opened to read" in hands.message and is_read_whole(hands)
        assert not hands.section.removeButton.enabled
    press(hands.rows.openButton)
    press(hands.rows.openButton)
    hands.panel.until(hands.is_there, 10)
    assert not hands.worklist.opened.onlyReads and not hands.message
    hands.press(Qt.Key_A)
    assert hands.newest().status == "approved"


def test_what_was_drawn_after_the_other_took_the_session_is_saved_on_taking_it_back(hands):
    folder, button = hands.worklist.session.path, hands.rows.takeButton
    hands.worklist.save()
    assert not button.isVisibleTo(hands.section.widget)
    with Session(folder, take_over=True, program="another application"):
        hands.paint((5, 40), (5, 60))
        labels = hands.panel.labels
        hands.press(Qt.Key_N)
        hands.window.process(0.2)
        assert hands.name == "image-0001" == hands.panel.volume.GetName()
        assert "taken over by another application (user" in hands.message
        assert "Take it over again to save your work" in hands.message
        assert button.isVisibleTo(hands.section.widget) and is_read_whole(hands)
        press(button)
        hands.window.process(0.2)
        assert not hands.message and not button.isVisibleTo(hands.section.widget)
        version = hands.newest()
        assert version.status == "corrected" and (hands.worklist.session.mask(version) == labels).all()
        hands.go(hands.press, Qt.Key_N)
    assert hands.name == "image-0002"


def placed(hands, points) -> None:
    from CXRAdaINSegLib.scene.ChestLines import setHeartPoints

    setHeartPoints(hands.panel.volume, points)


HERE, THERE = ((40.0, 20.0), (40.0, 60.0)), ((50.0, 30.0), (50.0, 90.0))


@pytest.mark.parametrize("stroke", [True, False])
@pytest.mark.parametrize("moved", [False, True])
def test_heart_points_of_the_other_window_are_kept_unless_they_were_moved_here_too(hands, stroke, moved):
    from CXRAdaINSegLib.scene.ChestLines import heartPoints

    session, key, reader = hands.worklist.session, hands.worklist.key, hands.worklist.reader
    placed(hands, HERE)
    assert hands.worklist.save()
    with Session(session.path, take_over=True, program="another application") as other:
        other.set_heart(key, reader, THERE)
    if stroke:
        hands.paint((5, 40), (5, 60))
    if moved:
        placed(hands, mine := ((41.0, 20.0), (41.0, 60.0)))
    hands.press(Qt.Key_A)
    hands.panel.until(lambda: hands.rows.takeButton.isVisibleTo(hands.section.widget), 10)
    press(hands.rows.takeButton)
    hands.window.process(0.2)
    expected = mine if moved else THERE
    assert heartPoints(hands.panel.volume) == expected
    assert hands.worklist.save() and hands.worklist.session.heart(key, reader) == expected
    assert ("heart points were changed in another window" in hands.message) == moved


def test_a_mask_that_only_the_other_window_changed_is_the_newest_after_taking_over(hands):
    from CXRAdaINSegLib.scene.ChestLines import heartPoints

    session, key, reader = hands.worklist.session, hands.worklist.key, hands.worklist.reader
    hands.paint((5, 40), (5, 60))
    hands.panel.correct.putToolDown()
    assert hands.worklist.save()
    with Session(session.path, take_over=True, program="another application") as other:
        erased = hands.panel.labels
        erased[: len(erased) // 2] = 0
        newest = other.add_mask(key, erased, reader, "corrected")
    placed(hands, HERE)
    hands.press(Qt.Key_N)
    hands.panel.until(lambda: hands.rows.takeButton.isVisibleTo(hands.section.widget), 10)
    press(hands.rows.takeButton)
    hands.window.process(0.2)
    assert hands.newest().id == newest.id and np.array_equal(hands.panel.labels, erased)
    assert heartPoints(hands.panel.volume) == HERE == hands.worklist.session.heart(key, reader)
    assert not hands.message


def test_a_readers_newest_mask_is_called_so_and_not_the_models(hands):
    session, key, reader = hands.worklist.session, hands.worklist.key, hands.worklist.reader
    hands.show(1)
    hands.show(0)
    with Session(session.path, take_over=True, program="another application") as other:
        erased = hands.panel.labels
        erased[: len(erased) // 2] = 0
        other.add_mask(key, erased, reader, "corrected")
    hands.show(0)
    assert np.array_equal(hands.panel.labels, erased)
    assert "image-0001: the newest mask by Reader A is shown." in hands.message


def upright_sides(hands) -> bool:
    """Whether the right lung is on the left of the image as it is turned in the view."""
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    return not are_sides_exchanged(turnOf(hands.panel.volume).apply(hands.panel.labels))


@pytest.mark.parametrize("stroke", [True, False])
def test_an_image_that_the_other_window_has_turned_is_turned_and_keeps_its_sides_on_taking_over(
    hands, stroke
):
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    session, key = hands.worklist.session, hands.worklist.key
    hands.paint((5, 40), (5, 60))
    hands.panel.correct.putToolDown()
    assert hands.worklist.save()
    with Session(session.path, take_over=True, program="another application") as other:
        other.set_turn(key, Turn(0, True))
    if stroke:
        hands.paint((9, 40), (9, 60))
        hands.panel.correct.putToolDown()
    hands.press(Qt.Key_A)
    hands.panel.until(lambda: hands.rows.takeButton.isVisibleTo(hands.section.widget), 10)
    press(hands.rows.takeButton)
    hands.window.process(0.2)
    assert turnOf(hands.panel.volume) == Turn(0, True) and upright_sides(hands)
    version, labels = hands.worklist.session.as_turned(hands.newest())
    assert np.array_equal(labels, hands.panel.labels) and version.status == "corrected"
    assert not are_sides_exchanged(Turn(0, True).apply(labels))


def test_a_window_that_reads_turns_the_image_as_the_other_has_and_shows_its_mask_on_its_sides(hands):
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    key, folder = hands.worklist.key, hands.worklist.session.path
    hands.paint((5, 40), (5, 60))
    hands.panel.correct.putToolDown()
    hands.close()
    with Session(folder, program="another application") as other:
        hands.open(folder)
        press(hands.rows.readButton)
        hands.panel.until(hands.is_there, 10)
        other.set_turn(key, Turn(0, True))
        _version, labels = other.as_turned(other.newest(key, "Reader A"))
        labels[: len(labels) // 2] = 0
        other.add_mask(key, labels, "Reader A", "approved")
        for place in (0, 1, 0):
            hands.show(place)
            if hands.name == "image-0001":
                assert turnOf(hands.panel.volume) == Turn(0, True) and upright_sides(hands)
                assert np.array_equal(hands.panel.labels, labels)
                assert hands.statuses["image-0001"] == "approved"


def test_strokes_on_an_image_that_the_other_window_has_removed_stay_in_the_scene_on_taking_over(hands):
    session, key = hands.worklist.session, hands.worklist.key
    with Session(session.path, take_over=True, program="another application") as other:
        other.remove_image(key)
    hands.paint((5, 40), (5, 60))
    labels = hands.panel.labels
    hands.press(Qt.Key_N)
    hands.panel.until(lambda: hands.rows.takeButton.isVisibleTo(hands.section.widget), 10)
    press(hands.rows.takeButton)
    hands.window.process(0.2)
    assert hands.worklist.session.token and "stays in the scene" in hands.message
    assert np.array_equal(hands.panel.labels, labels)
    hands.add(sample_files(2)[0])
    assert hands.worklist.save() and np.array_equal(hands.worklist.session.mask(hands.newest()), labels)
