"""How a radiograph is shown: alone in the Red view, upright, fitted, with a window and dark lungs.

The volume's data and geometry are not touched; all, also how the image is turned, is in display and view
nodes.
"""

from __future__ import annotations

import numpy as np
import slicer
import vtk

from .CurvesLayout import areCurvesShown
from .SliceViews import isCompareShown, setLayers
from .VolumeImages import shapeOf, turnOf, worldAt
from .Windows import WindowChoice, applyChoice, hasWindow

# Of display nodes that have been set up, and of the slice node the volume it was turned to: what the user
# changes then stays.
SHOWN = "CXRAdaINSeg.Shown"


def showRadiograph(volume, layout: bool = True) -> None:
    """Show a volume node, and its foreground and labels no more; raises VolumeImages.UnfitVolume.

    A view that shows it already keeps its zoom. layout: also change to the layout of one Red view, unless
    there are a training's curves below it or a view to compare beside it.
    """
    setUpWindow(volume)
    manager = slicer.app.layoutManager()
    single = slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
    hasRed = areCurvesShown() or isCompareShown()
    if manager is not None and layout and manager.layout != single and not hasRed:
        manager.setLayout(single)
    sliceNode, widget = redSliceNode(), redSliceWidget()
    known = sliceNode is not None and sliceNode.GetAttribute(SHOWN) == volume.GetID()
    if known and widget is not None:
        known = widget.mrmlSliceCompositeNode().GetBackgroundVolumeID() == volume.GetID()
    setLayers(background=volume, foreground=None, label=None)
    if sliceNode is None or (known and isUpright(sliceNode, volume)):
        return
    turnUpright(sliceNode, volume)
    sliceNode.SetAttribute(SHOWN, volume.GetID())
    if widget is not None:
        widget.sliceLogic().FitSliceToBackground()


def showNothing() -> None:
    """Empty the views."""
    setLayers(background=None, foreground=None, label=None)


def redSliceNode():
    """The Red view's node; None before the application has made it."""
    return slicer.mrmlScene.GetNodeByID("vtkMRMLSliceNodeRed")


def redSliceWidget():
    """The Red view's widget; None without a main window."""
    manager = slicer.app.layoutManager()
    return manager.sliceWidget("Red") if manager is not None else None


def turnUpright(sliceNode, volume) -> None:
    """Put the slice plane on the image, columns to the right and rows downward, as the file has them, or as
    the image is turned."""
    at, (rows, columns) = _uprightPixels(volume)
    middle = at((rows - 1) / 2, (columns - 1) / 2)
    right = at((rows - 1) / 2, (columns + 1) / 2) - middle
    up = at((rows - 3) / 2, (columns - 1) / 2) - middle
    normal = np.cross(right, up)
    length = np.linalg.norm(normal)
    if not length > 0:  # a transform that folds the image up has no plane to show
        return
    right, normal = right / np.linalg.norm(right), normal / length
    sliceNode.SetSliceToRASByNTP(*normal, *right, *middle, 0)


def isUpright(sliceNode, volume) -> bool:
    """Whether the image lies in a slice view's plane, its columns to the right and its rows downward."""
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
    """Where in the world a row and a column of the turned image lie, as a function, and how many it has."""
    turn, shape = turnOf(volume), shapeOf(volume)

    def at(row: float, column: float) -> np.ndarray:
        return np.array(worldAt(volume, *turn.to_stored(row, column, shape)))

    return at, turn.pair(shape)


def setUpWindow(volume) -> None:
    """Window and level of a volume shown for the first time; MONOCHROME1 with dark lungs."""
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
    """Show all of what the Red view shows."""
    widget = redSliceWidget()
    if widget is not None:
        widget.sliceLogic().FitSliceToBackground()


def showPixels(volume) -> None:
    """Show each pixel of a volume by one of the screen, about the middle of the Red view."""
    widget, node = redSliceWidget(), redSliceNode()
    if widget is None:
        return
    (row, column), (columns, rows, _slices) = volume.GetSpacing()[1::-1], node.GetDimensions()
    height, width = turnOf(volume).pair((row, column))
    node.SetFieldOfView(columns * width, rows * height, node.GetFieldOfView()[2])
