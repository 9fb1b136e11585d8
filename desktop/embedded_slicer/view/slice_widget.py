"""qMRMLSliceWidget: a slice view with its controller bar."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from .rendering import SliceRendering
from .slice_view import qMRMLSliceView


class qMRMLSliceWidget(QtWidgets.QWidget):
    """A slice view of the scene. name: for example "Red"."""

    def __init__(self, scene: Any, applicationLogic: Any, name: str, parent: Any = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"qMRMLSliceWidget{name}")
        self._view: qMRMLSliceView | None = None
        self.rendering = SliceRendering(scene, applicationLogic, name, self._onChange)
        self._view = qMRMLSliceView(self.rendering)
        self._controller = qMRMLSliceControllerWidget(self.rendering)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._controller)
        layout.addWidget(self._view, 1)

    def _onChange(self) -> None:
        if self._view is not None:
            self._view.scheduleRender()

    def sliceView(self) -> qMRMLSliceView:
        return self._view

    def sliceController(self) -> QtWidgets.QWidget:
        return self._controller

    def sliceLogic(self) -> Any:
        return self.rendering.logic

    logic = sliceLogic

    def mrmlSliceNode(self) -> Any:
        return self.rendering.node

    def mrmlSliceCompositeNode(self) -> Any:
        return self.rendering.logic.GetSliceCompositeNode()

    def interactorStyle(self) -> Any:
        return self.rendering.style

    def fitSliceToBackground(self) -> None:
        self.rendering.logic.FitSliceToBackground()


class qMRMLSliceControllerWidget(QtWidgets.QWidget):
    """A colored bar with the view's full name, because a single letter could be read as a side marker."""

    def __init__(self, rendering: SliceRendering, parent: Any = None) -> None:
        super().__init__(parent)
        color = [round(255 * part) for part in rendering.node.GetLayoutColor()]
        self.setAttribute(QtCore.Qt.WA_StyledBackground)
        self.setStyleSheet(f"qMRMLSliceControllerWidget {{ background: rgb{tuple(color)}; }}")
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(6, 1, 6, 1)
        label = QtWidgets.QLabel(f"{rendering.node.GetLayoutName()} view")
        label.setStyleSheet("color: white; font-weight: bold;")
        layout.addWidget(label)
        layout.addStretch(1)
