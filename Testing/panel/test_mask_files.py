"""Masks in a file of their own are drawn over the radiograph that they were made of, and over no other; by
the window's own menu and keys."""

from __future__ import annotations

import numpy as np
import pytest
from module_panel import drop_files, standing_in
from PIL import Image as Picture
from PySide6 import QtCore, QtTest, QtWidgets
from test_right_image import composite, drawn

Qt = QtCore.Qt


def save_masks(panel, folder, monkeypatch):
    """File, Save masks; returns the file."""
    folder.mkdir()
    monkeypatch.setattr(QtWidgets.QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    actions = panel.window.window.findChildren(QtCore.QObject)
    action = next(each for each in actions if getattr(each, "text", "") == "Save &masks...")
    action.trigger()
    (path,) = folder.iterdir()
    return path


def open_file(panel, path, monkeypatch):
    """Ctrl+O; returns the segmentation."""
    import slicer

    before = set(slicer.util.getNodesByClass("vtkMRMLSegmentationNode"))
    monkeypatch.setattr(QtWidgets.QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_O, Qt.ControlModifier)

    def added():
        return set(slicer.util.getNodesByClass("vtkMRMLSegmentationNode")) - before

    panel.until(added, 30)
    panel.settle()
    return added().pop()


@pytest.fixture
def pictures(tmp_path):
    """Two radiographs of one size."""
    paths = [tmp_path / "first.png", tmp_path / "second.png"]
    for seed, path in enumerate(paths):
        Picture.fromarray(np.random.default_rng(seed).integers(0, 255, (150, 140), np.uint8)).save(path)
    return paths


def test_a_mask_file_is_drawn_over_no_radiograph_of_a_session(hands, tmp_path, pictures, monkeypatch):
    panel = hands.panel
    path = save_masks(panel, tmp_path / "masks", monkeypatch)
    hands.go(hands.press, Qt.Key_N)
    masks = open_file(panel, path, monkeypatch)
    assert not drawn(masks) and drawn(panel.segmentation)
    panel.until(lambda: "Hidden: image-0001 lungs" in panel.segment.message.text, 10)
    hands.show(4)
    assert not drawn(masks) and panel.lungs == ()
    hands.panel.until(
        lambda: "Hidden" not in panel.segment.message.text, 2
    )  # said once, of a session's images
    hands.show(0)
    assert not drawn(masks) and panel.segmentation is not masks and drawn(panel.segmentation)
    panel.add(pictures[0])
    assert not drawn(masks) and "Hidden" in panel.segment.message.text
    hands.close()
    hands.window.process()
    assert not drawn(masks)


@pytest.fixture
def saved(window, pictures, tmp_path, monkeypatch):
    """The panel without a radiograph, the file of the masks of the first one, and what these are."""
    import slicer

    with standing_in(window) as panel:
        panel.add(pictures[0])
        panel.press_segment()
        path, labels = save_masks(panel, tmp_path / "masks", monkeypatch), panel.labels
        slicer.mrmlScene.Clear(0)
        window.process()
        yield panel, path, labels


def test_masks_from_a_file_wait_for_their_radiograph(saved, pictures, monkeypatch):
    panel, path, labels = saved
    panel.add(pictures[1])
    masks = open_file(panel, path, monkeypatch)
    assert not drawn(masks) and panel.lungs == () and "Hidden" in panel.segment.message.text
    panel.add(pictures[0])
    panel.settle()
    assert panel.segmentation is masks and drawn(masks) and np.array_equal(panel.labels, labels)
    assert "Hidden" not in panel.segment.message.text and panel.measure.rows
    panel.segment.clickButton.click()
    panel.click(10, 25)
    assert panel.labels[10, 25] == 1, "they are corrected as any"
    composite().SetBackgroundVolumeID("vtkMRMLScalarVolumeNode1")
    panel.window.process()
    assert panel.volume.GetName() == "second" and not drawn(masks)


def test_masks_opened_over_their_radiograph_are_its_own(saved, pictures, monkeypatch):
    panel, path, labels = saved
    panel.add(pictures[0])
    masks = open_file(panel, path, monkeypatch)
    panel.settle()
    assert panel.segmentation is masks and drawn(masks) and np.array_equal(panel.labels, labels)
    again = open_file(panel, path, monkeypatch)
    assert not drawn(again) and panel.segmentation is masks and "Hidden" in panel.segment.message.text


def test_where_nothing_proves_it_geometry_makes_masks_nobodys(saved, pictures, monkeypatch):
    """As in a file of an earlier version."""
    panel, path, _labels = saved
    path.write_bytes(path.read_bytes().replace(b"CXRAdaINSeg.Radiograph:", b"CXRAdaINSeg.Otherthing:"))
    masks = open_file(panel, path, monkeypatch)
    assert not drawn(masks) and "Hidden" in panel.segment.message.text
    panel.add(pictures[0])
    assert not drawn(masks) and panel.lungs == ()


@pytest.mark.parametrize("how", ["panel", "view"])
def test_a_mask_that_is_dropped_is_no_radiograph(saved, tmp_path, how):
    panel, _path, labels = saved
    path = tmp_path / "mask.png"
    Picture.fromarray(labels).save(path)
    drop_files(panel.segment.area if how == "panel" else panel.window.window, [path])
    panel.until(lambda: "looks like a mask, not a radiograph: it holds" in panel.segment.message.text, 30)
    if how == "view":
        assert panel.volume.GetName() == "mask", "the application has loaded it"
        panel.segment.segmentButton.click()
        panel.settle()
        assert panel.lungs == () and "looks like a mask" in panel.segment.message.text
