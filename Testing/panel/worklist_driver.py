"""Drives the worklist's section in tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.sessions.records import MODEL, Origin, SessionImage, pixel_key
from cxradain.sessions.store import Session
from in_process_engine import boxes
from module_panel import Panel, answer_by, drop_files, standing_in
from places import SAMPLES
from PySide6 import QtCore, QtTest


def sample_files(count: int = 5) -> list[Path]:
    """The bundled radiographs."""
    found = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in (".dcm", ".png", ".jpg", ".jpeg")]
    return found[:count]


def quality(score: float) -> MaskQuality:
    return MaskQuality(score, LungQuality(score), LungQuality(score))


def filled(folder, count: int = 6):
    """A session of small radiographs, of which the last two have no mask of the model's."""
    with Session.create(folder) as session:
        for seed in range(count):
            pixels = np.random.default_rng(seed).integers(0, 4000, (120, 100), np.uint16)
            image = session.add_image(SessionImage(pixel_key(pixels), "", pixels.shape, "<u2", "", 0), pixels)
            if seed < count - 2:
                origin = Origin(model_id="m", model_hash="ab", mode="student", quality=quality(1 - seed / 4))
                session.add_mask(image.key, boxes(pixels.shape), MODEL, "auto", origin)
    return folder


class Worklist:
    """The section of a `Panel`."""

    def __init__(self, panel: Panel):
        self.panel, self.window = panel, panel.window
        self.section = panel.widget.worklistSection
        self.worklist = panel.widget.logic.worklist
        self.table, self.jobs, self.rows = self.section.table, self.section.jobs, self.section.rows

    @property
    def message(self) -> str:
        return self.section.message.text

    @property
    def statuses(self) -> dict[str, str]:
        """Names and statuses of the rows as they are listed."""
        model = self.table.model
        rows = [model.rows[model.keyAt(place)] for place in range(model.rowCount())]
        return {row.name: row.status for row in rows}

    @property
    def name(self) -> str:
        """The image at hand."""
        return self.worklist.current.image.name

    def shows(self, widget) -> bool:
        """Whether the unfolded section would show a widget."""
        return widget.isVisibleTo(self.section.widget)

    def create(self, folder: Path, kind: int = 0) -> None:
        self.rows.path.currentPath = str(folder)
        self.rows.kindBox.setCurrentIndex(kind)
        self.rows.openButton.click()

    def open(self, folder: Path) -> None:
        self.rows.path.currentPath = str(folder)
        self.rows.openButton.click()

    def close(self) -> None:
        if self.worklist.session is not None:
            self.rows.openButton.click()

    def close_without_saving(self) -> None:
        """Close a session that cannot be written."""
        answer_by("Close without saving")
        QtTest.QTest.mouseClick(self.rows.openButton, QtCore.Qt.LeftButton)
        assert self.worklist.session is None
        self.window.window.activateWindow()  # as where there is a window manager
        self.panel.until(lambda: self.window.window.isActiveWindow, 10)

    def drop(self, *paths: Path) -> None:
        """Drag files and folders onto the section, and let them go."""
        drop_files(self.section.area, paths)
        self.window.process()

    def add(self, *paths: Path) -> None:
        self.section.add([str(path) for path in paths])
        self.panel.until(lambda: not self.jobs.adding.running, 60)

    def read_as(self, reader: str) -> None:
        self.rows.readerEdit.text = reader
        self.rows.readerEdit.editingFinished.emit()

    def look(self) -> None:
        """Look at a mask that has just come with another reader; before, it is not approved."""
        from CXRAdaINSegLib.logic.Renewing import SEEN

        self.window.process(SEEN)

    def press(self, key: int) -> None:
        """A key of the main window."""
        QtTest.QTest.keyClick(self.window.window, key)

    def go(self, act, *arguments) -> None:
        """Do what brings another image, and wait until it is there."""
        act(*arguments)
        self.panel.until(self.is_there, 30)
        self.panel.settle()

    def is_there(self) -> bool:
        case = self.worklist.current
        return case is not None and case.image.key == self.worklist.key

    def show(self, place: int = 0) -> None:
        """Choose a row."""
        self.go(self.section.show, self.table.model.keyAt(place))

    def segment_all(self) -> list[str]:
        """Returns what the progress bar showed."""
        self.jobs.allButton.click()
        shown: list[str] = []

        def ended() -> bool:
            self.panel.engine.answer()
            shown.append(self.jobs.progressBar.format)
            return not self.jobs.segmentAll.running

        self.panel.until(ended, 60)
        return shown

    def paint(self, *points: tuple[float, float]) -> None:
        """A stroke of the segment editor's brush through points of the image."""
        self.panel.view.pixels()
        self.panel.take("Paint")
        self.panel.view.dragIjk(list(points))
        self.panel.settle()

    def newest(self):
        """The newest version of the image at hand, as the reader sees it."""
        return self.worklist.session.newest(self.worklist.current.image.key, self.worklist.reader)


@contextmanager
def worklist(window) -> Iterator[Worklist]:
    """The section opened, with a stand-in engine; its session is closed at the end."""
    with standing_in(window) as panel:
        hands = Worklist(panel)
        hands.section.widget.collapsed = False
        hands.rows.path.currentPath = ""  # that of an earlier test is remembered
        hands.rows.kindBox.setCurrentIndex(0)
        hands.table.orderBox.setCurrentIndex(0)
        hands.table.statusBox.setCurrentIndex(0)
        hands.table.textEdit.text = ""
        hands.read_as("Reader A")
        try:
            yield hands
        finally:
            hands.worklist.close()
            hands.jobs.stop()
            hands.section.showMessage("")
            hands.section.widget.collapsed = True
            panel.correct.editor.setActiveEffect(None)
