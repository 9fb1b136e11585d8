"""Undo of masks where there is no segment editor widget: without a main window, in scripts and tests.

The widget has a history of its own; see CorrectSection, which offers the same three methods. Each keeps one
history (vtkSegmentationHistory), whole copies of what changed, and drops it with the segmentation: the widget
gives its out to nobody, so that to keep each image's would mean to undo all its steps on leaving and to redo
them on return. Further back than to when an image was opened lead its saved versions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


class HistoryElsewhere:
    """Undo steps of segmentations that the editor does not have, until it has them: it keeps one history."""

    def __init__(self):
        self._kept: dict[str, Any] = {}  # by the node's ID

    def save(self, segmentation) -> None:
        """Keep the state as it is now, before a change."""
        here = slicer.mrmlScene.GetNodeByID  # a script may add and remove thousands
        self._kept = {node: history for node, history in self._kept.items() if here(node) is not None}
        if segmentation.GetID() not in self._kept:
            history = slicer.vtkSegmentationHistory()
            history.SetMaximumNumberOfStates(STATES)
            history.SetSegmentation(segmentation.GetSegmentation())
            self._kept[segmentation.GetID()] = history
        self._kept[segmentation.GetID()].SaveState()

    def handOver(self, segmentation, save: Callable[[], object]) -> None:
        """Have the editor, which now has the segmentation, save each state that was kept of it."""
        history = self._kept.pop(segmentation.GetID(), None)
        steps = 0
        while history is not None and history.IsRestorePreviousStateAvailable():
            history.RestorePreviousState()
            steps += 1
        for _step in range(steps):
            save()
            history.RestoreNextState()

    def forget(self) -> None:
        """Keep nothing: the scene is going."""
        self._kept.clear()
