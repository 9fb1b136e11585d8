"""qMRMLPlotView and qMRMLPlotWidget: the chart of a plot view node."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6 import QtGui, QtWidgets
from vtkmodules.vtkCommonCore import vtkCommand

from .plot_rendering import PlotRendering


class qMRMLPlotView(QtWidgets.QWidget):
    """Shows the chart of its node and follows its changes; it does not respond to the mouse."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rendering = PlotRendering()
        self._scene = self._node = self._chart = None
        self._observed: list[tuple[Any, int]] = []
        self._stale = True
        self._picture = QtGui.QImage()
        self._memory: np.ndarray | None = None  # the picture's pixels, which QImage does not keep alive
        self.setMinimumSize(120, 90)

    def mrmlScene(self) -> Any:
        return self._scene

    def mrmlPlotViewNode(self) -> Any:
        return self._node

    def chart(self) -> Any:
        """The up-to-date VTK chart."""
        self._update()
        return self.rendering.chart

    def setMRMLScene(self, scene: Any) -> None:
        self._scene = scene
        self._observe()

    def setMRMLPlotViewNode(self, node: Any) -> None:
        self._node = node
        self._observe()

    def _observe(self) -> None:
        for observed, tag in self._observed:
            observed.RemoveObserver(tag)
        self._chart = None
        if self._node is not None and self._scene is not None:
            self._chart = self._scene.GetNodeByID(self._node.GetPlotChartNodeID() or "")
        watched = [(self._node, self._onViewModified), (self._chart, self._onChartModified)]
        self._observed = [
            (node, node.AddObserver(vtkCommand.ModifiedEvent, call)) for node, call in watched if node
        ]
        self._onChartModified(None, "")

    def _onViewModified(self, caller: Any, event: str) -> None:
        shown = self._chart.GetID() if self._chart is not None else None
        if (self._node.GetPlotChartNodeID() or None) != shown:
            self._observe()

    def _onChartModified(self, caller: Any, event: str) -> None:
        self._stale = True
        self.update()

    def _update(self) -> bool:
        """Update the chart from the nodes; returns whether it was outdated."""
        if not self._stale:
            return False
        self._stale = False
        self.rendering.show(self._chart)
        return True

    def paintEvent(self, event: Any) -> None:
        if self._update() or self._picture.isNull():
            self._memory = np.ascontiguousarray(self.rendering.pixels())
            height, width = self._memory.shape[:2]
            self._picture = QtGui.QImage(
                self._memory.data, width, height, 3 * width, QtGui.QImage.Format_RGB888
            )
            self._picture.setDevicePixelRatio(self.devicePixelRatioF())
        painter = QtGui.QPainter(self)
        painter.drawImage(0, 0, self._picture)
        painter.end()

    def resizeEvent(self, event: Any) -> None:
        ratio = self.devicePixelRatioF()
        self.rendering.resize(round(self.width * ratio), round(self.height * ratio))
        self._picture = QtGui.QImage()


class qMRMLPlotWidget(QtWidgets.QWidget):
    """A plot view, without Slicer's controller bar."""

    def __init__(self, scene: Any, node: Any) -> None:
        super().__init__()
        self._view = qMRMLPlotView()
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self._view.setMRMLScene(scene)
        self._view.setMRMLPlotViewNode(node)

    def plotView(self) -> qMRMLPlotView:
        return self._view

    def mrmlPlotViewNode(self) -> Any:
        return self._view.mrmlPlotViewNode()
