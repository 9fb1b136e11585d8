"""How the masks are shown, their sides exchanged, and the model's reasons laid over the radiograph."""

from __future__ import annotations

from collections.abc import Callable

import ctk
import qt
from slicer.i18n import tr as _

from ..logic.ReasonViews import VIEWS, makeView, showView, viewExplanation, viewTitle
from ..logic.Segmenting import Segmenting, isThere
from ..scene.LungSegments import lungsOf, presentLungs, swapSides
from ..scene.VolumeImages import UnfitVolume
from ..Settings import remember, setting


class OverlayControls:
    """Rows of the Segment section that act on what is shown."""

    def __init__(
        self,
        segmenting: Segmenting,
        volume: Callable[[], object],
        mode: Callable[[], str],
        say: Callable[[str], None],
    ):
        self._segmenting, self._volume, self._mode, self._say = segmenting, volume, mode, say
        self.opacity = ctk.ctkSliderWidget()
        self.opacity.objectName = "OpacitySlider"
        self.opacity.minimum, self.opacity.maximum = 0.0, 1.0
        self.opacity.singleStep, self.opacity.decimals = 0.05, 2
        self.opacity.value = setting("fillOpacity")
        self.opacity.toolTip = _("How much of the radiograph the masks cover.")
        self.opacity.connect("valueChanged(double)", self._onOpacity)
        self.outline = qt.QCheckBox(_("O&utline"))
        self.outline.objectName = "OutlineBox"
        self.outline.checked = setting("outline")
        self.outline.toolTip = _("Draw the masks' edges.")
        self.outline.connect("toggled(bool)", self._onOutline)
        self.swapButton = qt.QPushButton(_("S&wap sides"))
        self.swapButton.objectName = "SwapButton"
        self.swapButton.toolTip = _("Exchange right and left lung, where the radiograph is mirrored.")
        self.swapButton.connect("clicked(bool)", self._onSwap)
        self.toggles = {}
        for name in VIEWS:
            toggle = qt.QPushButton(viewTitle(name))
            toggle.objectName = f"View_{name}"
            toggle.checkable = True
            toggle.toolTip = viewExplanation(name)
            toggle.connect("toggled(bool)", self._handler(name))
            self.toggles[name] = toggle

    def rows(self) -> list[tuple[str, object]]:
        """Titles and layouts for a form."""
        masks = qt.QGridLayout()
        masks.addWidget(self.opacity, 0, 0, 1, 2)
        masks.addWidget(self.outline, 1, 0)
        masks.addWidget(self.swapButton, 1, 1)
        reasons = qt.QGridLayout()
        for index, toggle in enumerate(self.toggles.values()):
            reasons.addWidget(toggle, index // 2, index % 2)
        return [(_("Opacity:"), masks), (_("Reasons:"), reasons)]

    def update(self) -> None:
        """Enable what can be done with the chosen radiograph, and say how its masks are shown."""
        volume = self._volume()
        segmentation = lungsOf(volume) if volume is not None else None
        self.swapButton.enabled = bool(presentLungs(segmentation))
        for toggle in self.toggles.values():
            toggle.enabled = volume is not None and not self._segmenting.busy
        display = segmentation.GetDisplayNode() if segmentation is not None else None
        if display is not None:
            self._silently(self.opacity, "value", display.GetOpacity2DFill())
            self._silently(self.outline, "checked", bool(display.GetVisibility2DOutline()))

    def hideViews(self) -> None:
        """Show no reasons any more."""
        for toggle in self.toggles.values():
            toggle.checked = False

    def _silently(self, widget, name: str, value) -> None:
        blocked = widget.blockSignals(True)
        setattr(widget, name, value)
        widget.blockSignals(blocked)

    def _apply(self) -> None:
        segmentation = lungsOf(self._volume()) if self._volume() is not None else None
        display = segmentation.GetDisplayNode() if segmentation is not None else None
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
        volume = self._volume()
        segmentation = lungsOf(volume)
        self._segmenting.history.save(segmentation)
        swapSides(segmentation, volume)

    def _fill(self, volume, on: bool) -> None:
        """A reason's colors are not mixed with the masks'; their outlines stay."""
        segmentation = lungsOf(volume) if volume is not None else None
        if segmentation is not None and segmentation.GetDisplayNode() is not None:
            segmentation.GetDisplayNode().SetVisibility2DFill(on)

    def _handler(self, name: str) -> Callable[[bool], None]:
        return lambda on: self._onView(name, on)

    def _onView(self, name: str, on: bool) -> None:
        volume = self._volume()
        if not on or volume is None:
            if not any(toggle.checked for toggle in self.toggles.values()):
                showView(None)
                self._fill(volume, True)
            return
        for other, toggle in self.toggles.items():
            if other != name:
                toggle.checked = False

        def onDone(prediction):
            if isThere(volume) and volume is self._volume() and self.toggles[name].checked:
                showView(makeView(volume, name, prediction))
                self._fill(volume, False)
                self._say(viewExplanation(name))

        def onFailed():
            self.toggles[name].checked = False

        try:
            self._segmenting.views(volume, self._mode(), (VIEWS[name].asks,), onDone, onFailed)
        except UnfitVolume as problem:
            onFailed()
            self._say(str(problem))
