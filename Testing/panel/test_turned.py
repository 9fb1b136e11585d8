"""A radiograph that does not stand upright: said, turned by a button, segmented anew; its file stays."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain import cli
from cxradain.imaging.lungs import FLAG_TEXT
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.imaging.radiograph import read_radiograph
from cxradain.imaging.suspicion import BY_CODE, BY_TURN
from cxradain.imaging.turn import TURNS, Turn
from in_process_engine import boxes
from module_panel import Panel, answer_by, chest, standing_in
from PIL import Image
from places import SAMPLES
from PySide6 import QtTest
from PySide6.QtCore import Qt
from worklist_driver import worklist


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        yield panel
        panel.correct.widget.collapsed = True


@pytest.fixture
def hands(window):
    with worklist(window) as hands:
        yield hands


def suspect(panel: Panel, code: str) -> Turn:
    """The engine suspects that of images that have not been turned; returns what it proposes."""
    panel.engine.suspicions = [BY_CODE[code].to_json()]
    return BY_CODE[code].turn


def button(panel: Panel):
    return panel.segment.turning.button


def is_offered(panel: Panel) -> bool:
    return button(panel).isVisibleTo(panel.segment.widget)


def press(panel: Panel) -> None:
    button(panel).click()
    panel.settle()


@pytest.mark.parametrize("turn", TURNS[1:])
def test_what_is_suspected_is_said_and_a_button_sets_it_right(panel, turn):
    from CXRAdaINSegLib.scene.Display import isUpright, redSliceNode

    stored = np.ascontiguousarray(turn.undo(chest()))
    volume = panel.add_pixels(stored)
    assert not is_offered(panel)
    suspect(panel, BY_TURN[turn].code)
    panel.press_segment()
    assert BY_TURN[turn].text in panel.segment.message.text and is_offered(panel)
    press(panel)
    assert isUpright(redSliceNode(), volume) and BY_TURN[turn].text not in panel.segment.message.text
    assert np.array_equal(turn.apply(panel.labels), boxes(chest().shape)), "segmented upright"
    import slicer

    assert np.array_equal(slicer.util.arrayFromVolume(volume)[0], stored), "the pixels stay"
    # What is on top of the upright image is on top of the view, and its right is on the right.
    place = turn.to_stored(10, 150, stored.shape)
    x, y = panel.view.ijkToView(*place)
    left, top = panel.view.ijkToView(*turn.to_stored(10, 20, stored.shape))
    _left, bottom = panel.view.ijkToView(*turn.to_stored(200, 150, stored.shape))
    assert x > left + 5 and y == pytest.approx(top, abs=1) and bottom > y + 5
    assert button(panel).text == "Undo turn"
    press(panel)
    assert (
        np.array_equal(panel.labels, boxes(stored.shape)) and BY_TURN[turn].text in panel.segment.message.text
    )


def test_doubts_about_image_and_mask_are_said_side_by_side_and_the_place_is_where_the_file_has_it(panel):
    import slicer

    turn = suspect(panel, "turned_90")
    stored = np.ascontiguousarray(turn.undo(chest()))
    panel.engine.quality = MaskQuality(
        0.3, LungQuality(0.97), LungQuality(0.12, ("views_disagree",), (20, 40, 60, 90))
    )
    panel.add_pixels(stored)
    panel.press_segment()
    checks = [value for name, value, _unit in panel.measure.rows if name == "Check"]
    assert checks == [BY_CODE["turned_90"].text, FLAG_TEXT["views_disagree"]]
    assert BY_CODE["turned_90"].text in panel.segment.message.text and is_offered(panel)
    assert FLAG_TEXT["views_disagree"] in panel.segment.quality.text
    assert FLAG_TEXT["views_disagree"] not in panel.segment.message.text, "once is enough"
    press(panel)
    (ring,) = slicer.util.getNodesByClass("vtkMRMLMarkupsClosedCurveNode")
    middle = slicer.util.arrayFromMarkupsControlPoints(ring, world=True).mean(axis=0)
    assert np.allclose(middle[:2], (-74.5, -29.5), atol=0.5)
    assert [value for name, value, _unit in panel.measure.rows if name == "Check"] == checks[1:]


def test_a_click_lands_where_the_turned_image_shows_it(panel):
    turn = suspect(panel, "turned_90")
    stored = np.ascontiguousarray(turn.undo(chest()))
    panel.add_pixels(stored)
    panel.press_segment()
    press(panel)
    row, column = (int(value) for value in turn.to_stored(40, 150, stored.shape))
    assert panel.labels[row, column] == 0
    panel.segment.clickButton.click()
    panel.click(row, column)
    assert panel.labels[row, column] == 2


def test_any_turn_can_be_chosen_and_undone_and_without_masks_nothing_is_segmented(panel):
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    panel.add_pixels(chest())
    box = panel.segment.turning.box
    box.setCurrentIndex(TURNS.index(Turn(270, True)))
    panel.settle()
    assert turnOf(panel.volume) == Turn(270, True) and panel.lungs == () and is_offered(panel)
    press(panel)
    assert not turnOf(panel.volume) and box.currentIndex == 0 and not is_offered(panel)


def test_turns_are_chosen_by_arrow_keys_and_while_the_model_works_it_is_said(panel):
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    panel.add_pixels(chest())
    panel.press_segment()
    box = panel.segment.turning.box
    box.setFocus()
    QtTest.QTest.keyClick(box, Qt.Key_Down)
    assert turnOf(panel.volume) == TURNS[1] and panel.segmenting.busy
    QtTest.QTest.keyClick(box, Qt.Key_Down)
    assert "still working" in panel.segment.message.text and box.currentIndex == 1
    panel.settle()
    assert box.hasFocus() and "still working" not in panel.segment.message.text
    QtTest.QTest.keyClick(box, Qt.Key_Down)
    panel.settle()
    assert turnOf(panel.volume) == TURNS[2]


def painted(panel, label: int, *points) -> None:
    """A stroke of one lung, by mouse."""
    from CXRAdaINSegLib.scene.LungSegments import IDS

    panel.take("Paint")
    panel.correct.editor.setCurrentSegmentID(IDS[label])
    panel.view.dragIjk(list(points))
    panel.settle()
    panel.correct.editor.setActiveEffect(None)


@pytest.mark.parametrize("turn", [Turn(0, True), Turn(180)])
@pytest.mark.parametrize("corrected", [(2,), (1, 2)])
def test_corrected_masks_stay_where_they_are_when_the_image_is_turned_and_have_their_sides(
    panel, turn, corrected
):
    """One lung was corrected, or both: the right lung is on the left of the view, and none is lost."""
    panel.add_pixels(chest())
    panel.press_segment()
    for label in corrected:
        painted(panel, label, (20, 40 if label == 1 else 140), (20, 60 if label == 1 else 160))
    before = panel.labels
    panel.segment.turning.box.setCurrentIndex(TURNS.index(turn))
    panel.settle()
    expected = np.array([0, 2, 1], np.uint8)[before]
    assert np.array_equal(panel.labels, expected) and panel.labels[20, 150] == 1
    panel.segment.turning.box.setCurrentIndex(0)
    panel.settle()
    assert np.array_equal(panel.labels, before)


def test_after_a_turn_a_reset_gives_the_models_mask_on_its_side(panel):
    panel.add_pixels(chest())
    panel.press_segment()
    for label in (1, 2):
        painted(panel, label, (20, 40), (20, 60))
    panel.segment.turning.box.setCurrentIndex(TURNS.index(Turn(0, True)))
    panel.settle()
    panel.correct.resetButton.click()
    panel.settle()
    assert np.array_equal(panel.labels, boxes(chest().shape)[:, ::-1])


def test_masks_that_are_not_on_the_sides_of_the_file_are_said_to_be(panel):
    import json

    from CXRAdaINSegLib.scene.VolumeImages import ATTRIBUTE, radiographOf

    fields = radiographOf(panel.add_pixels(chest())).to_json()
    fields["facts"] |= {"orientation": ["L", "F"]}
    panel.volume.SetAttribute(ATTRIBUTE, json.dumps(fields))
    panel.press_segment()

    def warned() -> bool:
        said = "on the patient's left" in panel.segment.quality.text
        assert said == any("on the patient's left" in value for _name, value, _unit in panel.measure.rows)
        return said

    assert not warned()
    panel.segment.turning.box.setCurrentIndex(TURNS.index(Turn(0, True)))  # against the header
    panel.settle()
    assert panel.widget.viewLabels.text.side == "right" and warned()
    panel.segment.overlay.swapButton.click()
    panel.settle()
    assert not warned()
    panel.correct.undo()
    panel.settle()
    assert warned()


def test_an_image_left_before_it_was_segmented_for_its_turn_is_when_it_comes_back(hands, tmp_path):
    show_first_of(
        hands,
        tmp_path / "s",
        SAMPLES / "kermany_normal__IM-0459-0001.jpeg",
        SAMPLES / "v7cohen__53c9be49.jpg",
    )
    panel, shape = hands.panel, hands.panel.labels.shape
    panel.segment.turning.box.setCurrentIndex(TURNS.index(Turn(0, True)))
    assert panel.segmenting.busy
    hands.press(Qt.Key_N)
    assert panel.segmenting.busy  # going on waits for it, unless it is cancelled
    panel.segmenting.cancel()
    panel.until(hands.is_there, 30)
    assert hands.worklist.current.image.name.startswith("image-0002")
    hands.go(hands.press, Qt.Key_P)
    panel.settle()
    assert np.array_equal(panel.labels, boxes(shape)[:, ::-1]) and not panel.segmenting.busy


def test_a_mask_without_a_lung_or_with_its_sides_exchanged_is_approved_by_who_means_it(hands, tmp_path):
    from CXRAdaINSegLib.scene.LungSegments import IDS

    def approve(answer: str = "") -> int:
        """Returns how many versions are approved then."""
        if answer:
            answer_by(answer)
        QtTest.QTest.mouseClick(hands.section.reading.buttons["A"], Qt.LeftButton)
        return [version.status for version in hands.worklist.session.versions()].count("approved")

    def erase(label: int) -> None:
        rows, columns = np.nonzero(hands.panel.labels == label)
        top, bottom, left, right = rows.min() - 9, rows.max() + 9, columns.min() - 9, columns.max() + 9
        hands.panel.take("Scissors")
        hands.panel.correct.editor.setCurrentSegmentID(IDS[label])
        hands.panel.view.pixels()
        hands.panel.view.dragIjk([(top, left), (top, right), (bottom, right), (bottom, left), (top, left)])
        hands.panel.settle()
        assert not (hands.panel.labels == label).any()

    show_first_of(hands, tmp_path / "s", SAMPLES / "kermany_normal__IM-0459-0001.jpeg")
    hands.panel.segment.overlay.swapButton.click()
    hands.panel.settle()
    assert approve("Go back") == 0 and approve("Approve") == 1
    erase(1)
    assert approve("Go back") == 1, "that of before"
    erase(2)
    assert approve() == 1 and "no mask to approve" in hands.message


def test_the_mask_of_before_comes_back_by_undo_without_its_doubt(panel):
    suspect(panel, "turned_180")
    panel.add_pixels(chest())
    panel.press_segment()
    press(panel)
    panel.correct.undo()
    panel.settle()
    assert button(panel).text == "Undo turn"


def test_a_thorax_is_as_wide_whatever_way_it_was_stored(panel):
    panel.add_pixels(chest())
    panel.press_segment()
    expected = panel.measure.rows
    suspect(panel, "turned_90")
    panel.add_pixels(np.ascontiguousarray(Turn(90).undo(chest())))
    panel.press_segment()
    press(panel)
    assert panel.measure.rows == expected


def test_a_saved_scene_comes_back_turned(panel, tmp_path):
    import slicer
    from CXRAdaINSegLib.scene.Display import isUpright, redSliceNode
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    panel.add_pixels(chest())
    panel.segment.turning.box.setCurrentIndex(TURNS.index(Turn(90)))
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear()
    panel.window.process()
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    panel.window.process()
    assert turnOf(panel.volume) == Turn(90) and isUpright(redSliceNode(), panel.volume)
    assert panel.segment.turning.box.currentIndex == TURNS.index(Turn(90))


def test_a_session_keeps_the_turn_and_exports_the_mask_as_the_file_has_it(hands, tmp_path):
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    turn = suspect(hands.panel, "turned_90")
    upright = read_radiograph(SAMPLES / "kermany_normal__IM-0459-0001.jpeg").pixels
    stored = np.ascontiguousarray(turn.undo(upright))
    Image.fromarray(stored).save(tmp_path / "turned.png")
    show_first_of(hands, tmp_path / "s", tmp_path / "turned.png", SAMPLES / "v7cohen__53c9be49.jpg")
    assert BY_TURN[turn].text in hands.panel.segment.message.text, "though another program may have asked"
    before = hands.worklist.session.newest(hands.worklist.key)
    assert before.flags == ("turned_90",)
    press(hands.panel)
    hands.worklist.approve()
    expected = turn.undo(boxes(upright.shape))
    assert np.array_equal(hands.panel.labels, expected)
    hands.go(hands.section.next)
    hands.go(hands.section.previous)
    assert turnOf(hands.panel.volume) == turn and np.array_equal(hands.panel.labels, expected)
    assert not hands.worklist.session.verify().problems
    hands.close()
    out = tmp_path / "out"
    assert cli.main(["session", "export", str(tmp_path / "s"), "--format", "png", "--output", str(out)]) == 0
    assert np.array_equal(np.asarray(Image.open(out / "masks" / "case-00001.png")), expected)
    assert np.array_equal(np.asarray(Image.open(out / "images" / "case-00001.png")), stored)


def test_the_real_engine_segments_a_turned_radiograph_as_it_does_the_upright_one(window, tmp_path):
    pytest.importorskip("torch")
    panel = Panel(window, window.module("CXRAdaINSeg").logic.engine)
    path = SAMPLES / "kermany_normal__IM-0459-0001.jpeg"
    Image.fromarray(Turn(180).apply(read_radiograph(path).pixels)).save(tmp_path / "turned.png")

    def segmented(act) -> np.ndarray:
        act()
        panel.until(lambda: not panel.segmenting.busy and not panel.widget.masks.waiting)
        return panel.labels

    try:
        panel.add(path)
        expected = segmented(panel.segment.segmentButton.click)
        assert not is_offered(panel)
        panel.add(tmp_path / "turned.png")
        wrong = segmented(panel.segment.segmentButton.click)
        assert BY_CODE["turned_180"].text in panel.segment.message.text
        right = segmented(button(panel).click)
        assert np.array_equal(Turn(180).apply(right), expected) and not np.array_equal(right, wrong)
    finally:
        panel.engine.stop()


@pytest.mark.parametrize(
    ("directions", "turn"),
    [
        (((-1, 0, 0), (0, 1, 0), (0, 0, 1)), Turn(180, True)),  # rows upward
        (((0.8, 0.6, 0), (-0.6, 0.8, 0), (0, 0, 1)), Turn(180)),  # nearly RAS
        (((-1, 0, 0), (0, 0, 1), (0, 1, 0)), Turn(180, True)),  # coronal, rows upward
        (((0, 0, -1), (-1, 0, 0), (0, 1, 0)), Turn(90, True)),  # coronal, columns first
    ],
)
def test_a_volumes_directions_say_how_it_is_turned_for_view_and_model(panel, directions, turn):
    from CXRAdaINSegLib.scene.Display import isUpright, redSliceNode
    from CXRAdaINSegLib.scene.LungSegments import segmentOf
    from CXRAdaINSegLib.scene.MaskProvenance import SUSPICIONS, proposedTurn
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    volume = panel.add_pixels(np.ascontiguousarray(turn.undo(chest())), directions=directions)
    assert turnOf(volume) == turn and isUpright(redSliceNode(), volume)
    assert panel.segment.turning.box.currentIndex == TURNS.index(turn), "and the panel says so"
    panel.press_segment()
    assert np.array_equal(turn.apply(panel.labels), boxes(chest().shape)), "segmented upright"
    segmentOf(panel.segmentation, 1).SetTag(SUSPICIONS, BY_TURN[turn].code)
    assert proposedTurn(panel.segmentation) == turn, "a header may be wrong, and looks say so"


def test_a_file_is_shown_as_its_directions_say_until_somebody_knows_better(panel, tmp_path):
    import SimpleITK as sitk
    from CXRAdaINSegLib.scene.Display import isUpright, redSliceNode
    from CXRAdaINSegLib.scene.VolumeImages import ATTRIBUTE, radiographOf, turnOf

    image = sitk.GetImageFromArray(np.ascontiguousarray(chest()[::-1])[None])
    image.SetDirection((1, 0, 0, 0, -1, 0, 0, 0, 1))
    sitk.WriteImage(image, str(tmp_path / "upward.nii.gz"))
    panel.add(tmp_path / "upward.nii.gz")
    assert turnOf(panel.volume) == Turn(180, True) and isUpright(redSliceNode(), panel.volume)
    panel.volume.RemoveAttribute(ATTRIBUTE)
    assert radiographOf(panel.volume).facts.turn == Turn(180, True), "found out from the node"
    press(panel)
    assert not turnOf(panel.volume) and not is_offered(panel)


def show_first_of(hands, session, *files) -> None:
    """A new session of these files, segmented, with the first in the view."""
    hands.create(session)
    hands.read_as("Reader A")
    hands.add(*files)
    hands.segment_all()
    hands.show()


@pytest.mark.parametrize("approved", [False, True])
def test_what_was_suspected_of_another_turn_is_not_in_the_list(hands, tmp_path, approved):
    """Neither at once nor when the session is opened again, and not of the mask that is made anew."""
    turn = suspect(hands.panel, "mirrored")
    files = SAMPLES / "kermany_normal__IM-0459-0001.jpeg", SAMPLES / "v7cohen__53c9be49.jpg"
    show_first_of(hands, tmp_path / "s", *files)
    key = hands.worklist.key
    assert hands.table.model.rows[key].flags == "mirrored"
    if approved:
        hands.press(Qt.Key_A)
    hands.panel.segment.turning.turn(turn)
    assert hands.table.model.rows[key].flags == ""
    hands.panel.settle()
    assert BY_CODE["mirrored"].text not in hands.panel.segment.message.text
    hands.go(hands.press, Qt.Key_N)
    assert hands.table.model.rows[key].flags == ""
    hands.section.refresh()
    assert hands.table.model.rows[key].flags == ""
    hands.go(hands.press, Qt.Key_P)
    hands.panel.segment.turning.turn(Turn())
    hands.panel.settle()
    assert hands.table.model.rows[key].flags == "mirrored"


def choose(panel: Panel, turn: Turn) -> None:
    """Choose a turn from its list, by mouse and keys."""
    box = panel.segment.turning.box
    QtTest.QTest.mouseClick(box, Qt.LeftButton)
    for _step in range(len(TURNS)):
        QtTest.QTest.keyClick(box.view(), Qt.Key_Up)
    for _step in range(TURNS.index(turn)):
        QtTest.QTest.keyClick(box.view(), Qt.Key_Down)
    QtTest.QTest.keyClick(box.view(), Qt.Key_Return)
    panel.settle()
    window = panel.window.window
    window.activateWindow()  # as where there is a window manager
    panel.until(lambda: window.isActiveWindow, 10)


def test_a_turn_is_not_undone_by_half_and_leaves_the_approval(hands, tmp_path):
    """One undo after it took back the sides and left the turn."""
    show_first_of(
        hands,
        tmp_path / "s",
        SAMPLES / "kermany_normal__IM-0459-0001.jpeg",
        SAMPLES / "v7cohen__53c9be49.jpg",
    )
    hands.paint((5, 40), (5, 60))
    hands.panel.correct.putToolDown()
    hands.press(Qt.Key_A)
    before, version = hands.panel.labels, hands.newest()
    assert version.status == "approved"
    choose(hands.panel, Turn(0, True))
    expected = np.array([0, 2, 1], np.uint8)[before]
    assert np.array_equal(hands.panel.labels, expected), "the masks have changed their sides with it"
    assert hands.newest() == version and "Check them" in hands.panel.segment.message.text
    assert np.array_equal(hands.worklist.session.mask(hands.newest()), expected), "which is on the disk"
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    hands.panel.settle()
    hands.go(hands.press, Qt.Key_N)
    hands.go(hands.press, Qt.Key_P)
    assert np.array_equal(hands.panel.labels, expected) and hands.statuses[hands.name] == "approved"
    assert hands.worklist.takeBack(version)  # as the list of versions does
    assert np.array_equal(hands.panel.labels, expected), "an earlier mask has its sides, too"
    assert hands.newest().status == "approved"
    hands.panel.correct.widget.collapsed = True


def test_a_turn_that_leaves_the_sides_leaves_the_approval(hands, tmp_path):
    show_first_of(hands, tmp_path / "s", SAMPLES / "kermany_normal__IM-0459-0001.jpeg")
    hands.press(Qt.Key_A)
    choose(hands.panel, Turn(180, True))
    assert hands.newest().status == "approved" and not hands.panel.segmenting.busy
