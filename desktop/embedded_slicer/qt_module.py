"""The module `qt`: all of Qt in one namespace, as in 3D Slicer's Python."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from PySide6 import QtCore, QtGui, QtNetwork, QtWidgets


def install() -> ModuleType:
    """Make `import qt` work; returns the module."""
    qt = ModuleType("qt", __doc__)
    for module in (QtCore, QtGui, QtWidgets, QtNetwork):
        for name in dir(module):
            if not name.startswith("_"):
                setattr(qt, name, getattr(module, name))
    qt.QFileDialog = FileDialog
    sys.modules["qt"] = qt
    return qt


class FileDialog(QtWidgets.QFileDialog):
    """A QFileDialog whose static functions return only the path or paths, like PythonQt's."""

    @staticmethod
    def getOpenFileName(*arguments: Any) -> str:
        return QtWidgets.QFileDialog.getOpenFileName(*arguments)[0]

    @staticmethod
    def getOpenFileNames(*arguments: Any) -> list[str]:
        return QtWidgets.QFileDialog.getOpenFileNames(*arguments)[0]

    @staticmethod
    def getSaveFileName(*arguments: Any) -> str:
        return QtWidgets.QFileDialog.getSaveFileName(*arguments)[0]
