"""Converts between volume nodes and radiographs: pixels, facts, the engine's request fields, coordinates.

Rows and columns are those of the array: row 0 is the file's first row, whatever the volume's directions or
parent transform, and however the image is turned to be upright. Nodes, masks and clicks stay as in the file.
The volume's directions determine how it is turned; its parent transform does not.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import slicer
import vtk
from cxradain import CxradainError
from cxradain.imaging.decoder import DecoderError
from cxradain.imaging.image_data import luminance, subsample, values_of_mask
from cxradain.imaging.image_facts import VOLUME_SOURCES, ImageFacts
from cxradain.imaging.orientation import orientation_along
from cxradain.imaging.radiograph import NotRead, Radiograph, RadiographError, ReadLate, read_radiograph
from cxradain.imaging.turn import Turn
from cxradain.sessions.records import Placement, pixel_key
from slicer.i18n import tr as _

VOLUME_CLASSES = ("vtkMRMLScalarVolumeNode", "vtkMRMLVectorVolumeNode")
PATIENCE = 5.0  # seconds to wait for the file of a volume that the application has loaded
MADE_FROM = "CXRAdaINSeg.Volume"  # node reference role: from a derived node to its radiograph's volume


class UnfitVolume(CxradainError, ValueError):
    """The volume cannot be used as a radiograph; str() says why and what to do."""


def isImage(volume) -> bool:
    """Whether a volume node holds a single gray or color image."""
    image = volume.GetImageData() if volume is not None else None
    return image is not None and image.GetDimensions()[2] == 1 and image.GetNumberOfScalarComponents() <= 4


def imageVolumes() -> list:
    """The scene's volume nodes that can be chosen as radiographs."""
    return [
        node
        for name in VOLUME_CLASSES
        for node in slicer.util.getNodesByClass(name)
        if not node.GetHideFromEditors() and node.GetClassName() == name and isImage(node)
    ]


def pixelsOf(volume) -> np.ndarray:
    """(H, W) pixel values of a volume node; luminance for color. A view of the node's memory if possible.

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
    if channels in (1, 2):  # gray, or gray with an alpha channel
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


def imageKey(volume) -> str:
    """A key of the volume's pixels for the engine, which changes when the image changes or is turned, and
    tells nothing of the patient.

    Raises UnfitVolume.
    """
    image = _imageOf(volume)
    text = f"{volume.GetID()} {image.GetMTime()} {image.GetDimensions()} {turnOf(volume)}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def pixelKey(volume) -> str:
    """A key of the volume's pixels that stays the same wherever they are loaded, and tells nothing of the
    patient.

    Raises UnfitVolume.
    """
    return volume.GetAttribute(PIXEL_KEY) or pixel_key(pixelsOf(volume))


def radiographFields(volume) -> tuple[dict, np.ndarray]:
    """The fields of an engine request and the (H, W) pixels that go with them. Raises UnfitVolume."""
    radiograph = radiographOf(volume)
    return {"key": imageKey(volume)} | radiograph.to_json(), radiograph.pixels


def pixelAt(volume, world) -> tuple[float, float] | None:
    """Row and column of a world point (RAS), pixel centers at integers; None outside the image."""
    row, column = _rowAndColumn(volume, world)
    rows, columns = shapeOf(volume)
    inside = -0.5 <= row < rows - 0.5 and -0.5 <= column < columns - 0.5
    return (row, column) if inside else None


def nearestPixelAt(volume, world) -> tuple[float, float]:
    """Row and column of the place in the image that is nearest to a world point (RAS)."""
    row, column = np.clip(_rowAndColumn(volume, world), 0, np.array(shapeOf(volume)) - 1)
    return float(row), float(column)


def _rowAndColumn(volume, world) -> tuple[float, float]:
    toNode = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(None, volume.GetParentTransformNode(), toNode)
    toPixels = vtk.vtkMatrix4x4()
    volume.GetRASToIJKMatrix(toPixels)
    column, row, _slice, _one = toPixels.MultiplyPoint((*toNode.TransformPoint(world), 1.0))
    return row, column


def worldAt(volume, row: float, column: float) -> tuple[float, float, float]:
    """The world point (RAS) of a pixel."""
    toNode = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(toNode)
    toWorld = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(volume.GetParentTransformNode(), None, toWorld)
    return tuple(toWorld.TransformPoint(toNode.MultiplyPoint((column, row, 0.0, 1.0))[:3]))


def addVolume(name: str, radiograph: Radiograph, placement: Placement):
    """Add a volume node with a radiograph's stored pixels at its position in the patient."""
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    fillVolume(volume, radiograph, placement)
    return volume


