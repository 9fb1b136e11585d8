"""A drop offered to the modules first: to their <Name>FileDialog, as 3D Slicer's scripted file dialogs."""

from __future__ import annotations

from typing import Any


class qSlicerFileDialog:
    """What a module's file dialog is given: the drop, and whether it is accepted."""

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
    """Let the first module take it that wants it; returns whether one did."""
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
