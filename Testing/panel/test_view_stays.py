"""The view stays with the radiograph that the reader asked for last, whatever arrives later; by mouse and
keys."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
from PIL import Image as Picture
from PySide6 import QtCore, QtTest, QtWidgets
from test_right_image import composite, highlighted, other_volume

Qt = QtCore.Qt


def press_segment_all(hands) -> None:
    QtTest.QTest.mouseClick(hands.jobs.allButton, Qt.LeftButton)
    assert hands.jobs.segmentAll.running


def end_segment_all(hands) -> None:
    def ended() -> bool:
        hands.panel.engine.answer()
        return not hands.jobs.segmentAll.running

    hands.panel.until(ended, 60)
    hands.panel.settle()
    hands.window.process(0.2)


def open_file(hands, path, monkeypatch) -> None:
    """By Add images... and its dialog."""
    monkeypatch.setattr(QtWidgets.QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    QtTest.QTest.mouseClick(hands.panel.segment.input.addButton, Qt.LeftButton)


def is_shown(hands, name: str) -> bool:
    """Whether it is in the view and the panel's."""
    volume = hands.panel.volume
    background = composite().GetBackgroundVolumeID()
    return volume is not None and volume.GetName() == name and volume.GetID() == background


@pytest.fixture
def loose_file(tmp_path):
    """A radiograph's file from outside the session."""
    path = tmp_path / "second.png"
    Picture.fromarray(np.random.default_rng(9).integers(0, 255, (150, 140), np.uint8)).save(path)
    return path


@pytest.mark.parametrize("way", ["Add images...", "in the view"])
def test_segment_all_does_not_bring_its_image_back_over_a_file_that_was_opened(
    hands, loose_file, monkeypatch, way
):
    hands.show(5)
    press_segment_all(hands)
    if way == "Add images...":
        open_file(hands, loose_file, monkeypatch)
        hands.panel.until(lambda: is_shown(hands, "second"), 30)
    else:
        composite().SetBackgroundVolumeID(other_volume().GetID())
        hands.window.process()
    QtTest.QTest.mouseClick(hands.panel.segment.clickButton, Qt.LeftButton)
    end_segment_all(hands)
    assert is_shown(hands, "second") and highlighted(hands) == ""
    assert hands.statuses["image-0006"] == "auto"
    hands.panel.click(60, 50)
    assert hands.panel.lungs, "the click is the file's"
    hands.go(hands.section.show, hands.table.model.keyAt(5))
    assert hands.panel.lungs == (1, 2) and hands.statuses["image-0006"] == "auto"


def test_another_readers_name_does_not_bring_the_sessions_image_back(hands):
    second = other_volume()
    composite().SetBackgroundVolumeID(second.GetID())
    hands.window.process()
    hands.rows.readerEdit.selectAll()
    QtTest.QTest.keyClicks(hands.rows.readerEdit, "Reader B")
    QtTest.QTest.keyClick(hands.rows.readerEdit, Qt.Key_Return)
    hands.window.process()
    assert hands.worklist.reader == "Reader B"
    assert is_shown(hands, "second") and highlighted(hands) == ""
    hands.read_as("Reader A")


def held_back(hands, monkeypatch) -> list:
    """Has the session's images be read only when the test says so: by `read(*request)` of what it returns."""
    read, asked = hands.worklist.readAhead.read, []
    monkeypatch.setattr(hands.worklist.readAhead, "read", lambda *request: asked.append(request))
    return [read, asked]


def test_an_image_that_arrives_late_does_not_replace_a_radiograph_that_was_chosen_meanwhile(
    hands, monkeypatch
):
    second = other_volume()
    read, asked = held_back(hands, monkeypatch)
    hands.press(Qt.Key_N)
    assert highlighted(hands) == "image-0002"
    composite().SetBackgroundVolumeID(second.GetID())
    hands.window.process()
    assert highlighted(hands) == ""
    read(*asked[0])
    hands.panel.until(lambda: hands.worklist.readAhead.has(hands.table.model.keyAt(1)), 30)
    hands.window.process(0.2)
    assert is_shown(hands, "second") and hands.name == "image-0001"
    monkeypatch.undo()
    hands.go(hands.press, Qt.Key_N)
    assert is_shown(hands, "image-0002"), "asked again"


def test_an_image_that_cannot_be_read_does_not_empty_the_view_of_a_radiograph_chosen_meanwhile(
    hands, monkeypatch
):
    second = other_volume()
    _read, asked = held_back(hands, monkeypatch)
    hands.press(Qt.Key_N)
    composite().SetBackgroundVolumeID(second.GetID())
    hands.window.process()
    asked[0][2]("It is damaged.", "")
    hands.window.process(1.0)
    assert is_shown(hands, "second") and "damaged" not in hands.message
    assert hands.worklist.current is not None and hands.name == "image-0001"


def test_a_file_that_is_read_late_does_not_replace_the_image_that_was_gone_on_to(
    hands, loose_file, monkeypatch
):
    import slicer
    from CXRAdaINSegLib.processes import FileReading

    goes_on, read = Event(), FileReading.read_radiograph

    def read_late(path):
        goes_on.wait(30)
        return read(path)

    monkeypatch.setattr(FileReading, "read_radiograph", read_late)
    open_file(hands, loose_file, monkeypatch)
    hands.go(hands.press, Qt.Key_N)
    goes_on.set()
    hands.panel.until(lambda: not hands.panel.segment.input.reading, 30)
    hands.window.process(0.1)
    assert is_shown(hands, "image-0002") and highlighted(hands) == "image-0002"
    assert "second was added, but not shown" in hands.panel.segment.message.text
    hands.panel.segment.input.choose(slicer.mrmlScene.GetFirstNodeByName("second"))
    assert is_shown(hands, "second")
