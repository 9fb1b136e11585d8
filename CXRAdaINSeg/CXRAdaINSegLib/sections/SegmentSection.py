"""The Segment section: choose a radiograph, segment its lungs by button or clicks, and display the masks."""

from __future__ import annotations

import qt
from cxradain.imaging.quality import LungQuality
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.Segmenting import Segmenting, workingText
from ..logic.Worklist import Worklist
from ..processes.EngineProcess import FAILED, READY
from ..scene.CheckTexts import checkText, warningText
from ..scene.LungSegments import LUNGS, lungName, lungsOf
from ..scene.LungSides import sidesText
from ..scene.MaskProvenance import qualityOf, suspicionsOf
from ..scene.MaskWatch import maskTimes
from ..scene.SliceClicks import SliceClicks
from ..scene.SliceViews import isShown
from ..scene.StrayMasks import straysText
from ..scene.VolumeImages import UnfitVolume, radiographOf
from ..Settings import remember, setting
from ..Signal import Signal
from ..Texts import numberText, verdictName
from .InputRow import InputRow
from .OverlayControls import OverlayControls
from .StandingMessage import Holds, StandingMessage
from .TurnRow import TurnRow


class SegmentSection:
    """onVolume(volume or None): another radiograph was chosen. worklist: as in TurnRow.

    Signals: clickModeChanged(on), click-to-segment was turned on or off; told(text), what is to be read in
    the view too, "": no more.
    """

    def __init__(self, segmenting: Segmenting, onVolume, worklist: Worklist):
        self._segmenting, self._onVolume = segmenting, onVolume
        self.clickModeChanged, self.told = Signal(), Signal()
        self._standing = StandingMessage(self._onCauseGone)
        self.input = InputRow(self._onVolumeChosen, self.showMessage)
        self.overlay = OverlayControls(segmenting, self)
        self.turning = TurnRow(segmenting, self, worklist)
        self.clicks = SliceClicks(lambda: self.volume, self._onClick, lambda: self.setClickMode(False))
        self._build()
        segmenting.progressed.connect(self._onProgress)
        segmenting.failed.connect(self.showMessage)
        segmenting.busyChanged.connect(self._onBusy)
        segmenting.engine.stateChanged.connect(self._onEngineState)
        segmenting.predictions.outdated.connect(self.overlay.hideViews)
        self._update()

    # --- widgets ------------------------------------------------------------------------------------------

    def _build(self) -> None:
        modes = [(_("Student"), "student"), (_("Teacher"), "teacher"), (_("Direct"), "direct")]
        self.modeBox = ui.comboBox("ModeBox", modes, self._onModeChanged, chosen=setting("mode"))
        self.modeBox.toolTip = _(
            "Student: one pass, made for abnormal radiographs. Teacher: translates to a normal chest first. "
            "Direct: as for a normal radiograph."
        )
        self.deviceBox = ui.comboBox("DeviceBox", [])
        self.deviceBox.toolTip = _("Where the model runs.")
        self._fillDevices()
        self.deviceBox.connect(
            "currentIndexChanged(int)", lambda index: remember("device", self.deviceBox.itemData(index))
        )
        self.segmentButton = ui.pushButton("SegmentButton", _("&Segment"), self._onSegment)
        self.segmentButton.toolTip = _("Find both lungs.")
        self.clickButton = ui.toggleButton("ClickButton", _("&Click to segment"), self.setClickMode)
        self.clickButton.toolTip = _(
            "Click in a lung to segment it (Shift: both lungs). Click again to add what was missed, Ctrl and "
            "click to remove. Ctrl+Z takes a click back, Escape leaves."
        )
        self.progressBar = ui.progressBar(maximum=100)
        self.cancelButton = ui.pushButton("CancelButton", _("Cancel"), self._segmenting.cancel)
        self.cancelButton.toolTip = _("Stop the model; the masks stay as they are.")
        ui.keepPlace(self.progressBar, self.cancelButton)
        self.message = ui.textLabel("SegmentMessage")
        self.quality = ui.textLabel("QualityLabel")
        self._qualityHint = _(
            "How likely the model's masks are right, and why: estimated from the masks. Likely good is not a "
            "promise. A ring in the view marks where to look."
        )
        self.area = ui.DropArea(self.input.addFiles)
        self.area.setLayout(
            ui.form(
                (_("Radiograph:"), self.input.layout),
                (_("Mode:"), ui.row(self.modeBox, qt.QLabel(_("on")), self.deviceBox, stretch=(1, 0, 1))),
                ui.row(self.segmentButton, self.clickButton, stretch=(1, 1)),
                ui.row(self.progressBar, self.cancelButton, stretch=(1, 0)),
                ui.messagePlace(4, self.message, self.quality),
                (_("Turned:"), self.turning.layout),
                *self.overlay.rows(),
            )
        )
        self.widget = ui.section(
            "SegmentSection", _("Segment"), ui.withoutMargins(ui.column(self.area)), collapsed=False
        )

    # --- state --------------------------------------------------------------------------------------------

    @property
    def volume(self):
        """The chosen volume node, or None."""
        return self.input.volume

    @property
    def mode(self) -> str:
        """The mode: student, teacher or direct."""
        return ui.chosenData(self.modeBox)

    def isShown(self) -> bool:
        """Whether the chosen radiograph is in the view; if it is not, a message says why."""
        volume = self.volume
        if volume is None:
            self.refuse(_("No radiograph is chosen. Choose or add one."), lambda: self.volume is None)
        elif isShown(volume):
            return True
        else:
            text = _("This radiograph is not in the view. Choose it again to show it.")
            self.refuse(text, lambda: self.volume is volume and not isShown(volume))
            ui.attempt(lambda: radiographOf(volume), self.showMessage)
        return False

    def showMessage(self, text: str, holds: Holds | None = None) -> None:
        """Show a message in the panel; "" clears it. holds: whether its cause is still there; None: it stays
        until the next one."""
        if self._standing.holds is not None:
            self.told.emit("")  # the refusal before it
        ui.setMessage(self.message, text)
        self._standing.set(text, holds)

    def refuse(self, text: str, holds: Holds) -> None:
        """Say in the panel and in the view why a key or a button does not act, as long as that is so."""
        self.showMessage(text, holds)
        self.told.emit(text)

    def answer(self, text: str) -> None:
        """Say in the panel and in the view what came of a key or a button, until the masks change or another
        radiograph is chosen."""
        volume, times = self.volume, maskTimes(lungsOf(self.volume))
        self.refuse(text, lambda: self.volume is volume and maskTimes(lungsOf(volume)) == times)

    def showResult(self) -> None:
        """Show how the chosen radiograph's masks were made, warnings, and the masks' quality."""
        self.showQuality()
        strays = straysText(self.volume)
        if self.volume is None:
            text = _("Add a frontal chest radiograph, or drop files here.")
            self.showMessage("\n".join(filter(None, (strays, text))))
            return
        try:
            lines = [*filter(None, [strays]), *map(warningText, radiographOf(self.volume).warnings)]
        except UnfitVolume as problem:
            self.showMessage(str(problem))
            return
        prediction = self._segmenting.predictions.cached(self.volume, self.mode)
        if prediction is not None:
            lines.insert(0, _resultText(prediction))
            lines += prediction.notes
        lines += [checkText(each.code) for each in suspicionsOf(lungsOf(self.volume))]
        if self.turning.note:
            lines.insert(0, self.turning.note)
        self.showMessage("\n".join(dict.fromkeys(lines)))
        self.turning.update()

    def showAnew(self) -> None:
        """Show the result instead of messages about what was done before: another radiograph is shown, or
        another reader's masks."""
        self.turning.forget()
        self.showResult()

    def showQuality(self) -> None:
        """Show the quality of the model's masks, worse first, and a warning if the sides are exchanged."""
        segmentation = lungsOf(self.volume)
        quality = qualityOf(segmentation)
        lungs = sorted(quality, key=lambda lung: quality[lung].score)
        lines = [lungQualityText(lungName(lung), quality[lung]) for lung in lungs]
        if sides := sidesText(self.volume) if segmentation is not None else "":
            lines.insert(0, f"⚠ {sides}")
        ui.setMessage(self.quality, "\n".join(lines), self._qualityHint)

    def setClickMode(self, on: bool) -> None:
        """Turn click-to-segment on or off."""
        on = on and self.volume is not None
        self.clickButton.checked = on  # calls this method again, which does nothing
        if on == self.clicks.active:
            return
        if on:
            self.clickModeChanged.emit(True)
            self.clicks.start()
            if not self.clicks.active:
                self.clickButton.checked = False
            self.showMessage(self.clickButton.toolTip)
        else:
            self.clicks.stop()
            self.clickModeChanged.emit(False)
            self.showResult()

    def _update(self) -> None:
        busy, volume = self._segmenting.busy, self.volume
        self.segmentButton.enabled = volume is not None and not busy
        self.clickButton.enabled = volume is not None
        self.progressBar.visible = self.cancelButton.visible = busy
        self.overlay.update()
        self.turning.update()

    def _fillDevices(self) -> None:
        chosen = setting("device")
        devices = {"auto": _("Automatic")}
        devices |= {each["name"]: each["text"] for each in self._segmenting.engine.info.get("devices", ())}
        devices.setdefault("cpu", _("CPU"))
        devices.setdefault(chosen, chosen)
        ui.refill(
            self.deviceBox, ((text, name) for name, text in devices.items()), list(devices).index(chosen)
        )

    # --- events -------------------------------------------------------------------------------------------

    def _onVolumeChosen(self, volume) -> None:
        if volume is None:
            self.setClickMode(False)
        self._onVolume(volume)
        self.showAnew()
        self._update()

    def _onSegment(self) -> None:
        if not self.isShown():
            return
        corrected = self._segmenting.corrected(self.volume)
        overwrite = bool(corrected) and ui.confirm(
            _("You have corrected or approved these masks. Replace them with the model's?"),
            _("Replace your masks?"),
            _("Replace mine"),
            _("Keep mine"),
        )
        if not overwrite and len(corrected) == len(LUNGS):
            self.answer(_("Your masks stay as they are."))
            return
        self._try(lambda: self._segmenting.segment(self.volume, self.mode, overwrite=overwrite))

    def _onClick(self, row: float, column: float, removes: bool, both: bool) -> None:
        self._try(lambda: self._segmenting.click(self.volume, row, column, self.mode, removes, both))

    def _try(self, action) -> None:
        self.showMessage("")
        ui.attempt(action, self.showMessage)

    def _onCauseGone(self, _text: str) -> None:
        self.showResult()
        self.told.emit("")

    def _onProgress(self, done: float, text: str) -> None:
        self.progressBar.setRange(0, 100)
        self.progressBar.value = round(100 * done)
        self.progressBar.setFormat(text)

    def _onBusy(self, busy: bool) -> None:
        if busy:
            self.progressBar.setRange(0, 0)  # a busy indicator, until the engine reports progress
        elif self.message.text == workingText():
            self.showResult()
        self._update()

    def _onModeChanged(self, _index: int) -> None:
        remember("mode", self.mode)  # masks and messages stay as they are

    def _onEngineState(self, state: str, text: str) -> None:
        if state == READY:
            self._fillDevices()
        elif state == FAILED:
            self.showMessage(text)


def lungQualityText(name: str, quality: LungQuality) -> str:
    """The verdict on a lung's mask, and the reasons."""
    reasons = map(checkText, quality.flags)
    return " ".join([f"{name}: {verdictName(quality.verdict)}.", *reasons])


def _resultText(prediction) -> str:
    """Which model made the masks, on which device, and how fast."""
    device = prediction.device.upper() if prediction.device in ("cpu", "mps") else prediction.device
    if prediction.backend:  # only the name; Setup shows it in full
        device = f"{device} ({prediction.backend.partition(' ')[0]})"
    if prediction.seconds is None:
        return _("Segmented by {model} on {device}").format(model=prediction.modelId, device=device)
    return _("Segmented by {model} on {device} in {seconds} s").format(
        model=prediction.modelId, device=device, seconds=numberText(prediction.seconds, ".1f")
    )
