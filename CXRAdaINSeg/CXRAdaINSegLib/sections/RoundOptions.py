"""The options of a round, folded away: nothing in them must be touched."""

from __future__ import annotations

from collections.abc import Sequence

import ctk
import qt
from cxradain.training.options import ROUND_PRESETS
from slicer.i18n import tr as _

PRESETS = ("round", "paper")
VALIDATED = {"round": "60", "paper": "200"}  # every so many steps: a few points for a curve, at little cost
DEVICES = ("auto", "cpu", "cuda", "mps")


class RoundOptions:
    """`words()` are the arguments of `cxradain train round` that they stand for."""

    def __init__(self):
        self.widget = ctk.ctkCollapsibleGroupBox()
        self.widget.title = _("Options")
        self.widget.objectName = "RoundOptions"
        form = qt.QFormLayout(self.widget)
        self.preset = _choice("RoundPreset", (_("Light"), _("The paper's recipe")))
        self.preset.toolTip = _(
            "Light: short, for one or two CPU cores. The paper's recipe takes hours there, minutes on a GPU."
        )
        self.preset.connect("currentIndexChanged(int)", self._onPreset)
        form.addRow(_("Recipe:"), self.preset)
        self.scale = qt.QDoubleSpinBox()
        self.scale.objectName = "RoundScale"
        self.scale.decimals, self.scale.singleStep = 3, 0.25
        self.scale.minimum, self.scale.maximum = 0.001, 20.0
        self.scale.value = 1.0
        self.scale.toolTip = _("Makes a round longer or shorter by this factor.")
        form.addRow(_("Steps, times:"), self.scale)
        self.rate = qt.QDoubleSpinBox()
        self.rate.objectName = "RoundLearningRate"
        self.rate.decimals, self.rate.singleStep = 6, 0.00005
        self.rate.minimum, self.rate.maximum = 0.000001, 0.01
        self.rate.toolTip = _("How far each step changes the model; the recipe's own is set.")
        form.addRow(_("Learning rate:"), self.rate)
        self.readers = RoundReaders()
        form.addRow(self.readers.widget)
        self.data = _folder("RoundData", "CXRAdaINSeg/roundData")
        self.data.toolTip = _(
            "A folder with manifest.csv, images and masks that the model was first trained on, to train on "
            "along with the session. Without it, the model is held to what it knows of normal radiographs."
        )
        form.addRow(_("Base data:"), self.data)
        self.reference = _folder("RoundReference", "CXRAdaINSeg/roundReference")
        self.reference.toolTip = _(
            "A folder with manifest.csv, images and masks on which the models are also compared."
        )
        form.addRow(_("Reference:"), self.reference)
        self.device = _choice("RoundDevice", (_("Automatic"), _("CPU"), _("CUDA"), _("Apple GPU")))
        self.device.toolTip = _("Where the round is computed. Automatic: on a GPU where there is one.")
        form.addRow(_("Device:"), self.device)
        self._onPreset(0)
        self.widget.collapsed = True  # once it has its contents

    def words(self) -> list[str]:
        """Of a round as it is set; what is as the preset has it is left out."""
        preset = PRESETS[max(0, self.preset.currentIndex)]
        words = ["--preset", preset, "--validate-every", VALIDATED[preset]]
        if self.scale.value != 1.0:
            words += ["--scale", f"{self.scale.value:g}"]
        if self.rate.value != ROUND_PRESETS[preset].learning_rate:
            words += ["--learning-rate", f"{self.rate.value:g}"]
        for flag, path in (("--data", self.data.currentPath), ("--reference", self.reference.currentPath)):
            if path.strip():
                words += [flag, path.strip()]
        words += self.readers.words()
        return [*words, "--accelerator", DEVICES[max(0, self.device.currentIndex)]]

    def remember(self) -> None:
        """Offer the folders again the next time."""
        self.data.addCurrentPathToHistory()
        self.reference.addCurrentPathToHistory()

    def _onPreset(self, index: int) -> None:
        self.rate.value = ROUND_PRESETS[PRESETS[max(0, index)]].learning_rate


def _choice(name: str, texts: tuple[str, ...]):
    box = qt.QComboBox()
    box.objectName = name
    for text in texts:
        box.addItem(text)
    return box


def _folder(name: str, key: str):
    line = ctk.ctkPathLineEdit()
    line.objectName = name
    line.filters = ctk.ctkPathLineEdit.Dirs
    line.settingKey = key
    return line


class RoundReaders:
    """`words()` are the arguments of `cxradain train round` that the choice stands for."""

    def __init__(self):
        self.widget = qt.QWidget()
        self.widget.objectName = "RoundReaders"
        self._layout = qt.QVBoxLayout(self.widget)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.boxes: dict[str, qt.QCheckBox] = {}
        self._left: set[str] = set()  # whom the user does not want
        self.show([])

    def show(self, readers: Sequence[str]) -> None:
        """Offer these; who was not wanted before still is not. Of one alone there is nothing to choose."""
        if list(readers) != list(self.boxes):
            self._left = {name for name, box in self.boxes.items() if not box.checked} & set(readers)
            for box in self.boxes.values():
                self._layout.removeWidget(box)
                box.hide()
                box.deleteLater()
            self.boxes = {name: self._box(name) for name in readers}
        self.widget.visible = len(self.boxes) > 1

    def words(self) -> list[str]:
        """None where all are chosen. Without any, nobody's masks are labels."""
        chosen = [name for name, box in self.boxes.items() if box.checked]
        if len(self.boxes) < 2 or len(chosen) == len(self.boxes):
            return []
        return [f"--reader={name}" for name in chosen or [""]]  # a name may begin with a dash

    def _box(self, name: str):
        box = qt.QCheckBox(_("Masks of {reader}").format(reader=name.replace("&", "&&")))
        box.objectName = "RoundReader"
        box.toolTip = _(
            "Learn from this reader's masks, and compare by them. The count above is of all readers."
        )
        box.checked = name not in self._left
        self._layout.addWidget(box)
        return box
