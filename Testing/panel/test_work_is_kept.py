"""What a reader has approved or corrected loses that to nothing that is added to the session again."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.sessions.store import Session
from module_panel import answer_by, chest
from PIL import Image as Picture
from PySide6 import QtCore, QtTest
from test_copies import add_button, composite, saved_and_loaded
from worklist_driver import worklist

Qt = QtCore.Qt
STROKE = ((10, 20), (10, 60))


@pytest.fixture
def approved(hands, tmp_path):
    """The copy of a radiograph in the view, with the model's mask; the session's mask is approved."""
    saved_and_loaded(hands, tmp_path / "scene.mrb")
    copy = hands.panel.volume
    hands.show(0)
    hands.paint(*STROKE)
    hands.panel.correct.widget.collapsed = True
    hands.press(Qt.Key_A)
    assert hands.statuses["image-0001"] == "approved"
    version = hands.newest()
    composite().SetBackgroundVolumeID(copy.GetID())
    hands.panel.settle()
    assert hands.panel.volume is copy and hands.panel.lungs
    return version


def click_add(hands) -> None:
    QtTest.QTest.mouseClick(add_button(hands), Qt.LeftButton)
    hands.panel.settle()


def is_as_it_was(hands, version) -> bool:
    newest = hands.worklist.session.newest(version.image, "Reader A")
    return newest == version and hands.statuses["image-0001"] == "approved"


def test_the_models_mask_on_a_copy_takes_no_approval(approved, hands):
    click_add(hands)
    assert is_as_it_was(hands, approved) and hands.panel.volume is hands.worklist.current.volume
    assert "in the session already" in hands.message and not hands.worklist.isModified()


@pytest.mark.parametrize("answer", ["Keep", "Replace"])
def test_strokes_on_a_copy_replace_what_was_approved_only_when_the_reader_says_so(approved, hands, answer):
    hands.paint((60, 20), (60, 60))
    painted = hands.panel.labels
    answer_by(answer)
    click_add(hands)
    if answer == "Keep":
        assert is_as_it_was(hands, approved)
        assert np.array_equal(hands.panel.labels, painted), "and the copy stays in the view"
        return
    newest = hands.worklist.session.newest(approved.image, "Reader A")
    assert np.array_equal(hands.worklist.session.mask(newest), painted) and newest.status == "corrected"
    assert approved in hands.worklist.session.versions(approved.image)
    click_add(hands)
    assert hands.worklist.session.newest(approved.image, "Reader A") == newest


def test_files_that_are_added_again_leave_every_status_and_say_so(window, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(2):
        Picture.fromarray((chest() // 16 + seed).astype(np.uint8)).save(folder / f"{seed}.png")
    with worklist(window) as hands:
        hands.create(tmp_path / "session", kind=1)
        hands.add(folder)
        hands.show(1)
        hands.panel.press_segment()
        hands.press(Qt.Key_A)
        hands.show(0)
        before = hands.statuses
        assert before["1.png"] == "approved"
        hands.drop(folder)
        hands.panel.until(lambda: "In the session already" in hands.message, 60)
        assert "as they were: 2." in hands.message and hands.name == "0.png" and hands.statuses == before
        hands.drop(folder / "1.png")
        hands.panel.until(lambda: hands.is_there() and hands.name == "1.png", 60)
        hands.panel.settle()
        assert hands.message.startswith("In the session already, with its masks") and hands.statuses == before
        assert hands.panel.volume is hands.worklist.current.volume


def test_segment_all_leaves_what_was_approved(approved, hands):
    hands.segment_all()
    assert is_as_it_was(hands, approved)


def test_a_session_taken_back_shows_what_was_approved_meanwhile(hands):
    """The mask that was shown here before was saved over it."""
    key = hands.worklist.key
    with Session(hands.worklist.session.path, take_over=True, program="another window") as session:
        version = session.set_status(session.newest(key), "Reader A", "approved")
        labels = np.zeros((120, 100), np.uint8)
        labels[20:40, 20:40] = 1
        version = session.add_mask(key, labels, "Reader A", "approved")
    hands.press(Qt.Key_A)
    assert "taken over" in hands.message
    hands.rows.takeButton.click()
    hands.panel.settle()
    assert hands.newest() == version and hands.statuses["image-0001"] == "approved"
    assert np.array_equal(hands.panel.labels, labels)
