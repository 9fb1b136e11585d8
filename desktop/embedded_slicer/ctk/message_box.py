"""ctkMessageBox: a message box, without CTK's "don't show again"."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets


class ctkMessageBox(QtWidgets.QMessageBox):
    """A message box."""

    def exec(self) -> Any:
        """Show the box and return the button."""
        return QtWidgets.QMessageBox.StandardButton(super().exec())

    exec_ = exec
