"""The worklist's section in the real window: sessions made and opened, images added, listed and segmented."""

from __future__ import annotations

import shutil
import time
from itertools import count
from unittest.mock import patch

import numpy as np
import pytest
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.sessions.records import MODEL, Origin
from cxradain.sessions.store import Session
from in_process_engine import boxes
from module_panel import answer_by, child_process
from PIL import Image as Picture
from places import SAMPLES
from PySide6 import QtCore, QtTest, QtWidgets
from worklist_driver import sample_files, worklist

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


def quality(score: float) -> MaskQuality:
    return MaskQuality(score, LungQuality(score), LungQuality(score))


def filled(folder, count: int = 6):
    """A session of small radiographs, of which the last two have no mask of the model's."""
    from cxradain.sessions.records import SessionImage, pixel_key

    with Session.create(folder) as session:
        for seed in range(count):
            pixels = np.random.default_rng(seed).integers(0, 4000, (120, 100), np.uint16)
            image = session.add_image(SessionImage(pixel_key(pixels), "", pixels.shape, "<u2", "", 0), pixels)
            if seed < count - 2:
                origin = Origin(model_id="m", model_hash="ab", mode="student", quality=quality(1 - seed / 4))
                session.add_mask(image.key, boxes(pixels.shape), MODEL, "auto", origin)
    return folder


def none_set_aside(folder):
    """Such a session none of whose images is set aside, which each session draws by a secret of its own."""
    for number in count():
        made = filled(folder / f"session-{number}")
        with Session(made, write=False) as session:
            if not any(map(session.is_held_out, session.images())):
                return made


def shown(widget, hands) -> bool:
    return widget.isVisibleTo(hands.section.widget)


# --- the session ------------------------------------------------------------------------------------------


def test_a_folder_becomes_a_session_of_the_kind_that_is_chosen(hands, tmp_path):
    assert not shown(hands.section.body, hands) and not hands.rows.openButton.enabled
    hands.rows.path.currentPath = str(tmp_path / "new")
    assert hands.rows.openButton.text == "Create" and shown(hands.rows.newRow, hands)
    assert "De-identified" in hands.rows.kindText.text
    hands.rows.kindBox.setCurrentIndex(1)
    assert "Not de-identified" in hands.rows.kindText.text
    hands.create(tmp_path / "new", kind=1)
    assert hands.worklist.session.description.images == "references"
    assert hands.rows.openButton.text == "Close" and shown(hands.section.body, hands)
    hands.close()
    assert hands.rows.openButton.text == "Open" and not shown(hands.rows.newRow, hands)
    hands.close()
    hands.rows.path.currentPath = str(sample_files()[0].parent)
    assert not hands.rows.openButton.enabled, "a folder that holds something else is left alone"


def test_a_session_in_use_names_its_owner_and_can_be_taken_over(hands, tmp_path):
    with Session(filled(tmp_path / "s"), program="another application") as other:
        hands.open(tmp_path / "s")
        assert hands.worklist.session is None
        assert "another application" in hands.message
        assert shown(hands.rows.takeButton, hands)
        hands.rows.takeButton.click()
        assert hands.worklist.session is not None and not shown(hands.rows.takeButton, hands)
        with pytest.raises(Exception, match="taken over"):
            other.add_mask(other.images()[0].key, boxes((120, 100)), "B", "corrected")


