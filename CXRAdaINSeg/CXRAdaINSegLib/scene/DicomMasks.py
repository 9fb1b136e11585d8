"""Loads masks from 3D Slicer's DICOM database onto their radiograph."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import slicer
from cxradain.exchange.mask_reader import READER
from cxradain.imaging.decoder import DecoderError, decode
from cxradain.imaging.image_data import ImageFault
from slicer.i18n import tr as _

from .LungSegments import LUNGS, lungsOf, presentLungs, writeLabels
from .MaskProvenance import updateAlgorithmType
from .VolumeImages import INSTANCES, UnfitVolume, shapeOf


def readLungs(path: Path) -> tuple[np.ndarray, list[str]]:
    """(H, W) uint8 labels of a DICOM SEG file, and the SOP Instance UIDs of the images it references.

    Raises UnfitVolume, naming the file.
    """
    try:
        header, arrays = decode(READER, path)
    except (ImageFault, DecoderError) as error:
        raise UnfitVolume(f"{path}: {error}") from error
    return arrays["labels"].astype(np.uint8), list(header["references"])


def loadedImage(instances: Collection[str]):
    """The volume node in the scene of one of these SOP Instance UIDs, or None."""
    for volume in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode"):
        if (volume.GetAttribute(INSTANCES) or "") in instances:
            return volume
    return None


def putLungs(volume, labels: np.ndarray, path: Path):
    """Write labels from a file as the masks of a volume without masks; returns the segmentation node.

    The file does not say whether a model or a reader made them, so they count as the reader's. Raises
    UnfitVolume.
    """
    if volume is None:
        text = _("{file}: its radiograph is not in the DICOM database. Import that first.")
        raise UnfitVolume(text.format(file=path))
    if labels.shape != shapeOf(volume):
        text = _("{file}: is of another size than {image}. Segment the radiograph anew.")
        raise UnfitVolume(text.format(file=path, image=volume.GetName()))
    if presentLungs(lungsOf(volume)):
        text = _("{image} has masks already. Delete them, or load the saved ones into another scene.")
        raise UnfitVolume(text.format(image=volume.GetName()))
    segmentation = lungsOf(volume, create=True)
    writeLabels(segmentation, volume, labels, tuple(lung for lung in LUNGS if (labels == lung).any()))
    updateAlgorithmType(segmentation, labels)
    return segmentation
