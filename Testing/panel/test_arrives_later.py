"""What arrives while the reader does something else: images, masks and answers act on their own image."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.sessions.records import MODEL, NotSaved
from PySide6 import QtCore, QtTest
from test_right_image import click_row, composite, highlighted, other_volume, panel, picture, settled

Qt = QtCore.Qt

__all__ = ["panel", "picture"]


def begin_stroke(panel, after):
    """Hold the brush at one place of the image as soon as something was done; return where it is to go on."""
    panel.take("Paint")
    panel.view.pixels()
    places = [panel.view.placeOf(row, 60) for row in (20, 60)]
    after()
    QtTest.QTest.mousePress(panel.view.view, Qt.LeftButton, Qt.NoModifier, places[0])
    return places[1]


def end_stroke(panel, place):
    QtTest.QTest.mouseMove(panel.view.view, place)
    QtTest.QTest.mouseRelease(panel.view.view, Qt.LeftButton, Qt.NoModifier, place)


def test_a_stroke_ends_on_the_image_that_it_was_begun_on_though_the_next_is_there(hands, monkeypatch):
    session, (first, second) = hands.worklist.session, [hands.table.model.keyAt(row) for row in (0, 1)]
    read, asked = hands.worklist.readAhead.read, []
    monkeypatch.setattr(hands.worklist.readAhead, "read", lambda *request: asked.append(request))
    place = begin_stroke(hands.panel, lambda: hands.press(Qt.Key_N))
    read(*asked[0])
    hands.panel.until(lambda: hands.worklist.readAhead.has(second), 30)
    hands.window.process(0.3)
    assert hands.name == "image-0001", "which is painted on"
    end_stroke(hands.panel, place)
    hands.panel.until(hands.is_there, 10)
    hands.panel.settle()
    assert hands.name == "image-0002" and hands.worklist.save()
    assert session.newest(first, "Reader A").status == "corrected"
    assert session.newest(second, "Reader A").reader == MODEL


def test_a_stroke_ends_on_the_image_that_it_was_begun_on_though_a_file_is_read(panel, picture):
    before = int((panel.labels > 0).sum())
    place = begin_stroke(panel, lambda: panel.segment.input.addFiles([str(picture)]))
    panel.window.process(0.5)
    assert panel.volume.GetName() == "first"
    first = panel.segmentation
    end_stroke(panel, place)
    painted = int((panel.labels > 0).sum())
    assert panel.segmentation is first and painted > before
    panel.until(lambda: panel.volume.GetName() == "second", 30)
    panel.correct.editor.setActiveEffect(None)


@pytest.mark.parametrize("what", ["its radiograph", "the mask"])
@pytest.mark.parametrize("disk", ["writes", "is full"])
def test_what_was_painted_is_kept_when_it_is_taken_out_of_the_scene(hands, monkeypatch, disk, what):
    import slicer
    from CXRAdaINSegLib.scene.LungSegments import ROLE

    hands.segment_all()
    hands.show(0)
    shape = hands.panel.labels.shape
    hands.paint((0.05 * shape[0], 0.3 * shape[1]), (0.05 * shape[0], 0.5 * shape[1]))
    painted, session = hands.panel.labels, hands.worklist.session
    with monkeypatch.context() as patch:
        if disk == "is full":

            def refuse(*_arguments, **_more):
                raise NotSaved("The disk is full.")

            patch.setattr(session, "add_mask", refuse)
        volume = hands.worklist.current.volume
        slicer.mrmlScene.RemoveNode(volume if what == "its radiograph" else hands.panel.segmentation)
        hands.window.process()
    masks = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    assert not [each for each in masks if each.GetAttribute(ROLE)], "none is left of no radiograph"
    if disk == "writes":
        newest = session.newest(hands.table.model.keyAt(0), "Reader A")
        assert newest.status == "corrected" and np.array_equal(session.mask(newest), painted)
    click_row(hands, 0)
    settled(hands, "image-0001")
    assert np.array_equal(hands.panel.labels, painted)


@pytest.mark.parametrize("way", ["the session is closed", "the view shows it"])
@pytest.mark.parametrize("tool", ["Paint", "clicks"])
def test_no_tool_is_armed_on_a_radiograph_that_the_reader_did_not_begin_to_correct(hands, tool, way):
    from CXRAdaINSegLib.scene.EditHistory import editorNode

    panel, loose = hands.panel, other_volume("another patient's")
    if tool == "Paint":
        hands.paint((20, 60), (60, 60))
    else:
        QtTest.QTest.mouseClick(panel.segment.clickButton, Qt.LeftButton)
    if way == "the session is closed":
        QtTest.QTest.mouseClick(hands.rows.openButton, Qt.LeftButton)
        panel.settle()
    composite().SetBackgroundVolumeID(loose.GetID())
    panel.settle()
    assert panel.volume is loose
    assert not editorNode().GetActiveEffectName() and not panel.segment.clicks.active
    panel.view.dragIjk([(20, 60), (60, 60)])
    panel.settle()
    assert panel.lungs == () and not panel.segmenting.busy
    panel.correct.widget.collapsed = True


@pytest.mark.parametrize("way", ["next image", "other reader", "file"])
@pytest.mark.parametrize("tool", ["Draw", "Level tracing"])
def test_an_outline_that_was_begun_on_one_mask_is_not_filled_on_another(hands, picture, tool, way):
    panel = hands.panel
    hands.segment_all()
    hands.show(0)
    panel.view.pixels()
    panel.take(tool)
    rows, columns = panel.labels.shape
    for row, column in ((0.02, 0.1), (0.02, 0.3), (0.1, 0.3)):
        if tool == "Draw":
            panel.view.clickIjk(row * rows, column * columns)
        else:
            panel.view.hoverIjk(row * rows, column * columns)
    assert panel.correct.editor.activeEffect().line
    if way == "next image":
        hands.go(hands.section.next)
    elif way == "other reader":
        hands.read_as("Reader B")
    else:
        panel.add(picture)
        panel.press_segment()
    made = panel.labels
    if tool == "Draw" and way != "file":
        assert hands.name == "image-0001" and hands.worklist.reader == "Reader A"
        assert "outline is not closed" in hands.message and panel.correct.editor.activeEffect().line
        return
    assert not panel.correct.editor.activeEffect().line
    assert panel.correct.editor.activeEffect().effect == tool, "the tool itself is kept"
    if tool == "Draw":
        panel.view.clickIjk(0.5 * made.shape[0], 0.5 * made.shape[1], button=Qt.RightButton)
    panel.settle()
    assert np.array_equal(panel.labels, made)


def test_what_was_painted_while_the_next_image_could_not_be_read_is_kept(hands, monkeypatch):
    session, key = hands.worklist.session, hands.worklist.key
    waiting = []
    monkeypatch.setattr(
        hands.worklist.readAhead, "read", lambda key, onDone, onError: waiting.append(onError)
    )
    hands.section.next()
    hands.paint((20, 60), (60, 60))
    waiting[0]("It is damaged.", "")
    hands.panel.until(lambda: hands.worklist.current is None, 10)
    assert session.newest(key, "Reader A").status == "corrected"
    assert "damaged" in hands.message and hands.worklist.current is None


def click_fast(hands, *places):
    """Click on the image in the view, and let the engine answer none of it yet."""
    QtTest.QTest.mouseClick(hands.panel.segment.clickButton, Qt.LeftButton)
    hands.panel.view.pixels()
    for row, column in places:
        hands.panel.view.clickIjk(row, column)
    assert hands.panel.segmenting.busy


def test_clicks_that_wait_for_the_model_are_answered_on_their_image_before_going_on(hands):
    session, first = hands.worklist.session, hands.worklist.key
    click_fast(hands, (10, 25), (10, 80))
    hands.press(Qt.Key_N)
    hands.panel.until(lambda: hands.worklist.readAhead.has(hands.worklist.key), 30)
    hands.window.process(0.2)
    assert hands.name == "image-0001" and "once the model has answered" in hands.message
    hands.panel.engine.answer()
    hands.panel.until(hands.is_there, 30)
    hands.panel.settle()
    assert hands.name == highlighted(hands) == "image-0002" and hands.message == ""
    kept = session.newest(first, "Reader A")
    mask = session.mask(kept)
    assert (kept.status, len(kept.clicks)) == ("corrected", 2) and mask[10, 25] == 1 and mask[10, 80] == 2
    assert session.newest(hands.worklist.key, "Reader A").reader == MODEL


@pytest.mark.parametrize("end", ["answered", "cancelled"])
def test_clicks_that_wait_for_the_model_are_answered_before_the_window_closes(hands, monkeypatch, end):
    import slicer

    closed, window = [], hands.window.window
    monkeypatch.setattr(type(slicer.app), "testingEnabled", lambda self: False)
    monkeypatch.setattr(window.files, "may_close", lambda: bool(closed.append(hands.newest().status)))
    click_fast(hands, (10, 25), (10, 80))
    for _press in range(2):
        assert not window.close()
        hands.window.process(0.2)
        assert not closed and "Closing once the model has answered" in hands.panel.segment.message.text
    if end == "answered":
        hands.panel.engine.answer()
    else:
        QtTest.QTest.mouseClick(hands.panel.segment.cancelButton, Qt.LeftButton)
    hands.panel.until(lambda: closed, 10)
    assert closed == ["corrected" if end == "answered" else "auto"]
    assert len(hands.newest().clicks) == (2 if end == "answered" else 0)
    assert "Closing" not in hands.panel.segment.message.text


def test_going_on_waits_for_no_model_that_was_cancelled_or_failed(hands):
    for end in (hands.panel.segment.cancelButton.click, hands.panel.engine.fail):
        before = hands.name
        click_fast(hands, (10, 25), (10, 80), (12, 80))
        hands.press(Qt.Key_N)
        hands.panel.until(lambda: hands.worklist.readAhead.has(hands.worklist.key), 30)
        end()
        hands.panel.until(hands.is_there, 30)
        hands.panel.settle()
        assert hands.name != before
        hands.panel.segment.setClickMode(False)


def test_the_session_closes_once_the_model_has_answered(hands):
    session, key = hands.worklist.session.path, hands.worklist.key
    click_fast(hands, (10, 25))
    for _press in range(2):
        QtTest.QTest.mouseClick(hands.rows.openButton, Qt.LeftButton)
    hands.window.process(0.2)
    assert "once the model has answered" in hands.message and hands.worklist.session is not None
    hands.panel.engine.answer()
    hands.panel.until(lambda: hands.worklist.session is None, 30)
    hands.window.process(0.3)
    assert hands.worklist.session is None, "the second press does not open it again"
    hands.open(session)
    assert len(hands.worklist.session.newest(key, "Reader A").clicks) == 1


def test_an_older_version_is_taken_back_once_the_model_has_answered(hands):
    hands.paint((5, 5), (5, 30))
    hands.panel.correct.widget.collapsed = True
    hands.section.versionsButton.click()
    versions = hands.section.versions
    versions.table.selectRow(1)
    older = versions.chosen
    click_fast(hands, (10, 25))
    QtTest.QTest.mouseClick(versions.takeButton, Qt.LeftButton)
    assert "once the model has answered" in hands.message
    hands.panel.settle()
    hands.panel.until(lambda: "your newest one now" in hands.message, 30)
    session = hands.worklist.session
    assert np.array_equal(session.mask(hands.newest()), session.mask(older))
    assert [len(version.clicks) for version in versions.versions] == [0, 1, 0, 0]
    versions.close()


def test_a_flag_waits_for_the_mask_that_is_still_to_come_and_going_on_for_both(hands):
    click_fast(hands, (10, 25))
    hands.press(Qt.Key_F)
    hands.press(Qt.Key_N)
    assert "once the model has answered" in hands.message and hands.statuses["image-0001"] == "auto"
    hands.panel.settle()
    hands.panel.until(lambda: hands.name == "image-0002", 30)
    assert hands.statuses["image-0001"] == "flagged" and hands.statuses["image-0002"] == "auto"
    version = next(v for v in reversed(hands.worklist.session.versions()) if v.reader != MODEL)
    assert version.status == "flagged" and len(version.clicks) == 1, "the flag is on the mask with the click"


@pytest.mark.parametrize("keys", [(Qt.Key_A,), (Qt.Key_A, Qt.Key_N), (Qt.Key_D,)], ids=["A", "A, N", "D"])
def test_a_mask_that_is_still_to_come_is_looked_at_before_it_is_approved(hands, keys):
    click_fast(hands, (10, 25))
    for key in keys:
        hands.press(key)
    assert hands.statuses["image-0001"] == "auto"
    hands.panel.settle()
    hands.panel.until(lambda: "Not approved" in hands.message, 30)
    hands.panel.settle()
    assert hands.name == "image-0001" and hands.statuses["image-0001"] != "approved"
    hands.press(Qt.Key_A)
    assert hands.statuses["image-0001"] == "approved" and len(hands.newest().clicks) == 1
