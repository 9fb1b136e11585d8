"""qMRMLNodeComboBox: a selector of nodes in the scene."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6 import QtCore, QtWidgets

from .widget import qMRMLWidget


class qMRMLNodeComboBox(qMRMLWidget):
    """Lists the scene's nodes of some types and stays up to date.

    As in 3D Slicer, where Qt's combo box compares texts, `currentNodeChanged` is not emitted between two
    nodes of the same name, but is emitted when the current node is renamed.
    """

    currentNodeChanged = QtCore.Signal(object)
    currentNodeIDChanged = QtCore.Signal(str)
    nodeActivated = QtCore.Signal(object)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._types: list[str] = []
        self._observed: list[tuple[Any, int]] = []
        self._ids: list[str] = []  # node IDs of the rows; "" for None
        self._current = self._text = ""
        self._box = QtWidgets.QComboBox()
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        self._box.activated.connect(self._onActivated)
        self.mrmlSceneChanged.connect(self._onSceneChanged)

    # Which nodes are listed

    def _property(kind: Any, name: str, default: Any, refill: bool = False) -> Any:
        def get(self: Any) -> Any:
            return self.__dict__.get("_" + name, default)

        def setter(self: Any, value: Any) -> None:
            self.__dict__["_" + name] = value
            if refill:
                self._fill()

        return QtCore.Property(kind, get, setter)

    noneEnabled = _property(bool, "noneEnabled", False, True)
    noneDisplay = _property(str, "noneDisplay", "None", True)
    showChildNodeTypes = _property(bool, "showChildNodeTypes", True, True)
    addEnabled = _property(bool, "addEnabled", True)
    removeEnabled = _property(bool, "removeEnabled", True)
    renameEnabled = _property(bool, "renameEnabled", False)
    del _property

    def _nodeTypes(self) -> list[str]:
        return list(self._types)

    def _setNodeTypes(self, types: Any) -> None:
        self._types = list(types)
        self._fill()

    nodeTypes = QtCore.Property("QStringList", _nodeTypes, _setNodeTypes)

    # The current node

    def nodeCount(self) -> int:
        return len([each for each in self._ids if each])

    def nodeFromIndex(self, index: int) -> Any:
        ids = [each for each in self._ids if each]
        return self._scene.GetNodeByID(ids[index]) if 0 <= index < len(ids) else None

    def currentNode(self) -> Any:
        return self._scene.GetNodeByID(self._current) if self._scene is not None and self._current else None

    def _currentNodeID(self) -> str:
        return self._current

    def _setCurrentNodeID(self, nodeID: str | None) -> None:
        self._select(nodeID or "")

    currentNodeID = QtCore.Property(str, _currentNodeID, _setCurrentNodeID)

    def setCurrentNode(self, node: Any) -> None:
        self._select(node if isinstance(node, str) else node.GetID() if node else "")

    # Following the scene

    def _onSceneChanged(self, scene: Any) -> None:
        for observed, tag in self._observed:
            observed.RemoveObserver(tag)
        self._observed = []
        if scene is not None:
            for event in (scene.NodeAddedEvent, scene.NodeRemovedEvent):
                self._observed.append((scene, scene.AddObserver(event, self._onNode)))
            event = scene.EndBatchProcessEvent
            self._observed.append((scene, scene.AddObserver(event, lambda *_: self._fill())))
        self._fill()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onNode(self, caller: Any, event: str, node: Any) -> None:
        """Update the list if a node that it shows was added or removed; most nodes are not listed."""
        if not caller.IsBatchProcessing() and (self._fits(node) or node.GetID() in self._ids):
            self._fill()

    def _fits(self, node: Any) -> bool:
        is_a = node.IsA if self.showChildNodeTypes else node.GetClassName().__eq__
        return not node.GetHideFromEditors() and any(is_a(each) for each in self._types)

    def _fill(self) -> None:
        nodes = self._listed() if self._scene is not None else []
        self._ids = [""] * bool(self.noneEnabled) + [node.GetID() for node in nodes]
        names = [self.noneDisplay] * bool(self.noneEnabled) + [node.GetName() or "" for node in nodes]
        self._box.clear()
        self._box.addItems(names)
        self._watch_names(nodes)
        current = self._current
        if current not in self._ids:  # Slicer selects the first node if None is not offered
            current = self._ids[0] if self._ids else ""
        self._select(current)

    def _listed(self) -> list[Any]:
        """The nodes to list, in the scene's order; looked up by class: a scene has hundreds of others."""
        by_type = []
        for each in self._types:
            found = self._scene.GetNodesByClass(each)
            found.UnRegister(None)
            by_type.append([found.GetItemAsObject(row) for row in range(found.GetNumberOfItems())])
        if sum(map(bool, by_type)) > 1:
            by_type = [[self._scene.GetNthNode(row) for row in range(self._scene.GetNumberOfNodes())]]
        return [node for nodes in by_type for node in nodes if self._fits(node)]

    def _watch_names(self, nodes: list[Any]) -> None:
        for observed, tag in [each for each in self._observed if each[0] is not self._scene]:
            observed.RemoveObserver(tag)
        self._observed = [each for each in self._observed if each[0] is self._scene]
        for node in nodes:
            self._observed.append((node, node.AddObserver("ModifiedEvent", self._onNodeModified)))

    def _onNodeModified(self, node: Any, event: str) -> None:
        row = self._ids.index(node.GetID()) if node.GetID() in self._ids else -1
        if row >= 0 and self._box.itemText(row) != (node.GetName() or ""):
            self._box.setItemText(row, node.GetName() or "")
            if node.GetID() == self._current:
                self._notify()

    def _onActivated(self, row: int) -> None:
        self._select(self._ids[row])
        self.nodeActivated.emit(self.currentNode())

    def _select(self, nodeID: str) -> None:
        if nodeID not in self._ids:
            # While a scene is loading, its nodes are listed only at the end, but a selected node at once.
            node = self._scene.GetNodeByID(nodeID) if self._scene is not None and nodeID else None
            if node is not None and self._fits(node):
                self._fill()
            else:
                nodeID = ""
        self._box.setCurrentIndex(self._ids.index(nodeID) if nodeID in self._ids else -1)
        self._current = nodeID
        self._notify()

    def _notify(self) -> None:
        text = self._box.currentText
        if text != self._text:
            self._text = text
            self.currentNodeChanged.emit(self.currentNode())
            self.currentNodeIDChanged.emit(self._current)
