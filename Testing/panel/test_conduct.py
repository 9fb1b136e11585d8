"""How the module behaves when things go wrong or away: crashes, scenes closed, reloads, no window."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from module_panel import Panel, chest, child_process, standing_in
from places import SAMPLES

RIGHT, LEFT = (120, 50), (120, 150)


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        panel.add_pixels(chest())
        yield panel


def test_the_panel_states_its_intended_use(panel):
    from PySide6 import QtWidgets

    labels = panel.widget.parent.findChildren(QtWidgets.QLabel, "ResearchNotice")
    assert [label.text for label in labels if label.visible] == ["For research, not for diagnosis."]


def test_a_failed_prediction_is_reported_and_can_be_retried(panel):
    panel.segment.segmentButton.click()
    panel.engine.fail("The engine ended unexpectedly (exit code 1).", "gone")
    assert "ended unexpectedly" in panel.segment.message.text
    assert panel.segmentation is None and panel.segment.segmentButton.enabled
    panel.press_segment()
    assert panel.lungs == (1, 2)


def test_a_failed_click_drops_those_that_wait(panel):
    panel.segment.clickButton.click()
    for _ in range(3):
        panel.view.clickIjk(*RIGHT)
    panel.engine.fail()
    assert not panel.engine.asked and not panel.segmenting.busy
    panel.click(*RIGHT)
    assert panel.lungs == (1,)


def test_a_cancelled_prediction_leaves_no_masks(panel):
    panel.segment.segmentButton.click()
    assert panel.segment.cancelButton.isVisibleTo(panel.segment.widget)
    panel.segment.cancelButton.click()
    panel.settle()
    assert panel.segmentation is None and not panel.segmenting.busy
    assert not panel.segment.cancelButton.isVisibleTo(panel.segment.widget)


def test_the_engine_stopped_from_elsewhere_leaves_the_panel_usable(panel):
    panel.segment.segmentButton.click()
    panel.engine.stop()
    assert panel.segment.segmentButton.enabled


@pytest.mark.parametrize("what", ["scene", "volume"])
def test_a_result_for_a_removed_radiograph_is_dropped(panel, what):
    import slicer

    panel.segment.segmentButton.click()
    if what == "scene":
        slicer.mrmlScene.Clear(0)
    else:
        slicer.mrmlScene.RemoveNode(panel.volume)
    panel.settle()
    assert not slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    assert not panel.segmenting.busy
    panel.add_pixels(chest())
    panel.press_segment()
    assert panel.lungs == (1, 2)


def test_a_result_for_pixels_that_changed_is_dropped(panel):
    import slicer

    panel.segment.segmentButton.click()
    slicer.util.updateVolumeFromArray(panel.volume, chest()[np.newaxis, ::-1].copy())
    panel.settle()
    assert panel.segmentation is None


def test_an_unknown_image_is_sent_again(panel):
    panel.segment.clickButton.click()
    panel.click(*RIGHT)
    panel.view.clickIjk(40, 50)
    panel.engine.fail("The engine does not hold this image any more.", "unknown_image")
    assert "pixels" in panel.engine.asked[0][3]
    panel.settle()
    assert panel.labels[40, 50] == 1


def test_a_closed_scene_leaves_nothing_and_work_goes_on(panel):
    import slicer

    panel.segment.clickButton.click()
    panel.click(*RIGHT)
    slicer.mrmlScene.Clear(0)
    panel.window.process()
    assert panel.volume is None and not panel.segment.clicks.active
    assert not panel.segment.segmentButton.enabled
    panel.add_pixels(chest())
    panel.press_segment()
    panel.take("Paint")
    panel.view.dragIjk([(30, 40), (30, 60)])
    assert panel.labels[30, 50] == 1


def test_the_editors_keys_are_there_only_while_the_module_is_open(panel):
    from PySide6 import QtCore, QtTest

    def paints():
        QtTest.QTest.keyClick(panel.window.window, QtCore.Qt.Key_1)
        effect = panel.correct.editor.activeEffect()
        panel.correct.editor.setActiveEffect(None)
        return effect is not None

    panel.correct.widget.collapsed = False
    panel.press_segment()
    assert paints()
    panel.widget.exit()
    assert not paints()
    panel.widget.enter()
    assert paints()
    panel.segment.clickButton.click()
    assert not paints(), "click-to-segment has the views to itself"
    panel.segment.clickButton.click()
    assert paints()


def test_settings_are_remembered(panel):
    from CXRAdaINSegLib.Settings import setting

    panel.segment.modeBox.setCurrentIndex(1)
    assert setting("mode") == "teacher"
    panel.segment.modeBox.setCurrentIndex(0)
    assert setting("mode") == "student"
    panel.segment.overlay.outline.checked = False
    assert setting("outline") is False
    panel.segment.overlay.outline.checked = True


def test_another_device_is_loaded_before_the_next_prediction(panel):
    index = panel.segment.deviceBox.findData("cpu")
    panel.segment.deviceBox.setCurrentIndex(index)
    panel.segment.segmentButton.click()
    assert [entry[1] for entry in panel.engine.asked] == ["load", "predict"]
    assert panel.engine.asked[0][2]["device"] == "cpu"
    panel.settle()
    panel.segment.deviceBox.setCurrentIndex(panel.segment.deviceBox.findData("auto"))


def test_logic_works_without_a_window(window):
    """As with --no-main-window: no widget of the module takes part."""
    import slicer
    from CXRAdaINSegLib.logic.Segmenting import Segmenting
    from CXRAdaINSegLib.scene.LungSegments import labelsOf, lungsOf, presentLungs
    from in_process_engine import StandInEngine

    engine = StandInEngine()
    segmenting = Segmenting(engine)
    volume = slicer.util.addVolumeFromArray(chest()[np.newaxis])
    segmenting.segment(volume, "student")
    engine.answer()
    segmentation = lungsOf(volume)
    assert presentLungs(segmentation) == (1, 2)
    before = labelsOf(segmentation, volume)
    segmenting.click(volume, *RIGHT, "student", removes=True)
    engine.answer()
    segmenting.history.undo()
    assert (labelsOf(segmentation, volume) == before).all()


def resident() -> float:
    """MiB of memory in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux's kernel")
