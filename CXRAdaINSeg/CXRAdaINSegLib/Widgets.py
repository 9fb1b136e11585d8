"""Push buttons, all made alike."""

from __future__ import annotations

from collections.abc import Callable

import qt


def pushButton(name: str, text: str, slot: Callable[[], object]):
    """A button that does one thing; `name` is for tests and scripts."""
    button = qt.QPushButton(text)
    button.objectName = name
    button.connect("clicked()", slot)
    return button
