"""Signals for plain Python classes: PythonQt cannot define Qt signals in Python."""

from __future__ import annotations

from collections.abc import Callable


class Signal:
    """Calls each connected slot, in the order of connection."""

    def __init__(self) -> None:
        self._slots: list[Callable] = []

    def connect(self, slot: Callable) -> None:
        """Call a slot on each later `emit`."""
        self._slots.append(slot)

    def emit(self, *arguments: object) -> None:
        """Call the slots connected now; slots connected during the calls wait for the next `emit`."""
        for slot in list(self._slots):
            slot(*arguments)
