"""The main window: the module's panel on the left, the views on the right."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from ..app.application import TITLE
from .actions import add_actions
from .files import Files, dropped
from .view_tools import ViewTools

# A property of the window, set while those who watch its closing are told that the scene closes.
SCENE_ALONE = "closesSceneAlone"


class MainWindow(QtWidgets.QMainWindow):
    """The main window; it has the object name of Slicer's, so that slicer.util.mainWindow finds it."""

    def __init__(self, application: Any) -> None:
        super().__init__()
        self.setObjectName("qSlicerMainWindow")
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self._application = application
        application.window = self
        self._agreed: bool | None = None  # while it is announced that the scene closes
        self._selector = ModuleSelector(application, self)
        self._scroll = QtWidgets.QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QtWidgets.QFrame.NoFrame)
        self.panel = QtWidgets.QDockWidget("Module")
        self.panel.setObjectName("PanelDockWidget")
        self.panel.setFeatures(QtWidgets.QDockWidget.DockWidgetMovable)
        self.panel.setWidget(self._scroll)
        self.addDockWidget(QtCore.Qt.LeftDockWidgetArea, self.panel)
        view = application.layoutManager().sliceWidget("Red")
        self.setCentralWidget(application.layoutManager().viewport())
        self._place = QtWidgets.QLabel()
        self.statusBar().addWidget(
            QtWidgets.QLabel("Embedded desktop, not 3D Slicer. For research, not for diagnosis.")
        )
        self.statusBar().addPermanentWidget(self._place)
        self.files, self.tools = Files(self), ViewTools(view, self._place)
        add_actions(self, self.files, self.tools)
        size = QtCore.QSize(1360, 860)
        if QtGui.QGuiApplication.platformName() != "offscreen":  # which claims a tiny screen
            size = size.boundedTo(self.screen().availableSize)
        self.resize(size)
        self.resizeDocks([self.panel], [460], QtCore.Qt.Horizontal)

    def moduleSelector(self) -> ModuleSelector:
        return self._selector

    def show_module(self, module: Any) -> None:
        """Show a module's panel instead of the previous one."""
        before = self._scroll.takeWidget()
        if before is not None:
            before.exit()
            before.setParent(None)
        widget = module.widgetRepresentation()
        self._scroll.setWidget(widget)
        self.panel.setWindowTitle(module.title)
        widget.enter()

    def dragEnterEvent(self, event: Any) -> None:
        if dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: Any) -> None:
        paths = dropped(event)
        event.acceptProposedAction()
        QtCore.QTimer.singleShot(0, lambda: self.files.load(paths))

    def announce_closing(self) -> bool:
        """Let those who watch the window's closing keep their data: the scene is about to be closed. Returns
        whether they let it."""
        self._agreed = False
        self.setProperty(SCENE_ALONE, True)
        try:
            QtCore.QCoreApplication.sendEvent(self, QtGui.QCloseEvent())
            return self._agreed
        finally:
            self._agreed = None
            self.setProperty(SCENE_ALONE, False)

    def closeEvent(self, event: Any) -> None:
        if self._agreed is not None:
            self._agreed = True
            event.ignore()
            return
        if not self._application.testingEnabled() and not self.files.may_close():
            event.ignore()
            return
        super().closeEvent(event)


class ModuleSelector(QtCore.QObject):
    """The choice of the module, like qSlicerModuleSelectorToolBar without its toolbar."""

    def __init__(self, application: Any, window: MainWindow) -> None:
        super().__init__(window)
        self._application, self._window, self._name = application, window, ""

    selectedModule = QtCore.Property(str, lambda self: self._name)

    def selectModule(self, name: str) -> None:
        module = self._application.moduleManager().module(name)
        if module is not None and module.widgetRepresentation() is not None and name != self._name:
            self._name = name
            self._window.show_module(module)
