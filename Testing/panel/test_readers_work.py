"""What the list shows of readers' work, older versions taken back, and the radiograph in the view added."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.imaging.turn import Turn
from cxradain.sessions.records import MODEL
from PySide6 import QtCore, QtTest, QtWidgets
from worklist_driver import filled, sample_files, worklist

Qt = QtCore.Qt


def cell(hands, row: int, title: str) -> str:
    model = hands.table.model
    titles = [model.headerData(n, Qt.Horizontal) for n in range(model.columnCount())]
    column = titles.index(title)
    assert not hands.table.view.isColumnHidden(column), title
    return model.data(model.index(row, column))


def correct(hands) -> None:
    hands.paint((5, 40), (5, 60))
    hands.panel.correct.widget.collapsed = True


def test_flags_time_and_agreement_are_columns_once_there_are_any(hands):
    correct(hands)
    hands.press(Qt.Key_A)
    assert cell(hands, 0, "Time").endswith("s") and "Your\u00a0time" in hands.table.count.text
    hands.read_as("Reader B")
    hands.panel.until(lambda: hands.worklist.current.version.reader == MODEL, 10)
    hands.look()
    hands.press(Qt.Key_A)
    model = hands.table.model
    hands.table.view.repaint()
    hands.panel.until(lambda: "/" in cell(hands, 0, "Agreement"), 30)
    right, left = map(float, cell(hands, 0, "Agreement").split(" / "))
    assert min(right, left) < 1.0 <= max(right, left), "one lung was painted in"
    hands.show(5)
    hands.panel.engine.quality = MaskQuality(0.3, LungQuality(0.95), LungQuality(0.3, ("ragged",)))
    hands.panel.press_segment()
    hands.go(hands.section.previous)
    hands.section.refresh()
    assert cell(hands, 5, "Check") in ("notch", "⚠ 1"), "by the room that there is"
    column = [model.headerData(n, Qt.Horizontal) for n in range(7)].index("Check")
    assert "deep notch" in model.data(model.index(5, column), Qt.ToolTipRole)
    hands.read_as("Reader A")


def test_an_older_version_is_looked_at_and_taken_back(hands):
    before = hands.panel.labels
    correct(hands)
    hands.press(Qt.Key_A)
    assert not np.array_equal(hands.panel.labels, before)
    place = hands.table.view.visualRect(hands.table.model.index(0, 0)).center()
    hands.table.view.customContextMenuRequested.emit(place)
    menu = next(each for each in hands.table.view.findChildren(QtWidgets.QMenu) if each.isVisible())
    next(each for each in menu.actions() if each.text == "Versions...").trigger()
    menu.close()
    versions = hands.section.versions
    try:
        assert [versions.table.item(row, 1).text() for row in (0, 1)] == ["✔ approved", "◐ auto"]
        assert not versions.takeButton.enabled, "it is the newest"
        versions.table.selectRow(1)
        hands.panel.until(lambda: not versions.picture.pixmap.isNull(), 30)
        QtTest.QTest.mouseClick(versions.takeButton, Qt.LeftButton)
        hands.panel.settle()
        assert np.array_equal(hands.panel.labels, before) and hands.statuses["image-0001"] == "auto"
        assert "newest one now" in hands.message and len(versions.versions) == 3
        versions.table.selectRow(1)
        QtTest.QTest.mouseClick(versions.takeButton, Qt.LeftButton)
        hands.panel.settle()
        assert hands.statuses["image-0001"] == "approved" and not np.array_equal(hands.panel.labels, before)
    finally:
        versions.close()


@pytest.fixture
def empty(window):
    with worklist(window) as hands:
        yield hands


def test_the_radiograph_in_the_view_is_added_with_its_mask(empty, tmp_path):
    hands = empty
    hands.panel.add(sample_files(2)[1])
    volume = hands.panel.volume
    hands.panel.view.pixels()
    hands.panel.press_segment()
    hands.paint((20, 300), (20, 340))
    hands.panel.correct.widget.collapsed = True
    painted = hands.panel.labels
    hands.create(tmp_path / "s")
    hands.panel.until(lambda: hands.section.inView.addButton.enabled, 10)
    QtTest.QTest.mouseClick(hands.section.inView.addButton, Qt.LeftButton)
    hands.panel.until(lambda: hands.worklist.current is not None, 60)
    hands.panel.settle()
    assert hands.statuses == {"image-0001": "corrected"}
    assert hands.panel.volume is not volume and np.array_equal(hands.panel.labels, painted)
    models, mine = hands.worklist.session.versions()
    assert (models.reader, mine.reader, mine.tools) == (MODEL, "Reader A", ("Paint",))
    assert not hands.section.inView.addButton.enabled, "it is the session's now"
    first = hands.table.model.data(hands.table.model.index(0, 0))
    name = first.removeprefix("◇ ")  # where it is set aside, by chance
    assert name == f"image-0001\n{sample_files(2)[1].name}", "this computer knows where it came from"


def test_the_radiograph_in_the_view_is_added_once_the_model_has_answered(empty, tmp_path):
    hands = empty
    hands.panel.add(sample_files(2)[1])
    hands.create(tmp_path / "s")
    hands.panel.until(lambda: hands.section.inView.addButton.enabled, 10)
    QtTest.QTest.mouseClick(hands.panel.segment.segmentButton, Qt.LeftButton)
    QtTest.QTest.mouseClick(hands.section.inView.addButton, Qt.LeftButton)
    hands.window.process(0.3)
    assert "once the model has answered" in hands.message and not hands.statuses
    hands.panel.settle()
    hands.panel.until(lambda: hands.worklist.current is not None, 60)
    hands.panel.settle()
    assert hands.statuses == {"image-0001": "auto"} and hands.panel.lungs


def test_the_list_grows_with_the_window(hands):
    window, view = hands.window.window, hands.table.view
    size = window.size
    try:
        window.resize(1024, 700)
        hands.panel.until(lambda: view.height < 290, 10)
        window.resize(1400, 1200)
        hands.panel.until(lambda: view.height >= 400, 10)
    finally:
        window.resize(size)
        hands.window.process(0.1)


def test_a_session_is_read_again_as_it_was_left(hands, tmp_path):
    """Of the columns, too: nothing but the session's folder is needed."""
    correct(hands)
    hands.press(Qt.Key_A)
    folder = hands.worklist.session.path
    hands.close()
    hands.open(folder)
    assert cell(hands, 0, "Time").endswith("s")
    hands.close()
    hands.open(filled(tmp_path / "other"))
    assert hands.table.view.isColumnHidden(6)


