"""Segmenting a session in the background: all of it, and the next image beforehand."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from cxradain.sessions.records import MODEL
from module_panel import answer_by, child_process
from PySide6 import QtCore, QtTest
from worklist_driver import filled, worklist

Qt = QtCore.Qt


@pytest.fixture
def hands(window):
    with worklist(window) as hands:
        yield hands


def test_segment_all_makes_missing_masks_and_shows_progress(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.show(0)
    hands.press(Qt.Key_A)
    texts = hands.segment_all()
    assert "Images segmented: 5 of 5" in hands.message, "of which the reader has an own one, none"
    assert any("left" in text for text in texts)
    assert hands.statuses == {"image-0001": "approved"} | {f"image-000{n}": "auto" for n in range(2, 7)}
    version = hands.worklist.session.versions(hands.table.model.keyAt(5))[0]
    assert (version.reader, version.status, version.mode) == (MODEL, "auto", "student")
    assert (version.model_id, version.model_hash) == ("stand-in 1", "0" * 64)
    hands.segment_all()
    assert "already" in hands.message


def test_an_empty_session_is_called_so(hands, tmp_path):
    hands.create(tmp_path / "s")
    hands.segment_all()
    assert "no radiographs yet" in hands.message


@pytest.mark.parametrize("place", [0, 4])
def test_segment_all_passes_over_an_image_that_was_removed_meanwhile(hands, tmp_path, place):
    """Place 0: while the model segments it; 4: before it is read."""
    hands.open(filled(tmp_path / "s"))
    hands.window.process()
    QtTest.QTest.mouseClick(hands.jobs.allButton, Qt.LeftButton)
    hands.panel.engine.answer()  # which model it is
    hands.panel.until(lambda: bool(hands.panel.engine.asked), 30)
    waiting, hands.panel.engine.asked = hands.panel.engine.asked, []
    row = hands.table.view.visualRect(hands.table.model.index(place, 0)).center()
    hands.go(QtTest.QTest.mouseClick, hands.table.view.viewport(), Qt.LeftButton, Qt.NoModifier, row)
    answer_by("Remove")
    QtTest.QTest.mouseClick(hands.section.removeButton, Qt.LeftButton)
    assert len(hands.statuses) == 5
    hands.panel.engine.asked += waiting

    def ended() -> bool:
        hands.panel.engine.answer()
        return not hands.jobs.segmentAll.running

    hands.panel.until(ended, 60)
    assert "Images segmented: 5 of 5" in hands.message
    assert set(hands.statuses.values()) == {"auto"}


def test_segment_all_includes_the_current_image(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.show(5)
    assert hands.panel.segmentation is None
    hands.segment_all()
    hands.panel.settle()
    assert hands.panel.lungs == (1, 2) and not hands.worklist.isModified()


def test_segmenting_is_cancelled_and_goes_on_when_the_engine_fails(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.jobs.allButton.click()
    hands.panel.engine.answer()  # which model it is
    hands.panel.until(lambda: bool(hands.panel.engine.asked), 30)
    hands.jobs.cancelButton.click()
    assert "Cancelled" in hands.message and not hands.shows(hands.jobs.cancelButton)
    hands.jobs.allButton.click()
    hands.panel.engine.answer()
    hands.panel.until(lambda: bool(hands.panel.engine.asked), 30)
    hands.panel.engine.fail("The engine ended unexpectedly (exit code 1).", "gone")
    assert "ended unexpectedly" in hands.message and not hands.jobs.segmentAll.running
    hands.segment_all()
    assert set(hands.statuses.values()) == {"auto"}


def test_the_next_image_is_read_and_segmented_beforehand(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.show(3)
    following = hands.table.model.keyAt(4)
    hands.panel.until(lambda: hands.worklist.readAhead.has(following) and bool(hands.panel.engine.asked), 30)

    def made() -> bool:
        hands.panel.engine.answer()
        return hands.statuses["image-0005"] == "auto"

    hands.panel.until(made, 30)
    worker, read = hands.worklist.opened.worker, []
    request = worker.request

    def requested(*arguments, **fields):
        read.append(fields.get("key"))
        return request(*arguments, **fields)

    with patch.object(worker, "request", requested):
        hands.go(hands.section.next)
    assert hands.name == "image-0005" and following not in read, "it is there at once"
    assert hands.panel.lungs == (1, 2)


def test_where_no_engine_runs_none_is_started_for_the_next_image(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.panel.engine.state = "off"
    hands.show(3)
    following = hands.table.model.keyAt(4)
    hands.panel.until(lambda: hands.worklist.readAhead.has(following), 30)
    assert hands.panel.engine.asked == []


def test_the_worker_that_is_killed_costs_one_try(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.show(0)
    worker, ended = child_process("--sessions"), []
    worker.connect("destroyed()", lambda: ended.append(True))
    worker.kill()
    hands.panel.until(lambda: ended, 30)
    hands.worklist.readAhead.forget()
    hands.go(hands.section.next)
    assert hands.name == "image-0002"
