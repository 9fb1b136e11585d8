"""Masks and markers are drawn only in the views that show their own radiograph: all radiographs lie at the
same place, and any module can add, change or show a node.

Which views these are is decided in the very event that changes it, before any view is painted again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import slicer
import vtk
from slicer.util import VTKObservationMixin

from ..Timers import callLater
from .LungSegments import ROLE, presentLungs, volumeOf
from .Markers import ATTRIBUTE
from .SliceViews import showWithImage
from .VolumeImages import MADE_FROM, isImage

MASKS, MARKERS = "vtkMRMLSegmentationNode", "vtkMRMLMarkupsNode"


def showOverlays() -> None:
    """Show every mask and marker in the views that show its radiograph, and in no others."""
    for kind in (MASKS, MARKERS):
        for node in slicer.util.getNodesByClass(kind):
            showOverlay(node)


def showOverlay(node) -> None:
    """Show a node of masks or markers in the views that show its radiograph, and in no others; masks of lungs
    without a radiograph, as a file has them, in none. Nodes that have nothing to do with a radiograph are
    left as they are."""
    if node.IsA(MASKS):
        volume = volumeOf(node)
        isOurs = node.GetAttribute(ROLE) or presentLungs(node) or isImage(volume)
    else:
        volume, isOurs = node.GetNodeReference(MADE_FROM), node.GetAttribute(ATTRIBUTE)
    if not isOurs:
        return
    for number in range(node.GetNumberOfDisplayNodes()):
        display = node.GetNthDisplayNode(number)
        if display is not None:  # a scene that is being read may not have it yet
            showWithImage(display, volume)


class OverlayWatch(VTKObservationMixin):
    """Follows what decides where masks and markers are drawn, other than the views. onMasks(node): called
    later, when masks were added, or belong to another radiograph than before."""

    def __init__(self, onMasks: Callable[[Any], None]):
        VTKObservationMixin.__init__(self)
        self._onMasks = onMasks
        self._tags: dict[Any, list[int]] = {}  # of the observers of each node
        self._owners: dict[Any, tuple] = {}  # of masks: what decides whose they are
        self._shows = False  # own changes are no reason to decide again
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.NodeAddedEvent, self._onAdded)
        self.addObserver(scene, scene.NodeRemovedEvent, self._onRemoved)
        self.addObserver(scene, scene.EndCloseEvent, self._onScene)
        self.addObserver(scene, scene.EndImportEvent, self._onScene)
        self._onScene(scene, "")

    def stop(self) -> None:
        """Stop following."""
        self.removeObservers()
        for node in list(self._tags):
            self._leave(node)

    def _onScene(self, _scene, _event) -> None:
        for node in list(self._tags):
            if node.GetScene() is None:
                self._leave(node)
        for kind in (MASKS, MARKERS):
            for node in slicer.util.getNodesByClass(kind):
                self._follow(node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onAdded(self, _scene, _event, node) -> None:
        if node.IsA(MASKS) or node.IsA(MARKERS):
            self._follow(node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onRemoved(self, _scene, _event, node) -> None:
        if node in self._tags:
            self._leave(node)
        elif node.IsA("vtkMRMLVolumeNode"):
            for each in list(self._tags):
                self._onChange(each, "")

    def _follow(self, node) -> None:
        if node not in self._tags:
            events = [vtk.vtkCommand.ModifiedEvent, node.DisplayModifiedEvent]
            if node.IsA(MASKS):
                events += [slicer.vtkSegmentation.SegmentAdded, slicer.vtkSegmentation.SegmentRemoved]
            self._tags[node] = [node.AddObserver(event, self._onChange) for event in events]
        self._onChange(node, "")

    def _leave(self, node) -> None:
        for tag in self._tags.pop(node):
            node.RemoveObserver(tag)
        self._owners.pop(node, None)

    def _onChange(self, node, _event) -> None:
        if self._shows:
            return
        self._shows = True
        try:
            showOverlay(node)
        finally:
            self._shows = False
        if not node.IsA(MASKS):
            return
        volume = volumeOf(node)
        identity = volume.GetID() if volume is not None else ""
        owner = node.GetAttribute(ROLE), identity, bool(presentLungs(node))
        if self._owners.get(node) != owner:
            self._owners[node] = owner
            callLater(partial(self._report, node))

    def _report(self, node) -> None:
        if node in self._tags:
            self._onMasks(node)
