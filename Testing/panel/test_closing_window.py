"""Closing the window asks about the masks that are nowhere saved, and about no others."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6 import QtCore, QtGui, QtTest, QtWidgets
from test_copies import add_button, saved_and_loaded

Qt = QtCore.Qt
STROKE = ((5, 40), (5, 60))


@pytest.fixture
def asked(window, monkeypatch):
    """The texts of the window's questions, each answered by Cancel."""
    import slicer
    from embedded_slicer.window import files

    texts: list[str] = []

    class Asks(files.ctkMessageBox):
        def exec(self):
            texts.append(self.text)
            return QtWidgets.QMessageBox.Cancel

    monkeypatch.setattr(files, "ctkMessageBox", Asks)
    monkeypatch.setattr(type(slicer.app), "testingEnabled", lambda self: False)
    return texts


def closes(hands) -> bool:
    """Whether the window, told to close, would."""
    event = QtGui.QCloseEvent()
    QtCore.QCoreApplication.sendEvent(hands.window.window, event)
    return event.isAccepted()


def painted(hands) -> np.ndarray:
    hands.paint(*STROKE)
    hands.panel.correct.widget.collapsed = True
    return hands.panel.labels


@pytest.mark.parametrize("way", ["goes on", "removes the radiograph"])
def test_masks_of_the_image_that_has_just_left_are_not_asked_about(hands, asked, way):
    import slicer

    key, labels, answers = hands.worklist.key, painted(hands), []
    if way == "goes on":
        hands.worklist.imageChanged.connect(lambda _: None if answers else answers.append(closes(hands)))
        hands.go(hands.press, Qt.Key_N)
    else:
        slicer.mrmlScene.RemoveNode(hands.panel.volume)
        answers.append(closes(hands))
    assert answers and all(answers) and not asked
    session = hands.worklist.session
    assert np.array_equal(session.mask(session.newest(key, "Reader A")), labels)


def test_of_a_session_opened_to_read_only_what_it_does_not_have_is_asked_about(hands, asked):
    folder = hands.worklist.session.path
    hands.close()
    hands.rows.path.currentPath = str(folder)
    hands.rows.open(write=False)
    hands.show(0)
    assert hands.panel.lungs and closes(hands) and not asked
    hands.window.process()
    painted(hands)
    assert not closes(hands) and hands.name in asked[0]


def test_masks_of_a_copy_that_the_session_has_are_not_asked_about(hands, asked, tmp_path):
    saved_and_loaded(hands, tmp_path / "scene.mrb")
    painted(hands)
    copy = hands.panel.segmentation
    assert not closes(hands) and copy.GetName() in asked.pop()
    hands.go(QtTest.QTest.mouseClick, add_button(hands), Qt.LeftButton)
    assert copy.GetScene() is not None and closes(hands) and not asked
    hands.panel.until(copy.GetSaveWithScene, 10)  # the window has stayed: all is as before


def test_closing_the_window_saves_the_session_and_does_not_ask_again(hands, asked):
    """But of masks that are in no session."""
    painted(hands)
    assert closes(hands) and not asked
    assert hands.newest().status == "corrected"
    hands.panel.until(hands.panel.segmentation.GetSaveWithScene, 10)  # the window stayed: all is as before
    hands.worklist.session.close()  # so that nothing can be saved
    hands.paint((9, 40), (9, 60))
    assert not closes(hands) and "have not been saved" in asked[0]
