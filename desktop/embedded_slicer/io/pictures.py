"""Loads PNG, JPEG, TIFF and BMP files as volumes, which slicer-core's ITK cannot read.

It uses Pillow: VTK's readers check only a file's first bytes, and a damaged PNG crashes the process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData

FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}


def is_picture(path: Path) -> bool:
    return path.suffix.lower() in FORMATS


def load(scene: Any, path: Path, name: str) -> Any:
    """Add a picture as a volume of one slice, with its first row at the top and a spacing of 1 mm.

    Gray becomes a scalar volume, RGB and RGBA a vector volume, as in 3D Slicer. Raises ValueError.
    """
    pixels = read(path)
    height, width, components = pixels.shape
    image = vtkImageData()
    image.SetDimensions(width, height, 1)
    scalars = numpy_to_vtk(pixels.reshape(-1, components), deep=True)
    scalars.SetName("ImageScalars")
    image.GetPointData().SetScalars(scalars)
    kind = "vtkMRMLScalarVolumeNode" if components == 1 else "vtkMRMLVectorVolumeNode"
    volume = scene.AddNewNodeByClass(kind, name)
    volume.SetIJKToRASDirections(-1, 0, 0, 0, -1, 0, 0, 0, 1)  # rows run to posterior, as in DICOM
    volume.SetAndObserveImageData(image)
    volume.CreateDefaultDisplayNodes()
    storage = volume.CreateDefaultStorageNode()
    if storage is not None:
        storage.SetFileName(str(path))
        scene.AddNode(storage)
        volume.SetAndObserveStorageNodeID(storage.GetID())
    return volume


def read(path: Path) -> np.ndarray:
    """Read (H, W, 1, 3 or 4) values, top row first; color has 8 bits per channel. Raises ValueError."""
    try:
        with Image.open(path, formats=(FORMATS[path.suffix.lower()],)) as picture:
            pages = getattr(picture, "n_frames", 1)
            if picture.mode == "1" or picture.mode in ("LA", "La"):  # drops the alpha channel of gray images
                picture = picture.convert("L")
            elif picture.mode not in ("L", "F", "RGBA") and not picture.mode.startswith("I"):
                picture = picture.convert("RGB")
            pixels = np.array(picture)
    except Exception as error:  # Pillow may raise anything for a damaged file
        raise ValueError(f"{path.name} is not a picture that can be read ({error}).") from error
    if pages > 1 and path.suffix.lower() in (".tif", ".tiff"):
        raise ValueError(f"{path.name} holds {pages} pages. Save only the radiograph.")
    if pixels.dtype == np.int32 and pixels.min() >= 0 and pixels.max() < 1 << 16:
        pixels = pixels.astype(np.uint16)  # Pillow's mode I has 32 bits, even for 16-bit files
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return np.ascontiguousarray(pixels.reshape(*pixels.shape[:2], -1))
