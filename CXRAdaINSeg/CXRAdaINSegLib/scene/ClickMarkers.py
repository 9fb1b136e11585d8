"""Clicks shown in the views: points of two markup nodes that follow what the segments' tags say."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from .ClickRecords import allClicks
from .VolumeImages import worldAt

ATTRIBUTE = "CXRAdaINSeg.Markers"
COLORS = {True: (0.2, 1.0, 0.3), False: (1.0, 0.25, 0.25)}  # added, removed


def showClicks(segmentation, volume) -> None:
    """Show the clicks on a segmentation's lungs, and no others."""
    clicks = allClicks(segmentation) if segmentation is not None else []
    for adds in (True, False):
        points = [worldAt(volume, c.row, c.column) for c in clicks if c.adds == adds]
        node = _node(adds, create=bool(points))
        if node is None or _same(node, points):
            continue
        with slicer.util.NodeModify(node):
            node.RemoveAllControlPoints()
            for point in points:
                node.AddControlPointWorld(*point)
            node.SetLocked(True)
        node.GetDisplayNode().SetVisibility(bool(points))


def hideClicks() -> None:
    """Take the markers away."""
    for adds in (True, False):
        node = _node(adds, create=False)
        if node is not None:
            node.RemoveAllControlPoints()


def _same(node, points) -> bool:
    if node.GetNumberOfControlPoints() != len(points):
        return False
    shown = (node.GetNthControlPointPositionWorld(index) for index in range(len(points)))
    return all(
        max(abs(a - b) for a, b in zip(p, q, strict=True)) < 1e-3 for p, q in zip(shown, points, strict=True)
    )


def _node(adds: bool, create: bool):
    value = "added" if adds else "removed"
    for node in slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode"):
        if node.GetAttribute(ATTRIBUTE) == value:
            return node
    if not create:
        return None
    name = _("Clicks that added") if adds else _("Clicks that removed")
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
    node.SetAttribute(ATTRIBUTE, value)
    node.SetSaveWithScene(False)  # made anew from the segments' tags
    node.SetHideFromEditors(True)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetSaveWithScene(False)
    display.SetSelectedColor(COLORS[adds])
    display.SetColor(COLORS[adds])
    display.SetGlyphType(display.ThickCross2D)
    display.SetGlyphScale(3.0)
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    return node
