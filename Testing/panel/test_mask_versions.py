"""A session's images in the real window: shown, corrected with the brush, saved, approved, reopened."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from cxradain.sessions.records import MODEL, Origin
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from in_process_engine import boxes
from PySide6 import QtCore, QtTest
from worklist_driver import sample_files, worklist

Qt = QtCore.Qt


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A session of three of the bundled radiographs, with the stand-in's masks."""
    folder = tmp_path_factory.mktemp("made") / "session"
    origin = Origin(model_id="stand-in 1", model_hash="0" * 64, mode="student")
    with Session.create(folder) as session:
        for path in sample_files(3):
            image, _fault = add_file(session, path)
            session.add_mask(image.key, boxes(image.shape), MODEL, "auto", origin)
    return folder


@pytest.fixture
def hands(window, made, tmp_path):
    """The window with such a session, the first image in the view."""
    shutil.copytree(made, tmp_path / "session")
    with worklist(window) as hands:
        hands.open(tmp_path / "session")
        hands.show(0)
        yield hands


def corner(hands) -> list[tuple[float, float]]:
    """A stroke where the stand-in's masks are not: over the middle, near the top."""
    rows, columns = hands.panel.labels.shape
    return [(rows * 0.1, columns * share) for share in (0.45, 0.5, 0.55)]


def test_correcting_approving_and_flagging_through_a_list_keeps_each_readers_work(hands):
    """Correct, go on, approve, flag, go back: each reader's work is there again."""
    hands.paint(*corner(hands))
    corrected = hands.panel.labels
    assert hands.statuses["image-0001"] == "auto", "nothing is kept before one goes on"
    hands.go(hands.press, Qt.Key_N)
    assert hands.name == "image-0002" and hands.statuses["image-0001"] == "corrected"
    hands.press(Qt.Key_A)
    hands.go(hands.press, Qt.Key_N)
    hands.press(Qt.Key_F)
    assert list(hands.statuses.values()) == ["corrected", "approved", "flagged"]
    hands.press(Qt.Key_N)
    assert "last" in hands.message and hands.name == "image-0003"
    hands.go(hands.press, Qt.Key_P)
    hands.go(hands.press, Qt.Key_P)
    assert np.array_equal(hands.panel.labels, corrected)
    version = hands.newest()
    assert (version.reader, version.status, version.tools) == ("Reader A", "corrected", ("Paint",))
    assert version.model_id == "stand-in 1" and version.model_hash == "0" * 64 and version.mode == "student"
    assert version.seconds > 0 and version.base == hands.worklist.session.versions(version.image)[0].id
    assert not hands.worklist.session.verify().problems


def test_an_image_whose_header_changed_is_read_again(hands, tmp_path):
    import pydicom
    from CXRAdaINSegLib.scene.VolumeImages import radiographOf

    before = radiographOf(hands.panel.volume).facts
    hands.go(hands.section.next)
    mended = pydicom.dcmread(sample_files(1)[0])
    mended.PhotometricInterpretation = "MONOCHROME2" if before.inverted else "MONOCHROME1"
    mended.save_as(tmp_path / "mended.dcm")
    hands.add(tmp_path / "mended.dcm")
    hands.go(hands.section.previous)
    after = radiographOf(hands.panel.volume).facts
    assert hands.name == "image-0001" and after.source == before.source == "DICOM"
    assert after.inverted is not before.inverted


