"""qSlicerApplication, which modules use as slicer.app."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from PySide6 import QtCore, QtWidgets

NAME = "Embedded desktop"
TITLE = "CXRAdaINSeg - embedded desktop, not 3D Slicer"


class qSlicerApplication(QtWidgets.QApplication):
    """A QApplication with those parts of qSlicerApplication that scripted modules use."""

    startupCompleted = QtCore.Signal()
    pausedChanged = QtCore.Signal(bool)

    def __init__(self, testing: bool = False) -> None:
        super().__init__(["embedded_slicer"])
        self.setApplicationName(NAME)
        self.setOrganizationName("embedded_slicer")
        self._testing, self._pauses = testing, 0
        self._startup = dict(os.environ)
        self._settings = QtCore.QSettings()
        self._temporary = tempfile.TemporaryDirectory(prefix="embedded_slicer-")
        self.logics: Any = None
        self.window: Any = None  # the main window, which sets this
        self._layoutManager: Any = None
        self._moduleManager: Any = None
        self._ioManager: Any = None
        self.aboutToQuit.connect(self._temporary.cleanup)

    # The version of 3D Slicer whose interface is reimplemented
    applicationVersion = property(lambda self: "5.12.4")
    os = property(lambda self: QtCore.QSysInfo.kernelType())
    platform = property(lambda self: QtCore.QSysInfo.buildAbi())
    slicerHome = property(lambda self: "")
    temporaryPath = property(lambda self: self._temporary.name)

    def complete(self, logics: Any, layoutManager: Any, moduleManager: Any, ioManager: Any) -> None:
        """Set the application's parts, which are created after it because they need it."""
        self.logics = logics
        self._layoutManager, self._moduleManager, self._ioManager = layoutManager, moduleManager, ioManager

    def topLevelWidgets(self) -> list[Any]:  # type: ignore[override]
        """Only the main window, for which `slicer.util` looks there. PySide's objects for Qt's own popups
        outlive these, and asked for their name, the process crashes."""
        return [] if self.window is None else [self.window]

    def mrmlScene(self) -> Any:
        return self.logics.scene

    def applicationLogic(self) -> Any:
        return self.logics.application

    def layoutManager(self) -> Any:
        return self._layoutManager

    def moduleManager(self) -> Any:
        return self._moduleManager

    def coreIOManager(self) -> Any:
        return self._ioManager

    def ioManager(self) -> Any:
        return self._ioManager

    def testingEnabled(self) -> bool:
        return self._testing

    def settings(self) -> Any:
        return self._settings

    def startupEnvironment(self) -> Any:
        environment = QtCore.QProcessEnvironment()
        for name, value in self._startup.items():
            environment.insert(name, value)
        return environment

    def isRenderPaused(self) -> bool:
        return self._pauses > 0

    def pauseRender(self) -> None:
        self.setRenderPaused(True)

    def resumeRender(self) -> None:
        self.setRenderPaused(False)

    def setRenderPaused(self, paused: bool) -> None:
        """Pause or resume rendering. Pauses are counted; the views render again after the last one ends."""
        self._pauses = max(0, self._pauses + (1 if paused else -1))
        self.pausedChanged.emit(self._pauses > 0)

    def extensionsManagerModel(self) -> None:
        return None  # there are no extensions here
