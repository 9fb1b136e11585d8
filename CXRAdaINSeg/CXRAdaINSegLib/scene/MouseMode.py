"""The application's mouse mode: what dragging with the left button does in the views."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from slicer.util import VTKObservationMixin


def interactionNode():
    """The application's interaction node, which holds the mode."""
    return slicer.app.applicationLogic().GetInteractionNode()


def adjustsWindow() -> bool:
    """Whether dragging changes window and level."""
    return interactionNode().GetCurrentInteractionMode() == interactionNode().AdjustWindowLevel


def setAdjustsWindow(on: bool) -> None:
    """Turn adjusting window and level by dragging on or off."""
    if on != adjustsWindow():
        node = interactionNode()
        node.SetCurrentInteractionMode(node.AdjustWindowLevel if on else node.ViewTransform)


def isTaken() -> bool:
    """Whether a mode other than the views' default uses the left button."""
    return interactionNode().GetCurrentInteractionMode() != interactionNode().ViewTransform


def giveBack() -> None:
    """Return to the views' default mode."""
    if isTaken():
        interactionNode().SwitchToViewTransformMode()


class MouseModeWatch(VTKObservationMixin):
    """onChange(): the mouse mode has changed."""

    def __init__(self, onChange: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        node = interactionNode()
        self.addObserver(node, node.InteractionModeChangedEvent, lambda caller, event: onChange())
