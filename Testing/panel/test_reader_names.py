"""Who reads: the session's readers are offered, and a name is not another one by capitals or blanks."""

from __future__ import annotations

import pytest
from PySide6 import QtCore, QtTest, QtWidgets
from worklist_driver import worklist

Qt = QtCore.Qt


def enter(hands, name: str) -> None:
    """Type a name over what is there, and press Return."""
    edit = hands.rows.readerEdit
    QtTest.QTest.mouseClick(edit, Qt.LeftButton)
    edit.selectAll()
    QtTest.QTest.keyClicks(edit, name)
    QtTest.QTest.keyClick(edit, Qt.Key_Return)
    hands.window.process()


def offered(hands) -> list[str]:
    box = hands.rows.readerBox
    return [box.itemText(index) for index in range(box.count)]


def test_the_sessions_readers_are_offered_and_chosen_from_the_list(hands):
    hands.press(Qt.Key_A)
    enter(hands, "Reader B")
    assert offered(hands) == ["Reader A"] and hands.rows.readerEdit.text == "Reader B"
    hands.press(Qt.Key_A)
    box = hands.rows.readerBox
    box.showPopup()
    view = box.view()
    QtTest.QTest.mouseClick(
        view.viewport(), Qt.LeftButton, pos=view.visualRect(box.model().index(0, 0)).center()
    )
    hands.window.process(0.5)
    assert hands.worklist.reader == hands.rows.readerEdit.text == "Reader A"
    assert offered(hands) == ["Reader A", "Reader B"]
    assert hands.window.window.focusWidget() is None, "the next keys are not typed into the name"
    hands.close()
    assert offered(hands) == [] and hands.rows.readerEdit.text == "Reader A"


@pytest.mark.parametrize("name", ["Reader A", "reader b"])
def test_return_in_an_open_list_of_completions_ends_typing_too(hands, name):
    """A list that is open has the keys: it hands them on, and gives the box the focus when it closes."""
    hands.press(Qt.Key_A)
    hands.read_as("Reader B")
    hands.press(Qt.Key_A)
    hands.read_as("Reader A")
    edit = hands.rows.readerEdit
    QtTest.QTest.mouseClick(edit, Qt.LeftButton)
    edit.selectAll()
    for letter in name:
        QtTest.QTest.keyClicks(QtWidgets.QApplication.activePopupWidget() or edit, letter)
        hands.window.process(0.05)
    QtTest.QTest.keyClick(QtWidgets.QApplication.activePopupWidget(), Qt.Key_Return)
    hands.window.process(0.3)
    assert hands.worklist.reader.lower() == name.lower()
    assert QtWidgets.QApplication.focusWidget() is None, "the next keys are not typed into the name"


@pytest.mark.parametrize("name", ["reader a", " Reader A", "READER A ", "reader  a"])
def test_another_spelling_is_no_other_reader(hands, name):
    hands.press(Qt.Key_A)
    enter(hands, "Reader B")
    enter(hands, name)
    assert hands.worklist.reader == hands.rows.readerEdit.text == "Reader A"
    assert "Reader A is one of the session's readers already" in hands.message
    assert hands.statuses["image-0001"] == "approved"


@pytest.mark.parametrize(
    "name, problem", [("model", "cannot be called"), ("Model ", "cannot be called"), ("A\u200b", "printable")]
)
def test_an_unfit_name_is_refused(hands, name, problem):
    hands.read_as(name)
    assert hands.worklist.reader == hands.rows.readerEdit.text == "Reader A"
    assert problem in hands.message


def test_a_new_reader_of_a_session_is_told_as_a_name_may_be_misspelt(hands):
    enter(hands, "Reader A")
    assert hands.message == "", "nobody has read it yet"
    hands.press(Qt.Key_A)
    enter(hands, "Reader Ad")
    assert hands.worklist.reader == "Reader Ad" and "Reader Ad is a new reader" in hands.message
    enter(hands, "Reader A")
    hands.panel.until(lambda: hands.message == "", 2)
    assert hands.worklist.reader == "Reader A"


def test_what_was_offered_while_a_name_was_typed_goes_with_return(hands):
    """While it is open it takes what the view is clicked for."""
    hands.press(Qt.Key_A)
    enter(hands, "reader")
    assert QtWidgets.QApplication.activePopupWidget() is None


def test_a_session_that_is_opened_has_the_spelling_of_its_readers(hands):
    hands.press(Qt.Key_A)
    folder = hands.worklist.session.path
    hands.close()
    enter(hands, "READER a")
    assert hands.worklist.reader == "READER a" and offered(hands) == []
    hands.go(hands.open, folder)
    assert hands.worklist.reader == hands.rows.readerEdit.text == "Reader A"
    assert "Reader A is one of the session's readers already" in hands.message
    assert hands.statuses["image-0001"] == "approved"


def test_a_name_that_was_kept_by_an_older_program_is_refused(window, monkeypatch):
    from CXRAdaINSegLib.sections import SessionRows

    monkeypatch.setattr(SessionRows, "setting", lambda name: "Model")
    assert SessionRows.firstReader() == "reader"
    with worklist(window) as hands:
        enter(hands, "")
        assert hands.worklist.reader not in ("", "Model")


def test_a_name_that_is_entered_while_the_model_works_is_taken_once_it_has_answered(hands):
    """What follows would be kept under the former reader's name."""
    QtTest.QTest.mouseClick(hands.panel.segment.clickButton, Qt.LeftButton)
    hands.panel.view.clickIjk(10, 25)
    assert hands.panel.segmenting.busy
    enter(hands, "Reader B")
    hands.press(Qt.Key_F)
    assert hands.worklist.reader == "Reader A" and "once the model has answered" in hands.message
    hands.panel.settle()
    hands.panel.until(lambda: hands.worklist.reader == "Reader B", 30)
    assert hands.rows.readerEdit.text == "Reader B" and hands.message == ""
    versions = [
        (v.reader, v.status) for v in hands.worklist.session.versions() if v.reader.startswith("Reader")
    ]
    assert versions == [("Reader A", "corrected"), ("Reader B", "flagged")]


def test_a_mask_that_comes_with_another_reader_is_looked_at_before_it_is_approved(hands):
    """The click on Approve also ends the typing of the name, which shows that reader's mask."""
    hands.press(Qt.Key_A)
    hands.paint((5, 20), (5, 30))
    hands.press(Qt.Key_A)
    edit = hands.rows.readerEdit
    QtTest.QTest.mouseClick(edit, Qt.LeftButton)
    edit.selectAll()
    QtTest.QTest.keyClicks(edit, "Reader B")
    QtTest.QTest.mouseClick(hands.section.reading.buttons["A"], Qt.LeftButton)
    hands.window.process()
    assert hands.worklist.reader == "Reader B" and "Not approved" in hands.message
    assert not [v for v in hands.worklist.session.versions() if v.reader == "Reader B"]
    hands.window.process(1.1)
    hands.press(Qt.Key_A)
    assert hands.newest().status == "approved"
