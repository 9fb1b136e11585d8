"""Drives the module's panel in tests, with a stand-in or the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6 import QtCore, QtGui, QtTest, QtWidgets
from PySide6.QtCore import Qt


class Panel:
    """The panel in the booted window; `engine` is the one that answers."""

    def __init__(self, window, engine):
        self.window, self.engine = window, engine
        self.widget = window.module("CXRAdaINSeg")
        self.segment = self.widget.segmentSection
        self.correct = self.widget.correctSection
        self.measure = self.widget.measureSection
        self.segmenting = self.widget.logic.segmenting

    @property
    def view(self):
        return self.window.sliceView("Red")

    @property
    def volume(self):
        return self.segment.volume

    @property
    def segmentation(self):
        from CXRAdaINSegLib.scene.LungSegments import lungsOf

        return lungsOf(self.volume)

    @property
    def lungs(self) -> tuple[int, ...]:
        from CXRAdaINSegLib.scene.LungSegments import presentLungs

        return presentLungs(self.segmentation)

    @property
    def labels(self) -> np.ndarray:
        from CXRAdaINSegLib.scene.LungSegments import labelsOf

        return labelsOf(self.segmentation, self.volume)

    @property
    def clicks(self):
        from CXRAdaINSegLib.scene.ClickMarkers import clicksOf

        return clicksOf(self.segmentation)

    def add(self, *paths: Path) -> None:
        self.segment.input.addFiles([str(path) for path in paths])
        assert self.window.process(60, until=lambda: not self.segment.input.reading)
        self.window.process()

    def add_pixels(self, pixels: np.ndarray, name: str = "radiograph", directions=None):
        """A volume of (H, W) or (H, W, 3) pixels, with (i, j, k) directions in RAS; chosen."""
        import slicer
        import vtk

        matrix = vtk.vtkMatrix4x4()
        for column, axis in enumerate(directions or ((-1, 0, 0), (0, -1, 0), (0, 0, 1))):
            for row in range(3):
                matrix.SetElement(row, column, axis[row])
        kind = "vtkMRMLScalarVolumeNode" if pixels.ndim == 2 else "vtkMRMLVectorVolumeNode"
        volume = slicer.util.addVolumeFromArray(pixels[np.newaxis], matrix, name, kind)
        self.segment.input.choose(volume)
        self.view.pixels()  # a hand comes to a view that has been painted
        return volume

    def click(self, row: float, column: float, **how) -> None:
        """Click on the image, and let the stand-in answer."""
        self.view.clickIjk(row, column, **how)
        self.settle()

    def press_segment(self) -> None:
        self.segment.segmentButton.click()
        self.settle()

    def take(self, tool: str) -> None:
        """Unfold the Correct section and choose a tool of its editor."""
        self.correct.widget.collapsed = False
        self.correct.editor.setActiveEffectByName(tool)

    def settle(self) -> None:
        """Let the stand-in answer, and the panel follow the masks."""
        self.window.process()
        if hasattr(self.engine, "answer"):
            self.engine.answer()
        self.until(lambda: not self.widget.masks.waiting, 10)

    def until(self, condition, seconds: float = 120.0) -> None:
        assert self.window.process(seconds, until=condition), f"not within {seconds} s"


def drop_files(area, paths) -> None:
    """Drag files onto a widget, and let them go."""
    data, place = QtCore.QMimeData(), QtCore.QPoint(5, 5)
    data.setUrls([QtCore.QUrl.fromLocalFile(str(path)) for path in paths])
    how = (Qt.CopyAction, data, Qt.LeftButton, Qt.NoModifier)
    entering = QtGui.QDragEnterEvent(place, *how)
    QtCore.QCoreApplication.sendEvent(area, entering)
    assert entering.isAccepted()
    QtCore.QCoreApplication.sendEvent(area, QtGui.QDropEvent(QtCore.QPointF(place), *how))


def answer_by(text: str) -> None:
    """Click the button of that text in the question that is about to be asked."""

    def click() -> None:
        box = QtWidgets.QApplication.activeModalWidget()
        if box is None:  # on a busy computer it is not there yet
            QtCore.QTimer.singleShot(50, click)
            return
        button = next(each for each in box.buttons() if each.text.replace("&", "") == text)
        QtTest.QTest.mouseClick(button, Qt.LeftButton)

    QtCore.QTimer.singleShot(50, click)


def child_processes(argument: str) -> list[QtCore.QProcess]:
    """The running processes that the application has started with an argument."""
    processes = QtCore.QCoreApplication.instance().findChildren(QtCore.QProcess)
    running = QtCore.QProcess.ProcessState.Running
    return [each for each in processes if argument in each.arguments() and each.state() == running]


def child_process(module: str) -> QtCore.QProcess:
    """The running `python -m module` that the application has started."""
    return child_processes(module)[0]


def chest(rows: int = 240, columns: int = 200) -> np.ndarray:
    """(rows, columns) uint16: two dark boxes on a bright ground, with noise of a fixed seed."""
    from in_process_engine import boxes

    pixels = np.full((rows, columns), 3000, np.uint16)
    pixels[boxes((rows, columns)) > 0] = 800
    return pixels + np.random.default_rng(5).integers(0, 60, pixels.shape, np.uint16)


@contextmanager
def standing_in(window) -> Iterator[Panel]:
    """The panel with an engine that answers when the test says so."""
    from in_process_engine import StandInEngine

    segmenting = window.module("CXRAdaINSeg").logic.segmenting
    real, engine = segmenting.engine, StandInEngine()
    segmenting.predictions.engine, engine.stateChanged = engine, real.stateChanged
    try:
        yield Panel(window, engine)
    finally:
        segmenting.abandon()
        segmenting.predictions.engine = real
        window.module("CXRAdaINSeg").segmentSection.setClickMode(False)
