"""The segment editor's keyboard shortcuts, the same as 3D Slicer's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore, QtGui

Qt = QtCore.Qt
PREVIOUS = (Qt.Key_Q, Qt.Key_Slash, Qt.Key_Comma, Qt.Key_Greater)
NEXT = (Qt.Key_W, Qt.Key_Asterisk, Qt.Key_Period, Qt.Key_Less)


def install(widget: Any, parent: Any) -> list[QtGui.QShortcut]:
    """Create the shortcuts on `parent`, the main window; delete them to uninstall them."""
    made: list[QtGui.QShortcut] = []

    def key(sequence: Any, action: Callable[[], Any]) -> None:
        shortcut = QtGui.QShortcut(QtGui.QKeySequence(sequence), parent)
        shortcut.activated.connect(action)
        made.append(shortcut)

    for number in range(1, 11):  # 1 to 9 and 0, also with Shift: each toggles an effect
        key(str(number % 10), lambda number=number: widget.toggleEffect(number - 1))
        key(f"Shift+{number % 10}", lambda number=number: widget.toggleEffect(number + 9))
    key(Qt.Key_Escape, lambda: widget.setActiveEffect(None))
    key(Qt.Key_Space, widget.toggleLastEffect)
    for sequence in (Qt.Key_Z, QtGui.QKeySequence.Undo):
        key(sequence, widget.undo)
    for sequence in (Qt.Key_Y, QtGui.QKeySequence.Redo):
        key(sequence, widget.redo)
    for sequence in PREVIOUS:
        key(sequence, widget.selectPreviousSegment)
    for sequence in NEXT:
        key(sequence, widget.selectNextSegment)
    key(Qt.Key_I, widget.editor_logic().ToggleSourceVolumeIntensityMask)
    return made
