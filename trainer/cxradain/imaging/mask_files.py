"""Writing masks: label maps of 0 background, 1 right lung and 2 left lung on the radiograph's grid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import write_bytes
from .itk_files import itk_errors_as_os_errors, itk_image, write_itk_image
from .radiograph import Radiograph
from .raster_files import png_bytes

if TYPE_CHECKING:
    import SimpleITK

EXTENSIONS = {"nrrd": ".nrrd", "nifti": ".nii.gz", "png": ".png"}


def write_mask(path: str | Path, labels: np.ndarray, radiograph: Radiograph) -> Path:
    """Write (H, W) labels of a radiograph atomically, in the format of the path's extension.

    NRRD and NIfTI have the spacing of a calibrated radiograph (otherwise 1), and the complete geometry of a
    NRRD, NIfTI or MetaImage file. PNG has the values 0, 1 and 2, which look black; the overlay is for people.
    Raises OSError.
    """
    path = Path(path)
    if path.suffix.lower() == ".png":
        return write_bytes(path, png_bytes(labels, marked=True))
    with itk_errors_as_os_errors(path):
        return write_itk_image(path, _on_grid_of(radiograph, labels))


def write_gray(path: str | Path, intensities: np.ndarray) -> Path:
    """Write (H, W) intensities in 0..1 as an 8-bit PNG, atomically. Raises OSError."""
    gray = np.round(np.clip(intensities, 0, 1) * 255).astype(np.uint8)
    return write_bytes(path, png_bytes(gray, marked=True))


def _on_grid_of(radiograph: Radiograph, labels: np.ndarray) -> SimpleITK.Image:
    """The labels as an ITK image with the radiograph's geometry, from its header or else its spacing."""
    # DICOM projection images have a spacing but no position in the patient.
    if (grid := radiograph.grid) is not None:
        shape = grid.size[::-1]
        # A radiograph may be a single-slice volume along any axis; then so is its mask.
        if len(shape) <= 3 and labels.shape == tuple(n for n in shape if n > 1):
            return itk_image(labels.reshape(shape), grid.spacing, grid.origin, grid.direction)
    row, column = radiograph.spacing or (1.0, 1.0)
    return itk_image(labels, (float(column), float(row)), (0.0, 0.0), (1.0, 0.0, 0.0, 1.0))
