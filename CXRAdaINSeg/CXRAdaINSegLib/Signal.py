"""A signal as Qt's, for classes that are no QObject: PythonQt makes none in Python."""

from __future__ import annotations

from collections.abc import Callable


class Signal:
    """Calls each connected slot, in the order in which they were connected."""

    def __init__(self) -> None:
        self._slots: list[Callable] = []

    def connect(self, slot: Callable) -> None:
        """Call a slot at each `emit` from now on."""
        self._slots.append(slot)

    def emit(self, *arguments: object) -> None:
        """Call those that are connected now, whatever is connected meanwhile."""
        for slot in list(self._slots):
            slot(*arguments)
