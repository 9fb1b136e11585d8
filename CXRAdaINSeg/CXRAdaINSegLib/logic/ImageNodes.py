"""A session's image as nodes of the scene: its volume, its newest mask, and what was made of both."""

from __future__ import annotations

import numpy as np
import slicer
from cxradain.imaging.radiograph import Radiograph
from cxradain.models.clicks import Click
from cxradain.sessions.records import SessionImage, Version

from ..scene.ChestLines import heartOf
from ..scene.ClickMarkers import addClick
from ..scene.LungSegments import (
    LUNGS,
    ModelMask,
    lungsOf,
    markAsModels,
    updateAlgorithmType,
    writeLabels,
)
from ..scene.MeasurementTable import tableOf
from ..scene.VolumeImages import addVolume
from ..Timers import callLater
from .ReasonViews import VIEWS, viewVolume

IMAGE_KEY = "CXRAdaINSeg.Case"  # of volume nodes: the image's key in its session


def addImageVolume(image: SessionImage, radiograph: Radiograph):
    """A volume node of a session's image, where its file lies in space."""
    volume = addVolume(image.name, radiograph, image.placement)
    volume.SetAttribute(IMAGE_KEY, image.key)
    return volume


def putMask(
    volume,
    version: Version | None,
    labels: np.ndarray | None,
    source: Version | None = None,
    sourceLabels: np.ndarray | None = None,
) -> None:
    """Make a volume's lungs those of a version, with what is known of them; None: none.

    source: the version with the model's mask that it came from, where that is known. labels, sourceLabels:
    (H, W) masks of the two; None where the file is damaged.
    """
    segmentation = lungsOf(volume)
    if segmentation is not None:
        removeNode(segmentation)
    if version is None or labels is None:
        return
    segmentation = lungsOf(volume, create=True)
    writeLabels(segmentation, volume, labels, LUNGS)
    if source is not None and sourceLabels is not None:
        name, weights, mode = source.model_id or "", source.model_hash or "", source.mode or ""
        mask = ModelMask(sourceLabels, name, weights, mode, source.flags, source.quality)
        markAsModels(segmentation, sourceLabels, LUNGS, mask)
    for fields in version.clicks:
        if fields.get("lung") in LUNGS:
            addClick(segmentation, Click.from_json(fields))
    updateAlgorithmType(segmentation, labels)


def nodesOf(volume) -> list:
    """What there is of an image in the scene: masks, measurements, views, and its volume as the last."""
    made = [lungsOf(volume), tableOf(volume), heartOf(volume), *(viewVolume(volume, name) for name in VIEWS)]
    return [node for node in (*made, volume) if node is not None]


def removeImage(volume) -> None:
    """Take an image's volume, masks, measurements and views out of the scene."""
    removeNodes(nodesOf(volume))


def removeOthers(volume) -> None:
    """Take the same image of a session out of the scene, where it was left when that was closed."""
    for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode"):
        if node is not volume and node.GetAttribute(IMAGE_KEY) == volume.GetAttribute(IMAGE_KEY):
            removeImage(node)


def leaveOutOnClose(volume) -> None:
    """While the window decides whether it may close, an image's nodes are none to be saved."""
    nodes = [node for node in nodesOf(volume) if node.GetSaveWithScene()]
    for node in nodes:
        node.SetSaveWithScene(False)

    def restore() -> None:  # unless the window has closed
        for node in nodes:
            node.SetSaveWithScene(True)

    callLater(restore)


def removeNodes(nodes) -> None:
    """Take nodes out of the scene, those that are in it."""
    for node in nodes:
        if node.GetScene() is not None:
            removeNode(node)


def removeNode(node) -> None:
    """Take a node out of the scene, and those that show and store it."""
    beside = [node.GetStorageNode()]
    if node.IsA("vtkMRMLDisplayableNode"):  # tables are not
        beside += [node.GetNthDisplayNode(number) for number in range(node.GetNumberOfDisplayNodes())]
    slicer.mrmlScene.RemoveNode(node)
    for each in beside:
        if each is not None:
            slicer.mrmlScene.RemoveNode(each)
