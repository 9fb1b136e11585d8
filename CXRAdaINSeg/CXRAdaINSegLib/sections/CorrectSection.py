"""The Correct section: Slicer's segment editor with the effects that make sense on a single image.

The editor's history is the module's undo. Its effects receive mouse and keys while the section is unfolded
and click-to-segment is off; the undo and redo keys work as long as the module is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from .. import Widgets as ui
from ..Events import Shortcuts, WidgetEvents, inOrder, withoutKeys
from ..logic.Segmenting import Segmenting
from ..scene.EditHistory import STATES, HistoryElsewhere, editorNode
from ..scene.LungSegments import (
    IDS,
    LUNGS,
    labelsOf,
    largestPieces,
    lungsOf,
    presentLungs,
    segmentOf,
    writeLabels,
)
from ..scene.MaskProvenance import updateAlgorithmType
from ..scene.ToolAtWork import writing
from ..scene.VolumeImages import isImage, shapeOf
from ..Signal import Signal
from .SegmentSection import SegmentSection
from .ToolHints import toolHint

DRAW, THRESHOLD = "Draw", "Threshold"
LARGEST = "Keep largest pieces"  # as a tool in a mask's version
EFFECTS = (
    "Paint",
    DRAW,
    "Erase",
    "Scissors",
    "Level tracing",
    "Islands",
    "Smoothing",
    "Margin",
    THRESHOLD,
)
# Sizes of effects, as fractions of the image's longer side. Slicer's default of 3 mm is only 3 pixels if the
# file has no pixel spacing, too little to see a change.
SIZES = {
    "Smoothing.KernelSizeMm": 0.012,
    "Smoothing.GaussianStandardDeviationMm": 0.004,
    "Margin.MarginSizeMm": 0.005,
}
UNDO_KEYS, REDO_KEYS = ("Ctrl+Z", "Z"), ("Ctrl+Y", "Ctrl+Shift+Z", "Y")
TOOL_KEYS = {str(number): tool for number, tool in enumerate(EFFECTS, start=1)}
LEAVE_KEY = "Esc"
# The editor's own undo would not cancel a pending click, its Escape only ends tools, its I changes the
# editable area, and its digits say nothing while they do not act.
PANELS_KEYS = (*UNDO_KEYS, *REDO_KEYS, *TOOL_KEYS, LEAVE_KEY, "I")


class CorrectSection:
    """Has `save`, `forget`, `undo` and `redo` like EditHistory, for the chosen radiograph.

    Choosing an effect ends click-to-segment. `undoOther`, `redoOther`: take a step that the editor's history
    does not have, before its own; they return whether there was one. `leaveOther`: end what else takes clicks
    in the view; returns whether there was any. Signal: nothingToUndo().
    """

    def __init__(self, segmenting: Segmenting, segmentSection: SegmentSection):
        self._segmenting, self._segmentSection = segmenting, segmentSection
        segmentSection.clickModeChanged.connect(self.pause)
        self._choices = VTKObservationMixin()
        self._volume: Any = None
        self._elsewhere = HistoryElsewhere()
        self._redoes: list[Callable[[], bool]] = []  # of the steps taken back, the last one last
        self.nothingToUndo = Signal()
        self.undoOther: Callable[[], bool] = lambda: False
        self.redoOther: Callable[[], bool] = lambda: False
        self.leaveOther: Callable[[], bool] = lambda: False
        self._tool, self._chosen = "", ""  # the active effect and the selected segment
        self._allowed = 0  # the mask mode of effects other than Threshold
        self._longest = 0.0  # mm: longer side of the image for which sizes were last set
        self._entered = self._paused = self._observing = False
        undo, redo = inOrder(self.undo), inOrder(self.redo)
        tools = {key: inOrder(partial(self._onToolKey, tool)) for key, tool in TOOL_KEYS.items()}
        steps = dict.fromkeys(UNDO_KEYS, undo) | dict.fromkeys(REDO_KEYS, redo)
        self._keys = Shortcuts(steps | tools | {LEAVE_KEY: self._onEscape})
        self.editor = slicer.qMRMLSegmentEditorWidget()
        self.editor.objectName = "LungEditor"
        self.editor.setMaximumNumberOfUndoStates(STATES)
        # The editor node first, so that it receives the selections made when the scene is set.
        self.editor.setMRMLSegmentEditorNode(editorNode())
        self.editor.setMRMLScene(slicer.mrmlScene)
        self._simplify()
        self._toolButtons = list(_toolButtons(self.editor))
        self._palette = WidgetEvents(self.editor, qt.QEvent.PaletteChange, self._showTool)
        self.undoButton = ui.pushButton("UndoMaskButton", _("Undo"), self.undo)
        self.undoButton.toolTip = _(
            "Take back the last change of the masks or the heart's points, or a click that waits. Ctrl+Z"
        )
        self.redoButton = ui.pushButton("RedoMaskButton", _("Redo"), self.redo)
        self.redoButton.toolTip = _("Make the change again that was taken back last. Ctrl+Y")
        self.resetButton = ui.pushButton("ResetButton", _("Reset to &model's mask"), self._onReset)
        self.resetButton.toolTip = _("Give up the corrections; this can be undone.")
        self.resetButton.enabled = False
        self.largestButton = ui.pushButton("LargestButton", _("Keep largest pieces"), self._onLargest)
        self.largestButton.toolTip = _("Remove all but the largest piece of each lung's mask.")
        self.hint = ui.textLabel("ToolHint")
        buttons = ui.row(self.largestButton, self.resetButton, stretch=(1, 1))
        steps = ui.row(self.undoButton, self.redoButton, stretch=(1, 1))
        contents = ui.column(steps, self.editor, ui.messagePlace(3, self.hint), buttons)
        self.widget = ui.section("CorrectSection", _("Correct"), contents)
        self.widget.connect("contentsCollapsed(bool)", lambda collapsed: self._observe())

    def _simplify(self) -> None:
        """Hide the editor's controls that the panel replaces: node selectors, 3-D view, adding segments, and
        undo and redo, which do not cancel pending clicks."""
        self.editor.undoEnabled = False
        self.editor.setSegmentationNodeSelectorVisible(False)
        self.editor.setSourceVolumeNodeSelectorVisible(False)
        self.editor.setSwitchToSegmentationsButtonVisible(False)
        self.editor.setShow3DButtonVisible(False)
        self.editor.setAddRemoveSegmentButtonsVisible(False)
        self.editor.setSpecifyGeometryButtonVisible(False)
        self.editor.setAutoShowSourceVolumeNode(False)
        self.editor.setEffectNameOrder(list(EFFECTS))
        self.editor.unorderedEffectsVisible = False
        self.editor.setEffectColumnCount(3)

    # --- history ------------------------------------------------------------------------------------------

    def save(self, segmentation) -> None:
        """Save the present state for undo; that of another radiograph can be undone once it is chosen."""
        if self._volume is not None and segmentation is lungsOf(self._volume):
            self.update()
            self.editor.saveStateForUndo()
        else:
            self._elsewhere.save(segmentation)

    def forget(self) -> None:
        """Drop all states of the chosen radiograph."""
        self.editor.undoEnabled = True  # shows the editor's own buttons, and clears its history
        self.editor.undoEnabled = False
        self._redoes.clear()

    def undo(self) -> None:
        """Cancel a pending click or request of masks, or else restore the previous state."""
        if self._segmenting.takeBack():
            return
        if self.undoOther():
            self._redoes.append(self.redoOther)
        elif self._step(self.editor.undo):
            self._redoes.append(lambda: self._step(self.editor.redo))
        else:
            self.nothingToUndo.emit()

    def redo(self) -> None:
        """Take the last step again that was taken back and can be, unless a click is waiting."""
        if not self._segmenting.isAnswered():
            return
        while self._redoes:
            if self._redoes.pop()():
                return
        if self._segmentSection.isShown():
            self._segmentSection.answer(_("Nothing to redo."))

    def _step(self, step: Callable[[], object]) -> bool:
        """Take a step in the editor's history, on behalf of no tool; return whether there was one."""
        segmentation = lungsOf(self._volume)
        if segmentation is None:
            return False
        # Written after a step, which `MaskWatch` would do, tags end the editor's history.
        updateAlgorithmType(segmentation, labelsOf(segmentation, self._volume))
        before = _times(segmentation)
        with writing(segmentation, ""):
            step()
        return before != _times(segmentation)

    def hasOpenOutline(self) -> bool:
        """Whether an outline was begun with Draw that is not closed yet, and so not in the mask."""
        effect = self.editor.activeEffect()
        if effect is None or self._tool != DRAW:
            return False
        outlines = getattr(effect.self(), "drawPipelines", {})  # by view
        return any(each.rasPoints.GetNumberOfPoints() for each in outlines.values())

    # --- lifetime -----------------------------------------------------------------------------------------

    def setVolume(self, volume) -> None:
        """Edit the masks of a volume, or none (None); this also deactivates the effect, so that it does not
        paint on the next volume."""
        self._volume = volume
        if volume is None:
            self.putToolDown()
        self.update()

    def enter(self) -> None:
        """Called when the module is opened."""
        self._entered = True
        self.renew()

    def exit(self) -> None:
        """Called when another module is opened."""
        self._entered = False
        self._observe()

    def pause(self, paused: bool) -> None:
        """Leave mouse and keys to click-to-segment, or take them back."""
        self._paused = paused
        self._observe()

    def putToolDown(self) -> None:
        """Deactivate the active effect."""
        self.editor.setActiveEffect(None)

    def close(self) -> None:
        """Release the editor node, which the next panel's editor uses: the panel is closed."""
        self._palette.stop()
        self._choices.removeObservers()
        self.editor.setMRMLSegmentEditorNode(None)
        self.editor.setMRMLScene(None)

    def renew(self) -> None:
        """Use the editor node and the masks of the scene, after it was closed or loaded."""
        self.editor.setMRMLSegmentEditorNode(editorNode())
        self._choices.removeObservers()
        self._choices.addObserver(editorNode(), vtk.vtkCommand.ModifiedEvent, self._onEditorNode)
        self.update()
        self.editor.updateWidgetFromMRML()
        self._observe()

    def release(self) -> None:
        """Release the scene's nodes before it closes."""
        self._volume = None
        self._elsewhere.forget()
        self._stopObserving()
        self.editor.setSegmentationNode(None)

    def update(self) -> None:
        """Update the editor and the buttons for the present masks."""
        segmentation = lungsOf(self._volume)
        self.undoButton.enabled = self.redoButton.enabled = self._volume is not None
        self.resetButton.enabled = self.largestButton.enabled = bool(presentLungs(segmentation))
        if editorNode().GetSegmentationNode() is not segmentation:  # the widget may lag behind its node
            self._changeTo(segmentation)
        if segmentation is None:
            return
        if self.editor.sourceVolumeNode() is not self._volume:
            self.editor.setSourceVolumeNode(self._volume)
        self._elsewhere.handOver(segmentation, self.editor.saveStateForUndo)
        self._chooseSizes()
        present = presentLungs(segmentation)
        if present and self.editor.currentSegmentID() not in [IDS[lung] for lung in present]:
            self.editor.setCurrentSegmentID(IDS[present[0]])

    def _changeTo(self, segmentation) -> None:
        """Switch to another segmentation, restarting the effect to drop what it has begun."""
        self._redoes.clear()
        tool = editorNode().GetActiveEffectName()
        if tool:
            self.editor.setActiveEffect(None)
        self.editor.setSegmentationNode(segmentation)
        if segmentation is not None:
            self.editor.setSourceVolumeNode(self._volume)
        if tool:
            self.editor.setActiveEffectByName(tool)

    def _observe(self) -> None:
        """Start or stop receiving the views' mouse and key events."""
        if not self._entered or self._paused or self.widget.collapsed:
            self._stopObserving()
        elif not self._observing:
            self._observing = True
            self.editor.setupViewObservations()
            if slicer.util.mainWindow() is not None:
                # The panel's own keys stay the same on every platform, with or without the editor's.
                with withoutKeys(PANELS_KEYS):
                    self.editor.installKeyboardShortcuts()
        self._keys.activate(self._entered)

    def _stopObserving(self) -> None:
        self.editor.setActiveEffect(None)
        if self._observing:
            self._observing = False
            self.editor.uninstallKeyboardShortcuts()
            self.editor.removeViewObservations()

    def _chooseSizes(self) -> None:
        """Set the effects' sizes for the image, if its size differs from the last one's."""
        if not isImage(self._volume):
            return
        column, row, _slice = self._volume.GetSpacing()
        rows, columns = shapeOf(self._volume)
        longest = max(rows * row, columns * column)
        if longest != self._longest:
            self._longest = longest
            for name, share in SIZES.items():
                editorNode().SetAttribute(name, f"{share * longest:.3g}")

    def _onEditorNode(self, node, event) -> None:
        tool = node.GetActiveEffectName() or ""
        if tool and self._paused:
            self._segmentSection.setClickMode(False)
        before, self._tool = self._tool, tool
        if tool != before:
            self._showTool()
            ui.setMessage(self.hint, toolHint(tool))
            self._limitThreshold(node, before)
        elif tool == THRESHOLD and node.GetSelectedSegmentID() != self._chosen:
            self._allow(node, node.GetMaskMode())
        self._chosen = node.GetSelectedSegmentID()

    def _showTool(self) -> None:
        """Highlight the active effect's button."""
        for button in self._toolButtons:
            ui.showDown(button, button.objectName == self._tool)

    def _limitThreshold(self, node, before: str) -> None:
        """Limit Threshold to the inside of the selected lung; restore the mask mode for other effects."""
        if self._tool == THRESHOLD:
            self._allowed = node.GetMaskMode()
            self._allow(node, slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
        elif before == THRESHOLD:
            self._allow(node, self._allowed)

    def _allow(self, node, mode: int) -> None:
        self._chosen = node.GetSelectedSegmentID()
        node.SetMaskSegmentID(self._chosen)
        node.SetMaskMode(mode)

    def _canChange(self) -> bool:
        """Whether the masks in the view can be changed now; if not, a message says why."""
        return self._volume is not None and self._segmentSection.isShown() and self._segmenting.isAnswered()

    def _onLargest(self) -> None:
        if self._canChange():
            segmentation = lungsOf(self._volume)
            labels = labelsOf(segmentation, self._volume)
            kept = largestPieces(labels)
            if np.array_equal(kept, labels):
                self._segmentSection.answer(_("No change: each lung's mask is one piece."))
                return
            self.save(segmentation)
            writeLabels(segmentation, self._volume, kept, presentLungs(segmentation), LARGEST)

    def _onToolKey(self, tool: str) -> None:
        """Choose a tool or put it down; a message says why not."""
        section = self._segmentSection
        if not section.isShown():
            return
        if self._paused:
            text = _("Keys 1 to 9 choose a tool once click-to-segment is off: press Escape first.")
            section.refuse(text, lambda: self._paused)
        elif self.widget.collapsed:
            text = _("Keys 1 to 9 choose a tool: unfold Correct first.")
            section.refuse(text, lambda: self.widget.collapsed)
        elif not presentLungs(lungsOf(self._volume)):
            section.answer(_("There is no mask to correct. Segment the radiograph first."))
        elif tool == self._tool:
            self.putToolDown()
        else:
            self.editor.setActiveEffectByName(tool)

    def _onEscape(self) -> None:
        """Give the mouse back to the view."""
        if self._paused:
            self._segmentSection.setClickMode(False)
        elif not self.leaveOther():
            self.putToolDown()

    def _onReset(self) -> None:
        section = self._segmentSection
        if self._canChange():
            ui.attempt(lambda: self._segmenting.resetToModel(self._volume, section.mode), section.showMessage)


def _toolButtons(widget) -> Iterator[Any]:
    """The effects' buttons, which have the effects' names, as in Slicer."""
    for child in widget.children():
        if child.inherits("QToolButton") and child.objectName in EFFECTS:
            yield child
        yield from _toolButtons(child)


def _times(segmentation) -> list[int | None]:
    """The modification time of each lung's segment."""
    segments = [segmentOf(segmentation, lung) for lung in LUNGS]
    return [None if segment is None else segment.GetMTime() for segment in segments]