def test_the_scene_holds_one_image_at_a_time(hands):
    import slicer

    for _ in range(2):
        hands.go(hands.section.next)
    hands.panel.until(lambda: len(slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")) == 1)
    assert len(slicer.util.getNodesByClass("vtkMRMLSegmentationNode")) == 1
    assert len(slicer.util.getNodesByClass("vtkMRMLTableNode")) == 1
    assert len(slicer.util.getNodesByClass("vtkMRMLVolumeDisplayNode")) == 1


def test_only_changed_masks_are_saved(hands):
    session = hands.worklist.session
    timer = hands.worklist.autosaveTimer
    assert timer.isActive() and timer.interval <= 60_000, "it saves by itself"
    for _ in range(2):
        hands.go(hands.section.next)
    assert len(session.versions()) == 3, "the model's alone"
    hands.go(hands.section.previous)
    hands.paint(*corner(hands))
    hands.worklist.autosave()
    hands.worklist.autosave()
    assert len(session.versions()) == 4
    hands.paint((5, 5), (5, 30))
    hands.worklist.autosave()
    assert [v.status for v in session.versions(hands.worklist.key)] == ["auto", "corrected", "corrected"]
    hands.panel.correct.undo()
    hands.panel.settle()
    hands.worklist.autosave()
    assert len(session.versions(hands.worklist.key)) == 4, "going back is a version, too"


def test_masks_from_before_an_image_was_gone_on_from_are_had_back_by_one_button(hands):
    models = hands.panel.labels
    hands.paint(*corner(hands))
    first = hands.panel.labels
    hands.go(hands.press, Qt.Key_N)
    hands.go(hands.press, Qt.Key_P)
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    assert np.array_equal(hands.panel.labels, first)
    assert "Nothing to undo" in hands.panel.segment.message.text
    assert "Earlier mask" in hands.panel.segment.message.text
    hands.paint((5, 5), (5, 30))
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)
    hands.panel.settle()
    assert np.array_equal(hands.panel.labels, first), "undo itself says nothing"
    hands.paint((5, 5), (5, 30))
    button, second = hands.section.beforeButton, hands.panel.labels
    for mask in (first, models):
        QtTest.QTest.mouseClick(button, Qt.LeftButton)
        hands.panel.settle()
        assert np.array_equal(hands.panel.labels, mask) and "your newest one now" in hands.message
    QtTest.QTest.mouseClick(button, Qt.LeftButton)
    assert "your first mask. Versions... has the others" in hands.message
    session = hands.worklist.session
    kept = [session.mask(version) for version in session.versions(hands.worklist.key)]
    assert any(np.array_equal(mask, second) for mask in kept), "nothing is lost"


def test_the_list_of_versions_follows_while_it_is_open(hands):
    hands.section.versionsButton.click()
    versions, session = hands.section.versions, hands.worklist.session
    for key in (Qt.Key_A, Qt.Key_F):
        hands.press(key)
        assert versions.table.rowCount == len(session.versions(hands.worklist.key))
        assert versions.chosen.id == hands.newest().id
    versions.table.selectRow(2)
    chosen = versions.chosen
    hands.press(Qt.Key_A)
    assert versions.chosen.id == chosen.id and versions.versions[0].id == hands.newest().id, "looked at still"
    versions.close()


@pytest.mark.parametrize(("key", "name"), [(Qt.Key_N, "image-0003"), (Qt.Key_P, "image-0001")])
def test_keys_go_on_from_the_image_that_was_shown_when_the_scene_closed(hands, key, name):
    import slicer

    hands.go(hands.press, Qt.Key_N)
    slicer.mrmlScene.Clear(0)
    hands.window.process(0.2)
    assert hands.worklist.current is None
    hands.go(hands.press, key)
    assert hands.name == name


def test_after_an_older_version_was_taken_back_the_earlier_mask_is_what_it_replaced(hands):
    masks = [hands.panel.labels]
    for row in (5, 15):
        hands.paint((row, 5), (row, 30))
        hands.worklist.autosave()
        masks.append(hands.panel.labels)
    hands.section.versionsButton.click()
    versions = hands.section.versions
    versions.table.selectRow(2)
    QtTest.QTest.mouseClick(versions.takeButton, Qt.LeftButton)
    versions.close()
    hands.panel.settle()
    assert np.array_equal(hands.panel.labels, masks[0])
    for mask in reversed(masks):
        QtTest.QTest.mouseClick(hands.section.beforeButton, Qt.LeftButton)
        hands.panel.settle()
        assert np.array_equal(hands.panel.labels, mask)
    QtTest.QTest.mouseClick(hands.section.beforeButton, Qt.LeftButton)
    assert "your first mask" in hands.message and np.array_equal(hands.panel.labels, masks[0])


def test_clicks_are_saved_with_the_mask_and_restored(hands):
    panel = hands.panel
    rows, columns = panel.labels.shape
    panel.segment.clickButton.click()
    panel.click(rows * 0.9, columns * 0.2)
    panel.segment.clickButton.click()
    hands.go(hands.section.next)
    hands.go(hands.section.previous)
    version = hands.newest()
    assert version.tools == ("Click",) and len(version.clicks) == 1 and version.clicks[0]["action"] == "add"
    assert [click.row for click in panel.clicks] == [pytest.approx(rows * 0.9, abs=3)]


def test_a_mask_by_the_segment_button_is_saved_as_the_models(hands, tmp_path):
    hands.add(sample_files(4)[3])
    hands.show(3)
    assert hands.panel.segmentation is None
    hands.panel.press_segment()
    hands.go(hands.section.previous)
    assert hands.statuses["image-0004"] == "auto"
    version = hands.worklist.session.versions(hands.table.model.keyAt(3))[0]
    assert (version.reader, version.model_hash) == (MODEL, "0" * 64)


def test_the_scene_that_closes_and_the_application_that_ends_keep_the_mask(hands):
    import slicer

    hands.paint(*corner(hands))
    key = hands.worklist.key
    slicer.mrmlScene.Clear(0)
    hands.window.process()
    assert hands.worklist.current is None
    assert hands.worklist.session.newest(key, "Reader A").status == "corrected"
    hands.show(1)
    hands.paint(*corner(hands))
    path, key = hands.worklist.session.path, hands.worklist.key
    assert hands.worklist.close()
    with Session(path) as session:
        assert session.newest(key, "Reader A").status == "corrected"


def test_readers_see_their_own_versions(hands):
    hands.paint(*corner(hands))
    first = hands.panel.labels
    hands.read_as("Reader B")
    hands.panel.settle()
    model = hands.panel.labels
    assert not np.array_equal(model, first) and hands.statuses["image-0001"] == "auto"
    hands.paint((5, 5), (5, 30))
    second = hands.panel.labels
    hands.look()
    hands.press(Qt.Key_A)
    assert hands.statuses["image-0001"] == "approved"
    hands.read_as("Reader A")
    hands.panel.settle()
    assert np.array_equal(hands.panel.labels, first) and hands.statuses["image-0001"] == "corrected"
    session = hands.worklist.session
    assert np.array_equal(session.mask(session.newest(hands.worklist.key, "Reader B")), second)
    assert session.readers() == ["Reader A", "Reader B"]


def test_volume_has_the_geometry_of_its_file(hands):
    """A DICOM file with its spacing: the same place as Slicer's own reader gives it."""
    import slicer
    import vtk

    index = next(i for i, path in enumerate(sample_files(3)) if path.suffix == ".dcm")
    hands.show(index)
    ours, theirs = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    hands.panel.volume.GetIJKToRASMatrix(ours)
    loaded = slicer.util.loadVolume(str(sample_files(3)[index]), {"singleFile": True, "show": False})
    loaded.GetIJKToRASMatrix(theirs)
    for row in range(3):
        for column in range(2):
            assert ours.GetElement(row, column) == pytest.approx(theirs.GetElement(row, column), abs=1e-6)


def test_closing_the_application_saves_the_current_mask_and_it_never_imported_torch(made, tmp_path):
    folder = tmp_path / "session"
    shutil.copytree(made, folder)
    script = Path(__file__).with_name("killed_window.py")
    ended = subprocess.run([sys.executable, script, folder, "0", "quit"], capture_output=True, text=True)
    assert ended.returncode == 0 and ended.stdout.count("kept") == 1, ended.stderr
    with Session(folder) as session:
        assert [row.status for row in session.worklist("Reader A")] == ["corrected", "auto", "auto"]


def test_another_radiograph_that_is_looked_at_is_not_approved_for_the_one_of_the_list(hands):
    hands.panel.add(sample_files(4)[3])
    hands.press(Qt.Key_A)
    assert "Choose one first" in hands.message and hands.statuses["image-0001"] == "auto"


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_application_loses_no_saved_version(made, tmp_path):
    """It paints and goes on, by its own window; at a random moment it is killed, twice."""
    folder, chance = tmp_path / "session", random.Random(11)
    shutil.copytree(made, folder)
    kept: dict[str, int] = {}
    for turn in range(2):
        child = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("killed_window.py")), str(folder), str(turn)],
            stdout=subprocess.PIPE,
            text=True,
        )
        told = []
        for line in child.stdout:
            if line.startswith("kept"):
                told.append(line.split())
            if len(told) >= 2 + turn:
                break
        time.sleep(chance.uniform(0, 0.6))
        child.kill()
        told += [line.split() for line in child.stdout if line.startswith("kept") and line.endswith("\n")]
        assert child.wait() == -signal.SIGKILL, "it ended by itself"
        child.stdout.close()
        kept |= {name: int(sum_) for _kept, _image, name, sum_ in told}
        with Session(folder) as session:
            there = {version.id: version for version in session.versions()}
            for name, checksum in kept.items():
                assert zlib.crc32(session.mask(there[name]).tobytes()) == checksum
            assert not session.verify().problems
    assert len(kept) >= 5
