"""The radiograph in the view, the panel's and the highlighted one of the list are one; by mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.sessions.records import NotSaved
from module_panel import answer_by, chest, drop_files, standing_in
from PIL import Image as Picture
from places import SAMPLES
from PySide6 import QtCore, QtTest, QtWidgets
from worklist_driver import worklist

Qt = QtCore.Qt
RIGHT = (120, 50)


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        panel.add_pixels(chest(), "first")
        panel.press_segment()
        panel.window.process()
        yield panel


@pytest.fixture
def picture(tmp_path):
    """A radiograph's file of another size than `chest`."""
    pixels = np.random.default_rng(9).integers(0, 255, (150, 140), np.uint8)
    Picture.fromarray(pixels).save(tmp_path / "second.png")
    return tmp_path / "second.png"


def composite():
    import slicer

    return slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()


def other_volume(name: str = "second", slices: int = 1):
    """A volume that is in the scene and nowhere else."""
    import slicer

    return slicer.util.addVolumeFromArray(np.stack([chest(150, 140)] * slices), name=name)


def drawn(segmentation) -> bool:
    """Whether a segmentation is drawn in the Red view."""
    display = segmentation.GetDisplayNode()
    return bool(display.GetVisibility("vtkMRMLSliceNodeRed"))


# --- the view and the panel -------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["Ctrl+O", "drop on the window"])
def test_a_file_opened_in_the_view_is_taken_up_by_the_panel(panel, picture, monkeypatch, way):
    first = panel.segmentation
    if way == "Ctrl+O":
        choice = ([str(picture)], "")
        monkeypatch.setattr(QtWidgets.QFileDialog, "getOpenFileNames", lambda *_: choice)
        QtTest.QTest.keyClick(panel.window.window, Qt.Key_O, Qt.ControlModifier)
    else:
        drop_files(panel.window.window, [picture])
    panel.until(lambda: panel.volume is not None and panel.volume.GetName() == "second", 30)
    assert not drawn(first)
    assert panel.measure.rows == [] and panel.measure.table.rowCount == 0
    panel.press_segment()
    assert panel.labels.shape == (150, 140) and drawn(panel.segmentation) and not drawn(first)


@pytest.mark.parametrize("in_the_module", [True, False])
def test_masks_and_clicks_are_gone_the_moment_the_view_shows_another_image(panel, in_the_module):
    from CXRAdaINSegLib.scene.ClickMarkers import MARKERS

    panel.segment.clickButton.click()
    panel.click(40, 50)
    markers, masks, second = MARKERS["add"].node(), panel.segmentation, other_volume()
    if not in_the_module:
        panel.widget.exit()
    assert drawn(masks)
    composite().SetBackgroundVolumeID(second.GetID())
    assert not drawn(masks) and not markers.GetDisplayNode().GetVisibility("vtkMRMLSliceNodeRed")
    panel.window.process()
    assert not drawn(masks)
    if not in_the_module:
        panel.widget.enter()
        panel.window.process()
        assert panel.volume.GetName() == "first" and drawn(masks), "it is in the view again"


def test_going_back_to_an_image_shows_its_masks_again(panel):
    first, masks, second = panel.volume, panel.segmentation, other_volume()
    composite().SetBackgroundVolumeID(second.GetID())
    panel.window.process()
    assert panel.volume is second
    composite().SetBackgroundVolumeID(first.GetID())
    panel.settle()
    assert panel.volume is first and drawn(masks) and panel.measure.rows


@pytest.mark.parametrize("what", ["a volume of slices", "nothing", "an image laid over", "another layout"])
def test_where_the_view_shows_no_radiograph_nothing_can_be_done_to_one(panel, what):
    import slicer

    first, masks, layout = panel.volume, panel.segmentation, slicer.app.layoutManager()
    panel.segment.clickButton.click()
    if what == "a volume of slices":
        composite().SetBackgroundVolumeID(other_volume("a CT", slices=4).GetID())
    elif what == "nothing":
        composite().SetBackgroundVolumeID(None)
    elif what == "an image laid over":
        composite().SetForegroundVolumeID(other_volume("over it").GetID())
        composite().SetForegroundOpacity(0.5)
    else:
        layout.sliceWidget("Red").mrmlSliceNode().SetMappedInLayout(0)
        layout.layoutChanged.emit(1)
    assert not drawn(masks), "at once"
    panel.segment.segmentButton.click()
    assert not panel.segmenting.busy
    panel.window.process()
    assert panel.volume is None and not panel.segment.segmentButton.enabled
    assert not panel.segment.clickButton.enabled and not panel.segment.clicks.active
    assert panel.correct.editor.segmentationNode() is None and panel.measure.rows == []
    words = {"a volume of slices": "a CT", "an image laid over": "over it"}
    assert words.get(what, "no radiograph") in panel.segment.message.text
    layout.sliceWidget("Red").mrmlSliceNode().SetMappedInLayout(1)
    panel.segment.input.choose(first)
    panel.window.process()
    assert panel.volume is first and drawn(masks)
    composite().SetForegroundOpacity(0.0)


