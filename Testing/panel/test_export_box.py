"""The session exported from the panel: in the background, with progress and Cancel, and nothing half done."""

from __future__ import annotations

import csv

import pytest
from PySide6 import QtCore, QtTest

Qt = QtCore.Qt


@pytest.fixture
def box(hands):
    exports = hands.section.exports
    exports.widget.collapsed = False
    hands.window.process()  # and so laid out
    yield exports
    exports.formatBox.setCurrentIndex(0)
    exports.masksBox.setCurrentIndex(0)
    exports.widget.collapsed = True


def choose(box, format: str, masks: str = "") -> None:
    box.formatBox.setCurrentIndex(box.formatBox.findData(format))
    box.masksBox.setCurrentIndex(box.masksBox.findData(masks))


def export(hands, box, output, monkeypatch) -> None:
    """Press the button, and choose a file or a folder."""
    import qt

    for name in ("getSaveFileName", "getExistingDirectory"):
        monkeypatch.setattr(qt.QFileDialog, name, staticmethod(lambda *_: str(output)))
    QtTest.QTest.mouseClick(box.exportButton, Qt.LeftButton)
    assert box.exporting.running and not box.exportButton.enabled and box.cancelButton.enabled


def ended(hands, box) -> None:
    hands.panel.until(lambda: not box.exporting.running, 60)


def test_one_csv_has_what_was_just_painted(hands, box, tmp_path, monkeypatch):
    hands.paint((5, 40), (5, 60))
    hands.panel.correct.widget.collapsed = True
    export(hands, box, tmp_path / "table", monkeypatch)
    ended(hands, box)
    with (tmp_path / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows] == ["corrected"] + ["auto"] * 3 + ["unlabelled"] * 2
    assert int(rows[0]["right_area_px"]) + int(rows[0]["left_area_px"]) == (hands.panel.labels > 0).sum()
    assert rows[0]["reader"] == "reader-0001" and float(rows[0]["seconds"]) > 0
    assert "6 radiographs, 6 rows exported" in hands.message and "table.csv" in hands.message


def test_rows_of_several_readers_are_told_from_radiographs(hands, box, tmp_path, monkeypatch):
    hands.press(Qt.Key_A)
    hands.read_as("Reader B")
    hands.press(Qt.Key_A)
    export(hands, box, tmp_path / "table.csv", monkeypatch)
    ended(hands, box)
    with (tmp_path / "table.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 7
    assert "6 radiographs, 7 rows exported" in hands.message
    hands.read_as("Reader A")


@pytest.mark.parametrize("format", ["csv", "png"])
@pytest.mark.parametrize("place", [".", "exports", "new/exports", "../link/exports"])
def test_nothing_is_exported_into_the_sessions_own_folder(hands, box, monkeypatch, format, place):
    hands.press(Qt.Key_A)
    choose(box, format)
    folder = hands.worklist.session.path
    (folder.parent / "link").symlink_to(folder)
    before = sorted(path.name for path in folder.iterdir())
    output = folder / place / "table.csv" if format == "csv" else folder / place
    export(hands, box, output, monkeypatch)
    ended(hands, box)
    assert "session's own folder" in hands.message and "outside" in hands.message
    assert sorted(path.name for path in folder.iterdir()) == before
    hands.close()
    hands.open(folder)
    assert hands.statuses["image-0001"] == "approved", "and it is whole"


def test_every_format_of_the_command_line_is_offered(box):
    from cxradain.exchange.formats import FORMATS

    assert {box.formatBox.itemData(place) for place in range(box.formatBox.count)} == set(FORMATS)


def test_masks_are_exported_to_a_new_folder_and_another_is_refused(hands, box, tmp_path, monkeypatch):
    hands.press(Qt.Key_A)
    choose(box, "png")
    export(hands, box, tmp_path / "out", monkeypatch)
    ended(hands, box)
    assert [path.name for path in (tmp_path / "out" / "masks").iterdir()] == ["case-00001.png"]
    assert "1 radiograph exported" in hands.message
    choose(box, "nnunet", "auto")
    export(hands, box, tmp_path / "out", monkeypatch)
    ended(hands, box)
    assert "Choose a new folder" in hands.message and not (tmp_path / "out" / "labelsTr").exists()
    export(hands, box, tmp_path / "all", monkeypatch)
    ended(hands, box)
    assert len(list((tmp_path / "all" / "labelsTr").iterdir())) == 4


def test_cancel_leaves_nothing_and_moves_no_button(hands, box, tmp_path, monkeypatch):
    choose(box, "png", "auto")
    place = box.exportButton.mapTo(hands.section.widget, QtCore.QPoint(0, 0))
    export(hands, box, tmp_path / "out", monkeypatch)
    hands.window.process(0.01)
    assert box.exportButton.mapTo(hands.section.widget, QtCore.QPoint(0, 0)) == place
    QtTest.QTest.mouseClick(box.cancelButton, Qt.LeftButton)
    ended(hands, box)
    assert "nothing was exported" in hands.message
    hands.panel.until(lambda: not (tmp_path / "out").exists(), 30)


def test_closing_the_session_ends_the_export(hands, box, tmp_path, monkeypatch):
    choose(box, "png", "auto")
    export(hands, box, tmp_path / "out", monkeypatch)
    hands.close()
    assert not box.exporting.running
    hands.window.process(1.0)
    assert not (tmp_path / "out").exists() or len(list((tmp_path / "out" / "masks").iterdir())) == 4
