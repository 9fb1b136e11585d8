"""Correcting masks by hand: Slicer's segment editor with the effects that make sense on one image.

The editor's history is the module's undo. Its tools have mouse and keys while the section is unfolded and
click-to-segment does not take them; undo and redo have theirs as long as the module is open.
"""

from __future__ import annotations

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from .. import Widgets as ui
from ..logic.Segmenting import Segmenting
from ..scene.EditHistory import STATES, HistoryElsewhere, editorNode
from ..scene.LungSegments import IDS, lungsOf, presentLungs
from .SegmentSection import SegmentSection

EFFECTS = (
    "Paint",
    "Draw",
    "Erase",
    "Scissors",
    "Level tracing",
    "Islands",
    "Smoothing",
    "Margin",
    "Threshold",
)
# Of undo and redo the editor has the system's own alone, and by I it would limit what tools change.
PANELS_KEYS = ("Ctrl+Z", "Ctrl+Y", "Ctrl+Shift+Z", "I")


class CorrectSection:
    """Offers `save`, `undo` and `redo` as EditHistory does, of the radiograph that is chosen.

    A tool that is chosen while click-to-segment has mouse and keys ends that.
    """

    def __init__(self, segmenting: Segmenting, segmentSection: SegmentSection):
        self._segmenting, self._segmentSection = segmenting, segmentSection
        segmentSection.clickModeChanged.connect(self.pause)
        self._choices = VTKObservationMixin()
        self._volume = None
        self._elsewhere = HistoryElsewhere()
        self._entered = self._paused = self._observing = False
        self._keys = ui.Shortcuts({"Ctrl+Z": self.undo, "Ctrl+Y": self.redo, "Ctrl+Shift+Z": self.redo})
        self.editor = slicer.qMRMLSegmentEditorWidget()
        self.editor.objectName = "LungEditor"
        self.editor.setMaximumNumberOfUndoStates(STATES)
        # The parameter node comes first, so that what setting the scene selects is kept in it.
        self.editor.setMRMLSegmentEditorNode(editorNode())
        self.editor.setMRMLScene(slicer.mrmlScene)
        self._simplify()
        self.resetButton = ui.pushButton("ResetButton", _("Reset to &model's mask"), self._onReset)
        self.resetButton.toolTip = _("Give up the corrections; this can be undone.")
        self.resetButton.enabled = False
        contents = ui.column(self.editor, self.resetButton)
        self.widget = ui.section("CorrectSection", _("Correct"), contents)
        self.widget.connect("contentsCollapsed(bool)", lambda collapsed: self._observe())

    def _simplify(self) -> None:
        """No choices that the panel has made: segmentation, source, 3-D, segments to add."""
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
        """Keep the state as it is now; that of another radiograph can be undone once it is chosen."""
        if self._volume is not None and segmentation is lungsOf(self._volume):
            self.update()
            self.editor.saveStateForUndo()
        else:
            self._elsewhere.save(segmentation)

    def undo(self) -> None:
        """Back to the state before."""
        self.editor.undo()

    def redo(self) -> None:
        """Forward again."""
        self.editor.redo()

    # --- conduct ------------------------------------------------------------------------------------------

    def setVolume(self, volume) -> None:
        """Edit the lungs of a volume; None: of none."""
        self._volume = volume
        self.update()

    def enter(self) -> None:
        """The module was opened."""
        self._entered = True
        self.renew()

    def exit(self) -> None:
        """The module was left."""
        self._entered = False
        self._observe()

    def pause(self, paused: bool) -> None:
        """Leave mouse and keys to click-to-segment for a while."""
        self._paused = paused
        self._observe()
        self._choices.removeObservers()
        if paused:
            self._choices.addObserver(editorNode(), vtk.vtkCommand.ModifiedEvent, self._onEditorNode)

    def putToolDown(self) -> None:
        """No tool has the mouse any more."""
        self.editor.setActiveEffect(None)

    def close(self) -> None:
        """The panel goes: another one's editor has the node that they share."""
        self._choices.removeObservers()
        self.editor.setMRMLSegmentEditorNode(None)
        self.editor.setMRMLScene(None)

    def renew(self) -> None:
        """After the scene was closed or loaded: take up its parameter node and its masks."""
        self.editor.setMRMLSegmentEditorNode(editorNode())
        self.update()
        self.editor.updateWidgetFromMRML()
        self._observe()

    def release(self) -> None:
        """Before the scene closes: hold nothing of it."""
        self._volume = None
        self._elsewhere.forget()
        self._stopObserving()
        self.editor.setSegmentationNode(None)

    def update(self) -> None:
        """Follow what became of the masks."""
        segmentation = lungsOf(self._volume)
        self.resetButton.enabled = bool(presentLungs(segmentation))
        if editorNode().GetSegmentationNode() is not segmentation:  # a widget may be behind its node
            self.editor.setSegmentationNode(segmentation)
        if segmentation is None:
            return
        if self.editor.sourceVolumeNode() is not self._volume:
            self.editor.setSourceVolumeNode(self._volume)
        self._elsewhere.handOver(segmentation, self.editor.saveStateForUndo)
        present = presentLungs(segmentation)
        if present and self.editor.currentSegmentID() not in [IDS[lung] for lung in present]:
            self.editor.setCurrentSegmentID(IDS[present[0]])

    def _observe(self) -> None:
        """Take mouse and keys of the views where they are ours, else leave them."""
        if not self._entered or self._paused or self.widget.collapsed:
            self._stopObserving()
        elif not self._observing:
            self._observing = True
            self.editor.setupViewObservations()
            if slicer.util.mainWindow() is not None:
                # The panel's keys are the same with the editor's tools as without them, on every system.
                with ui.withoutKeys(PANELS_KEYS):
                    self.editor.installKeyboardShortcuts()
        self._keys.activate(self._entered)

    def _stopObserving(self) -> None:
        self.editor.setActiveEffect(None)
        if self._observing:
            self._observing = False
            self.editor.uninstallKeyboardShortcuts()
            self.editor.removeViewObservations()

    def _onEditorNode(self, node, event) -> None:
        if node.GetActiveEffectName():
            self._segmentSection.setClickMode(False)

    def _onReset(self) -> None:
        section = self._segmentSection
        if self._volume is not None and section.isShown():
            ui.attempt(lambda: self._segmenting.resetToModel(self._volume, section.mode), section.showMessage)
