"""Labels for messages, paths and names of any length."""

from __future__ import annotations

import qt


def textLabel(name: str):
    """An empty label that wraps its text and never widens the panel, however long a word in it is."""
    label = qt.QLabel()
    label.objectName = name
    label.wordWrap = True
    label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)
    label.setTextInteractionFlags(qt.Qt.TextSelectableByMouse)
    return label
