"""The measurements as lines in the views: lung heights and thoracic width from the masks, and heart width.

The heart's line is a markups node that the user places and drags: there are no openly licensed heart masks to
train a model on.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import slicer
from cxradain.imaging.chest_lines import chest_lines
from cxradain.imaging.lungs import LEFT, RIGHT
from cxradain.imaging.measurements import across
from cxradain.sessions.hearts import Points
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from .LungSegments import labelsOf, placeBeside, presentLungs
from .Markers import ATTRIBUTE, Markers, setColor
from .MouseMode import interactionNode
from .SliceViews import showWithImage
from .VolumeImages import MADE_FROM, nearestPixelAt, turnOf, worldAt

LINE = "vtkMRMLMarkupsLineNode"
HEART = "heart"  # value of Markers.ATTRIBUTE
# Attributes of the heart's node.
SETTLED = "CXRAdaINSeg.Heart"  # its points, as JSON, before the user began to move them
PLACING = "CXRAdaINSeg.Placing"  # set while new points are being placed
WIDTH_COLOR, HEIGHT_COLOR, HEART_COLOR = (1.0, 1.0, 0.3), (0.6, 1.0, 0.6), (1.0, 0.45, 0.75)


def _thin(display) -> None:
    display.SetGlyphType(display.CrossDot2D)
    display.SetGlyphScale(1.5)
    display.SetLineThickness(0.3)


WIDTH = Markers(LINE, "width", WIDTH_COLOR, _thin)
HEIGHTS = {
    RIGHT: Markers(LINE, "right height", HEIGHT_COLOR, _thin),
    LEFT: Markers(LINE, "left height", HEIGHT_COLOR, _thin),
}


def showLines(volume, segmentation) -> None:
    """Draw the lines along which the masks are measured."""
    if not presentLungs(segmentation):
        hideLines()
        return
    turn = turnOf(volume)
    labels = labelsOf(segmentation, volume)
    lines = chest_lines(turn.apply(labels))

    def stored(line) -> list[tuple[float, float]]:
        return [turn.to_stored(row, column, labels.shape) for row, column in line or ()]

    WIDTH.show(volume, stored(lines.width), _("Inner thoracic width"))
    for lung, markers in HEIGHTS.items():
        markers.show(volume, stored(lines.heights.get(lung)), _("Lung height"))


def hideLines() -> None:
    """Remove the lines of the masks."""
    for markers in (WIDTH, *HEIGHTS.values()):
        markers.hide()


# --- the heart ----------------------------------------------------------------------------------------------


def heartOf(volume):
    """The line node of a volume's heart width, or None."""
    for node in slicer.util.getNodesByClass(LINE):
        if node.GetAttribute(ATTRIBUTE) == HEART and node.GetNodeReference(MADE_FROM) is volume:
            return node
    return None


def placeHeart(volume) -> None:
    """Let the user place the heart's two points by clicks in the view; existing points are removed, but count
    until both are placed."""
    node = heartOf(volume) or _created(volume)
    node.SetAttribute(PLACING, "1")
    node.RemoveAllControlPoints()
    selection, mouse = slicer.app.applicationLogic().GetSelectionNode(), interactionNode()
    selection.SetReferenceActivePlaceNodeClassName(LINE)
    selection.SetActivePlaceNodeID(node.GetID())
    mouse.SetPlaceModePersistence(0)
    mouse.SetCurrentInteractionMode(mouse.Place)


def isPlacing() -> bool:
    """Whether the heart's points are being placed."""
    if interactionNode().GetCurrentInteractionMode() != interactionNode().Place:
        return False
    node = _placeNode()
    return node is not None and node.GetAttribute(ATTRIBUTE) == HEART


def stopPlacing(begun: bool = False) -> None:
    """End placing and return to the views' default mouse mode. begun: placing was begun and not ended: it is
    also ended if the points' node has been removed, as the next clicks would draw a line that is nobody's."""
    isInPlaceMode = interactionNode().GetCurrentInteractionMode() == interactionNode().Place
    if isPlacing() or (begun and isInPlaceMode and _placeNode() is None):
        interactionNode().SwitchToViewTransformMode()


def _placeNode():
    """The node whose points are placed by clicks; None if there is none yet, or no more."""
    active = slicer.app.applicationLogic().GetSelectionNode().GetActivePlaceNodeID()
    return slicer.mrmlScene.GetNodeByID(active) if active else None


def heartPoints(volume) -> Points:
    """Row and column of the heart's two points, to a hundredth; () without them. A point outside the image
    counts at its edge; while new points are being placed, the former ones count."""
    node = heartOf(volume)
    if node is None:
        return ()
    if node.GetNumberOfDefinedControlPoints() < 2:
        return _settledPoints(node) if node.GetAttribute(PLACING) else ()
    places = slicer.util.arrayFromMarkupsControlPoints(node, world=True)[:2]
    found = [nearestPixelAt(volume, world) for world in places]
    return tuple((round(row, 2), round(column, 2)) for row, column in found)


def setHeartPoints(volume, points: Points) -> None:
    """Set the heart's two points, or remove them (())."""
    node = heartOf(volume)
    if node is None and not points:
        return
    node = node or _created(volume)
    node.SetAttribute(PLACING, None)
    node.SetAttribute(SETTLED, json.dumps(points))
    world = np.array([worldAt(volume, *place) for place in points]).reshape(-1, 3)
    slicer.util.updateMarkupsControlPointsFromArray(node, world, world=True)
    showWithImage(node.GetDisplayNode(), volume)


def settleHeart(volume) -> Points | None:
    """End a change by the user: move points into the image, restore the former ones if new ones are not both
    placed, and remove a single point. Returns the points from before the change; None if there was none."""
    node = heartOf(volume)
    if node is None:
        return None
    before, points = _settledPoints(node), heartPoints(volume)
    if points != before or len(points) != node.GetNumberOfControlPoints():
        setHeartPoints(volume, points)
    return before if points != before else None


def heartWidth(volume) -> float | None:
    """The horizontal distance of the heart's points, in pixels of the upright image; None without them."""
    points = heartPoints(volume)
    return across((points[0], points[1]), turnOf(volume)) if points else None


class HeartWatch(VTKObservationMixin):
    """onChange(): the heart points of `volume`, the watched one or None, were placed, moved or removed."""

    def __init__(self, onChange: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        self._onChange = onChange
        self.volume = None

    def watch(self, volume) -> None:
        """Follow the heart points of a volume, instead of another's."""
        self.removeObservers()
        self.volume = volume
        node = heartOf(volume)
        if node is not None:
            for event in (node.PointModifiedEvent, node.PointPositionDefinedEvent, node.PointRemovedEvent):
                self.addObserver(node, event, self._onEvent)

    def _onEvent(self, _caller, _event) -> None:
        self._onChange()


def _settledPoints(node) -> Points:
    return tuple((row, column) for row, column in json.loads(node.GetAttribute(SETTLED) or "[]"))


def _created(volume):
    node = slicer.mrmlScene.AddNewNodeByClass(LINE, f"{volume.GetName()} {_('heart width')}")
    node.SetAttribute(ATTRIBUTE, HEART)
    node.SetNodeReferenceID(MADE_FROM, volume.GetID())
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    setColor(display, HEART_COLOR)
    display.SetLineThickness(0.3)
    placeBeside(node, volume)
    showWithImage(display, volume)
    return node
