"""The Correct section's tools on one image: threshold in a lung, level tracing, smoothing, largest pieces."""

from __future__ import annotations

import pytest
from module_panel import chest, standing_in
from PySide6 import QtCore, QtTest

Qt = QtCore.Qt


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        pixels = chest()
        pixels[100:110, 40:50] = 3000  # bright, within the right lung
        panel.add_pixels(pixels, "first")
        panel.press_segment()
        yield panel
        panel.correct.editor.setActiveEffect(None)
        panel.correct.widget.collapsed = True


def options(panel, name: str):
    return panel.correct.editor.effectByName(name)


def test_a_threshold_keeps_of_the_chosen_lung_what_is_in_the_range(panel):
    made = panel.labels
    assert made[105, 45] == 1
    panel.take("Threshold")
    assert "Apply" in panel.correct.hint.text
    before = panel.view.pixels()
    effect = options(panel, "Threshold")
    effect.setParameter("MinimumThreshold", 0)
    effect.setParameter("MaximumThreshold", 1500)
    assert (panel.view.pixels() != before).any(), "the range is shown"
    effect.onApply()
    panel.settle()
    expected = made.copy()
    expected[100:110, 40:50] = 0
    assert (panel.labels == expected).all(), "the dark of the other lung and of the rest is not added"
    assert panel.correct.editor.activeEffect() is None
    panel.correct.undo()
    assert (panel.labels == made).all()


def test_the_threshold_is_of_the_lung_that_is_chosen_and_tools_are_free_afterwards(panel):
    from CXRAdaINSegLib.scene.EditHistory import editorNode
    from CXRAdaINSegLib.scene.LungSegments import IDS

    node = editorNode()
    everywhere = node.GetMaskMode()
    panel.take("Threshold")
    panel.correct.editor.setCurrentSegmentID(IDS[2])
    assert node.GetMaskSegmentID() == IDS[2] and node.GetMaskMode() != everywhere
    panel.take("Paint")
    assert node.GetMaskMode() == everywhere
    panel.view.dragIjk([(30, 140), (30, 160)])
    assert panel.labels[30, 150] == 2


def test_a_range_for_masking_holds_the_brush_back(panel):
    from CXRAdaINSegLib.scene.EditHistory import editorNode

    panel.take("Threshold")
    effect = options(panel, "Threshold")
    effect.setParameter("MinimumThreshold", 2000)
    effect.setParameter("MaximumThreshold", 4000)
    effect.onUseForPaint()
    assert panel.correct.editor.activeEffect().effect == "Paint"
    panel.take("Erase")
    panel.view.dragIjk([(105, 20), (105, 80)])
    panel.settle()
    assert panel.labels[105, 45] == 0 and panel.labels[105, 65] == 1, "only the bright is erased"
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_I)
    assert editorNode().GetSourceVolumeIntensityMask(), "I inverts the view, and no more"
    editorNode().SourceVolumeIntensityMaskOff()


def test_level_tracing_adds_what_a_line_of_equal_value_encloses(panel):
    panel.take("Erase")
    panel.view.dragIjk([(100, 45), (110, 45)])
    panel.settle()
    panel.take("Level tracing")
    panel.view.hoverIjk(105, 40)  # at the edge: within, where all is alike, there is no line
    panel.window.process()
    assert len(options(panel, "Level tracing").line) > 10, "it is shown before it is added"
    panel.view.clickIjk(105, 40)
    panel.settle()
    added = panel.labels[100:110, 40:50] == 1
    assert added[1:-1, 1:-1].all()
    assert panel.labels[30, 150] == 0, "and the rest is as it was"


@pytest.mark.parametrize("shape", [(240, 200), (1200, 1000)])
def test_smoothing_changes_what_can_be_seen_on_one_image_of_any_size(panel, shape):
    panel.add_pixels(chest(*shape), "other")
    panel.press_segment()
    made = panel.labels
    rows, columns = shape
    step = rows // 240  # a spur as wide as one pixel of the smaller
    spur = (slice(rows // 2, rows // 2 + step), slice(0, columns // 4))
    from CXRAdaINSegLib.scene.LungSegments import writeLabels

    labels = made.copy()
    labels[spur] = 1
    writeLabels(panel.segmentation, panel.volume, labels)
    panel.settle()
    panel.take("Smoothing")
    options(panel, "Smoothing").setParameter("SmoothingMethod", "MORPHOLOGICAL_OPENING")
    options(panel, "Smoothing").onApply()
    panel.settle()
    assert not panel.labels[rows // 2, 2] and panel.labels[rows // 2, columns // 4] == 1


def test_the_largest_piece_of_each_lung_stays(panel):
    made = panel.labels
    panel.correct.widget.collapsed = False
    panel.correct.largestButton.click()
    assert "one piece" in panel.segment.message.text and (panel.labels == made).all()
    panel.take("Paint")
    panel.view.dragIjk([(5, 100), (5, 110)])
    panel.settle()
    assert (panel.labels != made).any()
    panel.correct.editor.setActiveEffect(None)
    panel.correct.largestButton.click()
    panel.settle()
    assert (panel.labels == made).all()
    panel.correct.undo()
    assert (panel.labels != made).any(), "as one step"


def test_it_is_said_how_a_drawing_is_closed(panel):
    panel.correct.widget.collapsed = False
    assert not panel.correct.hint.visible
    panel.take("Draw")
    assert "Right-click, double-click or Enter closes" in panel.correct.hint.text
    made = panel.labels
    panel.view.pixels()
    for point in ((20, 90), (20, 110), (40, 110)):
        panel.view.clickIjk(*point)
    QtTest.QTest.keyClick(panel.view.view, Qt.Key_Return)
    panel.settle()
    assert (panel.labels != made).any()
    panel.correct.editor.setActiveEffect(None)
    assert not panel.correct.hint.visible
