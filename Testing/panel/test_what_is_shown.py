"""Several radiographs in one scene: whose masks are shown, and what is removed with a node."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.imaging.quality import LungQuality, MaskQuality
from module_panel import chest, standing_in
from PySide6 import QtCore, QtTest

RIGHT, LEFT = (120, 50), (120, 150)
QUALITY = MaskQuality(0.3, LungQuality(0.97), LungQuality(0.12, ("views_disagree",), (150, 190, 120, 170)))


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        yield panel
        panel.correct.widget.collapsed = True


def lungs_shown(volume) -> bool:
    from CXRAdaINSegLib.scene.LungSegments import lungsOf

    return bool(lungsOf(volume).GetDisplayNode().GetVisibility())


def choose(panel, volume) -> None:
    panel.segment.input.choose(volume)
    panel.window.process()


@pytest.mark.parametrize("by_click", [False, True])
def test_masks_of_a_radiograph_that_was_left_meanwhile_are_not_shown(panel, by_click):
    first, second = panel.add_pixels(chest(), "first"), panel.add_pixels(chest(), "second")
    choose(panel, first)
    panel.segment.clickButton.click() if by_click else panel.segment.segmentButton.click()
    if by_click:
        panel.view.clickIjk(*LEFT)
    choose(panel, second)
    before = panel.view.pixels()
    panel.settle()
    assert not lungs_shown(first) and (panel.view.pixels() == before).all()
    choose(panel, first)
    assert lungs_shown(first), "they are kept"


def test_masks_without_their_radiograph_are_not_shown(panel):
    import slicer

    volume = panel.add_pixels(chest())
    panel.press_segment()
    display = panel.segmentation.GetDisplayNode()
    slicer.mrmlScene.RemoveNode(volume)
    panel.window.process()
    assert not display.GetVisibility()


def test_removing_the_segmentation_disables_its_controls(panel):
    import slicer

    panel.add_pixels(chest())
    panel.press_segment()
    assert panel.measure.table.rowCount and panel.segment.overlay.swapButton.enabled
    slicer.mrmlScene.RemoveNode(panel.segmentation)
    panel.settle()
    assert not panel.segment.overlay.swapButton.enabled and not panel.correct.resetButton.enabled
    assert panel.measure.table.rowCount == 0 and not panel.measure.saveButton.enabled
    panel.press_segment()
    assert panel.lungs == (1, 2)


def test_a_volume_without_an_image_is_reported(panel):
    import slicer

    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    choose(panel, empty)
    assert "holds no image" in panel.segment.message.text
    panel.press_segment()
    assert "holds no image" in panel.segment.message.text and not panel.segmenting.busy


def rings() -> list:
    """The places that are marked in the view."""
    import slicer

    nodes = slicer.util.getNodesByClass("vtkMRMLMarkupsClosedCurveNode")
    return [node for node in nodes if node.GetNumberOfControlPoints()]


def test_a_shutter_that_the_model_ignores_is_not_drawn(panel, tmp_path):
    """One that leaves almost nothing of the image is an error of its file."""
    from dicom_files import drawing, write

    edges = {"UpperHorizontal": 13, "LowerHorizontal": 14, "LeftVertical": 10, "RightVertical": 60}
    shutter = {f"Shutter{name}Edge": value for name, value in edges.items()}
    panel.add(write(tmp_path / "wrong.dcm", drawing(12), ShutterShape="RECTANGULAR", **shutter))
    panel.window.process(0.1)
    assert panel.volume is not None and rings() == []


def test_a_declared_shutter_is_drawn_over_its_own_radiograph(panel, tmp_path):
    from CXRAdaINSegLib.scene.ShutterLines import hideShutters
    from dicom_files import drawing, write

    edges = {"UpperHorizontal": 13, "LowerHorizontal": 80, "LeftVertical": 10, "RightVertical": 60}
    shutter = {f"Shutter{name}Edge": value for name, value in edges.items()}
    panel.add(write(tmp_path / "shut.dcm", drawing(12), ShutterShape="RECTANGULAR", **shutter))
    panel.window.process(0.1)
    with_line = panel.view.pixels().astype(int)
    assert len(rings()) == 1
    hideShutters()
    panel.window.process(0.1)
    changed = np.abs(panel.view.pixels() - with_line).max(axis=2) > 20

    def is_drawn(row: float, column: float) -> bool:
        x, y = (round(value) for value in panel.view.ijkToView(row, column))
        return bool(changed[y - 4 : y + 5, x - 4 : x + 5].any())

    assert all(is_drawn(*place) for place in ((11.5, 35), (79.5, 35), (45, 8.5), (45, 59.5)))
    assert not is_drawn(45, 35) and not is_drawn(5, 5)
    panel.widget.enter()
    assert len(rings()) == 1, "it is shown again"
    panel.add_pixels(chest(), "without")
    assert rings() == []


def test_the_quality_belongs_to_the_mask(panel):
    """Not to the model that is chosen, nor to what is remembered of the engine's answers."""
    from CXRAdaINSegLib.scene.LungSegments import IDS

    def check() -> list[str]:
        table = panel.measure.table
        rows = [[table.item(row, column).text() for column in (0, 1)] for row in range(table.rowCount)]
        return [text for title, text in rows if title == "Check" or "quality" in title]

    panel.engine.quality = QUALITY
    panel.add_pixels(chest())
    panel.press_segment()
    found, shown = check(), panel.segment.quality.text
    assert found[:2] == ["likely good (0.97)", "likely bad (0.12)"] and "taken for lung" in found[2]
    assert shown.splitlines()[0].startswith("Left lung: ! likely bad. Without the lowest tenth")
    assert shown.splitlines()[1] == "Right lung: ✓ likely good."
    panel.segment.modeBox.currentIndex = 1
    panel.segmenting.predictions.clear()
    panel.measure.update()
    assert check() == found and panel.segment.quality.text == shown
    panel.take("Paint")
    panel.correct.editor.setCurrentSegmentID(IDS[2])
    panel.view.dragIjk([(30, 140), (30, 160)])
    panel.settle()
    assert check() == found[:1], "the left lung is no more the model's"
    assert panel.segment.quality.text == "Right lung: ✓ likely good." and not rings()
    panel.segment.modeBox.currentIndex = 0