def test_sizes_of_one_radiograph_are_not_shown_beside_another(panel):
    sizes = list(panel.measure.rows)
    panel.add_pixels(chest(150, 140), "second")
    panel.press_segment()
    panel.window.process()
    composite().SetBackgroundVolumeID("vtkMRMLScalarVolumeNode1")
    panel.window.process()
    assert (
        panel.volume.GetName() == "first"
        and panel.measure.rows == []
        and not panel.measure.saveButton.enabled
    )
    panel.settle()
    assert panel.measure.rows == sizes


def test_what_the_model_sees_may_lie_over_its_radiograph(panel):
    first = panel.volume
    panel.segment.overlay.toggles["as_normal"].click()
    panel.settle()
    panel.window.process()
    assert panel.volume is first and composite().GetForegroundVolumeID()


def test_masks_hidden_by_hand_stay_hidden_while_their_image_stays(panel):
    panel.segmentation.GetDisplayNode().SetVisibility(False)
    composite().SetForegroundOpacity(0.25)
    panel.window.process()
    assert not drawn(panel.segmentation)
    composite().SetForegroundOpacity(0.0)


# --- the list ---------------------------------------------------------------------------------------------


def click_row(hands, place: int) -> None:
    """Click a row with the left button."""
    view, index = hands.table.view, hands.table.model.index(place, 0)
    view.scrollTo(index)
    QtTest.QTest.mouseClick(view.viewport(), Qt.LeftButton, Qt.NoModifier, view.visualRect(index).center())


def highlighted(hands) -> str:
    rows = hands.table.view.selectionModel().selectedRows()
    return hands.table.model.rows[hands.table.model.keyAt(rows[0].row())].name if rows else ""


def settled(hands, name: str) -> None:
    hands.panel.until(lambda: hands.is_there() and hands.name == name, 30)
    hands.panel.settle()


def test_a_key_acts_on_no_other_image_than_the_highlighted_one(hands):
    click_row(hands, 0)
    QtTest.QTest.keyClick(hands.table.view, Qt.Key_Down)
    QtTest.QTest.keyClick(hands.table.view, Qt.Key_F)
    assert "flagged" not in hands.statuses.values() and "not in the view yet" in hands.message
    settled(hands, "image-0002")
    assert highlighted(hands) == "image-0002"
    QtTest.QTest.keyClick(hands.table.view, Qt.Key_F)
    assert hands.statuses["image-0002"] == "flagged" and hands.statuses["image-0001"] == "auto"


def test_an_image_that_is_still_being_read_is_not_judged_by_the_one_before(hands):
    click_row(hands, 3)
    assert highlighted(hands) == "image-0004" and hands.name == "image-0001"
    for key in (Qt.Key_A, Qt.Key_F):
        hands.press(key)
    assert not hands.section.reading.buttons["A"].enabled
    assert set(hands.statuses.values()) == {"auto", "unlabelled"}
    settled(hands, "image-0004")
    hands.press(Qt.Key_A)
    assert hands.statuses["image-0004"] == "approved"


def test_a_drag_over_rows_shows_the_row_it_ends_on(hands):
    view, model = hands.table.view, hands.table.model
    ends = [view.visualRect(model.index(place, 0)).center() for place in (0, 2)]
    QtTest.QTest.mousePress(view.viewport(), Qt.LeftButton, Qt.NoModifier, ends[0])
    QtTest.QTest.mouseMove(view.viewport(), ends[1])
    QtTest.QTest.mouseRelease(view.viewport(), Qt.LeftButton, Qt.NoModifier, ends[1])
    hands.window.process(0.05)
    settled(hands, highlighted(hands))


def test_a_filter_keeps_the_highlight_on_the_image_that_is_shown(hands):
    hands.show(2)
    hands.table.textEdit.text = "0003"
    assert highlighted(hands) == hands.name == "image-0003"
    hands.table.textEdit.text = "0005"
    assert highlighted(hands) == ""
    hands.table.textEdit.text = ""
    assert highlighted(hands) == "image-0003"


def test_another_radiograph_in_the_view_leaves_no_row_highlighted_and_none_is_judged(hands):
    second = other_volume()
    composite().SetBackgroundVolumeID(second.GetID())
    hands.press(Qt.Key_A)
    hands.window.process()
    hands.press(Qt.Key_F)
    assert highlighted(hands) == "" and not hands.section.reading.buttons["A"].enabled
    assert "No image of the list is in the view" in hands.message
    assert set(hands.statuses.values()) == {"auto", "unlabelled"}
    composite().SetBackgroundVolumeID(hands.worklist.current.volume.GetID())
    hands.window.process()
    assert highlighted(hands) == "image-0001" and hands.section.reading.buttons["A"].enabled
    composite().SetBackgroundVolumeID(second.GetID())
    hands.window.process()
    click_row(hands, 0)
    hands.window.process()
    assert hands.panel.volume is hands.worklist.current.volume, "a click on its row brings it back"


