"""The embedded desktop, booted once for the process with the module in it: drawn into memory, or with
CXRADAIN_TEST_SCREEN set on the screen that there is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from places import ROOT, SAMPLES

__all__ = ["ROOT", "SAMPLES"]
MODULE = ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py"
PLUGIN = MODULE.with_name("DICOMChestRadiographPlugin.py")
for each in (ROOT / "desktop", ROOT / "CXRAdaINSeg", ROOT / "Testing" / "slicer"):
    sys.path.insert(0, str(each))
sys.path.append(str(ROOT / "Testing" / "trainer"))  # for the DICOM files that its tests write


@pytest.fixture(scope="session")
def desktop(tmp_path_factory: pytest.TempPathFactory):
    """The embedded desktop with the module and its DICOM plugin, for which 3D Slicer's DICOM support is stood
    in; one in the process."""
    import embedded_slicer
    import slicer
    from dicom_stand_in import ctkDICOMDatabase, dicom_library

    sys.modules["DICOMLib"] = dicom_library()
    slicer.dicomDatabase = ctkDICOMDatabase()
    modules = [MODULE, PLUGIN]
    booted = embedded_slicer.boot(
        modules,
        headless="CXRADAIN_TEST_SCREEN" not in os.environ,
        testing=True,
        settings=tmp_path_factory.mktemp("settings"),
    )
    yield booted
    booted.close()


@contextmanager
def questions_answered() -> Iterator[None]:
    """A question that waits for 20 seconds is one that the test did not expect: it is refused, and the test
    fails instead of hanging."""
    from PySide6 import QtCore, QtWidgets

    waiting: list[QtWidgets.QDialog] = []
    unexpected: list[str] = []

    def look() -> None:
        dialog = QtWidgets.QApplication.activeModalWidget()
        if dialog is not None and dialog in waiting:
            unexpected.append(getattr(dialog, "text", None) or dialog.windowTitle)
            dialog.reject()
        waiting[:] = [] if dialog is None else [dialog]

    timer = QtCore.QTimer()
    timer.timeout.connect(look)
    timer.start(10_000)
    yield
    timer.stop()
    assert not unexpected, f"asked, and not answered: {unexpected}"


@pytest.fixture
def window(desktop) -> Iterator:
    """The embedded desktop with an empty scene."""
    import slicer
    from PySide6 import QtCore, QtGui, QtTest

    slicer.mrmlScene.Clear(0)
    # Keys go to the active window: one of an earlier test may have been that, and an X server without a
    # window manager makes none active.
    desktop.window.activateWindow()
    assert desktop.process(10, until=lambda: desktop.window.isActiveWindow)
    with questions_answered():
        yield desktop
    slicer.mrmlScene.Clear(0)
    left = desktop.module("CXRAdaINSeg").logic.worklist.inMemoryOnly()
    assert not left, f"unsaved work, which the next test that closes the window would be asked about: {left}"
    if QtGui.QGuiApplication.keyboardModifiers() != QtCore.Qt.NoModifier:  # QTest leaves Alt pressed
        QtTest.QTest.keyRelease(desktop.window, QtCore.Qt.Key_Alt)
    slicer.mrmlScene.Clear(0)
    desktop.process()


@pytest.fixture
def hands(window, tmp_path) -> Iterator:
    """A session of some radiographs in the worklist, the first one shown."""
    from worklist_driver import filled, worklist

    with worklist(window) as hands:
        hands.open(filled(tmp_path / "session"))
        hands.show(0)
        yield hands


@pytest.fixture
def bench(window) -> Iterator:
    """An engine process with a stand-in for the engine."""
    from engine_bench import STAND_IN, Bench
    from module_panel import child_processes

    made = Bench([STAND_IN])
    yield made
    made.engine.stop()
    made.wait(lambda: not child_processes(STAND_IN))


@pytest.fixture
def trainer(window, monkeypatch, tmp_path):
    """The stand-in takes the trainer's place; called with words of how it is to be."""
    from cxradain.rounds.folder import RoundFolder
    from CXRAdaINSegLib.processes import RoundProcess
    from CXRAdaINSegLib.sections import TrainSection
    from train_driver import STAND_IN

    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(TrainSection.TrainingSetup, "require", lambda self, then: then())
    paths = os.pathsep.join(str(ROOT / name) for name in ("trainer",))
    how = [""]

    def command(words, choice=None):
        environment = {**os.environ, "PYTHONPATH": paths, "STAND_IN_TRAINER": how[0]}
        return sys.executable, [str(STAND_IN), *words], environment

    for module in (RoundProcess, TrainSection):
        monkeypatch.setattr(module, "trainCommand", command)

    def be(text: str) -> None:
        how[0] = text

    yield be
    for folder, (process, _began) in RoundProcess.processes.items():
        if tmp_path in folder.parents:
            RoundProcess.end(RoundFolder(folder), atOnce=True)
            process.wait()


@pytest.fixture
def section(window, trainer, tmp_path):
    """The Train section with a session of drawn radiographs."""
    from train_driver import Section, make_session

    session = make_session(tmp_path / "session")
    made = Section(window, session)
    yield made
    made.made.close()
    made.made.widget.deleteLater()
    window.process()
    session.close()


@pytest.fixture
def answers(window, monkeypatch):
    """The questions asked, and the answer to them."""
    from CXRAdaINSegLib import Widgets

    asked = {"questions": [], "answer": True}

    def confirm(text, *rest, **more):
        asked["questions"].append(text)
        return asked["answer"]

    monkeypatch.setattr(Widgets, "confirm", confirm)
    return asked
