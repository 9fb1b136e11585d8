"""The main window: the module's panel at the left, the slice view at the right."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from ..app.application import TITLE


class MainWindow(QtWidgets.QMainWindow):
    """Named as Slicer's main window is, for slicer.util.mainWindow to find it."""

    def __init__(self, application: Any) -> None:
        super().__init__()
        self.setObjectName("qSlicerMainWindow")
        self.setWindowTitle(TITLE)
        self._application = application
        self._selector = ModuleSelector(self)
        self._scroll = QtWidgets.QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QtWidgets.QFrame.NoFrame)
        self.panel = QtWidgets.QDockWidget("Module")
        self.panel.setObjectName("PanelDockWidget")
        self.panel.setFeatures(QtWidgets.QDockWidget.DockWidgetMovable)
        self.panel.setWidget(self._scroll)
        self.addDockWidget(QtCore.Qt.LeftDockWidgetArea, self.panel)
        self.setCentralWidget(application.layoutManager().sliceWidget("Red"))
        self.statusBar().showMessage("For research, not for diagnosis.")
        self.resize(1360, 860)
        self.resizeDocks([self.panel], [460], QtCore.Qt.Horizontal)

    def moduleSelector(self) -> ModuleSelector:
        return self._selector

    def show_module(self, module: Any) -> None:
        """Show a module's panel, in place of the one before."""
        before = self._scroll.takeWidget()
        if before is not None:
            before.exit()
            before.setParent(None)
        widget = module.widgetRepresentation()
        self._scroll.setWidget(widget)
        self.panel.setWindowTitle(module.title)
        widget.enter()

    def closeEvent(self, event: Any) -> None:
        self._application.moduleManager().unloadAll()
        super().closeEvent(event)


class ModuleSelector(QtCore.QObject):
    """qSlicerModuleSelectorToolBar without its bar: which module is shown."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._name = window, ""

    selectedModule = QtCore.Property(str, lambda self: self._name)

    def selectModule(self, name: str) -> None:
        import slicer

        module = slicer.app.moduleManager().module(name)
        if module is not None and module.widgetRepresentation() is not None and name != self._name:
            self._name = name
            self._window.show_module(module)
