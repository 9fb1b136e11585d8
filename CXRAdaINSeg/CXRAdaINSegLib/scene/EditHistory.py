"""Undo for masks without a segment editor widget: in scripts and tests, when there is no main window.

The widget has a history of its own; CorrectSection wraps it in the same three methods. Both keep the history
(vtkSegmentationHistory) of one segmentation, as full copies of what changed, and drop it when another
segmentation is set. The widget does not expose its history, so keeping one for each image would mean undoing
all steps on leaving and redoing them on return. Earlier states are in an image's saved versions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer

TAG = "CXRAdaINSegEditor"
STATES = 30


def editorNode():
    """The module's own segment editor node, separate from that of the Segment Editor module."""
    node = slicer.mrmlScene.GetSingletonNode(TAG, "vtkMRMLSegmentEditorNode")
    if node is None:
        node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLSegmentEditorNode")
        node.UnRegister(None)
        node.SetSingletonTag(TAG)
        node = slicer.mrmlScene.AddNode(node)
    return node


class EditHistory:
    """Undo and redo for one segmentation at a time; the history is lost when another one is saved."""

    def __init__(self):
        self._logic = slicer.vtkSlicerSegmentEditorLogic()
        self._logic.SetMaximumNumberOfUndoStates(STATES)

    def save(self, segmentation) -> None:
        """Save the present state, before a change."""
        self._logic.SetMRMLScene(slicer.mrmlScene)
        self._logic.SetSegmentEditorNode(editorNode())
        if self._logic.GetSegmentationNode() is not segmentation:
            self._logic.SetSegmentationNode(segmentation)
        self._logic.SaveStateForUndo()

    def forget(self) -> None:
        """Drop all states."""
        self._logic.ClearUndoState()

    def undo(self) -> None:
        """Restore the previous state, if there is one."""
        if self._logic.CanUndo():
            self._logic.Undo()

    def redo(self) -> None:
        """Restore the next state, if there is one."""
        if self._logic.CanRedo():
            self._logic.Redo()


class HistoryElsewhere:
    """Undo states of segmentations that are not in the editor yet, which keeps one history only."""

    def __init__(self):
        self._kept: dict[str, Any] = {}  # by the node's ID

    def save(self, segmentation) -> None:
        """Save the present state, before a change."""
        here = slicer.mrmlScene.GetNodeByID  # drop removed nodes: a script may add and remove thousands
        self._kept = {node: history for node, history in self._kept.items() if here(node) is not None}
        if segmentation.GetID() not in self._kept:
            history = slicer.vtkSegmentationHistory()
            history.SetMaximumNumberOfStates(STATES)
            history.SetSegmentation(segmentation.GetSegmentation())
            self._kept[segmentation.GetID()] = history
        self._kept[segmentation.GetID()].SaveState()

    def handOver(self, segmentation, save: Callable[[], object]) -> None:
        """Replay the states kept of a segmentation, calling `save` at each, once the editor has it."""
        history = self._kept.pop(segmentation.GetID(), None)
        steps = 0
        while history is not None and history.IsRestorePreviousStateAvailable():
            history.RestorePreviousState()
            steps += 1
        for _step in range(steps):
            save()
            history.RestoreNextState()

    def forget(self) -> None:
        """Drop all states: the scene is being closed."""
        self._kept.clear()
