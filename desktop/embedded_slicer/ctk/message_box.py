"""ctkMessageBox: a message box with a "don't show again" option."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets


class ctkMessageBox(QtWidgets.QMessageBox):
    """With a settings key, has a check box "Don't show this message again" and remembers the answer."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._key = ""

    def _setDontShowAgainSettingsKey(self, key: str) -> None:
        self._key = key
        self._setDontShowAgainVisible(bool(key))

    def _setDontShowAgainVisible(self, visible: bool) -> None:
        box = QtWidgets.QCheckBox("Don't show this message again") if visible else None
        self.setCheckBox(box)

    def setDontShowAgain(self, on: bool) -> None:
        self._setDontShowAgainVisible(True)
        self.checkBox().setChecked(on)

    def _dontShowAgain(self) -> bool:
        return self.checkBox() is not None and self.checkBox().isChecked()

    dontShowAgainSettingsKey = QtCore.Property(str, lambda self: self._key, _setDontShowAgainSettingsKey)
    dontShowAgainVisible = QtCore.Property(
        bool, lambda self: self.checkBox() is not None, _setDontShowAgainVisible
    )
    dontShowAgain = QtCore.Property(bool, _dontShowAgain, setDontShowAgain)

    def exec(self) -> Any:
        """Show the box and return the button; returns at once if an answer is remembered."""
        settings = QtCore.QSettings()
        if self._key and settings.contains(self._key):
            answer = int(settings.value(self._key))
            if answer:
                return QtWidgets.QMessageBox.StandardButton(answer)
        answer = QtWidgets.QMessageBox.StandardButton(super().exec())
        if self._key and self._dontShowAgain():
            settings.setValue(self._key, answer.value)
        return answer

    exec_ = exec
