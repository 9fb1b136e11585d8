"""What dragging with the left button does in the views: the application's own mouse mode."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from slicer.util import VTKObservationMixin


def interactionNode():
    """The application's node that has the mode."""
    return slicer.app.applicationLogic().GetInteractionNode()


def adjustsWindow() -> bool:
    """Whether dragging changes window and level."""
    return interactionNode().GetCurrentInteractionMode() == interactionNode().AdjustWindowLevel


def setAdjustsWindow(on: bool) -> None:
    """Have dragging change window and level, or no more."""
    if on != adjustsWindow():
        node = interactionNode()
        node.SetCurrentInteractionMode(node.AdjustWindowLevel if on else node.ViewTransform)


def isTaken() -> bool:
    """Whether the left button is not the view's own, so that no tool may have it either."""
    return interactionNode().GetCurrentInteractionMode() != interactionNode().ViewTransform


def giveBack() -> None:
    """The left button is the view's own."""
    if isTaken():
        interactionNode().SwitchToViewTransformMode()


class MouseModeWatch(VTKObservationMixin):
    """onChange(): the mode is another, whoever has changed it."""

    def __init__(self, onChange: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        node = interactionNode()
        self.addObserver(node, node.InteractionModeChangedEvent, lambda caller, event: onChange())
