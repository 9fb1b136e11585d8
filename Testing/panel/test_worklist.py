"""The worklist's section in the real window: sessions made and opened, images added."""

from __future__ import annotations

import shutil
import time

import numpy as np
import pytest
from cxradain.sessions.store import Session
from in_process_engine import boxes
from PIL import Image as Picture
from places import SAMPLES
from PySide6 import QtCore, QtTest
from worklist_driver import filled, sample_files, worklist

Qt = QtCore.Qt


@pytest.fixture
def hands(window):
    with worklist(window) as hands:
        yield hands


@pytest.fixture
def pictures(tmp_path):
    """Six small radiographs."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(6):
        pixels = np.random.default_rng(seed).integers(0, 255, (120, 100), np.uint8)
        Picture.fromarray(pixels).save(folder / f"{seed}.png")
    return folder


# --- the session ------------------------------------------------------------------------------------------


def test_a_folder_becomes_a_session_of_the_kind_that_is_chosen(hands, tmp_path):
    assert not hands.shows(hands.section.body) and not hands.rows.openButton.enabled
    hands.rows.path.currentPath = str(tmp_path / "new")
    assert hands.rows.openButton.text == "Create" and hands.shows(hands.rows.newRow)
    assert "De-identified" in hands.rows.kindText.text
    hands.rows.kindBox.setCurrentIndex(1)
    assert "Not de-identified" in hands.rows.kindText.text
    hands.create(tmp_path / "new", kind=1)
    assert hands.worklist.session.description.images == "references"
    assert hands.rows.openButton.text == "Close" and hands.shows(hands.section.body)
    hands.close()
    assert hands.rows.openButton.text == "Open" and not hands.shows(hands.rows.newRow)
    hands.close()
    hands.rows.path.currentPath = str(sample_files()[0].parent)
    assert not hands.rows.openButton.enabled, "a folder that holds something else is left alone"


def test_a_session_in_use_names_its_owner_and_can_be_taken_over(hands, tmp_path):
    with Session(filled(tmp_path / "s"), program="another application") as other:
        hands.open(tmp_path / "s")
        assert hands.worklist.session is None
        assert "another application" in hands.message
        assert hands.shows(hands.rows.takeButton)
        hands.rows.takeButton.click()
        assert hands.worklist.session is not None and not hands.shows(hands.rows.takeButton)
        with pytest.raises(Exception, match="taken over"):
            other.add_mask(other.images()[0].key, boxes((120, 100)), "B", "corrected")


def test_opening_an_image_of_a_session_taken_over_reports_who_has_it(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    with Session(tmp_path / "s", take_over=True, program="another application"):
        hands.section.next()
        hands.panel.until(lambda: bool(hands.message), 30)
        assert "another application" in hands.message and hands.shows(hands.rows.takeButton)


def test_a_damaged_session_folder_is_reported(hands, tmp_path):
    filled(tmp_path / "s")
    (tmp_path / "s" / "session.json").write_text("{")
    hands.open(tmp_path / "s")
    assert hands.worklist.session is None and "damaged" in hands.message


def test_a_copy_of_the_folder_is_a_session_of_its_own(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    shutil.copytree(tmp_path / "s", tmp_path / "copy", ignore=shutil.ignore_patterns("lock"))
    hands.show(0)
    hands.press(Qt.Key_A)
    hands.close()
    hands.open(tmp_path / "copy")
    assert hands.statuses["image-0001"] == "auto"


def test_time_counts_only_while_somebody_works():
    from CXRAdaINSegLib.logic.LoadedImage import PAUSE, EditingTime

    now = [100.0]
    work = EditingTime(lambda: now[0])
    now[0] += 5
    work.touch()
    now[0] += 3600
    assert work.restart() == 5 + PAUSE
    now[0] += 2
    assert work.restart() == 2
    assert time.monotonic() >= EditingTime().restart()


def test_closing_a_session_in_the_middle_of_everything(hands, tmp_path, pictures):
    hands.open(filled(tmp_path / "s"))
    hands.show(0)
    hands.jobs.allButton.click()
    hands.section.next()
    hands.close()
    assert hands.worklist.session is None and hands.panel.volume is None and hands.statuses == {}
    hands.panel.engine.answer()
    hands.window.process(0.5)
    hands.open(tmp_path / "s")
    hands.section.add([str(pictures)])
    hands.close()
    hands.window.process(0.5)
    with Session(tmp_path / "s") as session:
        assert not session.verify().problems


# --- adding -----------------------------------------------------------------------------------------------


def test_files_and_folders_are_added_while_the_window_works(hands, tmp_path, pictures):
    (pictures / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    hands.create(tmp_path / "s")
    turns = []
    hands.drop(pictures)
    assert hands.jobs.adding.running and hands.shows(hands.jobs.cancelButton)
    hands.panel.until(lambda: turns.append(1) or not hands.jobs.adding.running, 60)
    assert len(turns) > 20, "the window went on"
    assert "Files added: 6 of 7. Patients: 6. 1 cannot be read:" in hands.message
    assert f"{pictures / 'broken.png'}: " in hands.message, "and why"
    assert list(hands.statuses.values()).count("unlabelled") == 6 and "unreadable" in hands.statuses.values()
    assert not any(".png" in name for name in hands.statuses), "copies are numbered"
    assert not hands.shows(hands.jobs.cancelButton)


def test_what_cannot_be_read_is_marked_and_counted_as_no_radiograph(hands, tmp_path, pictures):
    (pictures / "3.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    hands.create(tmp_path / "s", kind=1)
    hands.add(pictures)
    model = hands.table.model
    count = hands.table.count.text
    assert count.startswith("Images: 5 of 5") and "unreadable:\u00a01" in count
    name, status = (model.index(3, column) for column in (0, 1))
    assert (model.data(name), model.data(status)) == ("3.png", "✖ unreadable")
    assert "is no radiograph" in model.data(name, Qt.ToolTipRole)
    assert model.data(name, Qt.FontRole).strikeOut() and model.data(name, Qt.DecorationRole) is None
    assert model.data(model.index(2, 0), Qt.FontRole) is None
    hands.show(2)
    hands.go(hands.section.next)
    assert hands.panel.widget.viewLabels.text.lines[:2] == ["4.png", "4 of 5"]
    hands.add(pictures)
    assert "Files added: 0 of 6. Patients: 5. 1 cannot be read:" in hands.message


def test_the_folder_of_samples_adds_five_radiographs_and_reports_its_masks(hands, tmp_path):
    hands.create(tmp_path / "s")
    hands.add(SAMPLES)
    assert "Files added: 5 of 5" in hands.message and len(hands.statuses) == 5
    hands.add(SAMPLES.parent / "SampleMasks")
    assert "Passed over: masks (3)" in hands.message
    assert len(hands.statuses) == 5


def test_patients_are_recognized_by_a_pattern_also_later(hands, tmp_path, pictures):
    for number, path in enumerate(sorted(pictures.iterdir())):
        path.rename(pictures / f"pat{number // 2}_{number % 2}.png")
    hands.create(tmp_path / "s")
    hands.add(pictures)
    assert "Files without a patient ID: 6. Each counts as a separate patient." in hands.message
    hands.section.jobs.patientEdit.text = "pat("
    hands.add(pictures)
    assert "not a regular expression" in hands.message
    hands.section.jobs.patientEdit.text = "pat[0-9]+"
    hands.add(pictures)
    assert "Files added: 0 of 6" in hands.message and "without a patient ID" not in hands.message
    assert len({image.patient for image in hands.worklist.session.images()}) == 3
    assert "Patients: 3." in hands.message


def test_a_pattern_for_patients_groups_no_other_sessions_files(hands, tmp_path, pictures):
    """One that was left in the field made all of them one patient's."""
    hands.create(tmp_path / "s")
    QtTest.QTest.mouseClick(hands.jobs.patientEdit, Qt.LeftButton)
    QtTest.QTest.keyClicks(hands.jobs.patientEdit, "png")
    hands.add(pictures)
    assert "Files added: 6 of 6. Patients: 1." in hands.message
    QtTest.QTest.mouseClick(hands.rows.openButton, Qt.LeftButton)
    assert hands.worklist.session is None
    hands.create(tmp_path / "another")
    assert hands.jobs.patientEdit.text == ""
    hands.add(pictures)
    assert "Files added: 6 of 6. Patients: 6." in hands.message