def test_the_radiograph_in_the_view_is_added_as_it_was_turned_and_with_its_heart(empty, tmp_path):
    from CXRAdaINSegLib.scene.ChestLines import heartPoints, setHeartPoints
    from CXRAdaINSegLib.scene.VolumeImages import turnOf

    hands = empty
    hands.panel.add(sample_files(2)[1])
    hands.panel.segment.turning.turn(Turn(180))
    points = ((400.0, 300.0), (410.0, 700.0))
    setHeartPoints(hands.panel.volume, points)
    hands.create(tmp_path / "s")
    hands.section.inView.add()
    hands.panel.until(lambda: hands.worklist.current is not None, 60)
    hands.panel.settle()
    assert turnOf(hands.panel.volume) == Turn(180)
    assert np.allclose(heartPoints(hands.panel.volume), points)
    session = hands.worklist.session
    assert session.images()[0].facts.turn == Turn(180)
    assert np.allclose(session.heart(hands.worklist.key, "Reader A"), points)


def test_a_reader_who_has_gone_on_is_not_brought_back_by_what_was_added(empty, tmp_path):
    hands = empty
    first, second = sample_files(2)
    hands.panel.add(second)
    hands.create(tmp_path / "s")
    hands.section.inView.add()
    hands.panel.add(first)
    hands.panel.until(lambda: hands.statuses and not hands.jobs.adding.running, 60)
    hands.window.process(0.5)
    assert hands.worklist.key == "" and hands.panel.volume.GetName() == first.stem
