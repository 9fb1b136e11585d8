"""The clicks that shaped a mask: kept in a tag of its segment, and shown in the views as markup points.

Undo restores segments with their tags, and scenes save them; the two markup nodes follow the tags.
"""

from __future__ import annotations

import numpy as np
import slicer
from cxradain.models.clicks import ACTIONS, Action, Click
from slicer.i18n import tr as _

from .LungSegments import CLICKS, presentLungs, segmentOf, tagOf
from .SliceViews import showWithImage
from .VolumeImages import MADE_FROM, worldAt

MOST = 200  # clicks kept of a lung, the newest; a tag is text in every undo state
SIGNS: dict[str, Action] = {"+": "add", "-": "remove"}
ATTRIBUTE = "CXRAdaINSeg.Markers"
ATTRIBUTE_VALUES = {"add": "added", "remove": "removed"}
COLORS = {"add": (0.2, 1.0, 0.3), "remove": (1.0, 0.25, 0.25)}


def clicksOf(segmentation) -> list[Click]:
    """The clicks on both lungs, each lung's oldest first."""
    return [
        click for lung in presentLungs(segmentation) for click in _read(segmentOf(segmentation, lung), lung)
    ]


def addClick(segmentation, click: Click) -> None:
    """Record one more click on its lung, which has a segment."""
    segment = segmentOf(segmentation, click.lung)
    signs = {action: sign for sign, action in SIGNS.items()}
    kept = [*_read(segment, click.lung), click][-MOST:]
    segment.SetTag(CLICKS, ";".join(f"{c.row:.1f},{c.column:.1f},{signs[c.action]}" for c in kept))


def _read(segment, lung: int) -> list[Click]:
    clicks = []
    for entry in filter(None, tagOf(segment, CLICKS).split(";")):
        row, column, sign = entry.split(",")
        clicks.append(Click(float(row), float(column), SIGNS[sign], lung))
    return clicks


def showClicks(segmentation, volume) -> None:
    """Show the clicks on a segmentation's lungs, and no others."""
    clicks = clicksOf(segmentation) if segmentation is not None else []
    for action in ACTIONS:
        points = np.array([worldAt(volume, c.row, c.column) for c in clicks if c.action == action])
        node = _node(action, create=len(points) > 0)
        if node is None:
            continue
        node.SetNodeReferenceID(MADE_FROM, volume.GetID() if volume is not None else None)
        shown = slicer.util.arrayFromMarkupsControlPoints(node, world=True)
        if len(shown) == len(points) and (not len(shown) or np.abs(shown - points).max() < 1e-3):
            continue
        slicer.util.updateMarkupsControlPointsFromArray(node, points, world=True)
        node.SetLocked(True)
    showMarkers()


def showMarkers() -> None:
    """Show the markers in the views that show their radiograph."""
    for action in ACTIONS:
        node = _node(action, create=False)
        if node is not None:
            showWithImage(node.GetDisplayNode(), node.GetNodeReference(MADE_FROM))


def hideClicks() -> None:
    """Remove the markers."""
    for action in ACTIONS:
        node = _node(action, create=False)
        if node is not None:
            node.RemoveAllControlPoints()


def _node(action: Action, create: bool):
    value = ATTRIBUTE_VALUES[action]
    for node in slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode"):
        if node.GetAttribute(ATTRIBUTE) == value:
            return node
    if not create:
        return None
    name = _("Clicks that added") if action == "add" else _("Clicks that removed")
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
    node.SetAttribute(ATTRIBUTE, value)
    node.SetSaveWithScene(False)  # made anew from the segments' tags
    node.SetHideFromEditors(True)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetSaveWithScene(False)
    display.SetSelectedColor(COLORS[action])
    display.SetColor(COLORS[action])
    display.SetGlyphType(display.ThickCross2D)
    display.SetGlyphScale(3.0)
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    return node
