"""The stored pixels of a single-frame DICOM file: uncompressed and RLE by pydicom, JPEG variants by GDCM.

GDCM comes with SimpleITK on every platform, permissively licensed. High-throughput JPEG 2000 needs
pylibjpeg-openjpeg in addition to pydicom.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .dicom_attributes import as_float, number_of, text_of
from .image_data import ImageFault, brief, check_size
from .itk_files import itk_reader

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID

# The Image Pixel module (PS3.3 C.7.6.3); GDCM's temporary file holds nothing else: no patient, no rescale.
PIXEL_ATTRIBUTES = (
    *("SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "Rows", "Columns"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData"),
)

FLOATS = ("FloatPixelData", "DoubleFloatPixelData")  # PS3.3 C.7.6.24 and C.7.6.25


def stored_pixels(dataset: Dataset) -> np.ndarray:
    """Stored values (H, W), or (H, W, 3 or 4) for color. Raises ImageFault; a decoder may raise anything."""
    from pydicom.pixels import apply_color_lut

    if not any(name in dataset for name in (*FLOATS, "PixelData")):
        if "Rows" not in dataset and "SOPClassUID" not in dataset:
            raise ImageFault("is not DICOM, or it is damaged or incomplete. Copy or export it again.")
        raise ImageFault("has no pixel data: it is a report, or cut short. Export the image again.")
    frames = number_of(dataset, "NumberOfFrames", 1)
    if frames > 1:
        raise ImageFault(f"holds {frames:.0f} frames. Export the frontal radiograph as one image.")
    if number_of(dataset, "BitsAllocated", 16) < 8:
        raise ImageFault("is black and white; a radiograph has shades of gray.")
    width, height = (int(number_of(dataset, name, 0)) for name in ("Columns", "Rows"))
    check_size(width, height, max(len(dataset.get(name, b"")) for name in (*FLOATS, "PixelData")))
    if photometric := text_of(dataset, "PhotometricInterpretation"):  # decoders compare it case-sensitively
        dataset.PhotometricInterpretation = photometric
    pixels = _decode(dataset, width, height)
    if pixels.ndim == 2 and text_of(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
    color = pixels.ndim == 3 and pixels.shape[2] in (3, 4)
    if (pixels.shape[:2] if color else pixels.shape) != (height, width):
        raise ImageFault(f"has pixels of another size than its header's {width} x {height}. Copy it again.")
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)


def beyond_bits_stored(pixels: np.ndarray, dataset: Dataset) -> bool:
    """Whether stored integers need more bits than BitsStored (PS3.5 8.1.1)."""
    bits = int(number_of(dataset, "BitsStored", 16))
    if pixels.dtype.kind not in "iu" or not 0 < bits < 8 * pixels.itemsize:
        return False
    return int(pixels.max()) >= 1 << (bits - (pixels.dtype.kind == "i"))


def _decode(dataset: Dataset, width: int, height: int) -> np.ndarray:
    """Decode to (H, W) or (H, W, 3) as stored, YBR as RGB."""
    from pydicom import uid
    from pydicom.pixels import pixel_array

    gdcm_syntaxes = {*uid.JPEGTransferSyntaxes, *uid.JPEGLSTransferSyntaxes, *uid.JPEG2000TransferSyntaxes}
    gdcm_syntaxes -= {uid.HTJ2K, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL}
    syntax = _transfer_syntax(dataset)
    if syntax in gdcm_syntaxes:
        return _decode_by_gdcm(dataset, syntax, width, height)
    if syntax in uid.UncompressedTransferSyntaxes:
        return _in_their_bits(dataset, lambda: dataset.pixel_array)
    if syntax == uid.RLELossless:  # pylibjpeg-rle panics on damaged data
        return _in_their_bits(dataset, lambda: pixel_array(dataset, decoding_plugin="pydicom"))
    try:
        return dataset.pixel_array
    except (NotImplementedError, RuntimeError, ValueError) as error:  # what pydicom raises without a decoder
        raise ImageFault(
            f"holds pixels compressed as {syntax.name}, which cannot be decoded: damaged, or no decoder "
            f"for it is installed. Export it uncompressed. ({brief(error)})"
        ) from error


def _transfer_syntax(dataset: Dataset) -> UID:
    """The transfer syntax; without File Meta Information (PS3.10 7.1) the one with which the file was
    read."""
    from pydicom import uid

    named = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    if named:
        return named
    implicit, little = dataset.original_encoding
    explicit = uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian if implicit else explicit
    return dataset.file_meta.TransferSyntaxUID


def _in_their_bits(dataset: Dataset, decode: Callable[[], np.ndarray]) -> np.ndarray:
    """Decode with respect to HighBit (PS3.5 8.1.1); pydicom assumes that values are in the lowest bits.

    Unsigned values keep the bits above BitsStored, which pydicom clears, unless an old file has overlays
    there.
    """
    bits, allocated = (int(number_of(dataset, name, 16)) for name in ("BitsStored", "BitsAllocated"))
    high = int(number_of(dataset, "HighBit", bits - 1))
    shift = high + 1 - bits if bits <= high < allocated else 0
    unsigned = "PixelData" in dataset and number_of(dataset, "PixelRepresentation", 0) == 0
    if not shift and (not unsigned or not 0 < bits < allocated):
        return decode()
    dataset.BitsStored = bits + shift if shift else allocated
    try:
        pixels = decode() >> shift if shift else decode()
    finally:
        dataset.BitsStored = bits
    graphics = unsigned and _has_overlays(dataset, bits)
    return pixels & pixels.dtype.type((1 << bits) - 1) if graphics else pixels


def _has_overlays(dataset: Dataset, bits: int) -> bool:
    """Whether there are overlays in the bits above the pixels' own (PS3.3-2004 C.9.2.1.1)."""
    positions = (dataset.get((group, 0x0102)) for group in range(0x6000, 0x6020, 2))
    return any(position is not None and as_float(position.value) >= bits for position in positions)


