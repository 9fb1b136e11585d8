"""Undo of masks where there is no segment editor widget: without a main window, in scripts and tests.

The widget has a history of its own; see CorrectSection, which offers the same three methods.
"""

from __future__ import annotations

import slicer

TAG = "CXRAdaINSegEditor"
STATES = 30


def editorNode():
    """The module's own editor parameter node in the scene, so that the Segment Editor's stays as it is."""
    node = slicer.mrmlScene.GetSingletonNode(TAG, "vtkMRMLSegmentEditorNode")
    if node is None:
        node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
        node.UnRegister(None)
        node.SetSingletonTag(TAG)
        node = slicer.mrmlScene.AddNode(node)
    return node


class EditHistory:
    """Saves and restores one segmentation at a time; another one's history begins anew."""

    def __init__(self):
        self._logic = slicer.vtkSlicerSegmentEditorLogic()
        self._logic.SetMaximumNumberOfUndoStates(STATES)

    def save(self, segmentation) -> None:
        """Keep the state as it is now, before a change."""
        self._logic.SetMRMLScene(slicer.mrmlScene)
        self._logic.SetSegmentEditorNode(editorNode())
        if self._logic.GetSegmentationNode() is not segmentation:
            self._logic.SetSegmentationNode(segmentation)
        self._logic.SaveStateForUndo()

    def undo(self) -> None:
        """Back to the state before, where there is one."""
        if self._logic.CanUndo():
            self._logic.Undo()

    def redo(self) -> None:
        """Forward again, where there is a state."""
        if self._logic.CanRedo():
            self._logic.Redo()