def test_adding_can_be_cancelled(hands, tmp_path, pictures):
    hands.create(tmp_path / "s")
    hands.section.add([str(pictures)])
    hands.jobs.cancelButton.click()
    hands.panel.until(lambda: not hands.jobs.adding.running, 60)
    assert "Cancelled" in hands.message
    hands.add(pictures)
    assert len(hands.statuses) == 6


def test_a_mask_is_kept_while_images_are_added(hands, tmp_path, pictures):
    hands.open(filled(tmp_path / "s"))
    hands.show(0)
    hands.section.add([str(pictures), *map(str, sample_files())])
    hands.paint((5, 30), (5, 60))
    assert hands.jobs.adding.running and hands.worklist.save()
    hands.panel.until(lambda: not hands.jobs.adding.running, 60)
    assert len(hands.statuses) == 17 and hands.statuses["image-0001"] == "corrected"
    assert not hands.worklist.session.verify().problems


def test_references_keep_file_names_and_a_missing_file_is_reported(hands, tmp_path, pictures):
    hands.create(tmp_path / "s", kind=1)
    hands.add(pictures)
    assert list(hands.statuses) == [f"{seed}.png" for seed in range(6)]
    (pictures / "1.png").unlink()
    hands.show(0)
    hands.section.next()
    hands.panel.until(lambda: bool(hands.message), 30)
    assert "1.png" in hands.message and hands.worklist.current is None
    hands.go(hands.section.next)
    assert hands.name == "2.png"


@pytest.mark.parametrize("replaced", [False, True])
def test_an_original_that_is_added_from_another_place_is_shown_at_once(hands, tmp_path, pictures, replaced):
    hands.create(tmp_path / "s", kind=1)
    hands.add(pictures)
    (tmp_path / "elsewhere").mkdir()
    (pictures / "1.png").rename(tmp_path / "elsewhere" / "b.png")
    if replaced:
        shutil.copy(pictures / "2.png", pictures / "1.png")
    hands.section.show(hands.table.model.keyAt(1))
    hands.panel.until(lambda: hands.worklist.isUnreadable, 30)
    hands.go(hands.add, tmp_path / "elsewhere")
    assert hands.name == "1.png" and hands.panel.volume is hands.worklist.current.volume
    assert "Originals found in another place: 1." in hands.message
