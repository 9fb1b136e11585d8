"""A copy of a session's radiograph in the scene, from a saved scene or a file: it is said to be one, leads to
the original, and leaves the view when another session is opened; by mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Picture
from PySide6 import QtCore, QtTest
from test_right_image import composite, highlighted, other_volume
from worklist_driver import filled, worklist

Qt = QtCore.Qt
STROKE = ((10, 20), (10, 60))


def add_button(hands):
    return hands.section.inView.addButton


def saved_and_loaded(hands, path):
    """The scene with the image at hand saved, closed and opened again, as on another day."""
    import slicer

    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear(0)
    hands.window.process()
    slicer.util.loadScene(str(path))
    hands.panel.settle()


@pytest.fixture
def copied(hands, tmp_path):
    """A session, and in the view the copy of its first radiograph from a scene that was saved."""
    saved_and_loaded(hands, tmp_path / "scene.mrb")
    assert hands.panel.volume.GetName() == "image-0001" and hands.worklist.current is None
    yield hands
    hands.panel.correct.widget.collapsed = True


@pytest.fixture
def pictures(window, tmp_path):
    """A session of references to two pictures; none is shown."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(2):
        pixels = np.random.default_rng(seed).integers(0, 255, (120, 100), np.uint8)
        Picture.fromarray(pixels).save(folder / f"{seed}.png")
    with worklist(window) as hands:
        hands.create(tmp_path / "session", kind=1)
        hands.add(folder)
        yield hands


def says_that_it_is_a_copy(hands, name: str) -> None:
    row = hands.section.inView.copyRow
    assert row.isVisibleTo(hands.section.widget) and name in hands.section.inView.copyText.text
    assert "not kept" in hands.section.inView.copyText.text
    assert f"copy of {name}: strokes are not kept" in hands.panel.widget.viewLabels.text.lines


def test_the_copy_of_a_saved_scene_says_so_and_leads_to_the_sessions_radiograph(copied):
    hands = copied
    says_that_it_is_a_copy(hands, "image-0001")
    hands.paint(*STROKE)
    hands.press(Qt.Key_A)
    assert "No image of the list" in hands.message and set(hands.statuses.values()) == {"auto", "unlabelled"}
    copy = hands.panel.volume
    hands.go(QtTest.QTest.mouseClick, hands.section.inView.originalButton, Qt.LeftButton)
    assert hands.panel.volume is not copy and highlighted(hands) == hands.name == "image-0001"
    assert not hands.section.inView.copyRow.isVisibleTo(hands.section.widget)
    assert not any("copy" in line for line in hands.panel.widget.viewLabels.text.lines)


def test_strokes_on_a_copy_are_brought_into_the_session_by_the_button(copied):
    hands = copied
    hands.paint(*STROKE)
    painted = hands.panel.labels
    assert add_button(hands).enabled and "image-0001" in add_button(hands).toolTip
    hands.go(QtTest.QTest.mouseClick, add_button(hands), Qt.LeftButton)
    assert np.array_equal(hands.panel.labels, painted) and hands.statuses["image-0001"] == "corrected"
    assert np.array_equal(hands.worklist.session.mask(hands.newest()), painted)
    assert len(hands.worklist.session.images()) == 6


def test_strokes_of_a_copy_are_in_the_view_where_its_radiograph_was_at_hand(hands, tmp_path):
    """The session's was in the scene all the while, with the mask of before."""
    saved_and_loaded(hands, tmp_path / "scene.mrb")
    copy = hands.panel.volume
    hands.show(0)
    composite().SetBackgroundVolumeID(copy.GetID())
    hands.panel.settle()
    hands.paint(*STROKE)
    painted = hands.panel.labels
    QtTest.QTest.mouseClick(add_button(hands), Qt.LeftButton)
    hands.panel.settle()
    assert hands.panel.volume is hands.worklist.current.volume is not copy
    assert np.array_equal(hands.panel.labels, painted) and not hands.worklist.isModified()


def test_the_hearts_points_on_a_copy_are_not_those_of_the_session(copied):
    from CXRAdaINSegLib.scene.ChestLines import setHeartPoints

    hands, panel = copied, copied.panel
    setHeartPoints(panel.volume, ((40.0, 20.0), (40.0, 60.0)))
    panel.measure.heartPlaced.emit()
    key = hands.table.model.keyAt(0)
    assert not hands.worklist.session.heart(key, "Reader A")


