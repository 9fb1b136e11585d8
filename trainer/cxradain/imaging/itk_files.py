"""Reading and writing single slices in NRRD, NIfTI and MetaImage, by SimpleITK."""

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

IMAGE_IOS = {
    (".nii", ".nii.gz"): "NiftiImageIO",
    (".mha", ".mhd"): "MetaImageIO",
}  # any other extension is NRRD
CHECKS: dict[str, Callable[[Path], Path]] = {
    "NrrdImageIO": check_nrrd,
    "NiftiImageIO": check_nifti,
    "MetaImageIO": check_meta_image,
}
NIFTI_FLOATS = {16: "f4", 64: "f8"}  # datatype codes of nifti1.h


def read_volume(path: Path) -> ImageData:
    """Read a single slice from NRRD, NIfTI or MetaImage, along any axis; color becomes luminance.

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
    # These formats say 1 x 1 mm if the spacing is unknown.
    spacing_mm = None if in_mm == (1.0, 1.0) else in_mm
    directions = np.reshape(reader.GetDirection(), (len(size), len(size))).T[axes, :3]
    facts = ImageFacts(
        spacing=spacing_mm,
        orientation=orientation_along(directions),
        source=VOLUME_SOURCES[reader.GetImageIO()],
    )
    # The slice thickness may be 0, which ITK refuses to write.
    usable = tuple(abs(step) or 1.0 for step in spacing)
    grid = Grid(size, usable, reader.GetOrigin(), reader.GetDirection())
    return ImageData(pixels, facts, warnings, grid)


def itk_path(path: Path) -> str:
    """The path for SimpleITK. Raises ImageFault for one that would crash the process."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        raise ImageFault("has a name, or a folder's, that is not in UTF-8. Rename it.") from None
    return str(path)


def itk_reader(path: Path, image_io: str) -> SimpleITK.ImageFileReader:
    """A reader with a fixed ImageIO class; by default, ITK may try others on a damaged file.

    Raises ImageFault as `itk_path`.
    """
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetImageIO(image_io)
    reader.SetFileName(itk_path(path))
    return reader


def volume_reader(path: Path) -> tuple[SimpleITK.ImageFileReader, int]:
    """A reader that has read the header of a NRRD, NIfTI or MetaImage file, and the size in bytes of the file
    with its pixels. Files without an extension are NRRD.

    Only for the decoder's process. Raises ImageFault for an unsafe header, and RuntimeError for another
    damaged one.
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
    """An ITK image of (H, W) or (D, H, W) pixels; mm, LPS, axes (column, row[, slice]).

    With three-dimensional spacing, (H, W) pixels become a volume of one slice.
    """
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(pixels[None] if len(spacing) > pixels.ndim else pixels)
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    image.SetDirection(direction)
    return image


def write_itk_image(path: Path, image: SimpleITK.Image) -> Path:
    """Write an image in the format of the path's extension, compressed and atomically. Raises OSError."""
    import SimpleITK as sitk

    with itk_errors_as_os_errors(path):
        return replace_atomically(path, lambda temporary: sitk.WriteImage(image, itk_path(temporary), True))


@contextmanager
def itk_errors_as_os_errors(path: Path) -> Iterator[None]:
    """Turn ITK's errors in writing a file into OSError, naming the file."""
    try:
        yield
    except RuntimeError as error:
        raise OSError(f"{path}: cannot be written ({error})") from error
    except ImageFault as fault:
        raise OSError(f"{path}: {fault}") from fault


def _check_nifti_values(path: Path) -> None:
    """Raise ImageFault if a NIfTI file has too few values, or one that is not a finite number.

    Call it after `check_size`. A damaged compressed file raises EOFError, OSError or zlib.error.
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
