"""Islands, Smoothing and Margin: effects on the whole segment, with an Apply button."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from PySide6 import QtCore, QtWidgets

from . import morphology
from .effect import SegmentEditorEffect, place_of

KEEP_LARGEST, KEEP_SELECTED = "KEEP_LARGEST_ISLAND", "KEEP_SELECTED_ISLAND"
REMOVE_SMALL, REMOVE_SELECTED = "REMOVE_SMALL_ISLANDS", "REMOVE_SELECTED_ISLAND"


class WholeSegmentEffect(SegmentEditorEffect):
    """An effect whose options are a choice, numbers, and an Apply button."""

    parameter_name = ""
    choices: dict[str, str] = {}  # noqa: RUF012
    numbers: dict[str, tuple[str, float, float, float]] = {}  # noqa: RUF012 - label, low, high, step

    def setupOptionsFrame(self) -> None:
        self._choice, self._numbers = QtWidgets.QComboBox(), {}
        for value, text in self.choices.items():
            self._choice.addItem(text, value)
        if self.choices:
            self.addLabeledOptionsWidget("Operation:", self._choice)
            self._choice.activated.connect(
                lambda row: self.setParameter(self.parameter_name, self._choice.itemData(row))
            )
        for name, (label, low, high, step) in self.numbers.items():
            box = QtWidgets.QDoubleSpinBox()
            box.setRange(low, high)
            box.setSingleStep(step)
            box.setDecimals(0 if step >= 10 else 1)
            box.setKeyboardTracking(False)
            self._numbers[name] = self.addLabeledOptionsWidget(label, box)
            box.valueChanged.connect(lambda value, name=name: self.setParameter(name, value))
        self._button = QtWidgets.QPushButton("Apply")
        self.addOptionsWidget(self._button)
        self._button.connect("clicked()", self.onApply)

    def updateGUIFromMRML(self) -> None:
        if self.choices:
            self._choice.setCurrentIndex(self._choice.findData(self.parameter(self.parameter_name)))
        for name, box in self._numbers.items():
            blocked = box.blockSignals(True)
            box.setValue(self.doubleParameter(name))
            box.blockSignals(blocked)

    def onApply(self) -> None:
        if not self.editing.ready():
            return
        QtWidgets.QApplication.setOverrideCursor(QtCore.Qt.WaitCursor)
        try:
            self.saveStateForUndo()
            self.editing.replace(self.changed(self.editing.segment()))
        finally:
            QtWidgets.QApplication.restoreOverrideCursor()

    @abstractmethod
    def changed(self, mask: np.ndarray) -> np.ndarray:
        """Return the new mask of the segment; both (slices, rows, columns) bool."""


class IslandsEffect(WholeSegmentEffect):
    effect, title, tip = "Islands", "Islands", "Keep or remove connected parts."
    mouse, parameter_name = True, "Operation"
    own = {"Operation": KEEP_LARGEST, "MinimumSize": 1000}  # noqa: RUF012
    choices = {  # noqa: RUF012
        KEEP_LARGEST: "Keep the largest island",
        REMOVE_SMALL: "Remove small islands",
        KEEP_SELECTED: "Keep the island clicked",
        REMOVE_SELECTED: "Remove the island clicked",
    }
    numbers = {"MinimumSize": ("Smallest that stays (px):", 0, 1e7, 100)}  # noqa: RUF012

    def updateGUIFromMRML(self) -> None:
        super().updateGUIFromMRML()
        self._numbers["MinimumSize"].setEnabled(self.parameter("Operation") == REMOVE_SMALL)
        self._button.setEnabled(self.parameter("Operation") in (KEEP_LARGEST, REMOVE_SMALL))

    def changed(self, mask: np.ndarray) -> np.ndarray:
        if self.parameter("Operation") == REMOVE_SMALL:
            return morphology.without_small_islands(mask, self.integerParameter("MinimumSize"))
        return morphology.largest_island(mask)

    def interact(self, event: str, interactor: Any, sliceWidget: Any) -> bool:
        operation = self.parameter("Operation")
        if event != "LeftButtonPressEvent" or operation not in (KEEP_SELECTED, REMOVE_SELECTED):
            return False
        if self.editing.ready():
            mask = self.editing.segment()
            at = self.editing.from_view(sliceWidget.mrmlSliceNode(), np.array([place_of(interactor)]))[0]
            place = tuple(round(each) for each in at[::-1])
            inside = all(0 <= each < size for each, size in zip(place, mask.shape, strict=True))
            if inside and mask[place]:
                island = morphology.island_at(mask, place)
                self.saveStateForUndo()
                self.editing.replace(island if operation == KEEP_SELECTED else mask & ~island)
        return True


class SmoothingEffect(WholeSegmentEffect):
    effect, title, tip = "Smoothing", "Smoothing", "Smooth the outline."
    parameter_name = "SmoothingMethod"
    own = {"SmoothingMethod": "MEDIAN", "KernelSizeMm": 3, "GaussianStandardDeviationMm": 3}  # noqa: RUF012
    choices = {  # noqa: RUF012
        "MEDIAN": "Median",
        "MORPHOLOGICAL_OPENING": "Opening (remove what sticks out)",
        "MORPHOLOGICAL_CLOSING": "Closing (fill notches and holes)",
        "GAUSSIAN": "Gaussian",
    }
    numbers = {  # noqa: RUF012
        "KernelSizeMm": ("Kernel size (mm):", 0, 500, 1),
        "GaussianStandardDeviationMm": ("Standard deviation (mm):", 0, 100, 1),
    }

    def changed(self, mask: np.ndarray) -> np.ndarray:
        size, spacing = self.doubleParameter("KernelSizeMm"), self.editing.spacing()
        method = self.parameter("SmoothingMethod")
        if method == "GAUSSIAN":
            return morphology.gaussian(mask, self.doubleParameter("GaussianStandardDeviationMm"), spacing)
        if method == "MORPHOLOGICAL_OPENING":
            return morphology.opening(mask, size, spacing)
        if method == "MORPHOLOGICAL_CLOSING":
            return morphology.closing(mask, size, spacing)
        return morphology.median(mask, size, spacing)


class MarginEffect(WholeSegmentEffect):
    effect, title, tip = "Margin", "Margin", "Grow the segment, or shrink it with a negative margin."
    own = {"MarginSizeMm": 3, "ApplyToAllVisibleSegments": 0}  # noqa: RUF012
    numbers = {"MarginSizeMm": ("Margin (mm):", -500, 500, 1)}  # noqa: RUF012

    def changed(self, mask: np.ndarray) -> np.ndarray:
        return morphology.margin(mask, self.doubleParameter("MarginSizeMm"), self.editing.spacing())
