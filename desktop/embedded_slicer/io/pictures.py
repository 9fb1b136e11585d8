"""PNG, JPEG, TIFF and BMP as volumes: slicer-core's ITK does not read them, VTK does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import vtk
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy

READERS = {
    ".png": vtk.vtkPNGReader,
    ".jpg": vtk.vtkJPEGReader,
    ".jpeg": vtk.vtkJPEGReader,
    ".tif": vtk.vtkTIFFReader,
    ".tiff": vtk.vtkTIFFReader,
    ".bmp": vtk.vtkBMPReader,
}


def is_picture(path: Path) -> bool:
    return path.suffix.lower() in READERS


def load(scene: Any, path: Path, name: str) -> Any:
    """Add a picture as a volume of one slice, its first row at the top, with spacing 1 mm.

    Gray becomes a scalar volume, RGB and RGBA a vector volume, as in 3D Slicer. Raises ValueError.
    """
    reader = READERS[path.suffix.lower()]()
    if not reader.CanReadFile(str(path)):
        raise ValueError(f"{path.name} is not a picture that can be read, though its name says so.")
    reader.SetFileName(str(path))
    reader.Update()
    image = vtk.vtkImageData()
    image.DeepCopy(reader.GetOutput())
    width, height, depth = image.GetDimensions()
    scalars = image.GetPointData().GetScalars()
    if scalars is None or depth != 1 or width * height == 0:
        raise ValueError(f"{path.name} holds no picture of one page.")
    components = scalars.GetNumberOfComponents()
    if components == 2:  # gray with transparency: the gray is the picture
        components = 1
    pixels = vtk_to_numpy(scalars).reshape(height, width, -1)[::-1, :, :components]
    turned = numpy_to_vtk(np.ascontiguousarray(pixels).reshape(-1, components), deep=True)
    turned.SetName("ImageScalars")
    image.GetPointData().SetScalars(turned)
    image.SetOrigin(0, 0, 0)
    image.SetSpacing(1, 1, 1)
    kind = "vtkMRMLScalarVolumeNode" if components == 1 else "vtkMRMLVectorVolumeNode"
    volume = scene.AddNewNodeByClass(kind, name)
    volume.SetIJKToRASDirections(-1, 0, 0, 0, -1, 0, 0, 0, 1)  # rows go down: to posterior, as in DICOM
    volume.SetAndObserveImageData(image)
    volume.CreateDefaultDisplayNodes()
    storage = volume.CreateDefaultStorageNode()
    if storage is not None:
        storage.SetFileName(str(path))
        scene.AddNode(storage)
        volume.SetAndObserveStorageNodeID(storage.GetID())
    return volume
