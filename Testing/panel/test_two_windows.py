"""Two windows on one session: one writes, the other says by whom the session is held, and can follow."""

from __future__ import annotations

import pytest
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
