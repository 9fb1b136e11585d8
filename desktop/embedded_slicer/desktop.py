"""The running desktop: the application with its scene, views, window and modules."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore
from shiboken6 import isValid

from . import slicer_names
from .app.application import qSlicerApplication
from .app.layout_manager import qSlicerLayoutManager
from .hierarchy import HierarchyItems
from .io.manager import qSlicerCoreIOManager
from .modules import i18n
from .modules.manager import qSlicerModuleManager
from .scene import make
from .window.appearance import LANGUAGE
from .window.main_window import MainWindow


class Desktop:
    """The desktop; there is one per process, created by embedded_slicer.boot."""

    def __init__(self, modulePaths: list[Path], testing: bool = False, settings: Path | None = None) -> None:
        self._ran = False
        slicer_names.install_classes()
        QtCore.QSettings.setDefaultFormat(QtCore.QSettings.IniFormat)
        if settings is not None:
            QtCore.QSettings.setPath(QtCore.QSettings.IniFormat, QtCore.QSettings.UserScope, str(settings))
        self.application = qSlicerApplication(testing)
        logics = make(self.application.temporaryPath)
        self._items = HierarchyItems(logics.scene)
        self.application.logics = logics
        slicer_names.install_application(self.application)
        self.application.complete(
            logics,
            qSlicerLayoutManager(self.application),
            qSlicerModuleManager(logics.modules),
            qSlicerCoreIOManager(logics),
        )
        i18n.find(map(Path, modulePaths))
        i18n.choose(str(QtCore.QSettings().value(LANGUAGE, "en")))
        self.window = MainWindow(self.application)
        modules = [self.application.moduleManager().load(Path(path)) for path in modulePaths]
        self.window.show()
        for module in modules[:1]:
            self.window.moduleSelector().selectModule(module.name)
        self.application.startupCompleted.emit()
        self.process()

    def module(self, name: str) -> Any:
        """A scripted module's panel, an instance of its <Name>Widget."""
        return slicer.util.getModuleWidget(name)

    def sliceView(self, name: str = "Red") -> Any:
        from .view.gestures import SliceGestures

        return SliceGestures(self.application.layoutManager().sliceWidget(name))

    def process(self, seconds: float = 0.0, until: Callable[[], Any] | None = None) -> bool:
        """Process events for a time, or until a condition is true; returns whether it was."""
        end = time.monotonic() + seconds
        flags = QtCore.QEventLoop.AllEvents
        wakeup = QtCore.QTimer()
        while True:
            self.application.processEvents(flags)
            # processEvents leaves deleteLater to an event loop, and none is running
            self.application.sendPostedEvents(None, QtCore.QEvent.DeferredDelete)
            if until is not None and until():
                return True
            if time.monotonic() >= end:
                return until is None
            # Sleeping instead would delay events, of which a pipe needs one for each 64 KiB.
            flags = QtCore.QEventLoop.WaitForMoreEvents
            wakeup.start(2)

    def screenshot(self, path: Path | str) -> None:
        """Write a screenshot of the whole window. Raises OSError."""
        self.process()
        if not self.window.grab().save(str(path)):
            raise OSError(f"The picture could not be written to {path}.")

    def run(self) -> int:
        """Run the event loop until the window is closed; returns the exit code."""
        self._ran = True
        return self.application.exec()

    def close(self) -> None:
        """Close modules, child processes and views, in this order, without asking."""
        self.application.moduleManager().unloadAll()
        self.window.hide()
        if not self._ran:  # only the end of an event loop emits aboutToQuit
            QtCore.QTimer.singleShot(0, self.application.quit)
            self.application.exec()
        self.process(5.0, until=lambda: not running_processes())  # those that are ending
        self.application.layoutManager().close_views()
        self.process()


def running_processes() -> list[QtCore.QProcess]:
    """The child processes that modules have started with Qt and that are still running."""
    processes = [each for each in gc.get_objects() if type(each) is QtCore.QProcess]
    return [each for each in processes if isValid(each) and each.state() != QtCore.QProcess.NotRunning]
