"""Painting, erasing, undo and the other effects of the desktop's segment editor, by the mouse in the view."""

from __future__ import annotations

import numpy as np
import pytest
from places import SAMPLES
from PySide6 import QtCore, QtGui, QtTest, QtWidgets


@pytest.fixture
def editor(window):
    """The editor over a radiograph of 1024 x 1024 with one empty segment."""
    import slicer

    panels = (each.widgetRepresentation() for each in slicer.app.moduleManager().scripted())
    modules = [panel for panel in panels if panel is not None]
    for module in modules:
        module.exit()  # its own editor has the same keys
    volume = slicer.util.loadVolume(SAMPLES / "nih_normal__00001281_000.png")
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segmentation.GetSegmentation().AddEmptySegment("lung", "Lung", (1.0, 0.2, 0.2))
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
    widget = slicer.qMRMLSegmentEditorWidget()
    widget.setMaximumNumberOfUndoStates(10)
    widget.setMRMLSegmentEditorNode(node)
    widget.setMRMLScene(slicer.mrmlScene)
    widget.setSegmentationNode(segmentation)
    widget.setSourceVolumeNode(volume)
    widget.setupViewObservations()
    window.process()
    yield widget
    widget.setActiveEffect(None)
    widget.removeViewObservations()
    widget.setMRMLSegmentEditorNode(None)
    widget.setMRMLScene(None)
    widget.deleteLater()
    for module in modules:
        module.enter()


def mask(editor) -> np.ndarray:
    """The segment over the image: (1024, 1024) uint8."""
    import slicer

    segmentation = editor.segmentationNode()
    if not segmentation.GetSegmentation().GetSegment("lung"):
        return np.zeros((1024, 1024), np.uint8)
    return slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "lung", editor.sourceVolumeNode())[0]


def test_a_stroke_paints_where_the_mouse_went(window, editor):
    editor.setActiveEffectByName("Paint")
    view = window.sliceView("Red")
    before = view.pixels().astype(int)
    view.dragIjk([(300, 300), (300, 400), (400, 400)])
    painted = mask(editor)
    assert painted[300, 350] and painted[350, 400] and not painted[350, 350] and not painted[500, 500]
    radius = editor.effectByName("Paint").radius(view.view.mrmlSliceNode())
    assert painted.sum() == pytest.approx(200 * 2 * radius + np.pi * radius**2, rel=0.05)
    x, y = (round(value) for value in view.ijkToView(300, 350))
    after = view.pixels().astype(int)
    assert after[y, x, 0] - after[y, x, 2] > before[y, x, 0] - before[y, x, 2] + 30, "it shows in red"


def test_erase_takes_off_and_undo_brings_back(window, editor):
    view = window.sliceView("Red")
    editor.setActiveEffectByName("Paint")
    view.dragIjk([(300, 300), (300, 400)])
    painted = mask(editor).copy()
    editor.setActiveEffectByName("Erase")
    view.dragIjk([(280, 350), (320, 350)])
    erased = mask(editor).copy()
    assert painted[300, 350] and not erased[300, 350] and 0 < erased.sum() < painted.sum()
    editor.undo()
    assert (mask(editor) == painted).all()
    editor.undo()
    assert not mask(editor).any()
    editor.redo()
    editor.redo()
    assert (mask(editor) == erased).all()


def test_nothing_is_painted_without_an_effect_or_by_shift(window, editor):
    view = window.sliceView("Red")
    view.dragIjk([(300, 300), (300, 400)])
    editor.setActiveEffectByName("Paint")
    view.dragIjk([(300, 300), (300, 400)], modifiers=QtCore.Qt.ShiftModifier)
    assert not mask(editor).any()


def test_draw_fills_the_outline_at_the_right_click(window, editor):
    view = window.sliceView("Red")
    editor.setActiveEffectByName("Draw")
    for corner in ((200, 200), (200, 400), (400, 400), (400, 200)):
        view.clickIjk(*corner)
    assert not mask(editor).any()
    view.clickIjk(300, 300, button=QtCore.Qt.RightButton)
    drawn = mask(editor)
    assert drawn[300, 300] and not drawn[300, 420]
    assert drawn.sum() == pytest.approx(200 * 200, rel=0.03)


def turn_wheel(view, steps: int) -> None:
    """Zoom over the middle of the view."""
    middle = QtCore.QPointF(view.view.width / 2, view.view.height / 2)
    where = QtCore.QPointF(view.view.mapToGlobal(middle.toPoint()))
    for _step in range(abs(steps)):
        turn = QtCore.QPoint(0, 120 if steps > 0 else -120)
        keys = (QtCore.Qt.NoButton, QtCore.Qt.NoModifier, QtCore.Qt.NoScrollPhase, False)
        event = QtGui.QWheelEvent(middle, where, QtCore.QPoint(), turn, *keys)
        QtWidgets.QApplication.sendEvent(view.view, event)


