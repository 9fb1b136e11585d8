"""Where to look at a model's mask: a ring in the views for each lung that has such a place.

The places are kept in the segments' tags; the rings follow them, and go once a lung is corrected.
"""

from __future__ import annotations

import numpy as np
import slicer
from slicer.i18n import tr as _

from .LungSegments import LUNGS, qualityOf
from .VolumeImages import worldAt

ATTRIBUTE = "CXRAdaINSeg.Place"  # its value is the lung
COLOR = (1.0, 0.9, 0.1)
POINTS = 12  # of a ring
ROOM = 1.25  # times the place, so that the ring does not cover it


def showPlaces(segmentation, volume) -> None:
    """Show the places to look at of a segmentation's lungs, and no others."""
    quality = qualityOf(segmentation)
    for lung in LUNGS:
        box = quality[lung].box if lung in quality else None
        node = _node(lung, create=box is not None)
        if node is None:
            continue
        points = np.array([worldAt(volume, *point) for point in ring(box)] if box else []).reshape(-1, 3)
        shown = slicer.util.arrayFromMarkupsControlPoints(node, world=True)
        if len(shown) == len(points) and (not len(shown) or np.abs(shown - points).max() < 1e-3):
            continue
        slicer.util.updateMarkupsControlPointsFromArray(node, points, world=True)
        node.SetLocked(True)
        node.GetDisplayNode().SetVisibility(len(points) > 0)


def hidePlaces() -> None:
    """Remove the rings."""
    for lung in LUNGS:
        node = _node(lung, create=False)
        if node is not None:
            node.RemoveAllControlPoints()


def ring(box) -> list[tuple[float, float]]:
    """Rows and columns of points on an ellipse around a box (first and last row, first and last column)."""
    top, bottom, left, right = box
    angles = np.arange(POINTS) * 2 * np.pi / POINTS
    rows = (top + bottom - 1) / 2 + ROOM * (bottom - top) / 2 * np.sin(angles)
    columns = (left + right - 1) / 2 + ROOM * (right - left) / 2 * np.cos(angles)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def _node(lung: int, create: bool):
    for node in slicer.util.getNodesByClass("vtkMRMLMarkupsClosedCurveNode"):
        if node.GetAttribute(ATTRIBUTE) == str(lung):
            return node
    if not create:
        return None
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsClosedCurveNode", _("Look here"))
    node.SetAttribute(ATTRIBUTE, str(lung))
    node.SetSaveWithScene(False)  # made anew from the segments' tags
    node.SetHideFromEditors(True)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetSaveWithScene(False)
    display.SetSelectedColor(COLOR)
    display.SetColor(COLOR)
    display.SetGlyphScale(0.1)  # the line alone
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    return node
