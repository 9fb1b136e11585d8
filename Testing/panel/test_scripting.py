"""Volumes segmented by a script: one call that waits or calls back, and its errors say what went wrong."""

from __future__ import annotations

import gc
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from cxradain import CxradainError
from cxradain.models.folders import bundled_models
from module_panel import chest, standing_in
from places import ROOT, SAMPLES


@pytest.fixture
def panel(window):
    """The panel, whose engine answers by itself."""
    import qt

    with standing_in(window) as panel:
        timer = qt.QTimer()
        timer.setInterval(5)
        timer.connect("timeout()", lambda: panel.engine.answer())
        timer.start()
        yield panel
        timer.stop()
        panel.engine.stop()  # a new engine has no other test's model


@pytest.fixture
def logic(panel):
    import slicer

    return slicer.util.getModuleLogic("CXRAdaINSeg")


def volume(seed: int = 0):
    import slicer

    return slicer.util.addVolumeFromArray((chest() + np.uint16(seed))[np.newaxis])


def test_one_call_returns_the_lungs_of_a_volume(logic):
    from CXRAdaINSegLib.scene.LungSegments import labelsOf, lungsOf, presentLungs
    from in_process_engine import boxes

    radiograph = volume()
    segmentation = logic.segment(radiograph)
    assert segmentation is lungsOf(radiograph) and presentLungs(segmentation) == (1, 2)
    assert (labelsOf(segmentation, radiograph) == boxes((240, 200))).all()


def test_with_a_callback_the_call_returns_at_once_and_volumes_take_turns(logic, panel):
    from CXRAdaINSegLib.scene.LungSegments import lungsOf

    volumes, ended = [volume(seed) for seed in range(3)], []
    for each in volumes:
        assert logic.segment(each, callback=lambda *result: ended.append(result)) is None
    assert ended == [] and panel.engine.asked == []
    panel.until(lambda: len(ended) == 3)
    assert ended == [(lungsOf(each), "") for each in volumes]
    logic.segment(volumes[0], callback=lambda *result: ended.append(result))
    assert len(ended) == 3, "not from within the call either where the result is known already"
    panel.until(lambda: len(ended) == 4)


def test_a_callback_that_raises_keeps_no_other_volume_waiting(logic, panel, monkeypatch):
    import sys

    ended = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: None)

    def fail(*result):
        ended.append(result)
        raise RuntimeError("of the script")

    logic.segment(volume(0), callback=fail)
    logic.segment(volume(1), callback=lambda *result: ended.append(result))
    panel.until(lambda: len(ended) == 2)


def test_a_failure_is_raised_or_told_to_the_callback(logic, panel, monkeypatch):
    from CXRAdaINSegLib.logic.Scripting import SegmentingFailed

    monkeypatch.setattr(panel.engine, "answer", lambda: None)
    ended = []
    logic.segment(volume(), callback=lambda *result: ended.append(result))
    panel.until(lambda: panel.engine.asked)
    panel.engine.fail("The image has no contrast.", "radiograph")
    panel.until(lambda: ended)
    assert ended == [(None, "The image has no contrast.")]
    _later(lambda: panel.engine.fail("The engine ended unexpectedly (exit code 1).", "gone"), panel)
    with pytest.raises(SegmentingFailed, match="ended unexpectedly"):
        logic.segment(volume())
    assert issubclass(SegmentingFailed, CxradainError)


def _later(action, panel) -> None:
    """Do something once the engine has been asked."""
    import qt

    qt.QTimer.singleShot(10, lambda: action() if panel.engine.asked else _later(action, panel))


def test_an_engine_that_is_stopped_leaves_no_script_waiting(logic, panel, monkeypatch):
    from CXRAdaINSegLib.logic.Scripting import SegmentingFailed

    monkeypatch.setattr(panel.engine, "answer", lambda: None)
    ended = []
    _later(panel.engine.stop, panel)
    with pytest.raises(SegmentingFailed, match="not running"):
        logic.segment(volume())
    logic.segment(volume(), callback=lambda *result: ended.append(result))
    logic.segment(volume(1), callback=lambda *result: ended.append(result))
    _later(panel.engine.stop, panel)
    panel.until(lambda: len(ended) == 2)
    assert {node for node, _problem in ended} == {None}


