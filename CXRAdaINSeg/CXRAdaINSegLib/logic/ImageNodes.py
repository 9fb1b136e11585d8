"""A session's image as nodes of the scene: its volume, its newest mask, and what was made of both."""

from __future__ import annotations

import numpy as np
import slicer
from cxradain.imaging.radiograph import Radiograph
from cxradain.models.clicks import Click
from cxradain.sessions.records import MODEL as BY_MODEL
from cxradain.sessions.records import Placement, SessionImage, Version

from ..scene.ClickMarkers import addClick
from ..scene.LungSegments import (
    CHECKSUM,
    LUNGS,
    MODEL_TAG,
    lungsOf,
    markAsModels,
    presentLungs,
    segmentOf,
    tagOf,
    updateAlgorithmType,
    writeLabels,
)
from ..scene.MeasurementTable import tableOf
from ..scene.VolumeImages import radiographOf
from .ReasonViews import VIEWS, viewVolume

IMAGE_KEY = "CXRAdaINSeg.Case"  # of volume nodes: the image's key in its session


def addVolume(image: SessionImage, radiograph: Radiograph):
    """A volume node of a session's image, where its file lies in space."""
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", image.name)
    volume.SetAttribute(IMAGE_KEY, image.key)
    volume.SetIJKToRASMatrix(toWorld(image.placement))
    # Before it has pixels, of which the display node would look for a window that is not used.
    volume.CreateDefaultDisplayNodes()
    volume.GetDisplayNode().AutoWindowLevelOff()
    slicer.util.updateVolumeFromArray(volume, np.ascontiguousarray(radiograph.pixels)[np.newaxis])
    radiographOf(volume, radiograph)
    return volume


def toWorld(placement: Placement):
    """The matrix from (column, row, slice) to right, anterior, superior; ITK's axes are left, posterior."""
    axes = len(placement.spacing)
    matrix = np.eye(4)
    matrix[:axes, :axes] = np.reshape(placement.direction, (axes, axes)) * placement.spacing
    matrix[:axes, 3] = placement.origin
    matrix[:2] *= -1.0
    return slicer.util.vtkMatrixFromArray(matrix)


def putMask(volume, version: Version | None, labels: np.ndarray | None) -> None:
    """Make a volume's lungs those of a version, with what is known of them; None: none."""
    segmentation = lungsOf(volume)
    if segmentation is not None:
        removeNode(segmentation)
    if version is None or labels is None:
        return
    segmentation = lungsOf(volume, create=True)
    writeLabels(segmentation, volume, labels, LUNGS)
    markAsModels(segmentation, labels, LUNGS, version.model_id or "", version.quality)
    for lung in LUNGS:
        segment = segmentOf(segmentation, lung)
        if version.reader != BY_MODEL:
            segment.SetTag(CHECKSUM, "")  # whatever the model's was, a reader has had it
    for fields in version.clicks:
        if fields.get("lung") in LUNGS:
            addClick(segmentation, Click.from_json(fields))
    updateAlgorithmType(segmentation, labels)


def modelOf(segmentation) -> str:
    """The model whose mask it was at first; "" where it was drawn by hand."""
    names = [tagOf(segmentOf(segmentation, lung), MODEL_TAG) for lung in presentLungs(segmentation)]
    return next(filter(None, names), "")


def removeImage(volume) -> None:
    """Take an image's volume, masks, measurements and views out of the scene."""
    made = [lungsOf(volume), tableOf(volume), *(viewVolume(volume, name) for name in VIEWS)]
    for node in (*made, volume):
        if node is not None:
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
