"""The embedded desktop itself: it boots, shows an image the right way up, and follows the scene."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from places import ROOT, SAMPLES


@pytest.fixture
def image(window):
    import slicer

    return slicer.util.loadVolume(SAMPLES / "nih_normal__00001281_000.png")


def test_the_title_claims_no_more_than_it_is(window):
    import slicer

    assert "not 3D Slicer" in window.window.windowTitle
    assert slicer.util.mainWindow() is window.window


def test_an_image_fills_the_view_upright(window, image):
    """The picture on screen, sampled at the places of image pixels, correlates with them."""
    import slicer

    array = slicer.util.arrayFromVolume(image)[0].astype(float)
    view = window.sliceView("Red")
    shown = view.pixels()
    left, top = view.ijkToView(0, 0)
    right, bottom = view.ijkToView(1023, 1023)
    assert left < right and top < bottom, "row 0 is at the top, column 0 at the left"
    places = [(row, column) for row in range(100, 1000, 90) for column in range(100, 1000, 90)]
    on_screen = [view.ijkToView(*place) for place in places]
    seen = [int(shown[round(y), round(x)].mean()) for x, y in on_screen]
    assert np.corrcoef(seen, [array[place] for place in places])[0, 1] > 0.98


def test_an_image_is_upright_also_after_the_scene_was_closed(window, image):
    import slicer

    slicer.mrmlScene.Clear(0)
    slicer.util.loadVolume(SAMPLES / "v7cohen__53c9be49.jpg")
    view = window.sliceView("Red")
    (left, top), (right, bottom) = view.ijkToView(0, 0), view.ijkToView(500, 500)
    assert left < right and top < bottom


def test_the_view_is_black_when_the_scene_is_closed(window, image):
    import slicer

    assert window.sliceView("Red").pixels().max() > 200
    slicer.mrmlScene.Clear(0)
    assert window.sliceView("Red").pixels().max() < 60


def changes() -> dict:
    """What can happen to the image b in the foreground (a behind it) and to the nodes that display it."""
    import slicer

    def threshold(a, b, composite):
        b.GetDisplayNode().SetThreshold(100, 255)
        b.GetDisplayNode().ApplyThresholdOn()

    def window(a, b, composite):
        b.GetDisplayNode().AutoWindowLevelOff()
        b.GetDisplayNode().SetWindowLevel(40, 90)

    def pixels(a, b, composite):
        slicer.util.arrayFromVolume(b)[:] = 200
        slicer.util.arrayFromVolumeModified(b)

    iron = "vtkMRMLColorTableNodeIron"
    return {
        "opacity": lambda a, b, composite: composite.SetForegroundOpacity(0.9),
        "color": lambda a, b, composite: b.GetDisplayNode().SetAndObserveColorNodeID(iron),
        "threshold": threshold,
        "window": window,
        "pixels": pixels,
        "spacing": lambda a, b, composite: b.SetSpacing(1.5, 1, 1),
        "origin behind": lambda a, b, composite: a.SetOrigin(30, 0, 0),
        "no foreground": lambda a, b, composite: composite.SetForegroundVolumeID(None),
        "removed": lambda a, b, composite: slicer.mrmlScene.RemoveNode(b),
    }


@pytest.mark.parametrize(
    "change",
    [
        "opacity",
        "color",
        "threshold",
        "window",
        "pixels",
        "spacing",
        "origin behind",
        "no foreground",
        "removed",
    ],
)
def test_the_picture_follows_whatever_changes_what_is_displayed(window, change):
    import slicer

    noise = np.random.default_rng(4).integers(0, 255, (2, 1, 200, 180), np.uint8)
    a, b = (slicer.util.addVolumeFromArray(each) for each in noise)
    slicer.util.setSliceViewerLayers(background=a, foreground=b, foregroundOpacity=0.5, fit=True)
    view = window.sliceView("Red")
    before = view.pixels()
    changes()[change](a, b, view.widget.mrmlSliceCompositeNode())
    after = view.pixels()
    assert (after != before).any()
    view.view.forceRender()
    assert (view.pixels() == after).all(), "nothing was left out"


def test_a_node_chosen_while_a_scene_is_loaded_is_chosen(window):
    import slicer

    box = slicer.qMRMLNodeComboBox()
    box.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    box.noneEnabled = True
    box.setMRMLScene(slicer.mrmlScene)
    told = []
    box.connect("currentNodeChanged(vtkMRMLNode*)", told.append)
    slicer.mrmlScene.StartState(slicer.mrmlScene.ImportState)
    _first, second = (slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in "ab")
    box.setCurrentNode(second)
    assert box.currentNode() is second
    slicer.mrmlScene.EndState(slicer.mrmlScene.ImportState)
    assert box.currentNode() is second and told == [second] and box.nodeCount() == 2
    box.setMRMLScene(None)


EARLY = """
import sys
from pathlib import Path
import embedded_slicer
from embedded_slicer.view.slice_view import qMRMLSliceView
from embedded_slicer.window.main_window import MainWindow
from PySide6 import QtCore, QtGui, QtTest, QtWidgets

def early(window):
    import slicer
    view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
    place = QtCore.QPointF(50, 60)
    QtWidgets.QApplication.sendEvent(view, QtGui.QEnterEvent(place, place, place))
    QtTest.QTest.mouseMove(view, place.toPoint())
    QtTest.QTest.mouseClick(view, QtCore.Qt.LeftButton, QtCore.Qt.NoModifier, place.toPoint())
    QtTest.QTest.keyClick(view, QtCore.Qt.Key_R)
    QtWidgets.QApplication.sendEvent(view, QtCore.QEvent(QtCore.QEvent.Leave))
    QtWidgets.QMainWindow.show(window)

MainWindow.show = early
desktop = embedded_slicer.boot([], headless=True, settings=Path(sys.argv[1]))
assert desktop.sliceView("Red").pixels().size
desktop.close()
print("lived")
"""


def test_a_mouse_over_a_view_that_was_never_painted_does_no_harm(tmp_path):
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "desktop")}
    words = [sys.executable, "-c", EARLY, str(tmp_path)]
    done = subprocess.run(words, env=variables, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "lived", done.stderr