def _decode_by_gdcm(dataset: Dataset, syntax: UID, width: int, height: int) -> np.ndarray:
    """Decode JPEG, JPEG-LS or JPEG 2000 via a temporary file with nothing but the pixels."""
    import SimpleITK as sitk
    from pydicom import Dataset, dcmwrite
    from pydicom.encaps import encapsulate, get_frame
    from pydicom.uid import SecondaryCaptureImageStorage, generate_uid

    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    # GDCM uses the size in the stream, not in the header, and allocates whatever a damaged stream claims.
    if codestream_size(frame) != (width, height):
        raise ImageFault(f"has pixels of another size than its header's {width} x {height}. Copy it again.")
    minimal = Dataset()
    for name in PIXEL_ATTRIBUTES:
        if name in dataset:
            setattr(minimal, name, dataset[name].value)
    minimal.PixelData = encapsulate([frame])
    # ITK would invert MONOCHROME1 and apply palettes.
    if text_of(dataset, "PhotometricInterpretation") in ("MONOCHROME1", "PALETTE COLOR"):
        minimal.PhotometricInterpretation = "MONOCHROME2"
    minimal.SOPClassUID, minimal.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    minimal.ensure_file_meta()
    minimal.file_meta.TransferSyntaxUID = syntax
    with tempfile.TemporaryDirectory(prefix="cxradain-") as folder:
        file = Path(folder) / "pixels.dcm"
        dcmwrite(file, minimal, enforce_file_format=True)
        reader = itk_reader(file, "GDCMImageIO")
        try:
            pixels = sitk.GetArrayFromImage(reader.Execute())
        except RuntimeError as error:
            raise ImageFault(
                f"holds pixels compressed as {syntax.name} that are damaged or incomplete. Copy it again."
            ) from error
    return pixels[0]


def codestream_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height in a JPEG, JPEG-LS or JPEG 2000 stream, or None.

    ITU-T T.81 B.2.2 (frame header), T.87 C.2.2, T.800 A.5.1 (SIZ). pydicom 3's `get_j2k_parameters` gives
    precision and sign but no size, and its reader of JPEG headers is private and stops at fill bytes.
    """
    start = frame.find(b"\xff\x4f\xff\x51", 0, 1 << 16)  # a JPEG 2000 stream may lie in a JP2 file
    if start >= 0:
        if len(frame) < start + 24:
            return None
        right, bottom, left, top = struct.unpack_from(">4I", frame, start + 8)
        return right - left, bottom - top
    place = 2
    while place + 9 <= len(frame) and frame[place] == 0xFF:
        marker, length = frame[place + 1], int.from_bytes(frame[place + 2 : place + 4], "big")
        if marker == 0xFF:  # fill
            place += 1
        elif marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
            height, width = struct.unpack_from(">2H", frame, place + 5)
            return width, height
        else:
            place += 2 + length
    return None