def test_the_place_to_look_at_is_marked_as_long_as_the_mask_is_the_models(panel):
    import slicer

    panel.engine.quality = QUALITY
    volume = panel.add_pixels(chest())
    panel.press_segment()
    (ring,) = rings()
    points = slicer.util.arrayFromMarkupsControlPoints(ring, world=True)
    middle = points.mean(axis=0)  # the box's, 150 to 190 and 120 to 170, in RAS as the volume lies
    assert np.allclose(middle[:2], (-144.5, -169.5), atol=0.5) and ring.GetLocked()
    ringed = panel.view.pixels()
    ring.GetDisplayNode().SetVisibility(False)
    assert (panel.view.pixels() != ringed).any(axis=-1).sum() > 200, "a line, and not its points alone"
    ring.GetDisplayNode().SetVisibility(True)
    panel.widget.exit()
    assert not rings(), "another module's views are clean"
    panel.widget.enter()
    assert len(rings()) == 1
    choose(panel, panel.add_pixels(chest(), "second"))
    assert not rings() and not panel.segment.quality.isVisibleTo(panel.segment.widget)
    choose(panel, volume)
    assert len(rings()) == 1
    slicer.mrmlScene.RemoveNode(panel.segmentation)
    panel.settle()
    assert not rings() and not panel.segment.quality.text


def test_the_place_is_marked_in_no_view_that_shows_another_image(panel):
    import slicer

    panel.engine.quality = QUALITY
    panel.add_pixels(chest())
    panel.press_segment()
    (ring,) = rings()
    red = "vtkMRMLSliceNodeRed"
    assert ring.GetDisplayNode().GetVisibility(red)
    second = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "second")
    slicer.util.updateVolumeFromArray(second, chest()[np.newaxis])
    slicer.mrmlScene.GetNodeByID("vtkMRMLSliceCompositeNodeRed").SetBackgroundVolumeID(second.GetID())
    assert not ring.GetDisplayNode().GetVisibility(red)


def test_a_swap_is_the_readers_and_the_quality_is_back_with_the_models_mask(panel):
    panel.engine.quality = QUALITY
    panel.add_pixels(chest())
    panel.press_segment()
    panel.segment.overlay.swapButton.click()
    panel.settle()
    (said,) = panel.segment.quality.text.splitlines()
    assert "on the patient's left" in said and not rings()
    panel.segment.overlay.swapButton.click()
    panel.settle()
    left, right = panel.segment.quality.text.splitlines()
    assert left.startswith("Left lung: ! likely bad.") and right == "Right lung: ✓ likely good."
    assert len(rings()) == 1


def test_masks_without_a_score_say_nothing_of_their_quality(panel):
    panel.add_pixels(chest())
    panel.press_segment()
    assert panel.segment.quality.text == "" and not rings()


def test_coming_back_keeps_the_zoom_and_another_radiograph_is_fitted(panel):
    import slicer

    first = panel.add_pixels(chest(), "first")
    node = slicer.mrmlScene.GetNodeByID("vtkMRMLSliceNodeRed")
    fitted = node.GetFieldOfView()
    zoomed = (fitted[0] / 3, fitted[1] / 3, 1)
    node.SetFieldOfView(*zoomed)
    panel.widget.exit()
    panel.widget.enter()
    assert node.GetFieldOfView() == pytest.approx(zoomed)
    panel.add_pixels(chest(480, 400), "second")
    assert node.GetFieldOfView() != pytest.approx(zoomed)
    choose(panel, first)
    assert node.GetFieldOfView() == pytest.approx(fitted)


