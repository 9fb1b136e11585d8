"""Controls for what is drawn over the radiograph: masks, what the model sees, and swapping sides."""

from __future__ import annotations

import ctk
import qt
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..Events import HeldKey
from ..logic.ReasonViews import VIEWS, makeView, showView, viewExplanation, viewTitle
from ..logic.Segmenting import Segmenting, isThere
from ..scene.LungSegments import displayOf, hideMasks, lungsOf, presentLungs
from ..scene.LungSides import swapSides
from ..Settings import remember, setting

HIDE = "H"  # key


class OverlayControls:
    """Rows of the Segment section, `section`, which has the volume, the mode and messages."""

    def __init__(self, segmenting: Segmenting, section):
        self._segmenting, self._section = segmenting, section
        self._hidden = None  # the volume whose masks are hidden while the key is held
        self.opacity = ctk.ctkSliderWidget()
        self.opacity.objectName = "OpacitySlider"
        self.opacity.minimum, self.opacity.maximum = 0.0, 1.0
        self.opacity.singleStep, self.opacity.decimals = 0.05, 2
        self.opacity.value = setting("fillOpacity")
        hint = _("How much of the radiograph the masks cover. Hold {key} to hide them.")
        self.opacity.toolTip = hint.format(key=HIDE)
        self.opacity.connect("valueChanged(double)", self._onOpacity)
        self.outline = ui.checkBox("OutlineBox", _("O&utline"), setting("outline"))
        self.outline.connect("toggled(bool)", self._onOutline)
        self.outline.toolTip = _("Draw the masks' edges.")
        self.hideKey = HeldKey(HIDE, self._onHide)
        self.swapButton = ui.pushButton("SwapButton", _("S&wap sides"), self._onSwap)
        self.swapButton.toolTip = _("Exchange right and left lung, where the radiograph is mirrored.")
        self.toggles = {name: self._toggle(name) for name in VIEWS}

    def _toggle(self, name: str):
        toggle = ui.toggleButton(f"View_{name}", viewTitle(name), lambda on: self._onView(name, on))
        toggle.toolTip = viewExplanation(name)
        return toggle

    def rows(self) -> list:
        """The rows, for `Widgets.form`."""
        masks = qt.QGridLayout()
        masks.addWidget(self.opacity, 0, 0, 1, 2)
        masks.addWidget(self.outline, 1, 0)
        masks.addWidget(self.swapButton, 1, 1)
        views = qt.QGridLayout()
        for index, toggle in enumerate(self.toggles.values()):
            views.addWidget(toggle, index // 2, index % 2)
        return [(_("Opacity:"), masks), qt.QLabel(_("What the model sees:")), views]

    def update(self) -> None:
        """Update the controls for the chosen radiograph and its masks."""
        volume = self._section.volume
        segmentation = lungsOf(volume)
        self.swapButton.enabled = bool(presentLungs(segmentation))
        for toggle in self.toggles.values():
            toggle.enabled = volume is not None and not self._segmenting.busy
        display = displayOf(segmentation)
        if display is not None:
            ui.silently(self.opacity, "value", display.GetOpacity2DFill())
            ui.silently(self.outline, "checked", bool(display.GetVisibility2DOutline()))

    def hideViews(self) -> None:
        """Turn off the overlays of what the model sees."""
        for toggle in self.toggles.values():
            toggle.checked = False

    def _onHide(self, held: bool) -> None:
        if held:
            if not self._section.isShown():
                return
            if not presentLungs(lungsOf(self._section.volume)):
                self._section.answer(_("There is no mask to hide."))
                return
            self._hidden = self._section.volume
        volume = self._hidden
        if volume is not None and isThere(volume):
            hideMasks(volume, held)
        if not held:
            self._hidden = None

    def _apply(self) -> None:
        display = displayOf(lungsOf(self._section.volume))
        if display is not None:
            display.SetOpacity2DFill(self.opacity.value)
            display.SetVisibility2DOutline(self.outline.checked)

    def _onOpacity(self, value: float) -> None:
        remember("fillOpacity", value)
        self._apply()

    def _onOutline(self, on: bool) -> None:
        remember("outline", on)
        self._apply()

    def _onSwap(self) -> None:
        if self._section.isShown() and self._segmenting.isAnswered():
            segmentation = lungsOf(self._section.volume)
            self._segmenting.history.save(segmentation)
            swapSides(segmentation, self._section.volume)

    def _fill(self, volume, on: bool) -> None:
        """Show or hide the masks' fill, which would mix with an overlay's colors; the outlines stay."""
        display = displayOf(lungsOf(volume))
        if display is not None:
            display.SetVisibility2DFill(on)

    def _onView(self, name: str, on: bool) -> None:
        volume = self._section.volume
        if not on or volume is None:
            if not any(toggle.checked for toggle in self.toggles.values()):
                showView(None)
                self._fill(volume, True)
            return
        for other, toggle in self.toggles.items():
            toggle.checked = other == name

        def onDone(prediction):
            if isThere(volume) and volume is self._section.volume and self.toggles[name].checked:
                showView(makeView(volume, name, prediction))
                self._fill(volume, False)
                self._section.showMessage(viewExplanation(name))

        def onFailed():
            self.toggles[name].checked = False

        def onProblem(text):
            onFailed()
            self._section.showMessage(text)

        mode, views = self._section.mode, (VIEWS[name].array,)
        ui.attempt(lambda: self._segmenting.views(volume, mode, views, onDone, onFailed), onProblem)
