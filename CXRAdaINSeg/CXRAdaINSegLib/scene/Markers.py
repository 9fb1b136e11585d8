"""Markups derived from the segments' tags, drawn only in the views that show their radiograph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer

from .SliceViews import showWithImage
from .VolumeImages import MADE_FROM, worldAt

ATTRIBUTE = "CXRAdaINSeg.Markers"  # attribute of the markups nodes: which markers they are


@dataclass(frozen=True)
class Markers:
    """A markups node, created when it is first needed.

    markupsClass: the node's class. value: the value of ATTRIBUTE. style(display): sets the look of points and
    lines.
    """

    markupsClass: str
    value: str
    color: tuple[float, float, float]
    style: Callable[[Any], None]

    def show(self, volume, places: Sequence[tuple[float, float]], name: str) -> None:
        """Have the points at these rows and columns of a volume, and no others; `name`: of a new node."""
        if not places:
            self.hide()
            return
        node = self.node() or self._created(name)
        node.SetNodeReferenceID(MADE_FROM, volume.GetID() if volume is not None else None)
        points = np.array([worldAt(volume, *place) for place in places])
        shown = slicer.util.arrayFromMarkupsControlPoints(node, world=True)
        if len(shown) != len(points) or np.abs(shown - points).max() >= 1e-3:
            slicer.util.updateMarkupsControlPointsFromArray(node, points, world=True)
            node.SetLocked(True)
        showWithImage(node.GetDisplayNode(), volume)

    def hide(self) -> None:
        """Remove the points."""
        node = self.node()
        if node is not None:
            node.RemoveAllControlPoints()

    def node(self):
        """The node in the scene, or None."""
        for node in slicer.util.getNodesByClass(self.markupsClass):
            if node.GetAttribute(ATTRIBUTE) == self.value:
                return node
        return None

    def _created(self, name: str):
        node = slicer.mrmlScene.AddNewNodeByClass(self.markupsClass, name)
        node.SetAttribute(ATTRIBUTE, self.value)
        node.SetSaveWithScene(False)  # it is created again from the segments' tags
        node.SetHideFromEditors(True)
        node.CreateDefaultDisplayNodes()
        display = node.GetDisplayNode()
        display.SetSaveWithScene(False)
        setColor(display, self.color)
        self.style(display)
        return node


def setColor(display, color: tuple[float, float, float]) -> None:
    """Draw markups in one color, without their own labels."""
    display.SetSelectedColor(color)
    display.SetColor(color)
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
