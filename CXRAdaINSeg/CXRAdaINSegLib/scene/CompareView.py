"""A second slice view beside Red that shows another radiograph or another mask; for viewing only.

It always shows a volume of its own with its own masks, even for the same radiograph, so that neither view's
masks appear in the other. That volume is placed far away in space, out of reach of the first view's tools,
and cannot be chosen as a radiograph.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from slicer.util import VTKObservationMixin

from . import Display
from .Layouts import COMPARISON, RED, showLayout, showSingleRed, sliceView
from .LungSegments import lungsOf
from .SliceViews import COMPARE, isCompareShown
from .VolumeImages import ATTRIBUTE, UnfitVolume, shapeOf
from .Windows import applyChoice, choiceOf, hasWindow

FAR = 1e4  # mm along the slice's normal
DESCRIPTION = (
    f'<layout type="horizontal"><item>{RED}</item>'
    f"<item>{sliceView(COMPARE, COMPARE, '#808080')}</item></layout>"
)


def openView() -> None:
    """Show the two views side by side."""
    manager = slicer.app.layoutManager()
    if manager is None or isCompareShown():
        return
    showLayout(COMPARISON, DESCRIPTION)
    composite = manager.sliceWidget(COMPARE).mrmlSliceCompositeNode()
    composite.SetDoPropagateVolumeSelection(False)  # volumes opened elsewhere go to the other views


def clearView() -> None:
    """Empty the second view."""
    if isCompareShown():
        composite = slicer.app.layoutManager().sliceWidget(COMPARE).mrmlSliceCompositeNode()
        for put in (
            composite.SetBackgroundVolumeID,
            composite.SetForegroundVolumeID,
            composite.SetLabelVolumeID,
        ):
            put(None)


def closeView() -> None:
    """Return to the single Red view."""
    if isCompareShown():
        showSingleRed()


def copyVolume(volume):
    """Add a volume of the same radiograph for the second view; it shares the pixels."""
    node = newVolume(volume.GetName(), volume.GetClassName())
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    node.SetIJKToRASMatrix(matrix)
    moveFar(node)
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().AutoWindowLevelOff()
    node.SetAndObserveImageData(volume.GetImageData())
    node.SetAttribute(ATTRIBUTE, volume.GetAttribute(ATTRIBUTE))
    return node


def newVolume(name: str, kind: str = "vtkMRMLScalarVolumeNode"):
    """Add an empty volume for the second view, not saved and not selectable. kind: its MRML class."""
    node = slicer.mrmlScene.CreateNodeByClass(kind)
    node.UnRegister(None)
    node.SetName(name)
    node.SetHideFromEditors(True)  # before it is added, when node selectors check this
    node.SetSaveWithScene(False)
    return slicer.mrmlScene.AddNode(node)


def showVolume(node, like) -> None:
    """Show a volume and its masks in the second view, with the window and level of `like`.

    Raises UnfitVolume.
    """
    segmentation = lungsOf(node)
    if segmentation is not None:
        segmentation.SetHideFromEditors(True)
        segmentation.SetSaveWithScene(False)
    Display.setUpWindow(node)
    if hasWindow(node) and hasWindow(like):
        applyChoice(node, choiceOf(like))
    widget = slicer.app.layoutManager().sliceWidget(COMPARE)
    composite, sliceNode = widget.mrmlSliceCompositeNode(), widget.mrmlSliceNode()
    composite.SetForegroundVolumeID(None)
    composite.SetLabelVolumeID(None)
    composite.SetBackgroundVolumeID(node.GetID())
    Display.turnUpright(sliceNode, node)
    widget.sliceLogic().FitSliceToBackground()


def moveFar(node) -> None:
    """Move a volume out of reach of the first view's tools. Call this before it has masks."""
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    axes = slicer.util.arrayFromVTKMatrix(matrix)
    normal = np.cross(axes[:3, 0], axes[:3, 1])
    axes[:3, 3] += FAR * normal / np.linalg.norm(normal)
    node.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(axes))


class FollowZoom(VTKObservationMixin):
    """Synchronizes zoom and pan of the second view with Red, if both show images of the same size."""

    def __init__(self):
        VTKObservationMixin.__init__(self)
        self._volumes: Any = None

    def follow(self, volume, other) -> None:
        """Start if the two volumes have the same size; otherwise, or with None, stop."""
        self.removeObservers()
        self._volumes = None
        red = Display.redSliceNode()
        if volume is None or other is None or red is None or not _areOfOneSize(volume, other):
            return
        self._volumes = volume, other
        self.addObserver(red, vtk.vtkCommand.ModifiedEvent, self._onRed)
        self._onRed(red, "")

    def _onRed(self, red, _event) -> None:
        if not isCompareShown():
            return
        node = slicer.app.layoutManager().sliceWidget(COMPARE).mrmlSliceNode()
        width, _height, depth = red.GetFieldOfView()
        columns, rows, _planes = node.GetDimensions()
        scale = width / max(red.GetDimensions()[0], 1)
        node.SetFieldOfView(scale * columns, scale * rows, depth)
        node.SetXYZOrigin(*red.GetXYZOrigin())


def _areOfOneSize(volume, other) -> bool:
    try:
        return shapeOf(volume) == shapeOf(other) and volume.GetSpacing() == other.GetSpacing()
    except UnfitVolume:
        return False
