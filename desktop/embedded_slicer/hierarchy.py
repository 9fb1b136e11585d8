"""Subject hierarchy items for the scene's nodes, which 3D Slicer creates in its Qt plugins."""

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
    """Keeps a subject hierarchy item for each node that is visible to users."""

    def __init__(self, scene: Any) -> None:
        self.scene = scene
        scene.AddObserver(scene.NodeAddedEvent, self._onNodeAdded)
        scene.AddObserver(scene.NodeAboutToBeRemovedEvent, self._onNodeAboutToBeRemoved)
        scene.AddObserver(scene.EndImportEvent, lambda *_: self.complete())
        scene.AddObserver(scene.EndCloseEvent, lambda *_: self.complete())

    def complete(self) -> None:
        """Create missing items."""
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
        """Remove the item before its node, because the hierarchy lists nodes by address."""
        if self.scene.IsClosing() or node is None or node.IsA("vtkMRMLSubjectHierarchyNode"):
            return
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)
        item = hierarchy.GetItemByDataNode(node) if hierarchy is not None else 0
        if item:
            hierarchy.RemoveItem(item, False, False)
