"""Two views side by side: only the first is acted on, and no mask is drawn over another image."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import numpy as np
import pytest
from cxradain.imaging.turn import Turn
from cxradain.sessions.records import MODEL, Origin, SessionImage, pixel_key
from cxradain.sessions.store import Session
from in_process_engine import boxes
from module_panel import chest, standing_in
from PySide6 import QtCore, QtTest
from worklist_driver import worklist as opened_worklist

Qt = QtCore.Qt
RED, BESIDE = "vtkMRMLSliceNodeRed", "vtkMRMLSliceNodeCompare"


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        panel.compare = panel.widget.viewSection.comparison
        panel.add_pixels(chest(), "first")
        panel.press_segment()
        yield panel
        panel.compare.button.checked = False


@pytest.fixture
def patients(window, tmp_path):
    """A session of two images of one patient and one of another; another reader has a mask of the first."""
    with Session.create(tmp_path / "s") as session:
        for seed, patient in enumerate("aab"):
            pixels = np.random.default_rng(seed).integers(0, 4000, (120, 100 + seed), np.uint16)
            record = SessionImage(pixel_key(pixels), "", pixels.shape, "<u2", "", 0, patient=patient * 32)
            added, made = session.add_image(record, pixels), boxes(pixels.shape)
            origin = Origin(model_id="m", model_hash="ab", mode="student")
            session.add_mask(added.key, made, MODEL, "auto", origin)
            if not seed:
                made[5:9, 5:9] = 1
                origin = Origin(model_id="m", tools=("Paint",))
                session.add_mask(added.key, made, "Reader B", "corrected", origin)
    with opened_worklist(window) as hands:
        hands.open(tmp_path / "s")
        hands.show(0)
        yield hands
        hands.panel.widget.viewSection.comparison.button.checked = False


def beside():
    """The volume in the second view, or None."""
    import slicer

    widget = slicer.app.layoutManager().sliceWidget("Compare")
    identity = widget.mrmlSliceCompositeNode().GetBackgroundVolumeID()
    return slicer.mrmlScene.GetNodeByID(identity) if identity else None


def masks_in(view: str) -> list:
    """The volumes whose masks are drawn in a view."""
    import slicer
    from CXRAdaINSegLib.scene.LungSegments import volumeOf

    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    return [volumeOf(node) for node in nodes if node.GetDisplayNode().GetVisibility(view)]


def shown_labels(volume) -> np.ndarray:
    from CXRAdaINSegLib.scene.LungSegments import labelsOf, lungsOf

    return labelsOf(lungsOf(volume), volume)


def choose(panel, text: str) -> None:
    box = panel.widget.viewSection.comparison.box
    place = next(n for n in range(box.count) if text in box.itemText(n))
    box.setCurrentIndex(place)
    panel.window.process()


def test_the_models_mask_is_shown_beside_the_readers(panel):
    from CXRAdaINSegLib.scene.LungSegments import lungsOf

    made = panel.labels
    panel.take("Paint")
    panel.view.dragIjk([(30, 40), (30, 60)])
    panel.settle()
    panel.correct.editor.setActiveEffect(None)
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_C)
    panel.window.process()
    other = beside()
    assert panel.compare.button.checked and other is not None and other is not panel.volume
    assert (shown_labels(other) == made).all() and (panel.labels != made).any()
    assert masks_in(RED) == [panel.volume] and masks_in(BESIDE) == [other]
    drawn = panel.window.sliceView("Compare").pixels()
    lungsOf(other).GetDisplayNode().SetVisibility(False)
    changed = (panel.window.sliceView("Compare").pixels() != drawn).any(axis=2).mean()
    assert changed > 0.05, "it is drawn, and where it can be seen"
    assert (panel.view.ijkToView(0, 0)[0] >= 0) and panel.view.ijkToView(0, 199)[0] <= panel.view.view.width
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_C)
    panel.window.process()
    assert masks_in(RED) == [panel.volume] and masks_in(BESIDE) == []
    assert panel.compare.comparing.volume is None and panel.view.widget.visible


def test_another_mode_and_color_are_compared_too(panel):
    panel.add_pixels(np.random.default_rng(3).integers(0, 255, (240, 200, 3), np.uint8), "color")
    panel.compare.button.click()
    panel.window.process()
    assert panel.compare.text.lines == ["Nothing to compare this radiograph with."] and not beside()
    panel.press_segment()
    first = beside()
    assert (shown_labels(first) == panel.labels).all() and first.GetClassName() == "vtkMRMLVectorVolumeNode"
    assert panel.window.sliceView("Compare").pixels().std() > 10
    import slicer

    slicer.mrmlScene.Clear(0)
    panel.window.process()
    assert not panel.compare.button.checked and masks_in(BESIDE) == []


def test_the_first_view_stays_the_one_that_is_acted_on(panel):
    import slicer

    panel.compare.button.click()
    panel.window.process()
    first, made, other = panel.volume, panel.labels, beside()
    hand = panel.window.sliceView("Compare")
    hand.pixels()
    panel.take("Paint")
    hand.dragIjk([(30, 40), (30, 60)])
    panel.settle()
    assert (panel.labels == made).all() and (shown_labels(other) == made).all(), (
        "a tool changes nothing there"
    )
    panel.segment.clickButton.click()
    hand.clickIjk(40, 50)
    panel.settle()
    assert (panel.labels == made).all() and panel.segmenting.busy is False
    panel.segment.clickButton.click()
    assert panel.volume is first, "and it is not taken up"
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    composite.SetBackgroundVolumeID(None)
    panel.window.process()
    assert panel.volume is None and masks_in(RED) == [], "also where the first view shows nothing"


def test_another_file_opened_meanwhile_goes_to_the_first_view(panel, tmp_path):
    from PIL import Image as Picture

    panel.compare.button.click()
    panel.window.process()
    pixels = np.random.default_rng(9).integers(0, 255, (150, 140), np.uint8)
    Picture.fromarray(pixels).save(tmp_path / "second.png")
    panel.add(tmp_path / "second.png")
    panel.until(lambda: panel.volume is not None and panel.volume.GetName() == "second", 30)
    assert beside() is None or beside().GetImageData().GetDimensions()[:2] != (200, 240)
    assert masks_in(RED) == [] and masks_in(BESIDE) == []


def test_another_layout_ends_it(panel):
    import slicer

    panel.compare.button.click()
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    panel.window.process()
    assert not panel.compare.button.checked and masks_in(RED) == [panel.volume]


def test_both_views_are_zoomed_and_moved_alike(panel):
    panel.compare.button.click()
    panel.window.process()
    red = panel.view.view.mrmlSliceNode()
    red.SetFieldOfView(80, 60, 1)
    red.SetXYZOrigin(12, -7, 0)
    other = panel.window.sliceView("Compare").view.mrmlSliceNode()
    assert other.GetXYZOrigin() == pytest.approx((12, -7, 0))
    scale = [node.GetFieldOfView()[0] / node.GetDimensions()[0] for node in (red, other)]
    assert scale[0] == pytest.approx(scale[1])


def test_a_session_offers_readers_versions_and_priors(patients):
    panel, view = patients.panel, patients.panel.widget.viewSection.comparison
    patients.paint((60, 40), (60, 60))
    patients.press(Qt.Key_A)
    patients.paint((80, 40), (80, 60))
    patients.press(Qt.Key_A)
    panel.correct.editor.setActiveEffect(None)
    view.button.click()
    panel.window.process()
    texts = [view.box.itemText(place) for place in range(view.box.count)]
    assert texts[:2] == ["The model's mask", "Reader B"] and texts[2].startswith("Version ")
    assert texts[3:] == ["image-0002, same patient"], "and no other patient's"
    choose(panel, "Reader B")
    assert shown_labels(beside())[6, 6] == 1 and "corrected (Reader B)" in view.text.lines
    choose(panel, "Version ")
    older = shown_labels(beside())
    assert older[60, 50] and (older != panel.labels).any()
    choose(panel, "same patient")
    panel.until(lambda: beside() is not None and beside().GetName() == "image-0002", 30)
    assert beside().GetImageData().GetDimensions()[0] == 101
    assert masks_in(RED) == [panel.volume] and masks_in(BESIDE) == [beside()]
    assert patients.name == "image-0001"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set")
def test_versions_are_offered_by_the_time_on_the_wall(patients, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "IST-05:30")
        time.tzset()
        for row in (60, 80):
            patients.paint((row, 40), (row, 60))
            patients.press(Qt.Key_A)
        patients.panel.correct.editor.setActiveEffect(None)
        patients.panel.widget.viewSection.comparison.button.click()
        box = patients.panel.widget.viewSection.comparison.box
        (text,) = [box.itemText(place) for place in range(box.count) if "Version" in box.itemText(place)]
        older = patients.worklist.session.versions(patients.worklist.key)[-2]
        made = datetime.fromisoformat(older.time) + timedelta(hours=5, minutes=30)
        assert text == f"Version {older.number} of {made:%Y-%m-%d %H:%M}"
    time.tzset()


def test_what_is_compared_with_is_turned_with_the_radiograph(patients):
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    hands, panel = patients, patients.panel
    panel.widget.viewSection.comparison.button.click()
    choose(panel, "Reader B")
    panel.segment.turning.turn(Turn(180))
    panel.settle()
    assert turnOf(beside()) == turnOf(hands.worklist.current.volume) == Turn(180)
    assert "Reader B" in panel.widget.viewSection.comparison.box.currentText, "and it is the same"


def test_going_on_compares_the_next_image_with_its_like(patients):
    view = patients.panel.widget.viewSection.comparison
    view.button.click()
    choose(patients.panel, "same patient")
    patients.panel.until(lambda: beside() is not None and beside().GetName() == "image-0002", 30)
    patients.go(patients.press, Qt.Key_N)
    patients.panel.until(lambda: beside() is not None and beside().GetName() == "image-0001", 30)
    patients.go(patients.press, Qt.Key_N)
    patients.window.process(0.1)
    assert view.box.currentText == "The model's mask" and beside().GetName() == "image-0003"
    assert masks_in(BESIDE) == [beside()]


def test_another_reader_has_other_choices_and_the_models_mask_is_always_one(patients):
    hands, compare = patients, patients.panel.widget.viewSection.comparison
    session, image = hands.worklist.session, hands.worklist.current.image
    session.add_mask(image.key, boxes(tuple(image.shape)), "Reader C", "approved", Origin(tools=("import",)))

    def offered() -> list[str]:
        return [compare.box.itemText(n) for n in range(compare.box.count)]

    hands.read_as("Reader A")
    compare.button.checked = True
    assert {"Reader B", "Reader C"} <= set(offered())
    hands.read_as("Reader C")
    hands.window.process(0.2)
    assert offered()[0] == "The model's mask" and "Reader C" not in offered() and "Reader B" in offered()
    compare.box.setCurrentIndex(0)
    hands.window.process(0.2)
    assert beside() is not None and shown_labels(beside()).any()


def test_the_list_is_empty_while_nothing_is_compared_and_the_kind_is_remembered(patients):
    hands, compare = patients, patients.panel.widget.viewSection.comparison
    compare.button.checked = True
    prior = next(n for n in range(compare.box.count) if "same patient" in compare.box.itemText(n))
    compare.box.setCurrentIndex(prior)
    hands.window.process(0.2)
    chosen = compare.box.currentText
    compare.button.checked = False
    hands.show(2)
    assert compare.box.count == 0, "it named a radiograph of another patient"
    hands.show(0)
    compare.button.checked = True
    assert compare.box.currentText == chosen


def test_what_is_compared_is_neither_saved_nor_offered(panel):
    panel.compare.button.click()
    panel.window.process()
    other = beside()
    assert other.GetHideFromEditors() and not other.GetSaveWithScene()
    selector = panel.segment.input.selector
    assert other not in [selector.nodeFromIndex(n) for n in range(selector.nodeCount())]
    (mask,) = (n for n in panel_segmentations() if n.GetHideFromEditors())
    assert not mask.GetSaveWithScene()


def panel_segmentations() -> list:
    import slicer

    return slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