def test_memory_does_not_grow_over_thirty_images(panel):
    import slicer

    pixels = np.random.default_rng(1).integers(0, 4000, (1200, 1000), np.uint16)
    sizes = []
    for index in range(30):
        slicer.mrmlScene.Clear(0)
        panel.add_pixels(pixels + np.uint16(index))
        panel.press_segment()
        assert panel.lungs == (1, 2)
        sizes.append(resident())
    assert sizes[-1] - sizes[9] < 40, f"MiB after each image: {[round(size) for size in sizes]}"


def test_a_real_engine_killed_while_it_predicts_costs_one_press(window):
    """The real engine and model, from the real radiograph to the mask."""
    pytest.importorskip("torch")
    panel = Panel(window, window.module("CXRAdaINSeg").logic.engine)
    panel.add(SAMPLES / "kermany_normal__IM-0459-0001.jpeg")
    panel.segment.segmentButton.click()
    panel.until(lambda: panel.engine.state == "busy")
    os.kill(child_process("cxradain.engine").processId(), signal.SIGKILL)
    panel.until(lambda: not panel.segmenting.busy)
    assert "ended by the system" in panel.segment.message.text
    panel.segment.segmentButton.click()
    panel.until(lambda: panel.lungs == (1, 2))
    share = (panel.labels > 0).mean()
    assert 0.1 < share < 0.6
    panel.segment.clickButton.click()
    rows, columns = panel.labels.shape
    before = panel.labels
    panel.view.clickIjk(rows * 0.5, columns * 0.3, modifiers=_control())
    panel.until(lambda: not panel.segmenting.busy)
    assert (panel.labels != before).any()
    panel.engine.stop()


def _control():
    from PySide6 import QtCore

    return QtCore.Qt.ControlModifier
