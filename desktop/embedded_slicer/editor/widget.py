"""qMRMLSegmentEditorWidget: nodes, segments, effects, undo."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from PySide6 import QtCore

from ..qmrml.widget import qMRMLWidget
from . import shortcuts
from .brushes import EraseEffect, PaintEffect
from .effect import SegmentEditorEffect
from .intensities import LevelTracingEffect, ThresholdEffect
from .masking import INSIDE_ONE
from .outlines import DrawEffect, ScissorsEffect
from .panel import EditorPanel
from .views import ViewObservations
from .whole_segment import IslandsEffect, MarginEffect, SmoothingEffect

EFFECTS = (
    ThresholdEffect,
    PaintEffect,
    DrawEffect,
    EraseEffect,
    LevelTracingEffect,
    MarginEffect,
    SmoothingEffect,
    ScissorsEffect,
    IslandsEffect,
)


class qMRMLSegmentEditorWidget(qMRMLWidget):
    """Edits the segmentation of its vtkMRMLSegmentEditorNode; the logic provides undo and redo."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._logic = slicer.vtkSlicerSegmentEditorLogic()
        self._node: Any = None
        self._tags: list[tuple[Any, int]] = []
        self._shortcuts: list[Any] = []
        self._order: list[str] = []
        self._unorderedVisible = True
        self._updating = False
        self._active: SegmentEditorEffect | None = None
        self._lastActive = ""
        self._effects = {kind.effect: kind(self) for kind in EFFECTS}
        self._views = ViewObservations(self)
        self._interaction: Any = None  # the interaction node and the tag of its observer
        self._panel = EditorPanel(self)
        self._panel.show_effects()
        for event in (self._logic.SegmentationHistoryChangedEvent,):
            self._logic.AddObserver(event, lambda *_: self._panel.update_undo())

    def editor_logic(self) -> Any:
        """The vtkSlicerSegmentEditorLogic."""
        return self._logic

    # Nodes

    def setMRMLScene(self, scene: Any) -> None:
        self._logic.SetMRMLScene(scene)
        self._logic.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        super().setMRMLScene(scene)
        self._observe_mouse_mode(scene)
        self.updateWidgetFromMRML()

    def mrmlSegmentEditorNode(self) -> Any:
        return self._node

    def setMRMLSegmentEditorNode(self, node: Any) -> None:
        if node is self._node:
            return
        self.setActiveEffect(None)
        for observed, tag in self._tags:
            observed.RemoveObserver(tag)
        self._tags, self._node = [], node
        self._logic.SetSegmentEditorNode(node)
        if node is not None:
            self._tags.append((node, node.AddObserver("ModifiedEvent", self._onNodeModified)))
        self.updateWidgetFromMRML()

    def segmentationNode(self) -> Any:
        return self._node.GetSegmentationNode() if self._node is not None else None

    def setSegmentationNode(self, node: Any) -> None:
        if self._node is None or node is self.segmentationNode():
            return
        self._node.SetAndObserveSegmentationNode(node)
        if node is not None:
            node.CreateDefaultDisplayNodes()
            self._logic.SetSourceRepresentationToBinaryLabelMap()
            self._select_some_segment()
        self.updateWidgetFromMRML()

    def sourceVolumeNode(self) -> Any:
        return self._node.GetSourceVolumeNode() if self._node is not None else None

    def setSourceVolumeNode(self, node: Any) -> None:
        if self._node is None or node is self.sourceVolumeNode():
            return
        self._logic.SetSourceVolumeNode(node)
        self.updateWidgetFromMRML()

    def currentSegmentID(self) -> str:
        return (self._node.GetSelectedSegmentID() or "") if self._node is not None else ""

    def setCurrentSegmentID(self, segmentID: str) -> None:
        if self._node is not None and segmentID != self.currentSegmentID():
            self._node.SetSelectedSegmentID(segmentID)

    def selectPreviousSegment(self) -> None:
        self._logic.SelectPreviousSegment(True)

    def selectNextSegment(self) -> None:
        self._logic.SelectNextSegment(True)

    def _select_some_segment(self) -> None:
        segmentation = self.segmentationNode().GetSegmentation()
        if not segmentation.GetSegment(self.currentSegmentID()) and segmentation.GetNumberOfSegments():
            self._node.SetSelectedSegmentID(segmentation.GetNthSegmentID(0))

    def _onNodeModified(self, caller: Any, event: str) -> None:
        self.updateWidgetFromMRML()

    def updateWidgetFromMRML(self) -> None:
        """Update the widgets from the nodes."""
        if not self._updating:
            self._updating = True
            self._panel.update_nodes()
            self._updating = False

    # Effects

    def effectByName(self, name: str) -> Any:
        return self._effects.get(name)

    def visibleEffects(self) -> list[SegmentEditorEffect]:
        """The effects with a button, in order."""
        ordered = [self._effects[name] for name in self._order if name in self._effects]
        rest = [each for name, each in self._effects.items() if name not in self._order]
        return ordered + (rest if self._unorderedVisible else [])

    def setEffectNameOrder(self, names: Any) -> None:
        self._order = list(names)
        self._panel.show_effects()

    def _setUnorderedEffectsVisible(self, visible: bool) -> None:
        self._unorderedVisible = visible
        self._panel.show_effects()

    def setEffectColumnCount(self, count: int) -> None:
        self._panel.columns = count
        self._panel.show_effects()

    def activeEffect(self) -> Any:
        return self._active

    def setActiveEffect(self, effect: Any) -> None:
        if effect is self._active or (effect is not None and self._node is None):
            self._panel.update_active()
            return
        if self._active is not None:
            self._active.deactivate()
        self._active = effect
        if effect is not None:
            if self._interaction is not None:
                node = self._interaction[0]
                node.SetCurrentInteractionMode(node.ViewTransform)
            self._lastActive = effect.effect
            effect.activate()
        if self._node is not None:
            self._node.SetActiveEffectName(effect.effect if effect is not None else "")
        self._panel.update_active()
        self._views.update()

    def setActiveEffectByName(self, name: str) -> None:
        self.setActiveEffect(self._effects.get(name))

    def toggleEffect(self, row: int) -> None:
        effects = self.visibleEffects()
        if row < len(effects):
            self.setActiveEffect(None if effects[row] is self._active else effects[row])

    def toggleLastEffect(self) -> None:
        self.setActiveEffect(None if self._active else self._effects.get(self._lastActive))

    def _observe_mouse_mode(self, scene: Any) -> None:
        """Follow the mouse mode: as in Slicer, any mode but the default deactivates the effect."""
        if self._interaction is not None:
            node, tag = self._interaction
            node.RemoveObserver(tag)
            self._interaction = None
        node = scene.GetNodeByID("vtkMRMLInteractionNodeSingleton") if scene is not None else None
        if node is not None:
            self._interaction = node, node.AddObserver("ModifiedEvent", self._onMouseMode)

    def _onMouseMode(self, node: Any, event: str) -> None:
        if node.GetCurrentInteractionMode() != node.ViewTransform:
            self.setActiveEffect(None)

    def editable(self) -> np.ndarray:
        """The editable area, (slices, rows, columns) bool; only a limit to one segment is applied."""
        editing = self._effects["Paint"].editing
        mode, everywhere = self._node.GetMaskMode(), np.ones(editing.blank().shape, bool)
        if mode != INSIDE_ONE:
            return everywhere
        return editing.segment_of(self._node.GetMaskSegmentID() or "") & everywhere

    # Undo

    def saveStateForUndo(self) -> None:
        self._logic.SaveStateForUndo()

    def undo(self) -> None:
        self._logic.Undo()

    def redo(self) -> None:
        self._logic.Redo()

    def setMaximumNumberOfUndoStates(self, count: int) -> None:
        self._logic.SetMaximumNumberOfUndoStates(count)

    # Views and keys

    def setupViewObservations(self) -> None:
        self._views.start()

    def removeViewObservations(self) -> None:
        self._views.stop()

    def installKeyboardShortcuts(self, parent: Any = None) -> None:
        self.uninstallKeyboardShortcuts()
        parent = parent or slicer.util.mainWindow()
        if parent is not None:
            self._shortcuts = shortcuts.install(self, parent)

    def uninstallKeyboardShortcuts(self) -> None:
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.setParent(None)
            shortcut.deleteLater()
        self._shortcuts = []

    # What is shown

    def _shows(part: str) -> Any:
        def put(self: Any, visible: bool) -> None:
            self._panel.show_part(part, visible)

        return put

    setSegmentationNodeSelectorVisible = _shows("segmentation")
    setSourceVolumeNodeSelectorVisible = _shows("source")
    setAddRemoveSegmentButtonsVisible = _shows("addRemove")
    # Slicer's widget has these parts, this one does not: the slots have no effect
    setShow3DButtonVisible = _shows("show3D")
    setSwitchToSegmentationsButtonVisible = _shows("switch")
    setSpecifyGeometryButtonVisible = _shows("geometry")
    setAutoShowSourceVolumeNode = _shows("autoShow")
    del _shows

    def _setUndoEnabled(self, on: bool) -> None:
        if on:  # as Slicer's widget does
            self._logic.ClearUndoState()
        self._panel.show_part("undo", on)

    undoEnabled = property(fset=_setUndoEnabled)
    unorderedEffectsVisible = QtCore.Property(
        bool, lambda self: self._unorderedVisible, _setUnorderedEffectsVisible
    )
