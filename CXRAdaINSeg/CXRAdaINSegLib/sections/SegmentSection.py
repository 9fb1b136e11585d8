"""The panel's main section: choose a radiograph, find its lungs by button or by clicks, see them."""

from __future__ import annotations

import ctk
import qt
import slicer
from slicer.i18n import tr as _

from ..logic.Segmenting import Segmenting
from ..scene.LungSegments import LUNGS, flagsOf, lungName, lungsOf
from ..scene.SliceClicks import SliceClicks
from ..scene.VolumeImages import UnfitVolume, factsOf
from ..Settings import remember, setting
from ..Widgets import DropArea, textLabel
from .InputRow import InputRow
from .OverlayControls import OverlayControls

MODES = ("student", "teacher", "direct")


class SegmentSection:
    """onVolume(volume): another radiograph was chosen. onClickMode(bool): click-to-segment began or ended."""

    def __init__(self, segmenting: Segmenting, onVolume, onClickMode):
        self._segmenting = segmenting
        self._onVolume, self._onClickMode = onVolume, onClickMode
        self.input = InputRow(self._onVolumeChosen, self.say)
        self.overlay = OverlayControls(segmenting, lambda: self.volume, lambda: self.mode, self.say)
        self.clicks = SliceClicks(
            lambda: self.volume,
            self._onClick,
            lambda: self.setClickMode(False),
        )
        self._build()
        segmenting.onProgress.append(self._onProgress)
        segmenting.onError.append(self.say)
        segmenting.onBusy.append(self._onBusy)
        segmenting.engine.onStateChanged.append(self._onEngineState)
        self._update()

    # --- widgets ------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.widget = ctk.ctkCollapsibleButton()
        self.widget.text = _("Segment")
        self.widget.objectName = "SegmentSection"
        outer = qt.QVBoxLayout(self.widget)
        outer.setContentsMargins(0, 0, 0, 0)
        self.area = DropArea(self.input.addFiles)
        outer.addWidget(self.area)
        form = qt.QFormLayout(self.area)
        form.addRow(_("Radiograph:"), self.input.layout)
        form.addRow(_("Mode:"), self._choices())
        form.addRow(self._buttons())
        form.addRow(self._progress())
        self.message = textLabel("SegmentMessage")
        form.addRow(self.message)
        for title, row in self.overlay.rows():
            form.addRow(title, row)

    def _choices(self):
        self.modeBox = qt.QComboBox()
        self.modeBox.objectName = "ModeBox"
        names = {"student": _("Student"), "teacher": _("Teacher"), "direct": _("Direct")}
        for mode in MODES:
            self.modeBox.addItem(names[mode], mode)
        self.modeBox.toolTip = _(
            "Student: one pass, made for abnormal radiographs. Teacher: translates to a normal chest first. "
            "Direct: as for a normal radiograph."
        )
        self.modeBox.currentIndex = max(0, self.modeBox.findData(setting("mode")))
        self.modeBox.connect("currentIndexChanged(int)", self._onModeChanged)
        self.deviceBox = qt.QComboBox()
        self.deviceBox.objectName = "DeviceBox"
        self.deviceBox.toolTip = _("Where the model runs.")
        self._fillDevices()
        self.deviceBox.connect("currentIndexChanged(int)", self._onDeviceChanged)
        row = qt.QHBoxLayout()
        row.addWidget(self.modeBox, 1)
        row.addWidget(qt.QLabel(_("on")))
        row.addWidget(self.deviceBox, 1)
        return row

    def _buttons(self):
        self.segmentButton = qt.QPushButton(_("&Segment"))
        self.segmentButton.objectName = "SegmentButton"
        self.segmentButton.toolTip = _("Find both lungs.")
        self.segmentButton.connect("clicked(bool)", self._onSegment)
        self.clickButton = qt.QPushButton(_("&Click to segment"))
        self.clickButton.objectName = "ClickButton"
        self.clickButton.checkable = True
        self.clickButton.toolTip = _(
            "Click in a lung to segment it (Shift: both lungs). Click again to add what was missed, Ctrl and "
            "click to remove. Ctrl+Z takes a click back, Escape leaves."
        )
        self.clickButton.connect("toggled(bool)", self.setClickMode)
        row = qt.QHBoxLayout()
        row.addWidget(self.segmentButton, 1)
        row.addWidget(self.clickButton, 1)
        return row

    def _progress(self):
        self.progressBar = qt.QProgressBar()
        self.progressBar.setRange(0, 100)
        self.cancelButton = qt.QPushButton(_("Cancel"))
        self.cancelButton.objectName = "CancelButton"
        self.cancelButton.toolTip = _("Stop the model; the masks stay as they are.")
        self.cancelButton.connect("clicked(bool)", self._onCancel)
        row = qt.QHBoxLayout()
        row.addWidget(self.progressBar, 1)
        row.addWidget(self.cancelButton)
        return row

    # --- state --------------------------------------------------------------------------------------------

    @property
    def volume(self):
        """The chosen volume node, or None."""
        return self.input.volume

    @property
    def mode(self) -> str:
        """student, teacher or direct."""
        return MODES[max(0, self.modeBox.currentIndex)]

    def say(self, text: str) -> None:
        """Show a message in the panel, "" for none."""
        self.message.text = text
        self.message.visible = bool(text)

    def sayOfResult(self) -> None:
        """Say how the masks of the chosen radiograph came about, and what to look at."""
        if self.volume is None:
            self.say(_("Add a frontal chest radiograph, or drop files here."))
            return
        try:
            lines = list(factsOf(self.volume).warnings)
        except UnfitVolume as problem:
            self.say(str(problem))
            return
        prediction = self._segmenting.predictions.cached(self.volume, self.mode)
        if prediction is not None:
            took = f", {prediction.seconds:.1f} s" if prediction.seconds is not None else ""
            lines.insert(0, f"{prediction.modelId}, {prediction.device}{took}")
            lines += prediction.notes
        lines += flagsOf(lungsOf(self.volume))
        self.say("\n".join(lines))

    def setClickMode(self, on: bool) -> None:
        """Begin or end click-to-segment."""
        on = on and self.volume is not None
        self.clickButton.checked = on  # returns here, with nothing left to do
        if on == self.clicks.active:
            return
        if on:
            self._onClickMode(True)
            self.clicks.start()
            if not self.clicks.active:
                self.clickButton.checked = False
            self.say(self.clickButton.toolTip)
        else:
            self.clicks.stop()
            self._onClickMode(False)
            self.sayOfResult()

    def _update(self) -> None:
        busy, volume = self._segmenting.busy, self.volume
        self.segmentButton.enabled = volume is not None and not busy
        self.clickButton.enabled = volume is not None
        self.progressBar.visible = self.cancelButton.visible = busy
        self.overlay.update()

    def _fillDevices(self) -> None:
        devices = [("auto", _("Automatic"))]
        devices += [(d["name"], d["text"]) for d in self._segmenting.engine.info.get("devices", ())]
        if all(name != "cpu" for name, _text in devices):
            devices.append(("cpu", _("CPU")))
        chosen = setting("device")
        if all(name != chosen for name, _text in devices):
            devices.append((chosen, chosen))
        blocked = self.deviceBox.blockSignals(True)
        self.deviceBox.clear()
        for name, text in devices:
            self.deviceBox.addItem(text, name)
        self.deviceBox.currentIndex = self.deviceBox.findData(chosen)
        self.deviceBox.blockSignals(blocked)

    # --- what happens -------------------------------------------------------------------------------------

    def _onVolumeChosen(self, volume) -> None:
        if volume is None:
            self.setClickMode(False)
        self._onVolume(volume)
        self.sayOfResult()
        self._update()

    def _onSegment(self) -> None:
        volume = self.volume
        corrected = self._segmenting.corrected(volume)
        overwrite = bool(corrected) and slicer.util.confirmYesNoDisplay(
            _("{lungs}: corrected by hand. Replace by the model's mask?").format(
                lungs=", ".join(lungName(lung) for lung in corrected)
            ),
            windowTitle=_("Replace corrections?"),
        )
        if not overwrite and len(corrected) == len(LUNGS):
            self.say(_("The corrected masks stay as they are."))
            return
        self._try(lambda: self._segmenting.segment(volume, self.mode, overwrite=overwrite))

    def _onClick(self, row: float, column: float, removes: bool, both: bool) -> None:
        self._try(lambda: self._segmenting.click(self.volume, row, column, self.mode, removes, both))

    def _try(self, action) -> None:
        self.say("")
        try:
            action()
        except UnfitVolume as problem:
            self.say(str(problem))

    def _onCancel(self) -> None:
        self._segmenting.cancel()

    def _onProgress(self, done: float, text: str) -> None:
        self.progressBar.setRange(0, 100)
        self.progressBar.value = round(100 * done)
        self.progressBar.setFormat(text)

    def _onBusy(self, busy: bool) -> None:
        if busy:
            self.progressBar.setRange(0, 0)  # till the engine tells how far it is
        self._update()

    def _onModeChanged(self, _index: int) -> None:
        remember("mode", self.mode)  # the masks, and what is said of them, stay as they are

    def _onDeviceChanged(self, index: int) -> None:
        remember("device", self.deviceBox.itemData(index))

    def _onEngineState(self, state: str, text: str) -> None:
        if state == "ready":
            self._fillDevices()
        elif state == "failed":
            self.say(text)
