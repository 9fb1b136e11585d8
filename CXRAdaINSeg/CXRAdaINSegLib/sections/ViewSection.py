"""The View section: window and level, inversion, fit, 1:1, and the comparison view."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from .. import Widgets as ui
from ..Events import Shortcuts, inOrder
from ..logic.Segmenting import isThere
from ..logic.Worklist import Worklist
from ..scene import Display, Windows
from ..scene.MouseMode import MouseModeWatch, adjustsWindow, giveBack, isTaken, setAdjustsWindow
from ..Settings import remember, setting
from ..Timers import singleShotTimer
from .CompareRow import COMPARE, CompareRow
from .CorrectSection import CorrectSection
from .SegmentSection import SegmentSection

INVERT = "I"  # key


class ViewSection:
    """Controls the view of the radiograph chosen in the Segment section.

    The left button in the view has only one use at a time: adjusting window and level, placing a markup, an
    effect, or click-to-segment.
    """

    def __init__(self, segmentSection: SegmentSection, correctSection: CorrectSection, worklist: Worklist):
        self._segmentSection, self._correctSection = segmentSection, correctSection
        self._volume: Any = None
        self._isActual = False  # whether the image is shown at 1:1
        self._display = VTKObservationMixin()
        self._refit = singleShotTimer(0, self._onResized)  # once the views have their new sizes
        self.comparison = CompareRow(worklist, segmentSection, self._refit.start)
        self._build()
        compare = inOrder(self.comparison.toggle)
        self._keys = Shortcuts({INVERT: self.invert, COMPARE: compare})
        self._mode = MouseModeWatch(self._onMouseMode)
        segmentSection.clickModeChanged.connect(lambda on: giveBack() if on else None)
        self._onMouseMode()
        self.update()

    def _build(self) -> None:
        presets = [(Windows.presetName(preset), preset) for preset in Windows.PRESETS]
        self.presetBox = ui.comboBox("PresetBox", presets, self._onPreset)
        self.presetBox.toolTip = _("Window and level by the radiograph's values; for lungs by its masks.")
        self.dragButton = ui.toggleButton("WindowLevelButton", _("Drag to adjust"), setAdjustsWindow)
        self.dragButton.toolTip = _(
            "Drag in the view with the left button: up and down for level, sideways for window. A tool or "
            "click-to-segment ends this."
        )
        self.invertButton = ui.toggleButton(
            "InvertButton", _("Invert ({key})").format(key=INVERT), self._onInvert
        )
        self.invertButton.toolTip = _("Show dark as bright. Key: {key}").format(key=INVERT)
        self.fitButton = ui.pushButton("FitButton", _("Fit"), self.fit)
        self.fitButton.toolTip = _("Show the whole radiograph.")
        self.actualButton = ui.pushButton("ActualSizeButton", _("1:1"), self.showPixels)
        self.actualButton.toolTip = _("Show each pixel of the radiograph by one of the screen.")
        self.keepBox = ui.checkBox("KeepViewBox", _("Keep for the next radiographs"), setting("keepView"))
        self.keepBox.toolTip = _("Show others with the same window, inverted alike, and fitted or 1:1 alike.")
        self.keepBox.connect("toggled(bool)", lambda on: remember("keepView", on))
        contents = ui.form(
            (_("Window:"), ui.row(self.presetBox, self.dragButton, stretch=(1, 1))),
            ui.row(self.invertButton, self.fitButton, self.actualButton, stretch=(1, 1, 1)),
            self.keepBox,
            self.comparison.layout,
        )
        self.widget = ui.section("ViewSection", _("View"), contents)

    # --- lifetime -----------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Called when the module is opened."""
        self._keys.activate(True)

    def exit(self) -> None:
        """Release keys and mouse: another module is opened."""
        self._keys.activate(False)
        setAdjustsWindow(False)
        self.comparison.end()

    def close(self) -> None:
        """Called when the panel is closed."""
        self._mode.removeObservers()
        self.comparison.close()
        self._refit.stop()
        self._display.removeObservers()

    def setVolume(self, volume) -> None:
        """Follow the radiograph that is shown, or None, and carry the view over if the user wants that."""
        if volume is self._volume:
            return
        before, self._volume = self._volume, volume
        wasActual, self._isActual = self._isActual, False
        self._display.removeObservers()
        if volume is not None and volume.GetDisplayNode() is not None:
            self._display.addObserver(volume.GetDisplayNode(), vtk.vtkCommand.ModifiedEvent, self._onDisplay)
            if self.keepBox.checked and before is not None and isThere(before):
                ui.attempt(lambda: self._takeOver(before, wasActual), self._segmentSection.showMessage)
        self.comparison.setVolume(volume)
        self.update()

    def release(self) -> None:
        """Release the scene's nodes before it closes."""
        self.comparison.release()
        self._display.removeObservers()
        self._volume = None

    def update(self) -> None:
        """Update the controls for the radiograph's present view."""
        volume, usable = self._volume, self._canChange()
        for widget in (self.presetBox, self.dragButton, self.invertButton):
            widget.enabled = usable
        self.fitButton.enabled = self.actualButton.enabled = volume is not None
        self.comparison.update()
        if usable:
            ui.silently(self.presetBox, "currentIndex", self.presetBox.findData(Windows.shownPreset(volume)))
            ui.attempt(
                lambda: ui.silently(self.invertButton, "checked", Windows.isInverted(volume)),
                lambda text: None,
            )

    # --- actions ------------------------------------------------------------------------------------------

    def invert(self) -> None:
        """Invert the grays, or undo that; if that is not possible, a message says why."""
        if self.invertButton.enabled:
            self.invertButton.checked = not self.invertButton.checked
        elif self._segmentSection.isShown():
            self._segmentSection.answer(_("Color images have no window and cannot be inverted."))

    def fit(self) -> None:
        """Show the whole radiograph."""
        self._isActual = False
        Display.fit()

    def showPixels(self) -> None:
        """Show the radiograph at 1:1."""
        if self._volume is not None:
            self._isActual = True
            Display.showPixels(self._volume)

    # --- events -------------------------------------------------------------------------------------------

    def _takeOver(self, before, isActual: bool) -> None:
        if Windows.hasWindow(before) and Windows.hasWindow(self._volume):
            Windows.applyChoice(self._volume, Windows.choiceOf(before))
        if isActual:
            self.showPixels()

    def _canChange(self) -> bool:
        volume = self._volume
        return Windows.hasWindow(volume) and volume.GetDisplayNode() is not None

    def _change(self, **changes) -> None:
        def apply() -> None:
            Windows.applyChoice(self._volume, replace(Windows.choiceOf(self._volume), **changes))

        if self._canChange():
            ui.attempt(apply, self._segmentSection.showMessage)
            self.update()

    def _onResized(self) -> None:
        if self._volume is not None and not self._isActual:
            Display.fit()

    def _onPreset(self, _index: int) -> None:
        self._change(preset=ui.chosenData(self.presetBox))

    def _onInvert(self, on: bool) -> None:
        self._change(inverted=on)

    def _onDisplay(self, _caller, _event) -> None:
        self.comparison.followDisplay(self._volume)
        self.update()

    def _onMouseMode(self) -> None:
        ui.silently(self.dragButton, "checked", adjustsWindow())
        if isTaken():
            self._segmentSection.setClickMode(False)
            self._correctSection.putToolDown()
