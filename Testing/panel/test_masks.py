"""The masks in the scene: bound, named, corrected, exchanged, reset, measured, saved and loaded again."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from module_panel import chest, standing_in
from places import SAMPLES
from PySide6 import QtCore

RIGHT, LEFT = (120, 50), (120, 150)


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        panel.add_pixels(chest())
        yield panel


def test_segments_have_terminology_names_and_colors(panel):
    from CXRAdaINSegLib.scene.LungSegments import segmentOf
    from CXRAdaINSegLib.scene.MaskProvenance import tagOf

    panel.press_segment()
    assert panel.lungs == (1, 2)
    sides = {1: ("Right lung", "24028007^Right"), 2: ("Left lung", "7771000^Left")}
    for lung, (name, side) in sides.items():
        segment = segmentOf(panel.segmentation, lung)
        assert segment.GetName() == name
        assert "SCT^39607008^Lung" in segment.GetTerminology() and side in segment.GetTerminology()
        assert tagOf(segment, "DICOM.SegmentAlgorithmType") == "AUTOMATIC"
        assert tagOf(segment, "DICOM.SegmentAlgorithmName") == "CXRAdaINSeg"
        assert tagOf(segment, "CXRAdaINSeg.Model") == "stand-in 1"
    colors = [segmentOf(panel.segmentation, lung).GetColor() for lung in (1, 2)]
    assert colors[0] != colors[1]


def test_the_segmentation_lies_beside_its_volume(panel):
    import slicer

    panel.press_segment()
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    items = [hierarchy.GetItemByDataNode(node) for node in (panel.volume, panel.segmentation)]
    assert all(items)
    assert hierarchy.GetItemParent(items[0]) == hierarchy.GetItemParent(items[1])


def test_painting_and_erasing_make_it_semiautomatic_and_undo_automatic_again(panel):
    from CXRAdaINSegLib.scene.LungSegments import segmentOf
    from CXRAdaINSegLib.scene.MaskProvenance import tagOf

    def kind(lung):
        return tagOf(segmentOf(panel.segmentation, lung), "DICOM.SegmentAlgorithmType")

    panel.press_segment()
    made = panel.labels
    editor = panel.correct.editor
    panel.take("Paint")
    panel.view.dragIjk([(30, 40), (30, 60)])
    panel.settle()
    painted = panel.labels
    assert painted[30, 50] == 1
    assert (kind(1), kind(2)) == ("SEMIAUTOMATIC", "AUTOMATIC")
    panel.take("Erase")
    panel.view.dragIjk([(120, 50), (125, 50)])
    panel.settle()
    assert panel.labels[122, 50] == 0
    editor.undo()
    editor.undo()
    panel.until(lambda: kind(1) == "AUTOMATIC", 5)
    assert (panel.labels == made).all()
    editor.redo()
    panel.until(lambda: kind(1) == "SEMIAUTOMATIC", 5)
    assert (panel.labels == painted).all()


def paint(panel) -> np.ndarray:
    """Correct the right lung by hand; returns the labels then."""
    panel.take("Paint")
    panel.view.dragIjk([(30, 40), (30, 60)])
    panel.correct.editor.setActiveEffect(None)
    panel.settle()
    return panel.labels


@pytest.mark.parametrize("replace", [True, False])
def test_a_corrected_mask_is_replaced_only_when_the_user_says_so(panel, monkeypatch, replace):
    from CXRAdaINSegLib import Widgets

    panel.press_segment()
    made = panel.labels
    corrected = paint(panel)
    asked = []
    monkeypatch.setattr(Widgets, "confirm", lambda text, *_: asked.append(text) or replace)
    panel.press_segment()
    assert len(asked) == 1 and "have corrected" in asked[0]
    assert (panel.labels == (made if replace else corrected)).all()


def test_a_mask_that_is_the_models_is_replaced_without_asking(panel, monkeypatch):
    from CXRAdaINSegLib import Widgets

    panel.press_segment()
    monkeypatch.setattr(Widgets, "confirm", lambda *_: pytest.fail("asked"))
    panel.press_segment()


def test_reset_brings_the_models_mask_back_and_can_be_undone(panel):
    panel.press_segment()
    made = panel.labels
    corrected = paint(panel)
    panel.correct.resetButton.click()
    panel.settle()
    assert (panel.labels == made).all()
    panel.correct.undo()
    assert (panel.labels == corrected).all()


def test_swap_exchanges_the_sides_and_can_be_undone(panel):
    panel.press_segment()
    made = panel.labels
    panel.segment.overlay.swapButton.click()
    assert (panel.labels == np.array([0, 2, 1], np.uint8)[made]).all()
    panel.settle()
    panel.correct.undo()
    assert (panel.labels == made).all()


@pytest.mark.parametrize("settles", [False, True])
@pytest.mark.parametrize("lungs", [(1,), (1, 2)])
def test_sides_that_the_reader_swapped_are_not_replaced_without_asking(panel, monkeypatch, settles, lungs):
    from CXRAdaINSegLib import Widgets

    if lungs == (1,):
        panel.segment.clickButton.click()
        panel.click(*RIGHT)
        panel.segment.clickButton.click()
    else:
        panel.press_segment()
    panel.segment.overlay.swapButton.click()
    if settles:
        panel.settle()
    swapped, asked = panel.labels, []
    monkeypatch.setattr(Widgets, "confirm", lambda text, *_: asked.append(text))
    panel.press_segment()
    assert len(asked) == 1 and "have corrected" in asked[0]
    assert (panel.labels[swapped > 0] == swapped[swapped > 0]).all()


def test_sides_that_were_swapped_back_are_the_models_again(panel, monkeypatch):
    from CXRAdaINSegLib import Widgets

    panel.press_segment()
    panel.segment.overlay.swapButton.click()
    panel.segment.overlay.swapButton.click()
    monkeypatch.setattr(Widgets, "confirm", lambda *_: pytest.fail("asked"))
    panel.press_segment()


def test_a_single_lung_can_be_exchanged(panel):
    panel.segment.clickButton.click()
    panel.click(*RIGHT)
    panel.segment.overlay.swapButton.click()
    assert panel.lungs == (2,)
    panel.correct.undo()
    assert panel.lungs == (1,)


def test_opacity_and_outline_follow_the_controls(panel):
    panel.press_segment()
    display = panel.segmentation.GetDisplayNode()
    panel.segment.overlay.opacity.value = 0.8
    panel.segment.overlay.outline.checked = False
    assert display.GetOpacity2DFill() == pytest.approx(0.8) and not display.GetVisibility2DOutline()
    panel.segment.overlay.outline.checked = True
    panel.segment.overlay.opacity.value = 0.3
    assert display.GetVisibility2DOutline()


def test_two_volumes_have_two_segmentations_and_one_shows(panel):
    first = panel.volume
    panel.press_segment()
    one = panel.segmentation
    panel.add_pixels(chest(), "second")
    assert panel.segmentation is None and not one.GetDisplayNode().GetVisibility()
    panel.segment.clickButton.click()
    panel.click(*LEFT)
    two = panel.segmentation
    assert two is not one and panel.lungs == (2,)
    panel.segment.input.choose(first)
    panel.window.process()
    assert panel.segmentation is one and panel.lungs == (1, 2)
    assert one.GetDisplayNode().GetVisibility() and not two.GetDisplayNode().GetVisibility()


def test_a_result_for_a_radiograph_not_chosen_any_more_can_be_undone(panel):
    first = panel.volume
    panel.segment.segmentButton.click()
    panel.add_pixels(chest(), "second")
    panel.press_segment()
    panel.segment.input.choose(first)
    panel.settle()
    assert panel.lungs == (1, 2)
    made = panel.labels
    panel.correct.undo()
    assert not panel.labels.any(), "as before there was a result"
    panel.correct.redo()
    assert panel.lungs == (1, 2) and (panel.labels == made).all()


def test_a_click_answered_when_another_radiograph_is_chosen_can_be_undone(panel):
    first = panel.volume
    panel.press_segment()
    made = panel.labels
    panel.segment.clickButton.click()
    panel.view.clickIjk(40, 50)
    panel.segment.setClickMode(False)
    panel.add_pixels(chest(), "second")
    panel.settle()
    panel.segment.input.choose(first)
    panel.settle()
    assert panel.labels[40, 50] == 1 and len(panel.clicks) == 1
    panel.correct.undo()
    assert (panel.labels == made).all() and not panel.clicks


@pytest.mark.parametrize("name", ["as_normal", "difference", "probability", "disagreement"])
def test_the_models_reasons_are_volumes_over_the_radiograph(panel, name):
    from CXRAdaINSegLib.logic.ReasonViews import viewVolume

    toggle = panel.segment.overlay.toggles[name]
    toggle.click()
    panel.settle()
    node = viewVolume(panel.volume, name)
    composite = panel.view.widget.mrmlSliceCompositeNode()
    assert composite.GetForegroundVolumeID() == node.GetID()
    other = panel.segment.overlay.toggles["probability" if name != "probability" else "as_normal"]
    other.click()
    panel.settle()
    assert not toggle.checked and composite.GetForegroundVolumeID() != node.GetID()
    other.click()
    assert composite.GetForegroundVolumeID() is None
    assert panel.segmentation is None, "to look is not to segment"
    assert node.GetHideFromEditors() and panel.segment.input.selector.nodeCount() == 1, "no radiograph"


def test_a_reason_shows_on_the_screen(panel):
    before = panel.view.pixels()
    panel.segment.overlay.toggles["probability"].click()
    panel.settle()
    assert (panel.view.pixels() != before).any()


def test_measurements_without_calibration_say_so(panel, tmp_path):
    import slicer

    panel.press_segment()
    rows = dict((name, (value, unit)) for name, value, unit in panel.measure.rows)
    pixels = str((panel.labels == 1).sum())
    assert rows["Right lung area"] == (pixels, "pixels, uncalibrated")
    assert rows["Right to left ratio"][0] == "1.00"
    assert rows["Inner thoracic width"] == ("150", "pixels, uncalibrated")
    assert "No pixel spacing" in panel.measure.note.text
    tables = slicer.util.getNodesByClass("vtkMRMLTableNode")
    assert len(tables) == 1 and tables[0].GetTable().GetNumberOfRows() == len(panel.measure.rows)
    panel.measure.saveTo(tmp_path / "lungs.csv")
    with (tmp_path / "lungs.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == ["image", "measurement", "value", "unit"]
    assert ["radiograph", "Right lung area", pixels, "pixels, uncalibrated"] in written


def test_measurements_follow_corrections(panel):
    panel.press_segment()
    before = panel.measure.rows
    paint(panel)
    assert panel.measure.rows != before


def test_measurements_go_with_the_first_segmentation_when_it_is_undone(panel):
    panel.press_segment()
    assert panel.measure.rows and panel.measure.saveButton.enabled
    panel.correct.undo()
    panel.settle()
    panel.measure.update()
    assert panel.measure.rows == [] and not panel.measure.saveButton.enabled


def test_a_calibrated_radiograph_is_measured_in_centimeters(panel, tmp_path):
    from test_volumes import write_monochrome1

    write_monochrome1(tmp_path / "a.dcm")
    panel.add(tmp_path / "a.dcm")
    panel.press_segment()
    rows = dict((name, (value, unit)) for name, value, unit in panel.measure.rows)
    area = (panel.labels == 1).sum() * 0.2 * 0.2 / 100
    assert rows["Right lung area"] == (f"{area:.1f}", "cm2"), "in files ASCII alone"
    assert panel.measure.shownRows[0] == ("Right lung area", f"{area:.1f}", "cm²")
    assert rows["Inner thoracic width"][1] == "cm"


def test_a_saved_scene_comes_back_bound(panel, tmp_path):
    import slicer
    from CXRAdaINSegLib.scene.MaskProvenance import isCorrected, modelMaskOf

    panel.add(SAMPLES / "nih_normal__00001281_000.png")
    panel.segment.clickButton.click()
    panel.click(500, 250)
    panel.click(50, 250)
    panel.segment.setClickMode(False)
    name, labels, clicks = panel.volume.GetName(), panel.labels, panel.clicks
    mask = modelMaskOf(panel.segmentation, 1, panel.volume)
    assert clicks and (mask.modelId, mask.mode) == ("stand-in 1", "student")
    assert slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    panel.window.process()
    assert panel.volume is None
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    panel.settle()
    assert panel.volume.GetName() == name
    assert panel.lungs == (1,) and (panel.labels == labels).all() and panel.clicks == clicks
    assert isCorrected(panel.segmentation, 1)
    loaded = modelMaskOf(panel.segmentation, 1, panel.volume)
    assert (loaded.labels == mask.labels).all() and loaded.modelHash == mask.modelHash
    panel.segment.clickButton.click()
    panel.click(50, 250, modifiers=QtCore.Qt.ControlModifier)
    assert panel.labels[50, 250] == 0, "work goes on"


def test_the_masks_of_a_saved_scene_are_drawn_without_a_touch_of_the_view(panel, tmp_path):
    import slicer

    def colored() -> int:
        pixels = panel.view.pixels().astype(int)
        return int((abs(pixels[..., 0] - pixels[..., 2]) > 20).sum())

    panel.press_segment()
    before = colored()
    assert before > 10_000 and slicer.util.saveScene(str(tmp_path / "case.mrb"))
    slicer.mrmlScene.Clear(0)
    panel.window.process()
    assert colored() == 0
    slicer.util.loadScene(str(tmp_path / "case.mrb"))
    panel.settle()
    assert colored() == before