def test_a_file_of_the_session_that_is_opened_by_itself_is_a_copy(pictures, tmp_path):
    hands = pictures
    hands.panel.add(tmp_path / "pictures" / "1.png")
    says_that_it_is_a_copy(hands, "1.png")
    other_file = tmp_path / "other.png"
    pixels = np.random.default_rng(7).integers(0, 255, (120, 100), np.uint8)
    Picture.fromarray(pixels).save(other_file)
    hands.panel.add(other_file)
    assert not hands.section.inView.copyRow.isVisibleTo(hands.section.widget)
    assert "not in the session" in hands.panel.widget.viewLabels.text.lines


def test_a_file_whose_pixels_are_filed_under_two_patients_is_taken_for_neithers(
    pictures, tmp_path, monkeypatch
):
    """The file of one was said to be a copy of the other's."""
    hands, session = pictures, pictures.worklist.session
    images = session.images()
    monkeypatch.setattr(session, "images_of", lambda pixels: images)
    hands.panel.add(tmp_path / "pictures" / "1.png")
    assert not hands.section.inView.copyRow.isVisibleTo(hands.section.widget)
    assert "not in the session" in hands.panel.widget.viewLabels.text.lines


def test_a_file_that_the_application_reads_in_other_numbers_is_a_copy(pictures, tmp_path):
    """As 3D Slicer does DICOM."""
    import slicer
    from CXRAdaINSegLib.scene.VolumeImages import FILE

    hands = pictures
    path = tmp_path / "pictures" / "1.png"
    values = np.array(Picture.open(path)).astype(np.float32) * 2 - 100
    volume = slicer.util.addVolumeFromArray(values[np.newaxis], name="1")
    volume.SetAttribute(FILE, str(path))
    hands.panel.segment.input.choose(volume)
    says_that_it_is_a_copy(hands, "1.png")


@pytest.mark.parametrize("why", ["no session", "opened to read", "at hand", "nothing", "being added"])
def test_a_button_that_cannot_add_says_why(hands, tmp_path, why):
    texts = {
        "no session": "Open a session first",
        "opened to read": "opened to read",
        "at hand": "in the session already",
        "nothing": "no radiograph",
        "being added": "being added",
    }
    folder = hands.worklist.session.path
    if why in ("no session", "opened to read"):
        hands.close()
    if why == "opened to read":
        hands.rows.path.currentPath = str(folder)
        hands.rows.open(write=False)
    if why != "at hand":
        other_volume()
    if why == "nothing":
        composite().SetBackgroundVolumeID(None)
        hands.window.process()
    elif why != "at hand":
        hands.panel.segment.input.choose(other_volume("third"))
    if why == "being added":
        hands.section.add([str(tmp_path)])
        hands.section.inView.update()
    button = add_button(hands)
    assert not button.enabled and texts[why] in button.toolTip and texts[why] in button.statusTip
    hands.panel.until(lambda: not hands.jobs.adding.running, 60)


@pytest.mark.parametrize("way", ["a saved scene's", "one that was not saved"])
def test_a_radiograph_of_a_session_leaves_the_view_with_it(hands, tmp_path, monkeypatch, way):
    from cxradain.sessions.records import NotSaved

    folder = hands.worklist.session.path
    if way == "a saved scene's":
        saved_and_loaded(hands, tmp_path / "scene.mrb")
        hands.close()
    else:
        hands.paint(*STROKE)
        hands.panel.correct.widget.collapsed = True

        def refuse(*_arguments, **_options):
            raise NotSaved("The disk is full.")

        with monkeypatch.context() as patch:
            patch.setattr(hands.worklist.session, "add_mask", refuse)
            hands.close_without_saving()
    former = hands.panel.volume
    assert former is not None and hands.worklist.session is None
    hands.open(filled(tmp_path / "other"))
    hands.window.process()
    assert hands.panel.volume is None and not composite().GetBackgroundVolumeID()
    hands.panel.widget.exit()
    hands.panel.widget.enter()
    hands.window.process()
    assert hands.panel.volume is None and former.GetScene() is not None, "it is still there to be chosen"
    hands.close()
    hands.open(folder)
    hands.show(0)
    assert hands.worklist.save()
    assert hands.newest().status == ("auto" if way == "a saved scene's" else "corrected")