def move(view, right: int, down: int) -> None:
    """Move the image by the middle button."""
    start = QtCore.QPoint(view.view.width // 2, view.view.height // 2)
    QtTest.QTest.mousePress(view.view, QtCore.Qt.MiddleButton, QtCore.Qt.NoModifier, start)
    for share in (0.5, 1.0):
        place = start + QtCore.QPoint(round(share * right), round(share * down))
        QtTest.QTest.mouseMove(view.view, place)
        QtCore.QCoreApplication.processEvents()
    QtTest.QTest.mouseRelease(view.view, QtCore.Qt.MiddleButton, QtCore.Qt.NoModifier, place)


def test_an_open_outline_stays_on_the_image_while_that_is_zoomed_and_moved(window, editor):
    view = window.sliceView("Red")
    editor.setActiveEffectByName("Draw")
    for corner in ((300, 300), (300, 500)):
        view.clickIjk(*corner)
    before = view.ijkToView(300, 400)
    turn_wheel(view, 2)
    move(view, 60, 40)
    assert np.abs(np.subtract(view.ijkToView(300, 400), before)).max() > 20, "it was zoomed and moved"
    x, y = (round(value) for value in view.ijkToView(300, 400))
    around = view.pixels()[y - 2 : y + 3, x].astype(int)
    assert (around[:, 0] - around[:, 2]).max() > 80, "the line is drawn there, in yellow"
    view.clickIjk(500, 500)
    turn_wheel(view, -3)
    view.clickIjk(500, 300)
    move(view, -30, 0)
    view.clickIjk(400, 400, button=QtCore.Qt.RightButton)
    drawn = mask(editor)
    rows, columns = np.nonzero(drawn)
    assert (rows.min(), columns.min()) == pytest.approx((300, 300), abs=3)
    assert (rows.max(), columns.max()) == pytest.approx((500, 500), abs=3)
    assert drawn.sum() == pytest.approx(200 * 200, rel=0.03)


def test_scissors_erase_inside_or_outside_the_shape(window, editor):
    view = window.sliceView("Red")
    editor.setActiveEffectByName("Draw")
    for corner in ((200, 200), (200, 400), (400, 400), (400, 200)):
        view.clickIjk(*corner)
    view.clickIjk(300, 300, button=QtCore.Qt.RightButton)
    editor.setActiveEffectByName("Scissors")
    view.dragIjk([(180, 180), (180, 300), (420, 300), (420, 180)])
    assert not mask(editor)[300, 250] and mask(editor)[300, 350]
    editor.effectByName("Scissors").setParameter("Operation", "EraseOutside")
    view.dragIjk([(180, 320), (180, 420), (300, 420), (300, 320)])
    cut = mask(editor)
    assert cut[250, 350] and not cut[350, 350] and not cut[250, 310]


def test_smoothing_islands_and_logic_change_the_whole_segment(window, editor):
    import slicer

    drawn = np.zeros((1, 1024, 1024), np.uint8)
    drawn[0, 100:300, 100:300] = 1
    drawn[0, 600:640, 600:640] = 1
    drawn[0, 200, 200] = 0
    segmentation, volume = editor.segmentationNode(), editor.sourceVolumeNode()
    slicer.util.updateSegmentBinaryLabelmapFromArray(drawn, segmentation, "lung", volume)
    editor.setActiveEffectByName("Smoothing")
    editor.effectByName("Smoothing").self().onApply()
    assert mask(editor)[200, 200], "the hole is closed"
    editor.setActiveEffectByName("Islands")
    editor.effectByName("Islands").self().onApply()
    assert not mask(editor)[620, 620] and mask(editor)[150, 150]
    editor.setActiveEffectByName("Margin")
    editor.effectByName("Margin").setParameter("MarginSizeMm", -10)
    editor.effectByName("Margin").self().onApply()
    shrunk = mask(editor)
    assert shrunk.sum() == pytest.approx(180 * 180, rel=0.02) and not shrunk[105, 105]
    editor.undo()
    editor.undo()
    editor.undo()
    assert (mask(editor) == drawn[0]).all()


def test_keys_choose_effects_and_undo(window, editor):
    editor.setEffectNameOrder(["Paint", "Erase"])
    editor.unorderedEffectsVisible = False
    editor.installKeyboardShortcuts()
    window.window.activateWindow()
    view = window.sliceView("Red")
    view.view.setFocus()
    window.process()
    QtTest.QTest.keyClick(view.view, QtCore.Qt.Key_1)
    assert editor.activeEffect() is editor.effectByName("Paint")
    view.dragIjk([(300, 300), (300, 400)])
    assert mask(editor).any()
    QtTest.QTest.keyClick(view.view, QtCore.Qt.Key_Z)
    assert not mask(editor).any()
    QtTest.QTest.keyClick(view.view, QtCore.Qt.Key_Escape)
    assert editor.activeEffect() is None
    editor.uninstallKeyboardShortcuts()
    QtTest.QTest.keyClick(view.view, QtCore.Qt.Key_1)
    assert editor.activeEffect() is None
