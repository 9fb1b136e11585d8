"""Overlays of what the model sees: the radiograph translated to a normal chest, its difference from the
radiograph, the lung probability, and the disagreement of student and teacher; shown one at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
from slicer.i18n import tr as _

from ..scene.LungSegments import placeBeside
from ..scene.SliceViews import setLayers
from ..scene.VolumeImages import MADE_FROM, radiographOf
from .Predictions import CachedPrediction

VIEW = "CXRAdaINSeg.View"  # attribute of the overlays' volume nodes: a key of VIEWS
HEAT = "vtkMRMLColorTableNodeIron"
PLAIN = "vtkMRMLColorTableNodeGrey"


@dataclass(frozen=True)
class View:
    """How an overlay is made and displayed.

    array: the engine's name of the array it is made from. color: the color node's ID. opacity: 0..1.
    threshold: 0..255; the overlay is transparent below this value.
    """

    array: str
    color: str
    opacity: float
    threshold: int


VIEWS: dict[str, View] = {
    "as_normal": View("as_normal", PLAIN, 1.0, 0),
    "difference": View("as_normal", HEAT, 0.7, 25),
    "probability": View("probability", HEAT, 0.4, 13),
    "disagreement": View("disagreement", HEAT, 0.7, 13),
}


def viewTitle(name: str) -> str:
    """An overlay's title in the user's language."""
    return {
        "as_normal": _("Translated to normal"),
        "difference": _("Difference"),
        "probability": _("Probability"),
        "disagreement": _("Disagreement"),
    }[name]


def viewExplanation(name: str) -> str:
    """What an overlay shows, in the user's language."""
    return {
        "as_normal": _("The radiograph as the model translates it to a normal chest."),
        "difference": _("Where radiograph and translation to a normal chest differ: the brighter, the more."),
        "probability": _("How likely each pixel is lung: the brighter, the more."),
        "disagreement": _("Where student and teacher disagree on the lungs: the brighter, the more."),
    }[name]


def viewVolume(volume, name: str):
    """The volume node of an overlay of a radiograph, or None."""
    for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode"):
        if node.GetAttribute(VIEW) == name and node.GetNodeReference(MADE_FROM) is volume:
            return node
    return None


def makeView(volume, name: str, prediction: CachedPrediction):
    """Create or update the volume node of an overlay from a prediction, and return it."""
    pixels = prediction.array(VIEWS[name].array)
    if name == "difference":
        pixels = _difference(volume, pixels)
    node = viewVolume(volume, name) or _created(volume, name)
    node.CopyOrientation(volume)
    node.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
    slicer.util.updateVolumeFromArray(node, np.ascontiguousarray(pixels)[np.newaxis])
    return node


def showView(node) -> None:
    """Show an overlay's volume over the radiograph; None: show no overlay."""
    if node is None:
        setLayers(foreground=None)
        return
    setLayers(foreground=node, foregroundOpacity=VIEWS[node.GetAttribute(VIEW)].opacity)


def _created(volume, name: str):
    node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScalarVolumeNode")
    node.UnRegister(None)
    node.SetName(slicer.mrmlScene.GenerateUniqueName(f"{volume.GetName()} {viewTitle(name)}"))
    node.SetAttribute(VIEW, name)
    # Hidden before it is added, so that no node selector offers it as a radiograph.
    node.SetHideFromEditors(True)
    slicer.mrmlScene.AddNode(node)
    node.SetNodeReferenceID(MADE_FROM, volume.GetID())
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    color, threshold = VIEWS[name].color, VIEWS[name].threshold
    display.SetAndObserveColorNodeID(color if slicer.mrmlScene.GetNodeByID(color) is not None else PLAIN)
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(0, 255)
    if threshold:
        display.SetThreshold(threshold, 255)
        display.ApplyThresholdOn()
    placeBeside(node, volume)
    return node


def _difference(volume, asNormal: np.ndarray) -> np.ndarray:
    """(H, W) uint8: |radiograph as the network sees it - its translation|, doubled for visibility."""
    seen = radiographOf(volume).intensities()
    return np.clip(np.abs(seen * 255 - asNormal) * 2, 0, 255).astype(np.uint8)