def fillVolume(volume, radiograph: Radiograph, placement: Placement) -> None:
    """Set a volume node's pixels, as they are stored, and their position in the patient."""
    volume.SetIJKToRASMatrix(toWorld(placement))
    # Before the pixels, from which the display node would compute a window that is not used.
    volume.CreateDefaultDisplayNodes()
    volume.GetDisplayNode().AutoWindowLevelOff()
    slicer.util.updateVolumeFromArray(volume, np.ascontiguousarray(radiograph.pixels)[np.newaxis])
    radiographOf(volume, radiograph)


def toWorld(placement: Placement):
    """The IJK to RAS matrix of a placement, which is in ITK's LPS."""
    axes = len(placement.spacing)
    matrix = np.eye(4)
    matrix[:axes, :axes] = np.reshape(placement.direction, (axes, axes)) * placement.spacing
    matrix[:axes, 3] = placement.origin
    matrix[:2] *= -1.0
    return slicer.util.vtkMatrixFromArray(matrix)


# Attributes of volume nodes.
FILE = "CXRAdaINSeg.File"  # the path of the file that its pixels were read from
FILE_PIXELS = "CXRAdaINSeg.FilePixels"  # `pixel_key` of the pixels in its file
PIXEL_KEY = "CXRAdaINSeg.PixelKey"  # of a session's images: the `pixelKey` that their session knows
LATE = "CXRAdaINSeg.Late"  # its file took longer than PATIENCE
ATTRIBUTE = "CXRAdaINSeg.Image"  # the radiograph's facts as JSON, so that saved scenes hold them
INSTANCES = "DICOM.instanceUIDs"  # as 3D Slicer's plugins set it

UNMEASURED = (1.0, 1.0)  # mm; the spacing of formats without one


def radiographOf(volume, stored: Radiograph | None = None) -> Radiograph:
    """A volume node's radiograph: its pixels, name, facts and warnings. Its file is read only once; later the
    facts come from the node. Raises UnfitVolume.

    stored: the radiograph as read from the file, if that has been done already.
    """
    pixels, name = pixelsOf(volume), volume.GetName() or ""
    kept = volume.GetAttribute(ATTRIBUTE)
    if kept:
        with suppress(ValueError, TypeError, KeyError):  # else, as by another version: read the file
            fields = json.loads(kept)
            if "facts" not in fields:  # a scene saved by an earlier version
                facts = ImageFacts.from_center_width(
                    fields["window"], inverted=fields["inverted"], spacing=fields["spacing"]
                )
                fields["facts"] = facts.to_json()
            return Radiograph.from_json(pixels, fields | {"name": name})
    if stored is None:
        if values := values_of_mask(pixels):  # a file dropped on a view is loaded by the application
            text = _("{name} looks like a mask, not a radiograph: it holds only {count} values.")
            raise UnfitVolume(text.format(name=name, count=values))
        stored = _read(volume)
        if stored is not None:
            volume.SetAttribute(FILE_PIXELS, pixel_key(stored.pixels))
        facts = _turnedByDirections(_compared(stored, volume, pixels), volume)
    else:
        facts = _compared(stored, volume, pixels)
    radiograph = Radiograph(pixels, name, facts, warnings=stored.warnings if stored else ())
    _keep(volume, radiograph)
    return radiograph


def factsOf(volume) -> ImageFacts:
    """The facts known about a volume, without reading its file; empty before the first `radiographOf`."""
    with suppress(ValueError, TypeError, KeyError):
        return ImageFacts.from_json(json.loads(volume.GetAttribute(ATTRIBUTE))["facts"])
    return ImageFacts()


def turnOf(volume) -> Turn:
    """The turn that makes a volume upright, for display and segmentation."""
    return factsOf(volume).turn


def setTurn(volume, turn: Turn) -> None:
    """Set the turn that makes a volume upright. Raises UnfitVolume."""
    radiograph = radiographOf(volume)
    _keep(volume, replace(radiograph, facts=replace(radiograph.facts, turn=turn)))


