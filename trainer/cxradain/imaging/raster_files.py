"""Radiographs in PNG, JPEG and TIFF (Pillow), NRRD, NIfTI and MetaImage (SimpleITK)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .dicom_checks import MIRRORED, TURNED
from .image_data import ImageData, ImageFault, check_size, luminance, usable_spacing
from .image_facts import VOLUME_SOURCES, ImageFacts
from .itk_files import check_values, itk_reader, volume_io

HEADER = 1 << 16  # bytes of a text header that are looked at
WHITE_IS_ZERO, PHOTOMETRIC = 0, 262  # TIFF 6.0, section 8
ORIENTATION = 274  # TIFF 6.0, section 8, and Exif 3.0, 4.6.5
# How a picture that says so is to be turned to be seen as it was taken.
TURNED_BY = {3, 4, 5, 6, 7, 8}
MIRRORED_BY = {2, 4, 5, 7}


def read_picture(path: Path) -> ImageData:
    """Read PNG, JPEG or TIFF of 8 to 16 bits, or floating point; color as luminance.

    Pixels stay in the order of the file, whatever its header says of turning them; there is a warning.
    Raises ImageFault; a damaged file may raise anything else.
    """
    from PIL import Image

    picture: Any  # each format has attributes of its own
    # By an open file, for Pillow 13 maps a TIFF of that name into memory with its sides exchanged.
    with path.open("rb") as file, Image.open(file, formats=("PNG", "JPEG", "TIFF")) as picture:
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
        raw = _raw_mode(picture)
        deep = ";16" in raw and not picture.mode.startswith("I")  # of which Pillow leaves 8 bits a channel
        if deep and raw.startswith("LA"):
            raise ImageFault("holds 16 bits of gray with transparency. Save it as gray alone.")
        if picture.format == "PNG":
            picture.load()  # its remarks may stand behind its pixels
        warnings = _warnings(picture)
        # A camera's JPEG with a preview beside it is MPO to Pillow.
        source = "JPEG" if picture.format == "MPO" else str(picture.format)
        pixels = _deep_color(path, picture) if deep else _pixels(picture)
    if pixels.ndim == 3:
        pixels = luminance(pixels)
    # Pillow's mode I has 32 bits, also for files of 16.
    if pixels.dtype == np.int32 and pixels.min() >= 0 and pixels.max() < 1 << 16:
        pixels = pixels.astype(np.uint16)
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return ImageData(pixels, ImageFacts(inverted, source=source), warnings)


def _pixels(picture: Any) -> np.ndarray:
    """(H, W), or (H, W, 3) of color, as Pillow decodes them, in the file's own order."""
    turned = _orientation(picture)
    picture.load()
    # Pillow turns a TIFF while it is loaded, and then takes the word for it away.
    back = _unturned(turned) if picture.format == "TIFF" and _orientation(picture) != turned else None
    if not picture.mode.startswith(("L", "I", "F")) or picture.mode == "LAB":
        picture = picture.convert("RGB")
    elif picture.mode in ("LA", "La"):
        picture = picture.convert("L")
    return np.array(picture if back is None else picture.transpose(back))


def _unturned(orientation: int) -> Any:
    """What undoes the turn that an orientation asks for."""
    from PIL.Image import Transpose

    return {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_90,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_270,
    }.get(orientation)


def _raw_mode(picture: Any) -> str:
    """How the file holds its pixels, as Pillow says it before they are loaded, such as "RGB;16B"."""
    words = picture.tile[0][3] if picture.tile else ""
    return words if isinstance(words, str) else str(next(iter(words or ()), ""))


def _deep_color(path: Path, picture: Any) -> np.ndarray:
    """(H, W, 3 or 4) of 16 bits a channel. Raises ImageFault where ITK too would change them."""
    import SimpleITK as sitk

    reader = itk_reader(path, f"{picture.format}ImageIO")
    if _orientation(picture) == 1 or picture.format == "PNG":
        reader.ReadImageInformation()
        if reader.GetPixelID() == sitk.sitkVectorUInt16:
            return sitk.GetArrayFromImage(reader.Execute())
    raise ImageFault("holds 16 bits a channel in a way that cannot be read. Save it as upright gray alone.")


def _orientation(picture: Any) -> int:
    """How a header asks for the picture to be turned, 1 (not at all) to 8."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # of what is damaged in a camera's remarks the pixels know nothing
        return 1


def _warnings(picture: Any) -> tuple[str, ...]:
    asked = _orientation(picture)
    return (TURNED,) * (asked in TURNED_BY) + (MIRRORED,) * (asked in MIRRORED_BY)


def read_volume(path: Path) -> ImageData:
    """Read NRRD, NIfTI or MetaImage of a single slice, whichever its unit axis; color as luminance.

    Raises ImageFault; a damaged file may raise RuntimeError.
    """
    import SimpleITK as sitk

    reader = itk_reader(path, volume_io(path))
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
    source = VOLUME_SOURCES[reader.GetImageIO()]
    return ImageData(pixels, ImageFacts(spacing=None if found == (1.0, 1.0) else found, source=source))


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
