"""Masks that cannot be written: full disks, sessions taken over or moved, scenes closed; nothing is lost."""

from __future__ import annotations

import errno

import numpy as np
import pytest
from cxradain.sessions.records import MODEL, NotSaved
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from module_panel import answer_by, chest
from PySide6 import QtCore, QtGui, QtTest, QtWidgets
from test_mask_versions import corner, hands, made
from worklist_driver import sample_files, worklist

Qt = QtCore.Qt

__all__ = ["hands", "made"]


def test_a_mask_that_cannot_be_saved_stays_in_the_scene(hands, monkeypatch):
    def refuse(*arguments, **options):
        raise NotSaved("The mask was not saved: No space left on device. Make room and save again.")

    hands.paint(*corner(hands))
    painted, name = hands.panel.labels, hands.name
    with monkeypatch.context() as patched:
        patched.setattr(hands.worklist.session, "add_mask", refuse)
        hands.section.next()
        hands.window.process(0.3)
        assert "No space left" in hands.message and "stays in the scene" in hands.message
        assert hands.name == name and np.array_equal(hands.panel.labels, painted)
    hands.go(hands.section.next)
    assert hands.statuses["image-0001"] == "corrected" and hands.message == ""


def test_a_full_disk_is_reported_and_approving_again_saves(hands, monkeypatch):
    from cxradain.sessions import store

    def full(path, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    hands.paint(*corner(hands))
    with monkeypatch.context() as patched:
        patched.setattr(store, "write_durably", full)
        hands.press(Qt.Key_A)
        assert "not saved" in hands.message and hands.statuses["image-0001"] == "auto"
    hands.press(Qt.Key_A)
    assert hands.statuses["image-0001"] == "approved"


def test_an_unsaved_mask_is_restored_after_the_scene_was_closed(hands, monkeypatch):
    import slicer

    def refuse(*arguments, **options):
        raise NotSaved("The mask was not saved.")

    hands.paint(*corner(hands))
    painted = hands.panel.labels
    with monkeypatch.context() as patched:
        patched.setattr(hands.worklist.session, "add_mask", refuse)
        slicer.mrmlScene.Clear(0)
    hands.window.process()
    assert "kept in memory" in hands.message
    hands.show(0)
    assert np.array_equal(hands.panel.labels, painted)
    assert hands.worklist.save()
    version = hands.newest()
    assert (version.status, version.tools, version.model_id) == ("corrected", ("Paint",), "stand-in 1")


def test_a_models_mask_that_could_not_be_saved_is_still_the_models(window, tmp_path, monkeypatch):
    """It would count as a reader's correction, and be trained on."""
    with Session.create(tmp_path / "session") as session:
        for path in sample_files(2):
            add_file(session, path)

    def refuse(*arguments, **options):
        raise NotSaved("The mask was not saved.")

    with worklist(window) as hands:
        hands.open(tmp_path / "session")
        hands.show(0)
        hands.panel.press_segment()
        hands.panel.settle()
        with monkeypatch.context() as patched:
            for name in ("add_mask", "add_model_mask"):
                patched.setattr(hands.worklist.session, name, refuse)
            hands.press(Qt.Key_N)
            assert "stays in the scene" in hands.message
            assert not hands.worklist.close()
        hands.open(tmp_path / "session")
        hands.show(0)
        assert hands.panel.labels.any()
        hands.go(hands.section.next)
        (version,) = hands.worklist.session.versions()
    assert (version.reader, version.status, version.model_id) == (MODEL, "auto", "stand-in 1")


def test_a_session_taken_over_is_reported_and_can_be_taken_back(hands):
    hands.paint(*corner(hands))
    painted = hands.panel.labels
    with Session(hands.worklist.session.path, take_over=True, program="another application"):
        hands.worklist.autosave()
        assert "another application" in hands.message and "to save your work" in hands.message
        assert hands.rows.takeButton.isVisibleTo(hands.section.widget)
        hands.rows.takeButton.click()
        hands.window.process()
        assert not hands.rows.takeButton.isVisibleTo(hands.section.widget)
    assert np.array_equal(hands.panel.labels, painted)
    assert hands.newest().status == "corrected", "what was in the scene has been kept by now"


def test_what_was_painted_comes_back_with_a_session_whose_folder_was_renamed(hands):
    folder = hands.worklist.session.path
    hands.show(1)
    hands.paint(*corner(hands))
    painted, renamed = hands.panel.labels, folder.with_name("renamed")
    folder.rename(renamed)
    hands.press(Qt.Key_N)
    assert hands.name == "image-0002" and "Open the session again" in hands.message
    hands.close_without_saving()
    hands.read_as("Reader B")
    hands.open(renamed)
    hands.show(1)
    assert not np.array_equal(hands.panel.labels, painted), "not another reader's"
    hands.close()
    hands.read_as("Reader A")
    hands.rows.path.currentPath = str(renamed)
    QtTest.QTest.mouseClick(hands.rows.openButton, Qt.LeftButton)
    hands.panel.until(hands.is_there, 30)
    assert hands.name == "image-0002" and np.array_equal(hands.panel.labels, painted)
    assert "is here again" in hands.message
    hands.go(hands.press, Qt.Key_N)
    (version,) = [each for each in hands.worklist.session.versions() if each.reader == "Reader A"]
    assert version.status == "corrected"
    assert np.array_equal(hands.worklist.session.mask(version), painted)


def test_closing_asks_each_time_before_it_leaves_unsaved_what_cannot_be_saved(hands, monkeypatch):
    def refuse(*arguments, **options):
        raise NotSaved("The mask was not saved.")

    folder = hands.worklist.session.path
    hands.paint(*corner(hands))
    painted = hands.panel.labels
    monkeypatch.setattr(hands.worklist.session, "add_mask", refuse)
    for _question in range(2):
        answer_by("Keep open")
        QtTest.QTest.mouseClick(hands.rows.openButton, Qt.LeftButton)
        assert hands.worklist.session is not None and "The mask was not saved." in hands.message
    answer_by("Close without saving")
    QtTest.QTest.mouseClick(hands.rows.openButton, Qt.LeftButton)
    assert hands.worklist.session is None and hands.panel.lungs == (1, 2), "the mask stays in the scene"
    hands.open(folder)
    hands.show(0)
    assert np.array_equal(hands.panel.labels, painted), "and is here again with the session"


def close_scene(hands) -> list[str]:
    """Close the scene by the File menu; the texts of the questions asked, each answered by Cancel."""
    asked: list[str] = []

    def cancel() -> None:
        box = QtWidgets.QApplication.activeModalWidget()
        if box is not None:
            asked.append(box.text)
            box.reject()

    timer = QtCore.QTimer(interval=100)
    timer.timeout.connect(cancel)
    timer.start()
    hands.window.window.findChild(QtGui.QAction, "CloseSceneAction").trigger()
    hands.window.process()
    timer.stop()
    return asked


@pytest.mark.parametrize("painted", [False, True])
def test_closing_the_scene_keeps_a_sessions_masks_without_asking_and_what_was_approved(hands, painted):
    import slicer

    hands.paint(*corner(hands))
    hands.press(Qt.Key_A)
    session, key = hands.worklist.session, hands.worklist.key
    assert session.newest(key, "Reader A").status == "approved"
    if painted:
        hands.paint(*(((row + 9, column)) for row, column in corner(hands)))
    labels, count = hands.panel.labels, len(session.versions(key))
    assert close_scene(hands) == [] and not slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    newest = session.newest(key, "Reader A")
    assert np.array_equal(session.mask(newest), labels)
    assert (newest.status, len(session.versions(key)) - count) == (
        ("corrected", 1) if painted else ("approved", 0)
    )


def test_closing_the_scene_asks_for_masks_that_the_session_does_not_keep(hands, monkeypatch):
    def refuse(*arguments, **options):
        raise NotSaved("The mask was not saved.")

    hands.paint(*corner(hands))
    painted = hands.panel.labels
    monkeypatch.setattr(hands.worklist.session, "add_mask", refuse)
    (question,) = close_scene(hands)
    assert "have not been saved" in question and np.array_equal(hands.panel.labels, painted)
    monkeypatch.undo()
    folder = hands.worklist.session.path
    hands.close()
    hands.panel.add_pixels(chest(), "outside the session")
    hands.panel.press_segment()
    (question,) = close_scene(hands)
    assert "outside the session" in question and hands.panel.lungs
    hands.open(folder)
    hands.show(1)
    (question,) = close_scene(hands)
    assert "outside the session" in question and hands.name not in question
