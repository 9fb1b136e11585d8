"""NRRD, NIfTI and MetaImage by SimpleITK: single slices read, written, and placed in the patient."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import replace_atomically
from .image_data import Grid, ImageData, ImageFault, check_size, color_warnings, luminance, usable_spacing
from .image_facts import VOLUME_SOURCES, ImageFacts
from .orientation import orientation_along
from .volume_headers import check_meta_image, check_nifti, check_nrrd, nifti_header, open_nifti

if TYPE_CHECKING:
    import SimpleITK

IMAGE_IOS = {(".nii", ".nii.gz"): "NiftiImageIO", (".mha", ".mhd"): "MetaImageIO"}  # others are NRRD
CHECKS: dict[str, Callable[[Path], Path]] = {
    "NrrdImageIO": check_nrrd,
    "NiftiImageIO": check_nifti,
    "MetaImageIO": check_meta_image,
}
NIFTI_FLOATS = {16: "f4", 64: "f8"}  # datatype codes of nifti1.h


def read_volume(path: Path) -> ImageData:
    """Read NRRD, NIfTI or MetaImage of a single slice, whichever its unit axis; color as luminance.

    Raises ImageFault; a damaged file may raise RuntimeError.
    """
    import SimpleITK as sitk

    reader, file_size = volume_reader(path)
    size, spacing, channels = reader.GetSize(), reader.GetSpacing(), reader.GetNumberOfComponents()
    axes = [axis for axis, length in enumerate(size) if length != 1]
    shape = " x ".join(map(str, size))
    if len(axes) > 2:
        raise ImageFault(f"is a volume of {shape} voxels. Export one projection image.")
    if len(axes) < 2:
        raise ImageFault(f"has a size of {shape} pixels: no image. Export it again.")
    check_size(size[axes[0]], size[axes[1]], file_size)
    if channels not in (1, 3, 4):
        raise ImageFault(f"has {channels} values a pixel; gray or color is needed. Export it as gray.")
    if reader.GetImageIO() == "NiftiImageIO":
        _check_nifti_values(path)
    pixels = np.squeeze(sitk.GetArrayFromImage(reader.Execute()))
    warnings: tuple[str, ...] = ()
    if pixels.ndim == 3:
        warnings = color_warnings(pixels)
        pixels = luminance(pixels)
    in_mm = usable_spacing(spacing[axis] for axis in reversed(axes))
    # 1 x 1 mm is what these formats say where nobody measured.
    spacing_mm = None if in_mm == (1.0, 1.0) else in_mm
    directions = np.reshape(reader.GetDirection(), (len(size), len(size))).T[axes, :3]
    facts = ImageFacts(
        spacing=spacing_mm,
        orientation=orientation_along(directions),
        source=VOLUME_SOURCES[reader.GetImageIO()],
    )
    # A slice's thickness may be anything, and no program minds but when it writes.
    usable = tuple(abs(step) or 1.0 for step in spacing)
    grid = Grid(size, usable, reader.GetOrigin(), reader.GetDirection())
    return ImageData(pixels, facts, warnings, grid)


def itk_path(path: Path) -> str:
    """The path as SimpleITK takes it. Raises ImageFault for one that would end the process."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        raise ImageFault("has a name, or a folder's, that is not in UTF-8. Rename it.") from None
    return str(path)


def itk_reader(path: Path, image_io: str) -> SimpleITK.ImageFileReader:
    """A reader of one of ITK's ImageIO classes; left to choose, ITK may try others on a damaged file.

    Raises ImageFault as `itk_path`.
    """
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetImageIO(image_io)
    reader.SetFileName(itk_path(path))
    return reader


def volume_reader(path: Path) -> tuple[SimpleITK.ImageFileReader, int]:
    """A reader that has read the header of a NRRD, NIfTI or MetaImage file, and the bytes that its pixels are
    in; without an extension it is NRRD.

    For the decoder's process alone. Raises ImageFault for a header that must not be read, and RuntimeError
    for another that is damaged.
    """
    name = path.name.lower()
    image_io = next((io for extensions, io in IMAGE_IOS.items() if name.endswith(extensions)), "NrrdImageIO")
    size = CHECKS[image_io](path).stat().st_size
    reader = itk_reader(path, image_io)
    reader.ReadImageInformation()
    return reader, size


def itk_image(
    pixels: np.ndarray, spacing: Sequence[float], origin: Sequence[float], direction: Sequence[float]
) -> SimpleITK.Image:
    """An ITK image of (H, W) or (D, H, W) pixels in its place: mm, LPS, axes (column, row[, slice]).

    Where three numbers of spacing are given for (H, W) pixels, they become a volume of one slice.
    """
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(pixels[None] if len(spacing) > pixels.ndim else pixels)
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    image.SetDirection(direction)
    return image


def write_itk_image(path: Path, image: SimpleITK.Image) -> Path:
    """Write an image, compressed, in the format of the path's extension, atomically. Raises OSError."""
    import SimpleITK as sitk

    with itk_errors_as_os_errors(path):
        return replace_atomically(path, lambda temporary: sitk.WriteImage(image, itk_path(temporary), True))


@contextmanager
def itk_errors_as_os_errors(path: Path) -> Iterator[None]:
    """Raise what ITK raises while a file is written as OSError that names the file."""
    try:
        yield
    except RuntimeError as error:
        raise OSError(f"{path}: cannot be written ({error})") from error
    except ImageFault as fault:
        raise OSError(f"{path}: {fault}") from fault


def _check_nifti_values(path: Path) -> None:
    """Raise ImageFault where a NIfTI file is short of values or has any that is no number.

    Call it after the size in the header has been found to be sensible. A damaged compressed file raises
    EOFError, OSError or zlib.error.
    """
    with open_nifti(path) as file:
        header = nifti_header(file)
        file.seek(header.start)
        values = file.read(header.size)
    if len(values) < header.size:
        raise ImageFault(f"is cut short: {len(values)} of {header.size} bytes of pixels. Copy it again.")
    kind = NIFTI_FLOATS.get(header.code)
    if kind is not None and not np.isfinite(np.frombuffer(values, header.order + kind)).all():
        raise ImageFault("holds values that are no numbers (NaN or infinite). Export it again.")
