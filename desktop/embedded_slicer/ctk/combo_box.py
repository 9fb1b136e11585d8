"""ctkComboBox: a combo box with a default text while nothing is selected."""

from __future__ import annotations

from PySide6 import QtCore, QtWidgets


class ctkComboBox(QtWidgets.QComboBox):
    def _setDefaultText(self, text: str) -> None:
        self.setPlaceholderText(text)

    defaultText = QtCore.Property(str, lambda self: self.placeholderText, _setDefaultText)
