"""The options of a round, in a folded group box; the defaults are sufficient."""

from __future__ import annotations

from collections.abc import Sequence

import qt
from cxradain.training.options import ROUND_PRESETS
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..Signal import Signal
from ..Timers import Slot

# Steps between validations: enough points for a curve, at little cost.
VALIDATION_STEPS = {"round": "60", "self-training": "60", "paper": "200"}


class RoundOptions:
    """The options' widgets; `arguments()` returns the options for `cxradain train round`.

    Signal: changed(), an option has.
    """

    def __init__(self):
        self.changed = Signal()
        recipes = [
            (_("Light"), "round"),
            (_("Light, with pseudo-labels"), "self-training"),
            (_("The paper's recipe"), "paper"),
        ]
        self.preset = ui.comboBox("RoundPreset", recipes, self._onPreset)
        self.preset.toolTip = _(
            "Light: short, for one or two CPU cores. With pseudo-labels: where nobody has corrected a mask, "
            "the model learns its own, as far as it draws the whole image and parts of it alike. The paper's "
            "recipe takes hours there, minutes on a GPU."
        )
        self.scale = ui.numberBox("RoundScale", 0.001, 20.0, 0.25, decimals=3)
        self.scale.value = 1.0
        self.scale.toolTip = _("Makes a round longer or shorter by this factor.")
        self.rate = ui.numberBox("RoundLearningRate", 0.000001, 0.01, 0.00005, decimals=6)
        self.rate.toolTip = _("How far each step changes the model; the recipe's own is set.")
        self.readers = RoundReaders(self._onChange)
        self.data = ui.folderEdit("RoundData", "CXRAdaINSeg/roundData")
        self.data.toolTip = _(
            "A folder with manifest.csv, images and masks that the model was first trained on, to train on "
            "along with the session. Without it, the model is held to what it knows of normal radiographs."
        )
        self.reference = ui.folderEdit("RoundReference", "CXRAdaINSeg/roundReference")
        self.reference.toolTip = _(
            "A folder with manifest.csv, images and masks on which the models are also compared."
        )
        devices = [(_("Automatic"), "auto"), (_("CPU"), "cpu"), (_("CUDA"), "cuda"), (_("Apple GPU"), "mps")]
        self.device = ui.comboBox("RoundDevice", devices)
        self.device.toolTip = _("Where the round is computed. Automatic: on a GPU where there is one.")
        self._onPreset(0)
        for box in (self.preset, self.device):
            box.connect("currentIndexChanged(int)", self._onChange)
        for field in (self.scale, self.rate):
            field.connect("valueChanged(double)", self._onChange)
        for folder in (self.data, self.reference):
            folder.connect("currentPathChanged(QString)", self._onChange)
        form = ui.form(
            (_("Recipe:"), self.preset),
            (_("Training length (×):"), self.scale),  # noqa: RUF001
            (_("Learning rate:"), self.rate),
            self.readers.widget,
            (_("Base data:"), self.data),
            (_("Reference:"), self.reference),
            (_("Device:"), self.device),
        )
        self.widget = ui.groupBox("RoundOptions", _("Options"), form)

    def arguments(self) -> list[str]:
        """The command line arguments, without those equal to the preset's values."""
        preset = ui.chosenData(self.preset)
        arguments = ["--preset", preset, "--validate-every", VALIDATION_STEPS[preset]]
        if self.scale.value != 1.0:
            arguments += ["--scale", f"{self.scale.value:g}"]
        if self.rate.value != ROUND_PRESETS[preset].learning_rate:
            arguments += ["--learning-rate", f"{self.rate.value:g}"]
        for flag, path in (("--data", self.data.currentPath), ("--reference", self.reference.currentPath)):
            if path.strip():
                arguments += [flag, path.strip()]
        arguments += self.readers.arguments()
        return [*arguments, "--accelerator", ui.chosenData(self.device)]

    @property
    def hasReference(self) -> bool:
        """Whether a reference set is named, which is enough for a verdict."""
        return bool(self.reference.currentPath.strip())

    def remember(self) -> None:
        """Add the chosen folders to the history of the folder fields."""
        self.data.addCurrentPathToHistory()
        self.reference.addCurrentPathToHistory()

    def _onChange(self, _value: object) -> None:
        self.changed.emit()

    def _onPreset(self, index: int) -> None:
        self.rate.value = ROUND_PRESETS[ui.chosenData(self.preset)].learning_rate


class RoundReaders:
    """The choice of readers; `arguments()` returns the options for `cxradain train round`. onChange(checked):
    a reader was chosen or left out."""

    def __init__(self, onChange: Slot):
        self._onChange = onChange
        self._layout = ui.column()
        self.widget = ui.holder(self._layout)
        self.widget.objectName = "RoundReaders"
        self.boxes: dict[str, qt.QCheckBox] = {}
        self.show([])

    def show(self, readers: Sequence[str]) -> None:
        """List these readers; those unchecked before stay unchecked. A single reader is not shown."""
        if list(readers) != list(self.boxes):
            excluded = {name for name, box in self.boxes.items() if not box.checked}
            for box in self.boxes.values():
                self._layout.removeWidget(box)
                box.hide()
                box.deleteLater()
            self.boxes = {name: self._box(name, name not in excluded) for name in readers}
        self.widget.visible = len(self.boxes) > 1

    def arguments(self) -> list[str]:
        """[] if all readers are chosen. If none is, no reader's masks are used as labels."""
        chosen = [name for name, box in self.boxes.items() if box.checked]
        if len(self.boxes) < 2 or len(chosen) == len(self.boxes):
            return []
        return [f"--reader={name}" for name in chosen or [""]]  # a name may begin with a dash

    def _box(self, name: str, checked: bool):
        text = _("Masks of {reader}").format(reader=name.replace("&", "&&"))
        box = ui.checkBox("RoundReader", text, checked)
        box.toolTip = _(
            "Learn from this reader's masks, and compare by them. The count above is of all readers."
        )
        box.connect("toggled(bool)", self._onChange)
        self._layout.addWidget(box)
        return box