def test_painting_another_radiograph_is_no_work_on_the_lists(hands):
    from CXRAdaINSegLib.scene.LungSegments import lungsOf
    from CXRAdaINSegLib.scene.ToolAtWork import toolsOf

    hands.panel.add(SAMPLES / "kermany_normal__IM-0459-0001.jpeg")
    hands.panel.press_segment()
    hands.panel.take("Paint")
    hands.panel.view.dragIjk([(30, 30), (30, 60)])
    hands.panel.settle()
    assert toolsOf(lungsOf(hands.worklist.current.volume)) == set()
    hands.panel.correct.widget.collapsed = True


@pytest.fixture
def broken(window, tmp_path):
    """A session of references with the first image shown, whose second file is gone; and another radiograph
    in the scene."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for seed in range(3):
        pixels = np.random.default_rng(seed).integers(0, 255, (120, 100), np.uint8)
        Picture.fromarray(pixels).save(pictures / f"{seed}.png")
    with worklist(window) as hands:
        hands.create(tmp_path / "s", kind=1)
        hands.add(pictures)
        other_volume()
        (pictures / "1.png").unlink()
        hands.show(0)
        yield hands


@pytest.mark.parametrize("way", ["mouse", "key"])
def test_an_image_that_cannot_be_read_leaves_the_view_empty_and_nothing_is_done(broken, way):
    hands, panel = broken, broken.panel
    if way == "mouse":
        click_row(hands, 1)
    else:
        hands.press(Qt.Key_N)
    panel.until(lambda: "1.png" in hands.message, 30)
    hands.window.process(0.2)
    assert highlighted(hands) == "1.png" and panel.volume is None
    assert not composite().GetBackgroundVolumeID()
    reason, lines = hands.message, panel.widget.viewLabels.text.lines
    assert lines[-2:] == ["1.png", "unreadable"] and lines[:-2], "and why"
    for key in (Qt.Key_A, Qt.Key_F, Qt.Key_D):
        hands.press(key)
        assert hands.message == reason and panel.widget.viewLabels.text.lines == lines, (
            "not that it will come"
        )
    QtTest.QTest.mouseClick(panel.segment.segmentButton, Qt.LeftButton)
    assert not panel.segmenting.busy and not panel.segment.clickButton.enabled
    assert set(hands.statuses.values()) == {"unlabelled"} and hands.worklist.session.versions() == []
    hands.press(Qt.Key_N)
    settled(hands, "2.png")
    assert highlighted(hands) == "2.png" and panel.volume is hands.worklist.current.volume


def test_where_a_mask_cannot_be_saved_its_row_stays_the_highlighted_one(hands, monkeypatch):
    read, asked = hands.worklist.readAhead.read, []
    monkeypatch.setattr(hands.worklist.readAhead, "read", lambda *request: asked.append(request))
    hands.press(Qt.Key_N)
    hands.paint((20, 60), (60, 60))

    def full(*arguments, **options):
        raise NotSaved("not saved: the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(hands.worklist.session, "add_mask", full)
        read(*asked[0])
        hands.panel.until(lambda: "full" in hands.message, 30)
        hands.window.process(0.1)
        assert highlighted(hands) == hands.name == "image-0001"


# --- questions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [Qt.Key_Return, Qt.Key_Escape])
def test_return_and_escape_keep_what_cannot_be_had_back(panel, key):
    from CXRAdaINSegLib import Widgets

    shown = []

    def answer():
        box = QtWidgets.QApplication.activeModalWidget()
        shown.extend(button.text for button in box.buttons())
        QtTest.QTest.keyClick(box, key)

    QtCore.QTimer.singleShot(100, answer)
    assert Widgets.confirm("Delete the <b>models</b>?", "Delete?", "Delete", "Keep") is False
    assert sorted(shown) == ["Delete", "Keep"]


def test_the_button_that_acts_acts(panel):
    from CXRAdaINSegLib import Widgets

    answer_by("Replace mine")
    assert Widgets.confirm("Replace?", "Replace?", "Replace mine", "Keep mine") is True


def test_return_keeps_a_readers_corrections(panel):
    """By the Segment button, as a reader meets the question."""
    panel.segment.clickButton.click()
    panel.click(40, 50)
    panel.segment.clickButton.click()
    corrected = panel.labels

    def answer():
        QtTest.QTest.keyClick(QtWidgets.QApplication.activeModalWidget(), Qt.Key_Return)

    QtCore.QTimer.singleShot(100, answer)
    panel.press_segment()
    assert (panel.labels == corrected).all()


def test_closing_a_scene_with_unsaved_masks_asks_and_keeps_by_default(panel):
    """The desktop's own question."""
    answer_by("Cancel")
    assert panel.window.window.files.may_close() is False
    answer_by("Close without saving")
    assert panel.window.window.files.may_close() is True
