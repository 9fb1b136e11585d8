"""Radiographs in PNG, JPEG and TIFF (Pillow), NRRD, NIfTI and MetaImage (SimpleITK)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from .dicom import luminance
from .radiograph import VOLUME_ENDINGS, Radiograph, RadiographError

LARGEST_PIXELS = 20_000 * 20_000
UNREADABLE = (
    "is not readable as an image (PNG, JPEG, TIFF, NRRD, NIfTI, MetaImage or DICOM): it is damaged or cut "
    "short, or something else"
)


def read(path: Path) -> Radiograph:
    """Read one image. Raises RadiographError, naming the file."""
    name = path.name.lower()
    ending = next((e for e in sorted(VOLUME_ENDINGS, key=len, reverse=True) if name.endswith(e)), None)
    return _read_volume(path, path.name[: -len(ending)]) if ending else _read_picture(path)


def _read_picture(path: Path) -> Radiograph:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            frames, (width, height) = getattr(picture, "n_frames", 1), picture.size
            if frames > 1:
                raise RadiographError(path, f"holds {frames} pictures; save the frontal radiograph alone.")
            if width * height > 4000 * max(1, path.stat().st_size):
                raise RadiographError(path, f"claims {width} x {height} pixels, far more than it can hold.")
            if picture.mode == "1":
                raise RadiographError(path, "is black and white; a radiograph has shades of gray.")
            if picture.mode in ("P", "PA", "LA", "CMYK", "YCbCr", "HSV", "LAB"):
                picture = picture.convert("RGB" if picture.mode != "LA" else "L")
            pixels = np.asarray(picture)
    except RadiographError:
        raise
    except Exception as error:  # Pillow's plugins raise whatever a damaged file makes them run into
        raise RadiographError(path, f"{UNREADABLE} ({type(error).__name__}).") from error
    if pixels.ndim == 3:
        pixels = luminance(pixels)
    if pixels.ndim != 2 or pixels.dtype.kind not in "uif":
        raise RadiographError(path, "has no gray values that can be used.")
    # Pillow gives 16-bit grays as 32-bit integers in some modes.
    if pixels.dtype == np.int32 and pixels.min() >= 0 and pixels.max() < 2**16:
        pixels = pixels.astype(np.uint16)
    return Radiograph(pixels=pixels, name=path.stem, path=path)


def _read_volume(path: Path, name: str) -> Radiograph:
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        size, spacing = reader.GetSize(), reader.GetSpacing()
        axes = [axis for axis, length in enumerate(size) if length > 1]
        if len(axes) > 2:
            raise RadiographError(
                path, f"is a volume of {' x '.join(map(str, size))} voxels; one projection image is needed."
            )
        channels = reader.GetNumberOfComponents()
        # A compressed header can claim what no file of this size can hold.
        if math.prod(size) > min(LARGEST_PIXELS, 4000 * max(1, _bytes(path))):
            raise RadiographError(path, f"claims {' x '.join(map(str, size))} pixels, more than it can hold.")
        pixels = sitk.GetArrayFromImage(reader.Execute())
    except RadiographError:
        raise
    except RuntimeError as error:
        raise RadiographError(path, f"{UNREADABLE}.") from error
    if channels not in (1, 3, 4):
        raise RadiographError(path, f"has {channels} values a pixel; gray or color is needed.")
    inner = [length for length in size[::-1] if length > 1] or [1]
    if len(inner) < 2:
        raise RadiographError(path, f"is {' x '.join(map(str, size))} pixels: no image.")
    pixels = pixels.reshape(*inner, channels) if channels > 1 else pixels.reshape(inner)
    if channels > 1:
        pixels = luminance(pixels)
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise RadiographError(path, "holds values that are no numbers (NaN or infinite).")
    column, row = (float(spacing[axis]) for axis in axes)
    # 1 x 1 mm is what these formats say where nobody measured.
    known = all(math.isfinite(v) and v > 0 for v in (row, column)) and (row, column) != (1.0, 1.0)
    return Radiograph(pixels=pixels, name=name, spacing=(row, column) if known else None, path=path)


def _bytes(path: Path) -> int:
    """Size of the file, and of the raw data beside a detached header."""
    beside = (path.with_suffix(e) for e in (".raw", ".zraw", ".raw.gz", ".img"))
    return path.stat().st_size + sum(p.stat().st_size for p in beside if p.is_file())
