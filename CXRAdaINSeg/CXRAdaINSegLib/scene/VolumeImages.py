"""Between volume nodes and radiographs: pixels, fields of the engine's requests, and where a point lies.

Rows and columns are those of the array: row 0 is at the top, as the file has it, whatever the volume's
directions or parent transform are.
"""

from __future__ import annotations

import hashlib

import numpy as np
import slicer
import vtk
from cxradain.imaging.image_data import luminance
from slicer.i18n import tr as _

from ..ImageFacts import imageFacts

VOLUME_CLASSES = ("vtkMRMLScalarVolumeNode", "vtkMRMLVectorVolumeNode")


class UnfitVolume(ValueError):
    """The volume cannot be used as a radiograph; str() says why and what to do."""


def isImage(volume) -> bool:
    """Whether a volume node holds one gray or color image."""
    image = volume.GetImageData() if volume is not None else None
    return image is not None and image.GetDimensions()[2] == 1 and image.GetNumberOfScalarComponents() <= 4


def pixelsOf(volume) -> np.ndarray:
    """(H, W) values of a volume node; of color the luminance. A view of the node's memory where it can be.

    Raises UnfitVolume.
    """
    slices = _imageOf(volume).GetDimensions()[2]
    if slices != 1:
        raise UnfitVolume(
            _("{name} has {count} slices; a radiograph has one. Choose a frontal chest radiograph.").format(
                name=volume.GetName(), count=slices
            )
        )
    values = slicer.util.arrayFromVolume(volume)[0]
    if values.ndim == 2:
        return values
    channels = values.shape[2]
    if channels in (3, 4):
        return luminance(values)
    if channels in (1, 2):  # gray, or gray with transparency
        return np.ascontiguousarray(values[..., 0])
    raise UnfitVolume(
        _("{name} has {count} values a pixel; gray or color is needed. Export it as gray.").format(
            name=volume.GetName(), count=channels
        )
    )


def _imageOf(volume):
    image = volume.GetImageData() if volume is not None else None
    if image is None or image.GetPointData().GetScalars() is None:
        raise UnfitVolume(_("The volume holds no image. Load it again."))
    return image


def shapeOf(volume) -> tuple[int, int]:
    """Rows and columns. Raises UnfitVolume."""
    columns, rows, _slices = _imageOf(volume).GetDimensions()
    return rows, columns


def factsOf(volume):
    """`ImageFacts` of a volume node. Raises UnfitVolume."""
    return imageFacts(volume, pixelsOf(volume))


def imageKey(volume) -> str:
    """What names these pixels to the engine, another when the image changes; nothing of the patient.

    Raises UnfitVolume.
    """
    image = _imageOf(volume)
    text = f"{volume.GetID()} {image.GetMTime()} {image.GetDimensions()}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def radiographFields(volume) -> tuple[dict, np.ndarray]:
    """Fields of the engine's `predict` and the (H, W) pixels that go with them. Raises UnfitVolume."""
    pixels = pixelsOf(volume)
    facts = imageFacts(volume, pixels)
    fields = {
        "key": imageKey(volume),
        "name": volume.GetName() or "",
        "inverted": facts.inverted,
        "window": facts.window,
        "spacing": facts.spacing,
    }
    return fields, pixels


def pixelAt(volume, world) -> tuple[float, float] | None:
    """Row and column of a point (R, A, S) of the world, pixel centers at integers; None outside the image."""
    toNode = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(None, volume.GetParentTransformNode(), toNode)
    toPixels = vtk.vtkMatrix4x4()
    volume.GetRASToIJKMatrix(toPixels)
    column, row, _slice, _one = toPixels.MultiplyPoint((*toNode.TransformPoint(world), 1.0))
    rows, columns = shapeOf(volume)
    inside = -0.5 <= row < rows - 0.5 and -0.5 <= column < columns - 0.5
    return (row, column) if inside else None


def worldAt(volume, row: float, column: float) -> tuple[float, float, float]:
    """The point (R, A, S) of the world where a pixel lies."""
    toNode = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(toNode)
    toWorld = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(volume.GetParentTransformNode(), None, toWorld)
    return tuple(toWorld.TransformPoint(toNode.MultiplyPoint((column, row, 0.0, 1.0))[:3]))
