"""qMRMLWidget: a widget with a MRML scene."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets


class qMRMLWidget(QtWidgets.QWidget):
    """Holds the scene, and emits mrmlSceneChanged for its children."""

    mrmlSceneChanged = QtCore.Signal(object)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._scene: Any = None

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not self._scene:
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)
