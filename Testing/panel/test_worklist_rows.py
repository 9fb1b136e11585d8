"""The worklist's rows: what is listed of each image, in which order, and chosen how."""

from __future__ import annotations

from itertools import count

import pytest
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.sessions.records import MODEL, Origin
from cxradain.sessions.store import Session
from in_process_engine import boxes
from PySide6 import QtCore, QtTest, QtWidgets
from worklist_driver import filled, quality, worklist

Qt = QtCore.Qt


@pytest.fixture
def hands(window):
    with worklist(window) as hands:
        yield hands


def none_set_aside(folder):
    """Such a session none of whose images is set aside, which each session draws by a secret of its own."""
    for number in count():
        made = filled(folder / f"session-{number}")
        with Session(made, write=False) as session:
            if not any(map(session.is_held_out, session.images())):
                return made


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


def test_tab_goes_past_the_rows(hands, tmp_path):
    hands.open(filled(tmp_path / "s"))
    hands.show(0)
    hands.table.view.setFocus()
    for _press in range(12):
        QtTest.QTest.keyClick(QtWidgets.QApplication.focusWidget(), Qt.Key_Tab)
        assert QtWidgets.QApplication.focusWidget() is not hands.table.view
    assert hands.name == "image-0001"


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
