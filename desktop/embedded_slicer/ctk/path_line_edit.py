"""ctkPathLineEdit: choosing a file or folder."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

# ctkPathLineEdit::Filter, with QDir's values; not class attributes, which PythonQt lacks under Qt 6.
DIRS, FILES, READABLE, WRITABLE = 0x001, 0x002, 0x010, 0x020


class ctkPathLineEdit(QtWidgets.QWidget):
    """A field for a path, with a button that opens the file dialog."""

    currentPathChanged = QtCore.Signal(str)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._filters, self._settingKey = FILES | READABLE, ""
        self._line = QtWidgets.QComboBox()
        self._line.setEditable(True)
        self._line.setInsertPolicy(QtWidgets.QComboBox.NoInsert)
        self._line.setSizePolicy(QtWidgets.QSizePolicy.Expanding, QtWidgets.QSizePolicy.Fixed)
        self._line.setMinimumContentsLength(8)
        self._line.setSizeAdjustPolicy(QtWidgets.QComboBox.AdjustToMinimumContentsLengthWithIcon)
        button = QtWidgets.QToolButton()
        button.setText("...")
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line, 1)
        layout.addWidget(button)
        button.clicked.connect(self.browse)
        self._line.editTextChanged.connect(self.currentPathChanged)

    def setCurrentPath(self, path: str) -> None:
        self._line.setEditText(path or "")

    currentPath = QtCore.Property(str, lambda self: self._line.currentText, setCurrentPath)

    def _setFilters(self, filters: int) -> None:
        self._filters = int(filters)

    filters = QtCore.Property(int, lambda self: self._filters, _setFilters)

    def _setSettingKey(self, key: str) -> None:
        """Set the settings key of the history, and list its paths."""
        self._settingKey = key
        kept, text = QtCore.QSettings().value(key), self._line.currentText
        self._line.clear()
        self._line.addItems([kept] if isinstance(kept, str) else list(kept or []))
        self._line.setEditText(text)

    settingKey = QtCore.Property(str, lambda self: self._settingKey, _setSettingKey)

    def addCurrentPathToHistory(self) -> None:
        path = self._line.currentText
        if not path or not self._settingKey:
            return
        kept = QtCore.QSettings().value(self._settingKey)
        kept = [kept] if isinstance(kept, str) else list(kept or [])
        QtCore.QSettings().setValue(self._settingKey, [path, *(each for each in kept if each != path)][:9])
        self._setSettingKey(self._settingKey)

    def browse(self) -> None:
        """Open the file dialog."""
        if self._filters & DIRS:
            path = QtWidgets.QFileDialog.getExistingDirectory(self, "", self.currentPath)
        else:
            choose = QtWidgets.QFileDialog.getOpenFileName
            if self._filters & WRITABLE:
                choose = QtWidgets.QFileDialog.getSaveFileName
            path = choose(self, "", self.currentPath)[0]
        if path:
            self.setCurrentPath(path)
