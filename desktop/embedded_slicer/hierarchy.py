"""Items of the subject hierarchy for the nodes of the scene, which in 3D Slicer its Qt plugins make."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

SHOWN = (
    "vtkMRMLVolumeNode",
    "vtkMRMLSegmentationNode",
    "vtkMRMLTableNode",
    "vtkMRMLTextNode",
    "vtkMRMLMarkupsNode",
    "vtkMRMLTransformNode",
    "vtkMRMLModelNode",
)


class HierarchyItems:
    """Keeps an item for each node of the scene that users see."""

    def __init__(self, scene: Any) -> None:
        self.scene = scene
        scene.AddObserver(scene.NodeAddedEvent, self._onNodeAdded)
        scene.AddObserver(scene.NodeAboutToBeRemovedEvent, self._onNodeAboutToBeRemoved)
        scene.AddObserver(scene.EndImportEvent, lambda *_: self.complete())
        scene.AddObserver(scene.EndCloseEvent, lambda *_: self.complete())

    def complete(self) -> None:
        """Make the items that are missing."""
        for index in range(self.scene.GetNumberOfNodes()):
            self._add(self.scene.GetNthNode(index))

    def _add(self, node: Any) -> None:
        if node is None or node.GetHideFromEditors() or not any(node.IsA(name) for name in SHOWN):
            return
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)
        if hierarchy is not None and not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onNodeAdded(self, caller: Any, event: str, node: Any) -> None:
        if not self.scene.IsBatchProcessing():
            self._add(node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onNodeAboutToBeRemoved(self, caller: Any, event: str, node: Any) -> None:
        """The item goes before its node, as the hierarchy keeps a list of the nodes by address."""
        if self.scene.IsClosing() or node is None or node.IsA("vtkMRMLSubjectHierarchyNode"):
            return
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)
        item = hierarchy.GetItemByDataNode(node) if hierarchy is not None else 0
        if item:
            hierarchy.RemoveItem(item, False, False)
