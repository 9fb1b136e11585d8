"""The MRML nodes of a session's image: its volume, its newest mask, and the nodes derived from them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import slicer
from cxradain.imaging.radiograph import Radiograph
from cxradain.models.clicks import Click
from cxradain.sessions.records import SessionImage, Version

from ..scene.ChestLines import heartOf
from ..scene.ClickMarkers import addClick
from ..scene.LungSegments import LUNGS, lungsOf, writeLabels
from ..scene.MaskProvenance import ModelMask, markAsModels, updateAlgorithmType
from ..scene.MeasurementTable import tableOf
from ..scene.VolumeImages import PIXEL_KEY, addVolume
from ..Timers import callLater
from .ReasonViews import VIEWS, viewVolume

IMAGE_KEY = "CXRAdaINSeg.Case"  # attribute of volume nodes: the image's key in its session


def addImageVolume(image: SessionImage, radiograph: Radiograph):
    """Add a volume node of a session's image, positioned in space as its file says."""
    volume = addVolume(image.name, radiograph, image.placement)
    volume.SetAttribute(IMAGE_KEY, image.key)
    volume.SetAttribute(PIXEL_KEY, image.pixel_hash)
    return volume


def putMask(
    volume,
    version: Version | None,
    labels: np.ndarray | None,
    sources: Mapping[int, tuple[Version, np.ndarray]] | None = None,
) -> None:
    """Replace a volume's masks by those of a version with these (H, W) labels, and its clicks; None: by no
    masks; labels are None, too, if the file is damaged.

    sources: by lung, the version with the model's mask that it was derived from, and its labels; None
    if unknown.
    """
    segmentation = lungsOf(volume)
    if segmentation is not None:
        removeNode(segmentation)
    if version is None or labels is None:
        return
    segmentation = lungsOf(volume, create=True)
    writeLabels(segmentation, volume, labels, LUNGS)
    for lung, (source, made) in (sources or {}).items():
        name, weights, mode = source.model_id or "", source.model_hash or "", source.mode or ""
        mask = ModelMask(made, name, weights, mode, source.flags, source.quality)
        markAsModels(segmentation, made, (lung,), mask)
    for fields in version.clicks:
        if fields.get("lung") in LUNGS:
            addClick(segmentation, Click.from_json(fields))
    updateAlgorithmType(segmentation, labels)


def nodesOf(volume) -> list:
    """An image's nodes in the scene: masks, measurements, overlays, and last its volume."""
    made = [lungsOf(volume), tableOf(volume), heartOf(volume), *(viewVolume(volume, name) for name in VIEWS)]
    return [node for node in (*made, volume) if node is not None]


def removeImage(volume) -> None:
    """Take an image's volume, masks, measurements and views out of the scene."""
    removeNodes(nodesOf(volume))


def removeOthers(volume) -> None:
    """Remove other volumes of the same session image, left in the scene when the session was closed."""
    for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode"):
        if node is not volume and node.GetAttribute(IMAGE_KEY) == volume.GetAttribute(IMAGE_KEY):
            removeImage(node)


def leaveOutOnClose(volume) -> None:
    """Exclude an image's nodes from saving while the main window checks whether it may close."""
    nodes = [node for node in nodesOf(volume) if node.GetSaveWithScene()]
    for node in nodes:
        node.SetSaveWithScene(False)

    def restore() -> None:  # if the window did not close
        for node in nodes:
            node.SetSaveWithScene(True)

    callLater(restore)


def removeLater(nodes) -> None:
    """Remove nodes whose contents are saved elsewhere once the running event has ended, and leave them out of
    a scene that is saved, or a window that is closed, before that."""
    for node in nodes:
        node.SetSaveWithScene(False)
    callLater(lambda: removeNodes(nodes))


def removeNodes(nodes) -> None:
    """Remove nodes from the scene, if they are still in it."""
    for node in nodes:
        if node.GetScene() is not None:
            removeNode(node)


def removeNode(node) -> None:
    """Remove a node from the scene with its display and storage nodes."""
    beside = [node.GetStorageNode()]
    if node.IsA("vtkMRMLDisplayableNode"):  # tables are not
        beside += [node.GetNthDisplayNode(number) for number in range(node.GetNumberOfDisplayNodes())]
    slicer.mrmlScene.RemoveNode(node)
    for each in beside:
        if each is not None:
            slicer.mrmlScene.RemoveNode(each)
