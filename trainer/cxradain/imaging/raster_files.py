"""Reading radiographs in PNG, JPEG, TIFF, BMP and WebP, and writing PNG, by Pillow."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from .file_formats import OURS, RASTER_SIGNATURES, FileFormat
from .image_data import ImageData, ImageFault, check_size, color_warnings, luminance
from .image_facts import ImageFacts
from .itk_files import itk_reader
from .orientation import OF_TAG

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
TIFFS = (b"II*\0", b"MM\0*")
BITS, SAMPLE_FORMAT, UNSIGNED, SIGNED = 258, 339, 1, 2  # TIFF 6.0, sections 8 and 19
SAMPLE_FORMATS = {1: "unsigned integers", 2: "signed integers", 3: "floating point"}
WHITE_IS_ZERO, PHOTOMETRIC = 0, 262  # TIFF 6.0, section 8
ORIENTATION = 274  # TIFF 6.0, section 8, and Exif 3.0, 4.6.5


def read_raster(path: Path) -> ImageData:
    """Read PNG, JPEG, TIFF, BMP or WebP of 8 to 16 bits or floating point; color becomes luminance.

    Pixels stay in the order of the file: an orientation tag is stated, not applied. Raises ImageFault; a
    damaged file may raise anything.
    """
    picture: Any  # each format has its own attributes
    # As an open file: given a path, Pillow 13 memory-maps a TIFF with exchanged sides.
    with path.open("rb") as file, _opened(file) as picture:
        # A camera's JPEG may carry a preview as its second picture.
        if getattr(picture, "n_frames", 1) > 1 and picture.format in ("PNG", "TIFF", "WEBP"):
            raise ImageFault(f"holds {picture.n_frames} pictures. Save only the frontal radiograph.")
        width, height = picture.size
        check_size(width, height, path.stat().st_size)
        if picture.mode == "1":
            raise ImageFault("is black and white; a radiograph has shades of gray.")
        tags = picture.tag_v2 if picture.format == "TIFF" else {}
        # Pillow inverts 8-bit images itself.
        inverted = picture.mode.startswith(("I", "F")) and tags.get(PHOTOMETRIC) == WHITE_IS_ZERO
        raw = _raw_mode(picture)
        # Pillow would reduce these to 8 bits per channel, or decode nothing if the channels are separate.
        deep = ";16" in raw or max(tags.get(BITS, (8,))) > 8
        deep = deep and not picture.mode.startswith(("I", "F"))
        if deep and raw.startswith("LA"):
            raise ImageFault("holds 16 bits of gray with transparency. Save it as gray without transparency.")
        if picture.format == "PNG":
            picture.load()  # its text chunks may follow its pixels
        orientation = OF_TAG.get(_orientation(picture))
        # Pillow calls a camera's JPEG with a preview MPO.
        source = {"MPO": "JPEG", "WEBP": "WebP"}.get(picture.format, str(picture.format))
        pixels = _deep_color(path, picture) if deep else _pixels(picture)
    warnings: tuple[str, ...] = ()
    if pixels.ndim == 3:
        warnings = color_warnings(pixels)
        pixels = luminance(pixels)
    kind = next(iter(tags.get(SAMPLE_FORMAT, (UNSIGNED,))), UNSIGNED)
    if pixels.dtype == np.uint8 and kind == SIGNED:  # Pillow reads these as unsigned
        pixels = pixels.view(np.int8)
    # Pillow's mode I has signed 32 bits, even for 16-bit and unsigned files.
    if pixels.dtype == np.int32 and pixels.min() >= 0 and pixels.max() < 1 << 16:
        pixels = pixels.astype(np.uint16)
    elif pixels.dtype == np.int32 and picture.format == "TIFF" and kind == UNSIGNED:
        pixels = pixels.view(np.uint32)
    pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return ImageData(pixels, ImageFacts(inverted, orientation=orientation, source=source), warnings)


def _opened(file: BinaryIO) -> Any:
    """Open a picture with Pillow. Raises ImageFault, with the reason, for a file that is a picture only by
    its name, and for a TIFF that Pillow cannot read."""
    from PIL import Image, UnidentifiedImageError
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    try:
        return Image.open(file, formats=FORMATS)
    except UnidentifiedImageError:
        file.seek(0)
        header = file.read(8)
        if not header.startswith((*RASTER_SIGNATURES, b"RIFF", b"BM")):
            raise ImageFault(
                f"is damaged or incomplete, or not a {FileFormat.RASTER.value} despite its name. "
                "Copy or export it again."
            ) from None
        if header[:4] not in TIFFS:
            raise
        tags = ImageFileDirectory_v2(header)
        file.seek(tags.next)
        tags.load(file)
        bits, kind = (next(iter(tags.get(tag, (1,))), 1) for tag in (BITS, SAMPLE_FORMAT))
        what = f"{bits} bits of {SAMPLE_FORMATS.get(kind, 'an unknown kind')}"
        raise ImageFault(
            f"is TIFF with pixels of {what}, which cannot be read. Save it as gray of 8 or 16 bits."
        ) from None


def _pixels(picture: Any) -> np.ndarray:
    """Decode to (H, W), or (H, W, 3) for color, in the order of the file."""
    orientation = _orientation(picture)
    picture.load()
    # Pillow applies a TIFF's orientation on loading, and then removes the tag.
    applied = picture.format == "TIFF" and _orientation(picture) != orientation
    back = _inverse_transpose(orientation) if applied else None
    if not picture.mode.startswith(("L", "I", "F")) or picture.mode == "LAB":
        picture = picture.convert("RGB")
    elif picture.mode in ("LA", "La"):
        picture = picture.convert("L")
    return np.array(picture if back is None else picture.transpose(back))


def _inverse_transpose(orientation: int) -> Any:
    """The transposition that undoes an orientation tag."""
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
    """Pillow's raw mode, the file's pixel format, such as "RGB;16B"; before loading."""
    arguments = picture.tile[0][3] if picture.tile else ""
    return arguments if isinstance(arguments, str) else str(next(iter(arguments or ()), ""))


def _deep_color(path: Path, picture: Any) -> np.ndarray:
    """Decode (H, W, 3 or 4) of 16 bits per channel by ITK. Raises ImageFault if ITK would change them too."""
    import SimpleITK as sitk

    reader = itk_reader(path, f"{picture.format}ImageIO")
    if _orientation(picture) == 1 or picture.format == "PNG":
        reader.ReadImageInformation()
        if reader.GetPixelID() == sitk.sitkVectorUInt16:
            return sitk.GetArrayFromImage(reader.Execute())
    raise ImageFault(
        "holds 16 bits a channel in a way that cannot be read. Save it as upright 16-bit gray without color."
    )


def _orientation(picture: Any) -> int:
    """The orientation tag, 1 (upright) to 8."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # a damaged Exif header does not affect the pixels
        return 1


def png_bytes(pixels: np.ndarray, marked: bool = False) -> bytes:
    """Encode (H, W) uint8 or uint16, or (H, W, 3) uint8, as a PNG file's bytes; `marked` as made by this
    program, so that it is never taken for a radiograph."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    file, info = io.BytesIO(), PngInfo()
    if marked:
        key, _, value = OURS.removeprefix(b"tEXt").decode().partition("\0")
        info.add_text(key, value)
    Image.fromarray(pixels).save(file, "PNG", pnginfo=info)
    return file.getvalue()
