"""Offers drops to the modules' <Name>FileDialog classes first, like 3D Slicer's scripted file dialogs."""

from __future__ import annotations

from typing import Any


class qSlicerFileDialog:
    """The object passed to a module's file dialog: holds the drop, and whether it was accepted."""

    Read, Write = 0, 1

    def __init__(self, event: Any) -> None:
        self._event, self._accepted = event, False

    def mimeData(self) -> Any:
        return self._event.mimeData()

    def dropEvent(self) -> Any:
        return self._event

    @property
    def mimeDataAccepted(self) -> Any:
        return self._accept

    def _accept(self, accepted: bool = True) -> None:
        self._accepted = bool(accepted)

    @property
    def accepted(self) -> bool:
        return self._accepted


def take_drop(modules: list[Any], event: Any) -> bool:
    """Offer a drop to the modules in turn; returns whether one handled it."""
    for module in modules:
        kind = getattr(module.source, f"{module.name}FileDialog", None)
        if kind is None:
            continue
        offer = qSlicerFileDialog(event)
        dialog = kind(offer)
        dialog.isMimeDataAccepted()
        if offer.accepted:
            dialog.dropEvent()
            return True
    return False