def test_a_volume_that_goes_meanwhile_is_told_of(logic, panel, monkeypatch):
    import slicer

    answer, ended = panel.engine.answer, []
    monkeypatch.setattr(panel.engine, "answer", lambda: None)
    first, second = volume(0), volume(1)
    for each in (first, second):
        logic.segment(each, callback=lambda *result: ended.append(result))
    panel.until(lambda: panel.engine.asked)
    for each in (first, second):
        slicer.mrmlScene.RemoveNode(each)
    answer()
    panel.until(lambda: len(ended) == 2)
    assert all(node is None and "radiograph" in problem for node, problem in ended)
    assert not slicer.util.getNodesByClass("vtkMRMLSegmentationNode")


def test_what_cannot_be_segmented_is_refused_at_once(logic, panel):
    import slicer
    from CXRAdaINSegLib.scene.VolumeImages import UnfitVolume

    for callback in (None, lambda *result: pytest.fail("it was not refused at once")):
        with pytest.raises(UnfitVolume, match="2 slices"):
            logic.segment(slicer.util.addVolumeFromArray(np.stack([chest()] * 2)), callback=callback)
        with pytest.raises(UnfitVolume, match="no image"):
            logic.segment(None, callback=callback)
        with pytest.raises(ValueError, match="choose one of student, teacher, direct"):
            logic.segment(volume(), mode="best", callback=callback)
        with pytest.raises(CxradainError, match="no model"):
            logic.segment(volume(), model="no such", callback=callback)
    panel.window.process()
    assert panel.engine.asked == []


def test_another_model_is_loaded_for_the_script_and_the_panels_again_for_the_panel(logic, panel, monkeypatch):
    asked = []
    request = panel.engine.request
    monkeypatch.setattr(
        panel.engine,
        "request",
        lambda do, *rest, **fields: asked.append((do, fields.get("model"))) or request(do, *rest, **fields),
    )
    shown = panel.add_pixels(chest())
    logic.segment(shown, model="compact")
    assert asked == [("load", str(bundled_models()[0])), ("predict", None)]
    asked.clear()
    panel.segment.clickButton.click()
    panel.view.clickIjk(40, 50)
    panel.until(lambda: not panel.segmenting.busy and panel.labels[40, 50] == 1)
    assert asked[:2] == [("load", None), ("refine", None)]


def test_a_corrected_lung_stays_as_it_was_corrected(logic, panel):
    shown = panel.add_pixels(chest())
    logic.segment(shown)
    panel.segment.clickButton.click()
    panel.view.clickIjk(40, 50)
    panel.until(lambda: panel.labels[40, 50] == 1)
    corrected = panel.labels
    logic.segment(shown, mode="direct")
    assert (panel.labels == corrected).all()


def test_a_long_batch_leaves_nothing_behind_with_the_panel_open(logic, panel):
    import slicer

    panel.add_pixels(chest())
    gone: list[int] = []
    for seed in range(5):
        each = volume(seed)
        segmentation = logic.segment(each)
        segmentation.GetSegmentation().AddObserver("DeleteEvent", lambda *_, seed=seed: gone.append(seed))
        for node in (segmentation, each):
            slicer.mrmlScene.RemoveNode(node)
        del segmentation, each, node
    gc.collect()
    assert len(gone) >= 4, "all but the last, of which the next one's steps of undo would tell"


def test_the_batch_script_of_the_documents_runs_with_the_real_engine(window, tmp_path, monkeypatch):
    import slicer

    names = ["nih_normal__00001281_000.png", "hannover__88859dc1.dcm"]
    (tmp_path / "radiographs").mkdir()
    for name in names:
        shutil.copy(SAMPLES / name, tmp_path / "radiographs")
    batch, called = re.findall(
        r"```python\n(.*?)```", (ROOT / "Docs" / "slicer.md").read_text("utf-8"), re.DOTALL
    )
    monkeypatch.chdir(tmp_path)
    variables: dict = {}
    exec(batch, variables)
    (saved,) = (tmp_path / "radiographs").glob("*.seg.nrrd")
    labels = slicer.util.loadSegmentation(str(saved))
    share = sum(
        (slicer.util.arrayFromSegmentInternalBinaryLabelmap(labels, name) == value).sum()
        for name, value in (("CXRAdaINSegRightLung", 1), ("CXRAdaINSegLeftLung", 2))
    ) / (1024 * 1024)
    assert 0.1 < share < 0.6
    printed: list[str] = []
    from CXRAdaINSegLib.scene.ImageFiles import addImage

    variables["volume"] = addImage(Path("radiographs") / names[1])
    exec(called, variables | {"print": printed.append})
    assert window.process(120, until=lambda: printed)
    assert printed == [slicer.util.getNodesByClass("vtkMRMLSegmentationNode")[-1].GetName()]
    variables["logic"].engine.stop()
