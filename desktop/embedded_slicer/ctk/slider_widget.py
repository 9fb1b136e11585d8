"""ctkSliderWidget and its parts: a slider and a spin box for a real number."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

STEPS = 1_000_000  # finer than any slider on screen


class ctkDoubleSlider(QtWidgets.QWidget):
    """A slider for a real number between a minimum and a maximum."""

    valueChanged = QtCore.Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._minimum, self._maximum, self._step, self._value = 0.0, 99.0, 1.0, 0.0
        self._slider = QtWidgets.QSlider(QtCore.Qt.Horizontal)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider)
        self._slider.valueChanged.connect(self._onMoved)
        self._arrange()

    def _arrange(self) -> None:
        blocked = self._slider.blockSignals(True)
        self._slider.setRange(0, min(STEPS, max(1, round((self._maximum - self._minimum) / self._step))))
        span = self._maximum - self._minimum
        share = (self._value - self._minimum) / span if span else 0
        self._slider.setValue(round(share * self._slider.maximum))
        self._slider.blockSignals(blocked)

    def _onMoved(self, place: int) -> None:
        value = self._minimum + place / self._slider.maximum * (self._maximum - self._minimum)
        if value != self._value:
            self._value = value
            self.valueChanged.emit(value)

    def setValue(self, value: float) -> None:
        value = min(max(float(value), self._minimum), self._maximum)
        if value != self._value:
            self._value = value
            self._arrange()
            self.valueChanged.emit(value)

    def setRange(self, minimum: float, maximum: float) -> None:
        self._minimum, self._maximum = float(minimum), float(max(minimum, maximum))
        self.setValue(self._value)
        self._arrange()

    def setSingleStep(self, step: float) -> None:
        self._step = float(step) or 1.0
        self._arrange()


class ctkSliderWidget(QtWidgets.QWidget):
    """A slider with a spin box on its right."""

    valueChanged = QtCore.Signal(float)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._slider, self._box = ctkDoubleSlider(), QtWidgets.QDoubleSpinBox()
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._box)
        self._slider.valueChanged.connect(self._onSlider)
        self._box.valueChanged.connect(self._onValueChanged)

    def _onSlider(self, value: float) -> None:
        if value != self._box.value:  # a number that is being typed stays as it is
            self._box.setValue(value)

    def _onValueChanged(self, value: float) -> None:
        self._slider.setValue(value)
        self.valueChanged.emit(value)

    def setValue(self, value: float) -> None:
        if value != self._box.value:  # as in _onSlider
            self._box.setValue(value)

    def _setRange(self, minimum: float, maximum: float) -> None:
        self._slider.setRange(minimum, maximum)
        if (minimum, maximum) != (self._box.minimum, self._box.maximum):  # as in _onSlider
            self._box.setRange(minimum, maximum)

    def _setMinimum(self, minimum: float) -> None:
        self._setRange(minimum, max(minimum, self._box.maximum))

    def _setMaximum(self, maximum: float) -> None:
        self._setRange(min(maximum, self._box.minimum), maximum)

    def _setSingleStep(self, step: float) -> None:
        self._slider.setSingleStep(step)
        self._box.setSingleStep(step)

    def setDecimals(self, decimals: int) -> None:
        self._box.setDecimals(decimals)

    value = QtCore.Property(float, lambda self: self._box.value, setValue)
    minimum = QtCore.Property(float, lambda self: self._box.minimum, _setMinimum)
    maximum = QtCore.Property(float, lambda self: self._box.maximum, _setMaximum)
    singleStep = QtCore.Property(float, lambda self: self._box.singleStep, _setSingleStep)
    decimals = QtCore.Property(int, lambda self: self._box.decimals, setDecimals)
