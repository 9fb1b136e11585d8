"""Shows a radiograph: alone in the Red view, upright, fitted, with a suitable window and dark lungs.

Only display and view nodes are changed, also to turn the image; the volume's pixels and geometry are not.
"""

from __future__ import annotations

import numpy as np
import slicer
import vtk

from .CurvesLayout import areCurvesShown
from .Layouts import showSingleRed
from .SliceViews import isCompareShown, setLayers
from .VolumeImages import shapeOf, turnOf, worldAt
from .Windows import WindowChoice, applyChoice, hasWindow

# Attribute of display nodes that have been set up, and of the slice node: the ID of the volume it was aligned
# with. Later changes by the user are kept.
SHOWN = "CXRAdaINSeg.Shown"


def showRadiograph(volume) -> None:
    """Show a volume node in the Red view, without foreground and label layers. Raises
    VolumeImages.UnfitVolume.

    A view that already shows it keeps its zoom. Of other views, only curves and the comparison view stay.
    """
    setUpWindow(volume)
    if not (areCurvesShown() or isCompareShown()):
        showSingleRed()
    sliceNode, widget = redSliceNode(), redSliceWidget()
    known = sliceNode is not None and sliceNode.GetAttribute(SHOWN) == volume.GetID()
    if known and widget is not None:
        known = widget.mrmlSliceCompositeNode().GetBackgroundVolumeID() == volume.GetID()
    setLayers(background=volume, foreground=None, label=None)
    if sliceNode is None or (known and isUpright(sliceNode, volume)):
        return
    turnUpright(sliceNode, volume)
    sliceNode.SetAttribute(SHOWN, volume.GetID())
    fit()


def showNothing() -> None:
    """Empty the slice views."""
    setLayers(background=None, foreground=None, label=None)


def redSliceNode():
    """The Red view's slice node; None before the application has created it."""
    return slicer.mrmlScene.GetNodeByID("vtkMRMLSliceNodeRed")


def redSliceWidget():
    """The Red view's widget; None without a main window."""
    manager = slicer.app.layoutManager()
    return manager.sliceWidget("Red") if manager is not None else None


def turnUpright(sliceNode, volume) -> None:
    """Align the slice plane with the upright image: its columns to the right, its rows downward."""
    at, (rows, columns) = _uprightPixels(volume)
    middle = at((rows - 1) / 2, (columns - 1) / 2)
    right = at((rows - 1) / 2, (columns + 1) / 2) - middle
    up = at((rows - 3) / 2, (columns - 1) / 2) - middle
    normal = np.cross(right, up)
    length = np.linalg.norm(normal)
    if not length > 0:  # a singular transform leaves no plane to show
        return
    right, normal = right / np.linalg.norm(right), normal / length
    sliceNode.SetSliceToRASByNTP(*normal, *right, *middle, 0)


def isUpright(sliceNode, volume) -> bool:
    """Whether the slice plane is aligned with the upright image, as `turnUpright` does."""
    toView = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(sliceNode.GetSliceToRAS(), toView)
    at, (rows, columns) = _uprightPixels(volume)
    origin, right, down = corners = [
        np.array(toView.MultiplyPoint((*at(*pixel), 1.0))[:3])
        for pixel in ((0, 0), (0, columns - 1), (rows - 1, 0))
    ]
    depth = max(abs(corner[2]) for corner in corners)
    inPlane = depth <= 1e-3 * np.linalg.norm(right - down)
    return bool(inPlane and (right - origin)[0] > 0 and (down - origin)[1] < 0)


def _uprightPixels(volume):
    """A function from row and column of the upright image to the world point (RAS), and the image's shape."""
    turn, shape = turnOf(volume), shapeOf(volume)

    def at(row: float, column: float) -> np.ndarray:
        return np.array(worldAt(volume, *turn.to_stored(row, column, shape)))

    return at, turn.pair(shape)


def setUpWindow(volume) -> None:
    """Set window and level when a volume is first shown; MONOCHROME1 is inverted, so that lungs are dark."""
    if volume.GetDisplayNode() is None:
        volume.CreateDefaultDisplayNodes()
    display = volume.GetDisplayNode()
    if display.GetAttribute(SHOWN) or not hasWindow(volume):
        return
    if display.GetColorNode() is None:
        display.SetAndObserveColorNodeID("vtkMRMLColorTableNodeGrey")
    applyChoice(volume, WindowChoice())
    display.SetAttribute(SHOWN, "1")


def fit() -> None:
    """Fit the image into the Red view."""
    widget = redSliceWidget()
    if widget is not None:
        widget.sliceLogic().FitSliceToBackground()


def showPixels(volume) -> None:
    """Show a volume at 1:1, one screen pixel per image pixel, about the center of the Red view."""
    widget, node = redSliceWidget(), redSliceNode()
    if widget is None:
        return
    (row, column), (columns, rows, _slices) = volume.GetSpacing()[1::-1], node.GetDimensions()
    height, width = turnOf(volume).pair((row, column))
    node.SetFieldOfView(columns * width, rows * height, node.GetFieldOfView()[2])
