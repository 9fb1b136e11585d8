"""How the radiograph is looked at: window and level, inverted, fitted or pixel by pixel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from .. import Widgets as ui
from ..logic.Comparing import Choice, Comparing
from ..logic.Segmenting import isThere
from ..logic.Worklist import Worklist
from ..scene import Display, Windows
from ..scene.CompareView import FollowZoom, clearView, closeView, openView, showVolume
from ..scene.LungSegments import showMasks
from ..scene.MouseMode import MouseModeWatch, adjustsWindow, giveBack, isTaken, setAdjustsWindow
from ..scene.SliceViews import isCompareShown
from ..scene.ViewText import ViewText
from ..Settings import remember, setting
from ..Timers import singleShotTimer
from .CorrectSection import CorrectSection
from .SegmentSection import SegmentSection
from .ViewLabels import readerName, sideMarker
from .WorklistModel import NAMES

INVERT, COMPARE = "I", "C"  # keys


class ViewSection:
    """Follows the radiograph of the Segment section.

    The left button in the view changes window and level, or places a markup, or is a tool's or
    click-to-segment's: never two of them.
    """

    def __init__(self, segmentSection: SegmentSection, correctSection: CorrectSection, worklist: Worklist):
        self._segmentSection, self._correctSection = segmentSection, correctSection
        self.comparing = Comparing(worklist)
        self._volume: Any = None
        self._isActual = False  # one pixel of the screen for each of the image
        self._display = VTKObservationMixin()
        self._build()
        self._keys = ui.Shortcuts({INVERT: self.invert, COMPARE: self.compareButton.toggle})
        self._refit = singleShotTimer(0, self._onResized)  # once the views have their new sizes
        self._choices: list[Choice] = []
        self.compareText, self._zoom = ViewText("Compare"), FollowZoom()
        self._mode = MouseModeWatch(self._onMouseMode)
        segmentSection.clickModeChanged.connect(lambda on: giveBack() if on else None)
        segmentSection.turning.turned.connect(self._onTurned)
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
        self.compareButton = ui.toggleButton(
            "CompareButton", _("Compare ({key})").format(key=COMPARE), self._onCompare
        )
        self.compareButton.toolTip = _(
            "Show beside it the model's mask, another reader's, an older version, or another radiograph of "
            "the same patient. Only the first view is worked on. Key: {key}"
        ).format(key=COMPARE)
        self.compareBox = ui.comboBox("CompareBox", [], self._onCompareChoice)
        self.compareBox.toolTip = _("What is shown beside it.")
        contents = ui.form(
            (_("Window:"), ui.row(self.presetBox, self.dragButton, stretch=(1, 1))),
            ui.row(self.invertButton, self.fitButton, self.actualButton, stretch=(1, 1, 1)),
            self.keepBox,
            ui.row(self.compareButton, self.compareBox, stretch=(1, 1)),
        )
        self.widget = ui.section("ViewSection", _("View"), contents)

    # --- conduct ------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """The module was opened."""
        self._keys.activate(True)

    def exit(self) -> None:
        """The module was left: keys and mouse are another's."""
        self._keys.activate(False)
        setAdjustsWindow(False)
        self.compareButton.checked = False

    def close(self) -> None:
        """The panel goes."""
        self._mode.removeObservers()
        self._zoom.removeObservers()
        self.compareText.close()
        self._refit.stop()
        self._display.removeObservers()

    def setVolume(self, volume) -> None:
        """Another radiograph is shown, or None; it takes over how the one before was shown, where wanted."""
        if volume is self._volume:
            return
        before, self._volume = self._volume, volume
        wasActual, self._isActual = self._isActual, False
        self._display.removeObservers()
        if volume is not None and volume.GetDisplayNode() is not None:
            self._display.addObserver(volume.GetDisplayNode(), vtk.vtkCommand.ModifiedEvent, self._onDisplay)
            if self.keepBox.checked and before is not None and isThere(before):
                ui.attempt(lambda: self._takeOver(before, wasActual), self._segmentSection.showMessage)
        self.update()
        if self.compareButton.checked:
            self.compare()

    def release(self) -> None:
        """Before the scene closes: hold nothing of it."""
        self.compareButton.checked = False
        self._display.removeObservers()
        self._volume = None

    def renewComparison(self) -> None:
        """The model has made another mask."""
        if self.compareButton.checked and (self.comparing.wanted is None or self.comparing.isModels):
            self.compare()

    def followViews(self) -> None:
        """The layout, or what a view shows, may be another."""
        if self.compareButton.checked and not isCompareShown():
            self.compareButton.checked = False

    def compare(self) -> None:
        """Show beside the radiograph what was chosen, or of another radiograph the like of it."""
        before = ui.chosenData(self.compareBox)
        kind, text = before if before is not None else ("", "")
        self._choices = self.comparing.choices(self._volume) if self._volume is not None else []
        blocked = self.compareBox.blockSignals(True)
        self.compareBox.clear()
        for choice in self._choices:
            self.compareBox.addItem(choice.text, (choice.kind, choice.text))
        same = [n for n, each in enumerate(self._choices) if (each.kind, each.text) == (kind, text)]
        alike = [n for n, each in enumerate(self._choices) if each.kind == kind]
        self.compareBox.currentIndex = next(iter([*same, *alike, *range(min(1, len(self._choices)))]), -1)
        self.compareBox.blockSignals(blocked)
        self._showChoice()

    def update(self) -> None:
        """Show how the radiograph is shown."""
        volume, usable = self._volume, self._canChange()
        for widget in (self.presetBox, self.dragButton, self.invertButton):
            widget.enabled = usable
        self.fitButton.enabled = self.actualButton.enabled = volume is not None
        self.compareButton.enabled = volume is not None or self.compareButton.checked
        self.compareBox.enabled = self.compareButton.checked
        if usable:
            ui.silently(self.presetBox, "currentIndex", self.presetBox.findData(Windows.shownPreset(volume)))
            ui.attempt(
                lambda: ui.silently(self.invertButton, "checked", Windows.isInverted(volume)),
                lambda text: None,
            )

    # --- what users do ------------------------------------------------------------------------------------

    def invert(self) -> None:
        """Dark for bright, or back."""
        if self.invertButton.enabled:
            self.invertButton.checked = not self.invertButton.checked

    def fit(self) -> None:
        """Show the whole radiograph."""
        self._isActual = False
        Display.fit()

    def showPixels(self) -> None:
        """Show each pixel by one of the screen."""
        if self._volume is not None:
            self._isActual = True
            Display.showPixels(self._volume)

    # --- what happens -------------------------------------------------------------------------------------

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

    def _onCompare(self, on: bool) -> None:
        self.compareBox.enabled = on
        if on and self._volume is not None and self._segmentSection.isShown():
            openView()
            self.compare()
            self._refit.start()
            return
        self._zoom.follow(None, None)
        self.comparing.forget()
        self.compareText.show(())
        closeView()
        self._refit.start()
        if on:
            self.compareButton.checked = False

    def _onResized(self) -> None:
        if self._volume is not None and not self._isActual:
            Display.fit()

    def _onCompareChoice(self, _index: int) -> None:
        self._showChoice()

    def _showChoice(self) -> None:
        index = self.compareBox.currentIndex
        clearView()
        if not 0 <= index < len(self._choices):
            self.comparing.forget()
            self._zoom.follow(None, None)
            self.compareText.show([_("Nothing to compare this radiograph with.")])
            return
        volume = self._volume

        def show() -> None:
            node = self.comparing.volume
            if node is None or volume is not self._volume or not isCompareShown():
                return
            ui.attempt(lambda: showVolume(node, volume), self._segmentSection.showMessage)
            showMasks()
            marker, side = sideMarker(node)
            self.compareText.show(_compareLines(self.comparing), marker, side)
            self._zoom.follow(volume, node)

        self.compareText.show([_("Reading...")])
        self.comparing.make(volume, self._choices[index], show, self._segmentSection.showMessage)

    def _onPreset(self, _index: int) -> None:
        self._change(preset=ui.chosenData(self.presetBox))

    def _onInvert(self, on: bool) -> None:
        self._change(inverted=on)

    def _onDisplay(self, _caller, _event) -> None:
        other, display = self.comparing.volume, self._volume.GetDisplayNode()
        if other is not None and other.GetImageData() is self._volume.GetImageData():
            other.GetDisplayNode().SetWindowLevel(display.GetWindow(), display.GetLevel())
            other.GetDisplayNode().SetInvertDisplayScalarRange(display.GetInvertDisplayScalarRange())
        self.update()

    def _onTurned(self, volume) -> None:
        if volume is self._volume and self.compareButton.checked:
            self.compare()  # which is of the same image, and turned alike

    def _onMouseMode(self) -> None:
        ui.silently(self.dragButton, "checked", adjustsWindow())
        if isTaken():
            self._segmentSection.setClickMode(False)
            self._correctSection.putToolDown()


def _compareLines(comparing: Comparing) -> list[str]:
    """What is compared with, in words for the view."""
    choice, name = comparing.wanted, comparing.volume.GetName()
    lines = [_("For comparison"), name]
    if choice.image is None:
        lines.append(choice.text)
    if choice.version is not None:
        lines.append(f"{NAMES[choice.version.status]()} ({readerName(choice.version)})")
    return lines