def test_how_masks_are_shown_is_taken_from_the_scene(panel):
    panel.add_pixels(chest())
    panel.press_segment()
    display, overlay = panel.segmentation.GetDisplayNode(), panel.segment.overlay
    display.SetOpacity2DFill(0.8)
    display.SetVisibility2DOutline(False)
    panel.segment.clickButton.click()
    panel.click(40, 50)
    assert (display.GetOpacity2DFill(), display.GetVisibility2DOutline()) == (0.8, 0)
    assert overlay.opacity.value == 0.8 and not overlay.outline.checked
    overlay.outline.click()
    assert display.GetVisibility2DOutline()


def test_masks_follow_a_radiograph_that_is_moved_later(panel):
    import slicer

    volume = panel.add_pixels(chest())
    panel.press_segment()
    moved = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    volume.SetAndObserveTransformNodeID(moved.GetID())
    assert panel.segmentation.GetTransformNodeID() == moved.GetID()


def test_the_button_of_an_unavailable_explanation_is_released(panel):
    panel.add_pixels(chest())
    toggle = panel.segment.overlay.toggles["probability"]
    for end in (panel.segment.cancelButton.click, panel.engine.fail):
        toggle.click()
        assert toggle.checked and panel.segmenting.busy
        end()
        panel.window.process()
        assert not toggle.checked and not panel.segmenting.busy


def test_tools_have_keys_only_while_they_can_be_seen(panel):
    panel.add_pixels(chest())
    panel.press_segment()
    made, window = panel.labels, panel.window.window
    QtTest.QTest.keyClick(window, QtCore.Qt.Key_1)
    assert panel.correct.editor.activeEffect() is None
    panel.correct.widget.collapsed = False
    QtTest.QTest.keyClick(window, QtCore.Qt.Key_1)
    assert panel.correct.editor.activeEffect() is not None
    panel.view.dragIjk([(30, 40), (30, 60)])
    assert (panel.labels != made).any()
    panel.correct.widget.collapsed = True
    assert panel.correct.editor.activeEffect() is None
    painted = panel.labels
    for key, modifier, expected in (
        (QtCore.Qt.Key_Z, QtCore.Qt.ControlModifier, made),
        (QtCore.Qt.Key_Z, QtCore.Qt.ControlModifier | QtCore.Qt.ShiftModifier, painted),
        (QtCore.Qt.Key_Z, QtCore.Qt.ControlModifier, made),
        (QtCore.Qt.Key_Y, QtCore.Qt.ControlModifier, painted),
    ):
        QtTest.QTest.keyClick(window, key, modifier)
        assert (panel.labels == expected).all(), "undo and redo have theirs all the same"


def test_a_click_segments_an_erased_lung_again(panel):
    from CXRAdaINSegLib.scene.LungSegments import writeLabels

    volume = panel.add_pixels(chest())
    panel.press_segment()
    made = panel.labels
    writeLabels(panel.segmentation, volume, np.where(made == 2, 0, made))
    panel.settle()
    panel.segment.clickButton.click()
    panel.click(*LEFT)
    assert (panel.labels == made).all()


def test_declining_to_replace_corrections_reports_that_they_are_kept(panel, monkeypatch):
    from CXRAdaINSegLib import Widgets

    panel.add_pixels(chest())
    panel.press_segment()
    panel.segment.clickButton.click()
    panel.click(40, 50)
    panel.click(40, 150)
    panel.segment.clickButton.click()
    corrected = panel.labels
    monkeypatch.setattr(Widgets, "confirm", lambda *words: False)
    panel.press_segment()
    assert (panel.labels == corrected).all() and "stay as they are" in panel.segment.message.text


def test_a_click_where_the_model_sees_no_lung_is_asked_about(panel):
    panel.add_pixels(chest())
    panel.press_segment()
    panel.segment.clickButton.click()
    assert "Escape leaves" in panel.segment.message.text, "what clicks do is said"
    panel.engine.probability = 0.001
    panel.click(40, 50)
    assert panel.labels[40, 50] == 1 and "sees no lung" in panel.segment.message.text
    panel.engine.probability = 0.1
    panel.click(40, 150)
    assert "sees no lung" not in panel.segment.message.text


def test_masks_are_outlines_only_under_an_explanation(panel):
    panel.add_pixels(chest())
    panel.press_segment()
    display, toggle = panel.segmentation.GetDisplayNode(), panel.segment.overlay.toggles["probability"]
    toggle.click()
    panel.settle()
    assert not display.GetVisibility2DFill() and "How likely" in panel.segment.message.text
    toggle.click()
    assert display.GetVisibility2DFill()


def test_a_radiograph_without_its_pixels_leaves_the_view_black(panel, tmp_path):
    """Of a scene that was saved without its data, where another patient's picture was before."""
    import slicer

    panel.add_pixels(chest(), "without pixels")
    slicer.util.saveScene(str(tmp_path / "scene.mrml"))
    slicer.mrmlScene.Clear(0)
    panel.add_pixels(chest(), "of another patient")
    assert panel.view.pixels().any()
    slicer.util.loadScene(str(tmp_path / "scene.mrml"), {"clear": True})
    panel.window.process(0.3)
    assert [node.GetName() for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode")] == ["without pixels"]
    assert panel.volume is None and "no radiograph" in panel.segment.message.text
    assert not panel.view.pixels().any()
