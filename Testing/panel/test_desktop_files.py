"""The desktop's files, window/level, zoom, pan and fit, through its menus and by the mouse."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from places import SAMPLES
from PySide6 import QtCore, QtGui, QtTest, QtWidgets


@pytest.fixture
def image(window):
    import slicer

    loaded = slicer.util.loadVolume(SAMPLES / "nih_normal__00001281_000.png")
    window.process()  # the panel follows the view, and shows it by a window of its own
    return loaded


@pytest.fixture
def masks(window, image):
    """A segmentation of the image with one segment, a square."""
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs: ä/ö")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(image)
    node.GetSegmentation().AddEmptySegment("right", "Right lung", (0.2, 0.6, 1.0))
    slicer.util.updateSegmentBinaryLabelmapFromArray(square(), node, "right", image)
    return node


def square() -> np.ndarray:
    drawn = np.zeros((1, 1024, 1024), np.uint8)
    drawn[0, 200:400, 100:300] = 1
    return drawn


def action(window, name: str) -> QtGui.QAction:
    return window.window.findChild(QtGui.QAction, name)


def test_dragging_changes_window_and_level_only_in_its_mode(window, image):
    display = image.GetDisplayNode()
    before = display.GetWindow(), display.GetLevel()
    view = window.sliceView("Red")
    view.dragIjk([(500, 300), (520, 350), (600, 500)])
    assert (display.GetWindow(), display.GetLevel()) == before
    action(window, "WindowLevelAction").setChecked(True)
    shown = view.pixels().astype(int)
    view.dragIjk([(500, 300), (520, 350), (600, 500)])
    assert (display.GetWindow(), display.GetLevel()) != before
    assert np.abs(view.pixels().astype(int) - shown).mean() > 2
    action(window, "WindowLevelAction").setChecked(False)
    dragged = display.GetWindow(), display.GetLevel()
    action(window, "ResetWindow/LevelAction").trigger()
    assert display.GetAutoWindowLevel() and (display.GetWindow(), display.GetLevel()) != dragged


def test_zoom_pan_and_fit(window, image):
    view = window.sliceView("Red")
    node = view.view.mrmlSliceNode()
    whole = node.GetFieldOfView()
    wheel(view, 500, 500)
    assert node.GetFieldOfView()[1] < whole[1], "the wheel zooms"
    smaller = node.GetFieldOfView()[1]
    view.dragIjk([(500, 500), (560, 500), (620, 500)], button=QtCore.Qt.RightButton)
    assert node.GetFieldOfView()[1] != smaller, "so does the right button"
    x, y = view.ijkToView(500, 500)
    view.dragIjk([(500, 500), (500, 540), (500, 580)], button=QtCore.Qt.MiddleButton)
    moved, same = view.ijkToView(500, 500)
    assert moved > x + 20 and same == pytest.approx(y, abs=2), "the middle button moves the image"
    action(window, "FitImageToViewAction").trigger()
    assert node.GetFieldOfView() == pytest.approx(whole)


def wheel(view, row: float, column: float) -> None:
    place = QtCore.QPointF(*view.ijkToView(row, column))
    event = QtGui.QWheelEvent(
        place,
        QtCore.QPointF(view.view.mapToGlobal(place.toPoint())),
        QtCore.QPoint(),
        QtCore.QPoint(0, 120),
        QtCore.Qt.NoButton,
        QtCore.Qt.NoModifier,
        QtCore.Qt.NoScrollPhase,
        False,
    )
    QtWidgets.QApplication.sendEvent(view.view, event)


def test_position_and_values_under_the_mouse_are_shown(window, image, masks):
    import slicer

    view = window.sliceView("Red")
    value = slicer.util.arrayFromVolume(image)[0, 300, 200]
    x, y = view.ijkToView(300, 200)
    QtTest.QTest.mouseMove(view.view, QtCore.QPoint(round(x), round(y)))
    window.process()
    tools = window.window.tools
    said = tools.place(x, view.view.rendering.window.GetSize()[1] - 1 - y)
    assert f"row 300, column 200: {value}" in said and "Right lung" in said
    assert tools.place(1, 1) == ""


def test_a_scene_comes_back_with_its_masks(window, image, masks, tmp_path):
    import slicer

    path = tmp_path / "a scéne with spaces.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(path))
    window.process()
    (volume,) = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    (segmentation,) = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    back = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "right", volume)
    assert (back == square()).all()


@pytest.mark.parametrize("name", ["a.mrb", "a.mrml", "folder"])
def test_a_scene_that_cannot_be_saved_is_reported(window, image, tmp_path, name):
    (tmp_path / "no folder").write_text("")
    import slicer

    assert not slicer.util.saveScene(str(tmp_path / "no folder" / name))


def test_a_scene_is_saved_with_its_pixels_whatever_its_name(window, image, tmp_path, monkeypatch, caplog):
    name = str(tmp_path / "scene.mrml")
    monkeypatch.setattr(QtWidgets.QFileDialog, "getSaveFileName", lambda *arguments: (name, ""))
    assert window.window.files.save_scene()
    assert [path.name for path in tmp_path.iterdir()] == ["scene.mrb"]
    assert not window.window.files.save_scene(), "which is not replaced unasked"
    assert "scene.mrb exists" in caplog.text


def test_masks_are_saved_under_their_name_never_over_another_file(window, image, masks, tmp_path):
    files = window.window.files
    assert files.save_segmentation(masks, tmp_path) and files.save_segmentation(masks, tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["Lungs_ ä_ö 2.seg.nrrd", "Lungs_ ä_ö.seg.nrrd"]
    import slicer

    loaded = slicer.util.loadSegmentation(str(tmp_path / names[1]))
    assert loaded.GetSegmentation().GetSegment("right").GetName() == "Right lung"


def test_dropped_files_are_loaded_and_failures_are_reported(window, tmp_path, caplog):
    import slicer

    bad = tmp_path / "no picture.png"
    bad.write_text("text")
    data = QtCore.QMimeData()
    good = SAMPLES / "v7cohen__53c9be49.jpg"
    data.setUrls([QtCore.QUrl.fromLocalFile(str(path)) for path in (good, bad)])
    event = QtGui.QDropEvent(
        QtCore.QPointF(900, 400),
        QtCore.Qt.CopyAction,
        data,
        QtCore.Qt.LeftButton,
        QtCore.Qt.NoModifier,
    )
    window.window.dropEvent(event)
    window.process(0.2)
    assert slicer.util.getNodesByClass("vtkMRMLVolumeNode")
    assert "no picture.png is not a picture" in caplog.text


def test_a_file_that_crashes_its_reader_is_refused_and_the_others_are_loaded(window, tmp_path, caplog):
    import slicer

    header = "NDims = 2\nDimSize = 2 2\nElementType = MET_UCHAR\nElementDataFile ="
    (tmp_path / "bad.mhd").write_text(f"{header} %s%s%n 1 1 1\n")  # a pattern of names, for printf
    (tmp_path / "good.mha").write_bytes(f"{header} LOCAL\n".encode() + bytes(4))
    problems = window.window.files.load([str(tmp_path)])
    assert problems == ["bad.mhd is damaged: it cannot be read."] and problems[0] in caplog.text
    assert [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode")] == ["good"]


@pytest.mark.parametrize("mode", ["L", "I;16", "RGB", "RGBA", "P", "1"])
def test_pictures_of_all_kinds_keep_their_pixels_and_their_place(window, tmp_path, mode):
    """Row 0 is the top row, whatever the picture holds."""
    import slicer
    from PIL import Image

    pixels = np.zeros((40, 30), np.uint16 if mode == "I;16" else np.uint8)
    pixels[5, 20] = 255
    picture = Image.fromarray(pixels)
    if mode not in ("L", "I;16"):
        picture = picture.convert(mode)
    path: Path = tmp_path / "bild ü.png"
    picture.save(path)
    volume = slicer.util.loadVolume(path)
    array = slicer.util.arrayFromVolume(volume)
    assert array.shape[:3] == (1, 40, 30)
    bright = array[0] if array.ndim == 3 else array[0, ..., 0]
    assert np.argwhere(bright == bright.max()).tolist() == [[5, 20]]
    left, top = window.sliceView("Red").ijkToView(0, 0)
    right, bottom = window.sliceView("Red").ijkToView(39, 29)
    assert left < right and top < bottom


def damaged(path: Path, kind: str) -> None:
    """Write a file that begins as it should and is not as it should be."""
    from PIL import Image

    pixels = np.random.default_rng(3).integers(0, 255, (300, 200), np.uint8)
    Image.fromarray(pixels).save(path) if path.suffix in (".png", ".jpg", ".tif") else path.write_bytes(b"")
    whole = bytearray(path.read_bytes())
    if kind == "cut off":
        whole = whole[: len(whole) // 2]
    elif kind == "garbled":
        middle = len(whole) // 2
        whole[middle : middle + 2000] = bytes(range(250)) * 8
    elif kind == "without pixels":
        whole = whole[:40]
    path.write_bytes(whole)


@pytest.mark.parametrize("kind", ["cut off", "garbled", "without pixels"])
def test_a_damaged_png_is_named_and_the_window_lives(window, tmp_path, caplog, kind):
    import slicer

    path = tmp_path / "broken ü.png"
    damaged(path, kind)
    problems = window.window.files.load([str(path)])
    assert len(problems) == 1 and "broken ü.png is not a picture that can be read" in problems[0]
    assert "broken ü.png" in caplog.text, "and it is shown"
    assert not slicer.util.getNodesByClass("vtkMRMLVolumeNode")


@pytest.mark.parametrize(
    "name", ["a.jpg", "a.tif", "a.dcm", "a.nrrd", "a.nii", "a.seg.nrrd", "a.mrb", "a.mrml"]
)
def test_other_damaged_files_are_named(window, tmp_path, name):
    damaged(tmp_path / name, "without pixels")
    problems = window.window.files.load([str(tmp_path / name)])
    assert len(problems) == 1 and name in problems[0]


def test_a_dicom_file_is_loaded_in_gray_without_complaints(window, tmp_path, capfd):
    import slicer
    from test_volumes import write_monochrome1

    write_monochrome1(tmp_path / "a.dcm")
    volume = slicer.util.loadVolume(tmp_path / "a.dcm")
    assert volume.GetDisplayNode().GetColorNodeID() == "vtkMRMLColorTableNodeGrey"
    assert "ERROR" not in capfd.readouterr().err


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True last by themselves")
def test_qt_counts_its_references_to_none_and_true(window):
    """PySide6 6.12.0 does not: with Python 3.11, the interpreter aborts after some thousand calls."""
    import ctk

    button = ctk.ctkCollapsibleButton()
    before = [sys.getrefcount(each) for each in (None, True, False)]
    for each in range(2000):
        button.setChecked(each % 2 == 0)
        button.contentsCollapsed.emit(True)
        button.disconnect("clicked(bool)", print)
    lost = [was - sys.getrefcount(each) for was, each in zip(before, (None, True, False), strict=True)]
    assert max(lost) < 1000, "one for each call"


def test_the_place_under_the_mouse_is_of_the_image_that_is_shown(window):
    import slicer

    first = slicer.util.addVolumeFromArray(np.zeros((1, 40, 40), np.uint8), name="first")
    second = slicer.util.addVolumeFromArray(np.zeros((1, 40, 40), np.uint8), name="second")
    slicer.util.setSliceViewerLayers(background=first, fit=True)
    tools, label = window.window.tools, window.window.tools.label
    window.sliceView().pixels()
    tools.onMove(tools.widget.sliceView().interactor(), "MouseMoveEvent")
    label.setText("first   row 20, column 20: 0")  # as the mouse would have it there
    slicer.util.setSliceViewerLayers(background=second)
    assert label.text == "", "till the mouse moves again"
