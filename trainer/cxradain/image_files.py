"""Radiographs in PNG, JPEG and TIFF (Pillow), NRRD, NIfTI and MetaImage (SimpleITK)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .image_data import ImageData, ImageFault, check_size, luminance, usable_spacing
from .nifti_values import check_values

HEADER = 1 << 16  # bytes of a text header that are looked at
WHITE_IS_ZERO, PHOTOMETRIC = 0, 262  # TIFF 6.0, section 8


def read_picture(path: Path) -> ImageData:
    """Read PNG, JPEG or TIFF of 8 to 16 bits, or floating point; color as luminance, of 8 bits a channel.

    Raises ImageFault; a damaged file may raise anything else.
    """
    from PIL import Image

    picture: Any  # each format has attributes of its own
    with Image.open(path, formats=("PNG", "JPEG", "TIFF")) as picture:
        # A camera's JPEG may carry a preview as its second picture.
        if getattr(picture, "n_frames", 1) > 1 and picture.format in ("PNG", "TIFF"):
            raise ImageFault(f"holds {picture.n_frames} pictures. Save the frontal radiograph alone.")
        width, height = picture.size
        check_size(width, height, path.stat().st_size)
        if picture.mode == "1":
            raise ImageFault("is black and white; a radiograph has shades of gray.")
        inverted = (
            # Pillow has inverted 8 bits itself.
            picture.format == "TIFF"
            and picture.mode.startswith("I")
            and picture.tag_v2.get(PHOTOMETRIC) == WHITE_IS_ZERO
        )
        if not picture.mode.startswith(("L", "I", "F")) or picture.mode == "LAB":
            picture = picture.convert("RGB")
        elif picture.mode in ("LA", "La"):
            picture = picture.convert("L")
        pixels = np.array(picture)
    if pixels.ndim == 3:
        pixels = luminance(pixels)
    # Pillow's mode I has 32 bits, also for files of 16.
    if pixels.dtype == np.int32 and pixels.min() >= 0 and pixels.max() < 1 << 16:
        pixels = pixels.astype(np.uint16)
    return ImageData(pixels.astype(pixels.dtype.newbyteorder("="), copy=False), inverted=inverted)


def read_volume(path: Path) -> ImageData:
    """Read NRRD, NIfTI or MetaImage of a single slice, whichever its unit axis; color as luminance.

    Raises ImageFault; a damaged file may raise RuntimeError.
    """
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetImageIO(image_io(path))
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    size, spacing, channels = reader.GetSize(), reader.GetSpacing(), reader.GetNumberOfComponents()
    axes = [axis for axis, length in enumerate(size) if length != 1]
    claimed = " x ".join(map(str, size))
    if len(axes) > 2:
        raise ImageFault(f"is a volume of {claimed} voxels. Export one projection image.")
    if len(axes) < 2:
        raise ImageFault(f"has a size of {claimed} pixels: no image. Export it again.")
    check_size(size[axes[0]], size[axes[1]], bytes_with_data(path))
    if channels not in (1, 3, 4):
        raise ImageFault(f"has {channels} values a pixel; gray or color is needed. Export it as gray.")
    if reader.GetImageIO() == "NiftiImageIO":
        check_values(path)
    pixels = np.squeeze(sitk.GetArrayFromImage(reader.Execute()))
    if pixels.ndim == 3:
        pixels = luminance(pixels)
    found = usable_spacing(spacing[axis] for axis in reversed(axes))
    # 1 x 1 mm is what these formats say where nobody measured.
    return ImageData(pixels, spacing=None if found == (1.0, 1.0) else found)


def image_io(path: Path) -> str:
    """ITK's reader for a file; named, for left to choose it may try others on a damaged one."""
    name = path.name.lower()
    if name.endswith((".nii", ".nii.gz")):
        return "NiftiImageIO"
    return "MetaImageIO" if name.endswith((".mha", ".mhd")) else "NrrdImageIO"


def bytes_with_data(path: Path) -> int:
    """Size of the file, and of the data beside it that a detached header (NHDR, MHD) names."""
    size = path.stat().st_size
    if path.suffix.lower() in (".nhdr", ".mhd"):
        for line in path.read_text("latin-1").splitlines():
            field, _, value = line.replace("=", ":", 1).partition(":")
            if field.replace(" ", "").lower() in ("datafile", "elementdatafile"):
                beside = path.parent / value.strip()
                size += beside.stat().st_size if beside.is_file() else 0
    return size
