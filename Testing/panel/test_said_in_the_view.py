"""What concerns the image in the view is said there, where the reader looks, and no work is lost without a
word; by mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.sessions.records import NotSaved
from module_panel import answer_by
from PySide6 import QtCore, QtGui, QtTest
from test_heart import place

Qt = QtCore.Qt
STROKE = ((5, 40), (5, 60))


def lines(hands) -> list[str]:
    return hands.panel.widget.viewLabels.text.lines


def said(hands) -> str:
    """What the view says, however its lines are broken."""
    return " ".join(lines(hands))


def type_reader(hands, name: str) -> None:
    edit = hands.rows.readerEdit
    edit.setFocus()
    edit.selectAll()
    QtTest.QTest.keyClicks(edit, name)
    QtTest.QTest.keyClick(edit, Qt.Key_Return)


def close_session(hands) -> None:
    QtTest.QTest.mouseClick(hands.rows.openButton, Qt.LeftButton)


def activate(hands) -> None:
    """After a question; without a window manager no window is active then, and keys reach none."""
    hands.window.window.activateWindow()
    hands.panel.until(lambda: hands.window.window.isActiveWindow, 10)


@pytest.fixture
def read_only(hands):
    folder = hands.worklist.session.path
    hands.close()
    hands.rows.path.currentPath = str(folder)
    hands.rows.open(write=False)
    hands.show(0)
    yield hands
    hands.panel.correct.widget.collapsed = hands.panel.measure.widget.collapsed = True


def test_a_session_opened_to_read_says_in_the_view_that_strokes_are_not_kept(read_only):
    assert "opened to read: strokes and points are not kept" in lines(read_only)
    read_only.go(read_only.press, Qt.Key_N)
    assert read_only.name == "image-0002", "without a question where nothing was changed"


@pytest.mark.parametrize("way", ["next", "reader", "close"])
@pytest.mark.parametrize("work", ["stroke", "heart"])
def test_changes_that_are_not_kept_are_not_left_without_a_question(read_only, work, way):
    hands = read_only
    if work == "stroke":
        hands.paint(*STROKE)
        hands.panel.correct.putToolDown()
    else:
        hands.panel.measure.widget.collapsed = False
        place(hands.panel, (60, 30), (70, 80))

    def leave() -> None:
        if way == "next":
            hands.press(Qt.Key_N)
        elif way == "reader":
            type_reader(hands, "Reader B")
        else:
            close_session(hands)

    before = hands.panel.labels
    answer_by("Stay")
    leave()
    hands.window.process(0.1)
    assert hands.name == "image-0001" and np.array_equal(hands.panel.labels, before)
    assert hands.worklist.losesWork() and hands.worklist.reader == hands.rows.readerEdit.text == "Reader A"
    activate(hands)
    answer_by("Lose them")
    leave()
    hands.panel.until(lambda: not hands.worklist.losesWork(), 10)
    if way == "next":
        hands.panel.until(lambda: hands.is_there() and hands.name == "image-0002", 30)
    assert way != "reader" or hands.worklist.reader == "Reader B"
    assert way != "close" or hands.worklist.session is None


def test_what_a_key_refuses_is_read_in_the_view_until_the_next_one(hands):
    hands.show(4)
    for key in (Qt.Key_A, Qt.Key_D):
        hands.press(key)
        assert "no mask to approve" in said(hands) and lines(hands)[-1] == "unlabelled"
    hands.go(hands.press, Qt.Key_P)
    assert "no mask" not in said(hands)
    hands.show(5)
    hands.press(Qt.Key_N)
    assert "last image" in said(hands)
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    assert "Nothing to undo" in said(hands)
    QtTest.QTest.mouseClick(hands.panel.segment.segmentButton, Qt.LeftButton)
    hands.press(Qt.Key_F)
    assert "once the model has answered" in said(hands)
    hands.panel.settle()
    hands.panel.until(lambda: hands.statuses["image-0006"] == "flagged", 10)
    assert "answered" not in said(hands)


def test_a_mask_that_cannot_be_saved_is_read_in_the_view_for_some_seconds(hands, monkeypatch):
    def refuse(*_arguments, **_options):
        raise NotSaved("The disk is full.")

    hands.paint(*STROKE)
    hands.panel.correct.putToolDown()
    with monkeypatch.context() as patch:
        patch.setattr(hands.worklist.session, "add_mask", refuse)
        patch.setattr(hands.worklist.session, "add_model_mask", refuse)
        hands.press(Qt.Key_N)
        assert hands.name == "image-0001" and "The disk is full. The mask stays" in said(hands)
        assert max(map(len, lines(hands))) < 60
        fading = hands.panel.widget.viewLabels.fading
        stays = fading.interval
        fading.start(1)
        hands.window.process(0.1)
        fading.setInterval(stays)
        assert "disk" not in said(hands) and "disk" in hands.message
    hands.panel.correct.widget.collapsed = True


def test_the_view_says_that_a_mask_has_unsaved_strokes(hands):
    assert "auto (model)" in lines(hands)
    hands.paint(*STROKE)
    hands.panel.correct.putToolDown()
    assert "auto (model), changed" in lines(hands)
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    hands.panel.settle()
    assert "auto (model)" in lines(hands), "taken back"
    hands.paint(*STROKE)
    hands.worklist.save()
    assert "corrected (Reader A)" in lines(hands)
    hands.panel.correct.widget.collapsed = True


@pytest.mark.parametrize("way", ["next", "reader", "close", "window"])
def test_an_outline_that_is_not_closed_is_not_dropped_without_a_word(hands, way):
    hands.panel.view.pixels()
    hands.panel.take("Draw")
    for corner in ((5, 5), (5, 30), (30, 30)):
        hands.panel.view.clickIjk(*corner)
    before, reader = hands.panel.labels, hands.worklist.reader
    if way == "next":
        hands.press(Qt.Key_N)
    elif way == "reader":
        type_reader(hands, "Reader B")
    elif way == "close":
        close_session(hands)
    else:
        event = QtGui.QCloseEvent()
        QtCore.QCoreApplication.sendEvent(hands.window.window, event)
        assert not event.isAccepted()
    hands.window.process(0.1)
    assert "outline is not closed" in said(hands) and hands.name == "image-0001"
    assert hands.worklist.reader == hands.rows.readerEdit.text == reader
    hands.panel.view.clickIjk(10, 20, button=Qt.RightButton)
    hands.panel.settle()
    assert hands.panel.labels[10, 20] and not before[10, 20], "it could be finished"
    hands.panel.correct.widget.collapsed = True


@pytest.fixture
def flagged(hands):
    """The first image flagged by Reader A, as Reader B comes to it."""
    hands.press(Qt.Key_F)
    type_reader(hands, "Reader B")
    return hands


def test_another_readers_flag_is_seen_in_the_list_and_in_the_view(flagged):
    table = flagged.table
    status = table.model.index(0, 1)
    assert table.model.data(status) == "◐ auto ⚑" and "Flagged by Reader A" in table.model.data(status, 3)
    assert "Flagged by Reader A." in lines(flagged)
    assert flagged.table.view.fontMetrics().horizontalAdvance("◐ auto ⚑") < table.view.columnWidth(1)
    QtTest.QTest.keyClicks(table.textEdit, "Reader A")
    assert list(flagged.statuses) == ["image-0001"]
    table.textEdit.text = ""
    type_reader(flagged, "Reader A")
    assert table.model.data(status) == "⚑ flagged" and "Flagged by" not in said(flagged), "it is their own"


def test_approving_what_another_reader_has_flagged_is_asked_about(flagged, monkeypatch):
    from CXRAdaINSegLib import Widgets

    answer_by("Go back")
    flagged.press(Qt.Key_A)
    assert flagged.statuses["image-0001"] == "auto"
    activate(flagged)
    answer_by("Approve")
    flagged.press(Qt.Key_A)
    assert flagged.statuses["image-0001"] == "approved"
    activate(flagged)
    monkeypatch.setattr(Widgets, "confirm", lambda *_: pytest.fail("it was answered"))
    flagged.press(Qt.Key_A)
    flagged.go(flagged.press, Qt.Key_N)
    flagged.press(Qt.Key_A)
    assert flagged.statuses["image-0002"] == "approved", "which nobody has flagged"
