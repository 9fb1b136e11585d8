"""Push buttons, all made alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qt
import slicer


def pushButton(name: str, text: str, slot: Callable[[], object]):
    """A button that does one thing; `name` is for tests and scripts."""
    button = qt.QPushButton(text)
    button.objectName = name
    button.connect("clicked()", slot)
    return button


def textLabel(name: str):
    """An empty label that wraps its text and never widens the panel, however long a word in it is."""
    label = qt.QLabel()
    label.objectName = name
    label.wordWrap = True
    label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)
    label.setTextInteractionFlags(qt.Qt.TextSelectableByMouse)
    return label


class DropArea(qt.QFrame):
    """Takes dropped files and folders and tells their paths to `onFiles`."""

    def __init__(self, onFiles: Callable[[list[str]], None], parent=None):
        super().__init__(parent)
        self._onFiles = onFiles
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event):
        """Accept what has files."""
        if _paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event):
        """Take the files once the other application is done with the drag."""
        paths = _paths(event)
        if paths:
            event.acceptProposedAction()
            qt.QTimer.singleShot(0, lambda: self._onFiles(paths))


def _paths(event) -> list[str]:
    data = event.mimeData()
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []


class Shortcuts:
    """`actions` by key, for example "N" or "Ctrl+Z"."""

    def __init__(self, actions: Mapping[str, Callable[[], None]]):
        self._actions = actions
        self._installed: list[Any] = []

    def install(self) -> None:
        """From now on the keys act; nothing to do without a main window."""
        window = slicer.util.mainWindow()
        if window is None or self._installed:
            return
        for keys, action in self._actions.items():
            shortcut = qt.QShortcut(qt.QKeySequence(keys), window)
            shortcut.connect("activated()", action)
            self._installed.append(shortcut)

    def remove(self) -> None:
        """From now on they do not."""
        for shortcut in self._installed:
            shortcut.setEnabled(False)  # deleted later, and no key may reach it till then
            shortcut.deleteLater()
        self._installed = []
