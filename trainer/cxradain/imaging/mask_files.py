"""Masks as files: label maps of 0 background, 1 right lung and 2 left lung on the radiograph's own grid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import replace_atomically
from .image_data import ImageFault
from .itk_files import itk_path, itk_reader, volume_io
from .radiograph import Radiograph, is_volume

if TYPE_CHECKING:
    import SimpleITK

ENDINGS = {"nrrd": ".nrrd", "nifti": ".nii.gz", "png": ".png"}


def write_mask(path: str | Path, labels: np.ndarray, radiograph: Radiograph) -> Path:
    """Write (H, W) labels of a radiograph, replaced atomically, in the format of the path's ending.

    NRRD and NIfTI have the spacing of a calibrated radiograph (1 otherwise), and the whole geometry of one
    that was itself NRRD, NIfTI or MetaImage. PNG has the values 0, 1 and 2 as they are, which look all black:
    people want the overlay. Raises OSError.
    """
    path = Path(path)
    write = _write_png if path.suffix.lower() == ".png" else _writer_of_volumes(radiograph)
    return replace_atomically(path, lambda temporary: write(temporary, labels))


def write_gray(path: str | Path, intensities: np.ndarray) -> Path:
    """Write (H, W) intensities in 0..1 as a PNG of 8 bits, replaced atomically. Raises OSError."""
    gray = np.round(np.clip(intensities, 0, 1) * 255).astype(np.uint8)
    return replace_atomically(path, lambda temporary: _write_png(temporary, gray))


def _write_png(path: Path, image: np.ndarray) -> None:
    from PIL import Image

    Image.fromarray(image).save(path, "PNG")


def _writer_of_volumes(radiograph: Radiograph) -> Callable[[Path, np.ndarray], None]:
    def write(path: Path, labels: np.ndarray) -> None:
        import SimpleITK as sitk

        try:
            sitk.WriteImage(_on_grid(labels, radiograph), itk_path(path), useCompression=True)
        except RuntimeError as error:
            raise OSError(f"{path}: cannot be written ({error})") from error
        except ImageFault as fault:
            raise OSError(f"{path}: {fault}") from fault

    return write


def _on_grid(labels: np.ndarray, radiograph: Radiograph) -> SimpleITK.Image:
    """The labels as an image in the radiograph's place: of its header, or else of its spacing."""
    import SimpleITK as sitk

    # DICOM's projection images have no place in the patient, only a spacing, and that the radiograph knows.
    path = Path(radiograph.path or "")
    if path.is_file() and is_volume(path):
        header = itk_reader(path, volume_io(path))
        header.ReadImageInformation()
        size = header.GetSize()
        # A radiograph may be a volume of one slice; then so is its mask.
        if (
            len(size) <= 3
            and labels.size == np.prod(size)
            and labels.shape == tuple(n for n in size[::-1] if n > 1)
        ):
            image = sitk.GetImageFromArray(labels.reshape(size[::-1]))
            image.SetSpacing(header.GetSpacing())
            image.SetOrigin(header.GetOrigin())
            image.SetDirection(header.GetDirection())
            return image
    image = sitk.GetImageFromArray(labels)
    if radiograph.spacing is not None:
        image.SetSpacing([float(mm) for mm in radiograph.spacing[::-1]])
    return image
