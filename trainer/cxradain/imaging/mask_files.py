"""Masks as files: label maps of 0 background, 1 right lung and 2 left lung on the radiograph's own grid."""

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
    """Write (H, W) labels of a radiograph, replaced atomically, in the format of the path's extension.

    NRRD and NIfTI have the spacing of a calibrated radiograph (1 otherwise), and the whole geometry of one
    that was itself NRRD, NIfTI or MetaImage. PNG has the values 0, 1 and 2 as they are, which look all black:
    people want the overlay. Raises OSError.
    """
    path = Path(path)
    if path.suffix.lower() == ".png":
        return write_bytes(path, png_bytes(labels, marked=True))
    with itk_errors_as_os_errors(path):
        return write_itk_image(path, _on_grid_of(radiograph, labels))


def write_gray(path: str | Path, intensities: np.ndarray) -> Path:
    """Write (H, W) intensities in 0..1 as a PNG of 8 bits, replaced atomically. Raises OSError."""
    gray = np.round(np.clip(intensities, 0, 1) * 255).astype(np.uint8)
    return write_bytes(path, png_bytes(gray, marked=True))


def _on_grid_of(radiograph: Radiograph, labels: np.ndarray) -> SimpleITK.Image:
    """The labels as an image in the radiograph's place: of its header, or else of its spacing."""
    # DICOM's projection images have no place in the patient, only a spacing, and that the radiograph knows.
    if (grid := radiograph.grid) is not None:
        shape = grid.size[::-1]
        # A radiograph may be a volume of one slice, along any axis; then so is its mask.
        if len(shape) <= 3 and labels.shape == tuple(n for n in shape if n > 1):
            return itk_image(labels.reshape(shape), grid.spacing, grid.origin, grid.direction)
    row, column = radiograph.spacing or (1.0, 1.0)
    return itk_image(labels, (float(column), float(row)), (0.0, 0.0), (1.0, 0.0, 0.0, 1.0))