def test_opening_an_image_of_a_session_taken_over_reports_who_has_it(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    with Session(tmp_path / "s", take_over=True, program="another application"):
        hands.section.next()
        hands.panel.until(lambda: bool(hands.message), 30)
        assert "another application" in hands.message and shown(hands.rows.takeButton, hands)


def test_a_damaged_session_folder_is_reported(hands, tmp_path):
    filled(tmp_path / "s")
    (tmp_path / "s" / "session.json").write_text("{")
    hands.open(tmp_path / "s")
    assert hands.worklist.session is None and "damaged" in hands.message


# --- adding -----------------------------------------------------------------------------------------------


def test_files_and_folders_are_added_while_the_window_works(hands, tmp_path, pictures):
    (pictures / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    hands.create(tmp_path / "s")
    turns = []
    hands.drop(pictures)
    assert hands.jobs.adding.running and shown(hands.jobs.cancelButton, hands)
    hands.panel.until(lambda: turns.append(1) or not hands.jobs.adding.running, 60)
    assert len(turns) > 20, "the window went on"
    assert "Files added: 6 of 7. Patients: 6. 1 cannot be read:" in hands.message
    assert f"{pictures / 'broken.png'}: " in hands.message, "and why"
    assert list(hands.statuses.values()).count("unlabelled") == 6 and "unreadable" in hands.statuses.values()
    assert not any(".png" in name for name in hands.statuses), "copies are numbered"
    assert not shown(hands.jobs.cancelButton, hands)


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


def test_the_folder_of_samples_adds_six_radiographs_and_reports_its_masks(hands, tmp_path):
    hands.create(tmp_path / "s")
    hands.add(SAMPLES)
    assert "Files added: 6 of 6" in hands.message and len(hands.statuses) == 6
    hands.add(SAMPLES.parent / "SampleMasks")
    assert "Passed over: masks (4)" in hands.message
    assert len(hands.statuses) == 6


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
    assert len(hands.statuses) == 18 and hands.statuses["image-0001"] == "corrected"
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


# --- the list ---------------------------------------------------------------------------------------------


def test_images_that_are_set_aside_are_marked_listed_and_among_the_most_useful(hands, tmp_path):
    hands.open(filled(tmp_path / "s", 30))
    model, session = hands.table.model, hands.worklist.session
    aside = {image.name for image in session.images() if session.is_held_out(image)}
    hands.panel.until(lambda: {model.rows[key].name for key in model.setAside} == aside, 30)
    titles = [model.data(model.index(place, 0)) for place in range(model.rowCount())]
    marked = [title for title in titles if "\u25c7" in title]
    assert {title.splitlines()[0] for title in marked} == {f"\u25c7 {name}" for name in aside}, (
        "in front: the end of a long name is cut off"
    )
    hands.table.orderBox.setCurrentIndex(2)
    marks = [name in aside for name in hands.statuses]
    mixed = min(len(aside), (len(marks) - len(aside)) // 2)  # then either kind is used up
    assert marks[: 3 * mixed] == [False, False, True] * mixed
    hands.table.orderBox.setCurrentIndex(0)
    hands.table.statusBox.setCurrentIndex(hands.table.statusBox.findData("\u25c7"))
    assert set(hands.statuses) == aside
    hands.table.statusBox.setCurrentIndex(0)


def test_list_is_filtered_and_ordered(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    assert list(hands.statuses) == [f"image-000{n}" for n in range(1, 7)]
    hands.table.orderBox.setCurrentIndex(2)
    assert list(hands.statuses)[:4] == ["image-0004", "image-0003", "image-0002", "image-0001"]
    hands.table.orderBox.setCurrentIndex(0)
    hands.table.statusBox.setCurrentIndex(hands.table.statusBox.findData("unlabelled"))
    assert list(hands.statuses) == ["image-0005", "image-0006"]
    assert hands.table.count.text.startswith("Images: 2 of 6")
    hands.table.textEdit.text = "0006"
    assert list(hands.statuses) == ["image-0006"]
    hands.go(hands.section.next)
    assert hands.name == "image-0006"
    hands.table.textEdit.text = ""
    hands.table.statusBox.setCurrentIndex(0)


def test_status_is_shown_by_words_and_symbols(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    model = hands.table.model
    model.isNarrow = False  # whatever the font is
    cells = [[model.data(model.index(row, column)) for column in range(7)] for row in (1, 5)]
    assert cells == [
        ["image-0002", "◐ auto", "? look 0.75", "", "model", "", ""],
        ["image-0006", "○ unlabelled", "", "", "", "", ""],
    ]
    titles = ["Image", "Status", "Quality", "Check", "Reader", "Agreement", "Time"]
    assert [model.headerData(n, Qt.Horizontal) for n in range(7)] == titles
    hidden = [hands.table.view.isColumnHidden(n) for n in range(7)]
    assert hidden == [False, False, False, True, False, True, True], "what is empty takes no room"


def test_no_status_or_quality_is_cut_off_by_its_column(hands, tmp_path):
    from CXRAdaINSegLib.sections import WorklistTable

    hands.open(filled(tmp_path / "s"))
    view = hands.table.view
    statuses = [WorklistTable.statusName(status) for status in WorklistTable.SYMBOLS]
    qualities = [WorklistTable.qualityText(verdict, 0.0) for verdict in WorklistTable.SIGNS]
    for column, texts in ((WorklistTable.STATUS, statuses), (WorklistTable.QUALITY, qualities)):
        needed = max(view.fontMetrics().horizontalAdvance(text) for text in texts)
        margin = 2 * (view.style().pixelMetric(QtWidgets.QStyle.PM_FocusFrameHMargin) + 1)
        assert view.columnWidth(column) >= needed + margin, column
        assert view.columnWidth(column) >= view.horizontalHeader().sectionSizeHint(column)


@pytest.mark.parametrize("language", ["en", "de"])
def test_in_a_small_window_what_is_to_be_checked_can_be_read(hands, tmp_path, language):
    from CXRAdaINSegLib.sections import WorklistTable
    from embedded_slicer.modules import i18n

    folder = filled(tmp_path / "s")
    with Session(folder) as session:
        doubts = Origin(model_id="m", quality=quality(0.3), flags=("mirrored", "color"))
        session.add_mask(session.images()[0].key, boxes((120, 100)), MODEL, "auto", doubts)
    window, view, model = hands.window.window, hands.table.view, hands.table.model
    size = window.size
    i18n.choose(language)
    try:
        window.resize(1024, 768)
        hands.open(folder)
        hands.window.process(0.1)
        columns = (WorklistTable.NAME, WorklistTable.STATUS, WorklistTable.QUALITY, WorklistTable.CHECK)
        assert sum(view.columnWidth(column) for column in columns) <= view.viewport().width
        cells = [model.index(0, column) for column in columns]
        assert [model.data(cell) for cell in cells[2:]] == [{"en": "! 0.30", "de": "! 0,30"}[language], "⚠ 2"]
        words = {"en": "likely bad", "de": "wahrscheinlich schlecht"}[language]
        assert words in model.data(cells[2], Qt.ToolTipRole)
        assert len(model.data(cells[3], Qt.ToolTipRole).splitlines()) == 2
        for cell in cells[1:]:
            needed = view.fontMetrics().horizontalAdvance(model.data(cell))
            assert view.columnWidth(cell.column()) > needed + 6, model.data(cell)
        assert view.columnWidth(WorklistTable.NAME) >= 75
    finally:
        i18n.choose("en")
        window.resize(size)
        hands.window.process(0.1)


def test_the_masks_most_likely_wrong_come_first(hands, tmp_path):
    hands.open(none_set_aside(tmp_path))
    assert list(hands.statuses) == [f"image-000{n}" for n in range(1, 7)]
    hands.table.orderBox.setCurrentIndex(hands.table.orderBox.findData("useful"))
    assert list(hands.statuses) == [f"image-000{n}" for n in (4, 3, 2, 1, 5, 6)]
    hands.table.model.isNarrow = False  # whatever the font is
    cells = [hands.table.model.data(hands.table.model.index(row, 2)) for row in range(5)]
    assert cells == ["! likely bad 0.25", "? look 0.50", "? look 0.75", "✓ likely good 1.00", ""]
    hands.go(hands.section.next)
    hands.section.decisions.approve()
    assert hands.table.model.data(hands.table.model.index(0, 2)) == "", "a reader has said that it is right"
    hands.table.orderBox.setCurrentIndex(0)


def test_the_quality_of_a_mask_is_shown_when_its_session_is_opened(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.go(hands.section.next)
    hands.go(hands.section.next)
    assert hands.name == "image-0002"
    assert hands.panel.segment.quality.text.splitlines() == ["Right lung: ? look.", "Left lung: ? look."]


def test_the_score_is_kept_with_the_models_mask_and_shown_of_the_lung_that_nobody_corrected(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.read_as("Reader A")
    hands.show(5)
    hands.panel.engine.quality = MaskQuality(0.9, LungQuality(0.95), LungQuality(0.6, ("ragged",)))
    hands.panel.press_segment()
    hands.paint((5, 20), (5, 30))
    hands.go(hands.section.previous)
    models, readers = hands.worklist.session.versions(hands.table.model.keyAt(5))
    assert models.quality == hands.panel.engine.quality and readers.quality is None
    assert (models.status, readers.status) == ("auto", "corrected")
    hands.go(hands.section.next)
    (line,) = hands.panel.segment.quality.text.splitlines()
    assert line.startswith("Left lung: ? look.") and "notch" in line
    hands.panel.correct.widget.collapsed = True
    hands.section.decisions.approve()
    hands.panel.settle()
    assert hands.panel.segment.quality.text == "", "a reader has said that it is right"


def test_pictures_come_for_the_rows_in_sight(hands, tmp_path):
    hands.open(filled(tmp_path / "s", 60))
    hands.panel.until(lambda: any((tmp_path / "s" / "thumbnails").glob("*")), 60)
    hands.panel.until(lambda: not hands.table.pictures.waiting, 60)
    made = {path.stem for path in (tmp_path / "s" / "thumbnails").iterdir()}
    assert 3 < len(made) < 30 and hands.table.model.keyAt(0) in made
    model = hands.table.model
    assert model.data(model.index(0, 0), Qt.DecorationRole).availableSizes()[0].height() > 30
    hands.table.view.verticalScrollBar().setValue(10_000)
    hands.panel.until(lambda: hands.table.pictures.of(model.keyAt(59)) is not None, 60)


def double_click(widget, place) -> None:
    """As by hand: QTest leaves the button pressed."""
    QtTest.QTest.mouseDClick(widget, Qt.LeftButton, Qt.NoModifier, place)
    QtTest.QTest.mouseRelease(widget, Qt.LeftButton, Qt.NoModifier, place)


def test_a_row_is_chosen_by_the_mouse_and_by_enter(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    view, model = hands.table.view, hands.table.model
    place = view.visualRect(model.index(2, 0)).center()
    hands.go(QtTest.QTest.mouseClick, view.viewport(), Qt.LeftButton, Qt.NoModifier, place)
    assert hands.name == "image-0003"
    hands.go(double_click, view.viewport(), place)
    import slicer

    assert len(slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")) == 1
    QtTest.QTest.keyClick(view, Qt.Key_Down)
    hands.go(QtTest.QTest.keyClick, view, Qt.Key_Return)
    assert hands.name == "image-0004"


def test_keys_are_there_only_while_the_module_is_and_text_can_be_typed(hands, tmp_path):
    hands.press(Qt.Key_N)
    assert hands.worklist.key == "", "without a session they do nothing"
    hands.open(filled(tmp_path / "s"))
    hands.go(hands.press, Qt.Key_N)
    hands.panel.widget.exit()
    hands.press(Qt.Key_A)
    assert hands.statuses["image-0001"] == "auto"
    hands.panel.widget.enter()
    QtTest.QTest.keyClicks(hands.table.textEdit, "fan")
    assert hands.table.textEdit.text == "fan" and hands.statuses == {}
    hands.table.textEdit.text = ""
    hands.press(Qt.Key_A)
    assert hands.statuses["image-0001"] == "approved"


# --- the model --------------------------------------------------------------------------------------------


def test_segment_all_makes_missing_masks_and_shows_progress(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.show(0)
    hands.press(Qt.Key_A)
    texts = hands.segment_all()
    assert "Images segmented: 5 of 5" in hands.message, "of which the reader has an own one, none"
    assert any("left" in text for text in texts)
    assert hands.statuses == {"image-0001": "approved"} | {f"image-000{n}": "auto" for n in range(2, 7)}
    version = hands.worklist.session.versions(hands.table.model.keyAt(5))[0]
    assert (version.reader, version.status, version.mode) == (MODEL, "auto", "student")
    assert (version.model_id, version.model_hash) == ("stand-in 1", "0" * 64)
    hands.segment_all()
    assert "already" in hands.message


@pytest.mark.parametrize("place", [0, 4])
def test_segment_all_passes_over_an_image_that_was_removed_meanwhile(hands, tmp_path, place):
    """Place 0: while the model segments it; 4: before it is read."""
    hands.open(filled(tmp_path / "s"))
    hands.window.process()
    QtTest.QTest.mouseClick(hands.jobs.allButton, Qt.LeftButton)
    hands.panel.engine.answer()  # which model it is
    hands.panel.until(lambda: bool(hands.panel.engine.asked), 30)
    waiting, hands.panel.engine.asked = hands.panel.engine.asked, []
    row = hands.table.view.visualRect(hands.table.model.index(place, 0)).center()
    hands.go(QtTest.QTest.mouseClick, hands.table.view.viewport(), Qt.LeftButton, Qt.NoModifier, row)
    answer_by("Remove")
    QtTest.QTest.mouseClick(hands.section.removeButton, Qt.LeftButton)
    assert len(hands.statuses) == 5
    hands.panel.engine.asked += waiting

    def ended() -> bool:
        hands.panel.engine.answer()
        return not hands.jobs.segmentAll.running

    hands.panel.until(ended, 60)
    assert "Images segmented: 5 of 5" in hands.message
    assert set(hands.statuses.values()) == {"auto"}


def test_segment_all_includes_the_current_image(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.show(5)
    assert hands.panel.segmentation is None
    hands.segment_all()
    hands.panel.settle()
    assert hands.panel.lungs == (1, 2) and not hands.worklist.isModified()


def test_segmenting_is_cancelled_and_goes_on_when_the_engine_fails(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.jobs.allButton.click()
    hands.panel.engine.answer()  # which model it is
    hands.panel.until(lambda: bool(hands.panel.engine.asked), 30)
    hands.jobs.cancelButton.click()
    assert "Cancelled" in hands.message and not shown(hands.jobs.cancelButton, hands)
    hands.jobs.allButton.click()
    hands.panel.engine.answer()
    hands.panel.until(lambda: bool(hands.panel.engine.asked), 30)
    hands.panel.engine.fail("The engine ended unexpectedly (exit code 1).", "gone")
    assert "ended unexpectedly" in hands.message and not hands.jobs.segmentAll.running
    hands.segment_all()
    assert set(hands.statuses.values()) == {"auto"}


def test_the_next_image_is_read_and_segmented_beforehand(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.show(3)
    following = hands.table.model.keyAt(4)
    hands.panel.until(lambda: hands.worklist.readAhead.has(following) and bool(hands.panel.engine.asked), 30)

    def made() -> bool:
        hands.panel.engine.answer()
        return hands.statuses["image-0005"] == "auto"

    hands.panel.until(made, 30)
    worker, read = hands.worklist.opened.worker, []
    request = worker.request

    def requested(*arguments, **fields):
        read.append(fields.get("key"))
        return request(*arguments, **fields)

    with patch.object(worker, "request", requested):
        hands.go(hands.section.next)
    assert hands.name == "image-0005" and following not in read, "it is there at once"
    assert hands.panel.lungs == (1, 2)


def test_where_no_engine_runs_none_is_started_for_the_next_image(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.panel.engine.state = "off"
    hands.show(3)
    following = hands.table.model.keyAt(4)
    hands.panel.until(lambda: hands.worklist.readAhead.has(following), 30)
    assert hands.panel.engine.asked == []


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


def test_the_worker_that_is_killed_costs_one_try(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.show(0)
    worker, ended = child_process("--sessions"), []
    worker.connect("destroyed()", lambda: ended.append(True))
    worker.kill()
    hands.panel.until(lambda: ended, 30)
    hands.worklist.readAhead.forget()
    hands.go(hands.section.next)
    assert hands.name == "image-0002"


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
