"""The embedded desktop, booted once for the process with the module in it: drawn into memory, or with
CXRADAIN_TEST_SCREEN set on the screen that there is."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator

import pytest
from cxradain.setup.demo import has_window
from cxradain.setup.libraries import missing, missing_for_tests
from places import ROOT, SAMPLES

# Models that tests keep are not the user's.
os.environ["CXRADAIN_HOME"] = tempfile.mkdtemp(prefix="cxradain-home-")

__all__ = ["ROOT", "SAMPLES"]
MODULE = ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py"
PLUGIN = MODULE.with_name("DICOMChestRadiographPlugin.py")
for each in (ROOT / "desktop", ROOT / "CXRAdaINSeg", ROOT / "Testing" / "slicer"):
    sys.path.insert(0, str(each))
sys.path.append(str(ROOT / "Testing" / "trainer"))  # for the DICOM files that its tests write

HAS_DESKTOP = all(importlib.util.find_spec(name) for name in ("slicer_core", "PySide6"))
LACKING = missing(screen=False) if HAS_DESKTOP else []
# Where the platform has no slicer-core, or the system not its libraries, these tests are not even collected.
collect_ignore_glob = [] if HAS_DESKTOP and not LACKING else ["test_*.py"]
WHEELS = [] if HAS_DESKTOP else ["slicer-core", "PySide6"]

# CI says that nothing may be left out where there can be a window.
if os.environ.get("CXRADAIN_TEST_ALL") and has_window() and (wanting := WHEELS + missing_for_tests()):
    raise pytest.UsageError(f"CXRADAIN_TEST_ALL: tests would be left out, for want of {', '.join(wanting)}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so when they are not; a header would come before this file is read."""
    if collect_ignore_glob:
        terminalreporter.line(f"Testing/panel is left out, for want of {', '.join(WHEELS + LACKING)}")


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
    yield desktop
    if QtGui.QGuiApplication.keyboardModifiers() != QtCore.Qt.NoModifier:  # QTest leaves Alt pressed
        QtTest.QTest.keyRelease(desktop.window, QtCore.Qt.Key_Alt)
    slicer.mrmlScene.Clear(0)
    desktop.process()


@pytest.fixture
def hands(window, tmp_path) -> Iterator:
    """A session of some radiographs in the worklist, the first one shown."""
    from test_worklist import filled
    from worklist_driver import worklist

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