def _keep(volume, radiograph: Radiograph) -> None:
    fields = radiograph.to_json()
    del fields["name"]
    volume.SetAttribute(ATTRIBUTE, json.dumps(fields))


def _read(volume) -> Radiograph | None:
    """The volume's file as stored; None if there is none, it cannot be read, or it is slow a second time,
    since the window waits for it. Raises UnfitVolume if it is slow for the first time, for example on a disk
    that has to spin up, or if another file is being read."""
    path = sourceFile(volume)
    try:
        return read_radiograph(path, PATIENCE) if path is not None else None
    except NotRead as problem:
        if isinstance(problem, ReadLate) and volume.GetAttribute(LATE):
            return None
        volume.SetAttribute(LATE, "1" if isinstance(problem, ReadLate) else None)
        raise UnfitVolume(str(problem)) from problem
    except (RadiographError, DecoderError):
        return None


def _compared(stored: Radiograph | None, volume, pixels: np.ndarray) -> ImageFacts:
    """The file's facts, mapped to the volume's pixel values."""
    if stored is None:
        column, row, _slice = volume.GetSpacing()
        return ImageFacts(spacing=None if (row, column) == UNMEASURED else (row, column))
    facts = stored.facts
    if stored.shape != pixels.shape:
        return replace(facts, inverted=False, window=None, shutter=(), padding=None)
    scale, offset = _linearMap(stored.pixels, pixels)

    def mapped(pair: tuple[float, float] | None) -> tuple[float, float] | None:
        low, high = sorted(value * scale + offset for value in pair or (0.0, 0.0))
        return (low, high) if pair else None

    padding = mapped(facts.padding)
    if padding is not None:  # single values, for which rounding errors of the scale matter
        margin = 1e-6 * max(map(abs, padding))
        padding = padding[0] - margin, padding[1] + margin
    inverted = facts.inverted != (scale < 0)
    return replace(facts, inverted=inverted, window=mapped(facts.window), padding=padding)


def _turnedByDirections(facts: ImageFacts, volume) -> ImageFacts:
    """The facts with the turn that the volume's directions require, or, if these are those of a plain
    picture, the turn that its file states about the patient, as DICOM does."""
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    toWorld = slicer.util.arrayFromVTKMatrix(matrix)
    # An identity matrix is MRML's default: an array made into a volume has no known orientation.
    unplaced = not facts.source and np.array_equal(toWorld, np.eye(4))
    orientation = None if unplaced else orientation_along(toWorld[:3, :2].T * (-1.0, -1.0, 1.0))
    if orientation is None and facts.source not in VOLUME_SOURCES.values():
        orientation = facts.orientation
    facts = replace(facts, orientation=orientation)
    return replace(facts, turn=facts.stated_turn)


def _linearMap(stored: np.ndarray, read: np.ndarray) -> tuple[float, float]:
    """Scale and offset from the file's pixel values to the volume's, from the extremes of a subsample."""
    a, b = (subsample(pixels, 512).ravel() for pixels in (stored, read))
    low, high = int(a.argmin()), int(a.argmax())
    rise = float(a[high]) - float(a[low])
    scale = (float(b[high]) - float(b[low])) / rise if rise else 1.0
    scale = scale or 1.0
    return scale, float(b[low]) - scale * float(a[low])


def sourceFile(volume) -> Path | None:
    """The file that a volume was read from, if it still exists."""
    storage = volume.GetStorageNode()
    name = databaseFile(volume) or volume.GetAttribute(FILE) or ""
    if not name and storage is not None:
        name = storage.GetFullNameFromFileName()
    return Path(name) if name and Path(name).is_file() else None


def dicomDatabase():
    """3D Slicer's DICOM database; None if there is none, or it is not open."""
    database = getattr(slicer, "dicomDatabase", None)
    return database if database is not None and database.isOpen else None


def databaseFile(volume) -> str:
    """The path of a volume's image in the DICOM database; "" if it is not there."""
    instances = (volume.GetAttribute(INSTANCES) or "").split() if volume is not None else []
    database = dicomDatabase()
    return database.fileForInstance(instances[0]) if len(instances) == 1 and database is not None else ""
