"""The module `qt`: all of Qt in one namespace, as in 3D Slicer's Python."""

from __future__ import annotations

import io
import sys
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

from PySide6 import QtCore, QtGui, QtNetwork, QtUiTools, QtWidgets

WIDGETS_IN_UI_FILES: dict[str, type] = {}  # ctk and qMRML classes by name, for QUiLoader


def install() -> ModuleType:
    """Make `import qt` work; returns the module."""
    qt = ModuleType("qt", __doc__)
    for module in (QtCore, QtGui, QtWidgets, QtNetwork):
        for name in dir(module):
            if not name.startswith("_"):
                setattr(qt, name, getattr(module, name))
    qt.QUiLoader, qt.QFileDialog = UiLoader, FileDialog
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


class UiLoader(QtUiTools.QUiLoader):
    """A QUiLoader that supports the ctk and qMRML widgets with their signals and slots."""

    def createWidget(self, className: str, parent: Any = None, name: str = "") -> Any:
        known = WIDGETS_IN_UI_FILES.get(className)
        if known is None:
            return super().createWidget(className, parent, name)
        widget = known(parent)
        widget.setObjectName(name)
        return widget

    def load(self, device: Any, parent: Any = None) -> Any:
        """Load a .ui file from an open device; None if it cannot be loaded.

        Connections are made here, because Qt's loader supports only C++ slots.
        """
        root = ElementTree.fromstring(bytes(device.readAll().data()))
        connections = root.find("connections")
        wanted = list(connections or ())
        if connections is not None:
            root.remove(connections)
        text = io.BytesIO()
        ElementTree.ElementTree(root).write(text)
        buffer = QtCore.QBuffer()
        buffer.setData(text.getvalue())
        buffer.open(QtCore.QIODevice.ReadOnly)
        widget = super().load(buffer, parent)
        for connection in wanted if widget else ():
            ends = {end.tag: end.text or "" for end in connection}
            sender, receiver = _named(widget, ends["sender"]), _named(widget, ends["receiver"])
            slot = getattr(receiver, ends["slot"].partition("(")[0])
            sender.connect(ends["signal"], slot)
        return widget


def _named(widget: Any, name: str) -> Any:
    return widget if widget.objectName == name else widget.findChild(QtCore.QObject, name)
