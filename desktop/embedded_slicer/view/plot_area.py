"""A layout's slice views side by side, and its plot views in a row below them."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from PySide6 import QtCore, QtWidgets

from .plot_view import qMRMLPlotWidget

SHARES = (7, 3)  # the ratio of the heights of slice and plot views


class PlotArea(QtWidgets.QSplitter):
    """Slice views above, plot views below; plot views are created when a layout first contains them."""

    def __init__(self, scene: Any) -> None:
        super().__init__(QtCore.Qt.Vertical)
        self._scene = scene
        self._made: dict[str, qMRMLPlotWidget] = {}
        self._row = QtWidgets.QSplitter(QtCore.Qt.Horizontal)
        self.shown: list[qMRMLPlotWidget] = []
        self.slices = QtWidgets.QSplitter(QtCore.Qt.Horizontal)
        self.slices.setChildrenCollapsible(False)
        self.addWidget(self.slices)
        self.addWidget(self._row)
        for index, share in enumerate(SHARES):
            self.setStretchFactor(index, share)
        self.setChildrenCollapsible(False)
        self._row.hide()

    def arrange(self, description: str) -> None:
        """Show the plot views in a layout's XML and hide the others."""
        tags = plot_tags(description)
        for tag in tags:
            if tag not in self._made:
                self._made[tag] = qMRMLPlotWidget(self._scene, self._node(tag))
                self._row.addWidget(self._made[tag])
        for tag, widget in self._made.items():
            widget.setVisible(tag in tags)
        self.shown = [self._made[tag] for tag in tags]
        appears = bool(tags) and self._row.isHidden()
        self._row.setVisible(bool(tags))
        if appears:
            self.setSizes([share * self.height // sum(SHARES) for share in SHARES])

    def close_views(self) -> None:
        """Release the graphics resources."""
        for widget in self._made.values():
            widget.plotView().rendering.close()

    def _node(self, tag: str) -> Any:
        node = self._scene.GetSingletonNode(tag, "vtkMRMLPlotViewNode")
        if node is None:
            node = self._scene.CreateNodeByClass("vtkMRMLPlotViewNode")
            node.UnRegister(None)
            node.SetSingletonTag(tag)
            node.SetName(tag)
            self._scene.AddNode(node)
        return node


def plot_tags(description: str) -> list[str]:
    """The singleton tags of a layout's plot views, in order."""
    return view_tags(description, "vtkMRMLPlotViewNode")


def view_tags(description: str, class_name: str) -> list[str]:
    """The singleton tags of a layout's views of a class, in order."""
    views = ElementTree.fromstring(description or "<layout/>").iter("view")
    return [view.get("singletontag", "") for view in views if view.get("class") == class_name]
