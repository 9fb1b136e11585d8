"""qMRMLPlotView and qMRMLPlotWidget: the chart of a plot view node."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6 import QtWidgets
from vtkmodules.vtkCommonCore import vtkCommand

from .plot_rendering import PlotRendering
from .rendered_widget import RenderedWidget


class qMRMLPlotView(RenderedWidget):
    """Shows the chart of its node and follows its changes; it does not respond to the mouse."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(PlotRendering(), parent)
        self._scene = self._node = self._chart = None
        self._observed: list[tuple[Any, int]] = []
        self.setMinimumSize(120, 90)

    def mrmlScene(self) -> Any:
        return self._scene

    def mrmlPlotViewNode(self) -> Any:
        return self._node

    def chart(self) -> Any:
        """The up-to-date VTK chart."""
        self.rendering.show(self._chart)
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

    def _render(self) -> np.ndarray:
        self.rendering.show(self._chart)
        return super()._render()


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
