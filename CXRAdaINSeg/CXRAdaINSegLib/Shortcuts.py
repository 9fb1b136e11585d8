"""Keys of the main window that are there for a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qt
import slicer


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
