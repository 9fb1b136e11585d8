"""Masks that *Add radiograph in view* brings are corrected by who has changed them here, and nobody else."""

from __future__ import annotations

import numpy as np
import pytest
from places import SAMPLES
from PySide6 import QtCore, QtTest
from test_copies import add_button, saved_and_loaded
from worklist_driver import worklist

Qt = QtCore.Qt
STROKE = ((40, 60), (40, 90))
FILE = SAMPLES / "kermany_normal__IM-0459-0001.jpeg"


@pytest.fixture
def hands(window, tmp_path):
    """An empty session, and in the view a radiograph that is not in it, segmented."""
    with worklist(window) as hands:
        hands.create(tmp_path / "session")
        hands.read_as("Reader A")
        hands.panel.add(FILE)
        hands.panel.press_segment()
        yield hands
        hands.panel.correct.widget.collapsed = True


def stroke(hands) -> np.ndarray:
    hands.paint(*STROKE)
    hands.panel.correct.putToolDown()
    return hands.panel.labels


def add(hands):
    """Press the button; returns the reader's version that this has made."""
    hands.go(QtTest.QTest.mouseClick, add_button(hands), Qt.LeftButton)
    hands.panel.until(lambda: hands.worklist.current is not None, 30)
    hands.panel.settle()
    return hands.newest()


def is_for_review(hands, version, drawn: np.ndarray) -> bool:
    """Whether the mask came as it is, is said to be for review, and is approved by who then looks at it."""
    came = np.array_equal(hands.panel.labels, drawn) and version.reader == hands.worklist.reader
    isSaid = "for review" in hands.message and hands.statuses[hands.name] == version.status == "auto"
    QtTest.QTest.mouseClick(hands.section.reading.buttons["A"], Qt.LeftButton)
    return came and isSaid and version.tools == () and hands.newest().status == "approved"


def test_strokes_of_the_reader_who_adds_them_are_corrections(hands):
    drawn = stroke(hands)
    version = add(hands)
    assert (version.status, version.reader, version.tools) == ("corrected", "Reader A", ("Paint",))
    assert np.array_equal(hands.panel.labels, drawn) and "for review" not in hands.message


def test_strokes_of_the_reader_before_are_for_review(hands):
    drawn = stroke(hands)
    hands.read_as("Reader B")
    assert is_for_review(hands, add(hands), drawn)


def test_what_the_reader_adds_to_anothers_strokes_is_a_correction(hands):
    rows, columns = stroke(hands).shape
    hands.read_as("Reader B")
    hands.panel.take("Erase")
    hands.panel.view.pixels()
    hands.panel.view.dragIjk([(rows * 0.5, columns * 0.2), (rows * 0.5, columns * 0.3)])
    hands.panel.settle()
    version = add(hands)
    assert (version.status, version.reader, version.tools) == ("corrected", "Reader B", ("Erase",))


def test_strokes_in_a_scene_from_a_file_are_for_review(hands, tmp_path):
    """Written by another run of the program."""
    from CXRAdaINSegLib.scene import ToolAtWork

    drawn = stroke(hands)
    saved_and_loaded(hands, tmp_path / "scene.mrb")
    ToolAtWork.changeHand()
    assert is_for_review(hands, add(hands), drawn)


def test_masks_from_a_file_are_for_review_and_no_models(hands, tmp_path):
    import slicer

    drawn = stroke(hands)
    segmentation = hands.panel.segmentation
    for lung in range(segmentation.GetSegmentation().GetNumberOfSegments()):
        segment = segmentation.GetSegmentation().GetNthSegment(lung)
        for tag in ("CXRAdaINSeg.Model", "CXRAdaINSeg.ModelPixels", "CXRAdaINSeg.ModelMask"):
            segment.RemoveTag(tag)
    path = tmp_path / "masks.seg.nrrd"
    assert slicer.util.saveNode(segmentation, str(path))
    slicer.mrmlScene.Clear(0)
    hands.window.process()
    hands.panel.add(FILE)
    slicer.util.loadSegmentation(str(path))
    hands.panel.settle()
    assert np.array_equal(hands.panel.labels, drawn)
    version = add(hands)
    assert (version.model_id, version.base) == (None, None)
    assert is_for_review(hands, version, drawn)


def test_a_mask_for_review_of_which_the_model_makes_a_lung_anew_is_for_review_still(hands):
    stroke(hands)
    hands.read_as("Reader B")
    add(hands)
    hands.panel.engine.lower["teacher"] = 4
    hands.panel.segmenting.segment(hands.panel.volume, "teacher", (2,), overwrite=True)
    hands.panel.settle()
    hands.worklist.autosave()
    assert hands.newest().status == "auto" and hands.newest().mode
