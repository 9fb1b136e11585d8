"""Radiographs in DICOM: pixels after the modality LUT, polarity, window and spacing.

Computed radiography (PS3.3 A.2), digital radiography (A.26) and secondary capture (A.8).
"""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .dicom_attributes import as_float, number_of, text_of, values_of
from .dicom_checks import FOR_PROCESSING, MORE_BITS, header_warnings
from .dicom_pixels import beyond_bits_stored, stored_pixels
from .dicom_shutter import outlines
from .image_data import ImageData, ImageFault, MaskFault, color_warnings, luminance, subsample, usable_spacing
from .image_facts import ImageFacts, are_sides, is_window, usable_view, window_limits
from .orientation import usable_orientation

if TYPE_CHECKING:
    from pydicom import Dataset

# Segmentation, Surface Segmentation and Label Map Segmentation Storage (PS3.4 B.5).
SEGMENTATIONS = {f"1.2.840.10008.5.1.4.1.1.66.{kind}" for kind in (4, 5, 7)}
SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")


def read_dicom(path: Path) -> ImageData:
    """Read a single-frame file. Raises ImageFault; a damaged header may raise anything."""
    import pydicom

    # From memory: a damaged length then ends at the file's end and allocates nothing.
    return image_data(pydicom.dcmread(io.BytesIO(path.read_bytes()), force=True))


def image_data(dataset: Dataset) -> ImageData:
    """Pixels after the modality LUT, with polarity, window, spacing and warnings. Raises ImageFault."""
    if text_of(dataset, "Modality") == "SEG" or text_of(dataset, "SOPClassUID") in SEGMENTATIONS:
        raise MaskFault("is a segmentation, not a radiograph. Choose the image that it was made from.")
    stored, warnings = stored_pixels(dataset), header_warnings(dataset)
    if beyond_bits_stored(stored, dataset):
        warnings += (MORE_BITS,)
    if stored.ndim == 3:
        warnings += color_warnings(stored)
        stored = luminance(stored)
    pixels = _rescaled(stored, dataset)
    # PresentationLUTShape INVERSE repeats MONOCHROME1 (PS3.3 C.11.6.1.2) and is not applied on top. A
    # negative rescale slope is already in the values and does not change the polarity.
    inverted = text_of(dataset, "PhotometricInterpretation") == "MONOCHROME1"
    window = _window(dataset)
    if window is None:
        window, decreasing = _window_of_voi_lut(dataset, pixels.dtype)
        inverted ^= decreasing
    # Raw data are not for display, so their photometric interpretation does not count: if higher exposure
    # gives higher values (PS3.3 C.8.11.3.1.2), lungs are bright.
    if text_of(dataset, "PresentationIntentType") == FOR_PROCESSING:
        sign = number_of(dataset, "PixelIntensityRelationshipSign", 0)
        inverted = sign > 0 if sign else inverted
    padding = _padding(stored, pixels, dataset)
    facts = ImageFacts(
        inverted=inverted,
        window=window or _window_without(padding, pixels),
        spacing=pixel_spacing(dataset),
        orientation=usable_orientation(values_of(dataset, "PatientOrientation")),
        view=usable_view(text_of(dataset, "ViewPosition")),
        source="DICOM",
        pixel_aspect=_pixel_aspect(dataset),
        shutter=outlines(dataset),
        padding=padding,
    )
    return ImageData(pixels, facts, warnings)


def _rescaled(stored: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Apply the modality LUT or rescale (PS3.3 C.11.1) unless it is the identity."""
    for item in values_of(dataset, "ModalityLUTSequence"):
        # pydicom supports only tables of 8 and 16 bits, and no first value of the other sign than the pixels.
        lut = _lut(item, stored.dtype, dataset.original_encoding[1])
        if lut is None:
            raise ImageFault("has a modality LUT that is damaged or incomplete. Export it again.")
        first, values = lut
        return values.take(stored.astype(np.int64) - first, mode="clip")
    slope, intercept = number_of(dataset, "RescaleSlope", 1.0), number_of(dataset, "RescaleIntercept", 0.0)
    if slope == 0 or (slope, intercept) == (1.0, 0.0):
        return stored
    return stored.astype(np.float32) * np.float32(slope) + np.float32(intercept)


def _window(dataset: Dataset) -> tuple[float, float] | None:
    """The values of black and white of the first usable window (PS3.3 C.11.2.1), or None.

    Converted to LINEAR_EXACT: LINEAR uses center - 0.5 and width - 1 (C.11.2.1.2.1), and a SIGMOID
    (C.11.2.1.3.1) goes from nearly black to nearly white over twice its width.
    """
    function = text_of(dataset, "VOILUTFunction") or "LINEAR"
    centers, widths = values_of(dataset, "WindowCenter"), values_of(dataset, "WindowWidth")
    for center, width in zip(map(as_float, centers), map(as_float, widths), strict=False):
        if function == "LINEAR":
            center, width = center - 0.5, width - 1
        elif function == "SIGMOID":
            width *= 2
        limits = window_limits(center, width)
        if is_window(*limits) and width > 0:
            return limits
    return None


def _window_of_voi_lut(dataset: Dataset, kind: np.dtype) -> tuple[tuple[float, float] | None, bool]:
    """The window that approximates a VOI LUT (PS3.3 C.11.2.1.1), and whether the LUT is decreasing.

    The window spans 1 % to 99 % of the LUT's range; a decreasing LUT shows high values dark. None and False
    without a usable LUT.
    """
    for item in values_of(dataset, "VOILUTSequence"):
        lut = _lut(item, kind, dataset.original_encoding[1])
        if lut is None or lut[1][-1] == lut[1][0]:
            continue
        first, values = lut[0], lut[1].astype(float)
        decreasing = bool(values[-1] < values[0])
        fraction = (values.max() - values if decreasing else values - values.min()) / np.ptp(values)
        low, high = int(np.argmax(fraction > 0.01)), int(np.argmax(fraction >= 0.99))
        if low < high:
            return window_limits(first + (low + high) / 2, float(high - low)), decreasing
    return None, False


def _lut(item: Dataset, kind: np.dtype, little: bool | None) -> tuple[int, np.ndarray] | None:
    """A lookup table (PS3.3 C.11.1.1, C.11.2.1.1) for pixels of this type: the first pixel value that it
    maps, and its entries; None if it has none. `little`: the file's byte order; None is little-endian."""
    descriptor, data = values_of(item, "LUTDescriptor"), item.get("LUTData")
    if len(descriptor) != 3 or data is None:
        return None
    entries, first, bits = map(int, descriptor)
    if isinstance(data, bytes):
        packed = bits <= 8 and len(data) == entries + entries % 2
        data = np.frombuffer(data, "u1" if packed else ">u2" if little is False else "<u2")
    values = np.asarray(data, np.uint16)[: entries % (1 << 16) or 1 << 16]
    return (_of_sign(first, kind), values) if values.size > 1 else None


def _of_sign(value: int, kind: np.dtype) -> int:
    """A 16-bit header value with the sign of the pixels, even if the header was read with the other sign
    (PS3.3 C.7.5.1.1.2, C.11.2.1.1)."""
    wrapped = 1 << 8 * min(kind.itemsize, 2)
    if kind.kind == "u" and value < 0:
        return value + wrapped
    return value - wrapped if kind.kind == "i" and value > np.iinfo(kind).max else value


def _padding(stored: np.ndarray, pixels: np.ndarray, dataset: Dataset) -> tuple[float, float] | None:
    """The least and greatest value of the padding (PS3.3 C.7.5.1.1.2) in (H, W) pixels; None without any."""
    padding = number_of(dataset, "PixelPaddingValue", math.nan)
    if not math.isfinite(padding):
        return None
    limit = number_of(dataset, "PixelPaddingRangeLimit", padding)
    padding, limit = (_of_sign(int(value), stored.dtype) for value in (padding, limit))
    padded = pixels[(stored >= min(padding, limit)) & (stored <= max(padding, limit))]
    return (float(padded.min()), float(padded.max())) if padded.size else None


def _window_without(padding: tuple[float, float] | None, pixels: np.ndarray) -> tuple[float, float] | None:
    """A window over the values without padding, which would otherwise count as the darkest or brightest."""
    if padding is None:
        return None
    sample = subsample(pixels, 512)
    image = sample[(sample < padding[0]) | (sample > padding[1])]
    if image.size in (0, sample.size):
        return None
    low, high = (float(v) for v in np.percentile(image, (0.1, 99.9)))
    return window_limits((low + high) / 2, high - low) if low < high else None


def _pixel_aspect(dataset: Dataset) -> float:
    """A pixel's height divided by its width, from PixelAspectRatio (PS3.3 C.7.6.3.1.7); 1 without a usable
    one."""
    sides = [as_float(value) for value in values_of(dataset, "PixelAspectRatio")]
    return sides[0] / sides[1] if len(sides) == 2 and are_sides(*sides) else 1.0


def pixel_spacing(dataset: Dataset) -> tuple[float, float] | None:
    """(row, column) in mm from PixelSpacing, else ImagerPixelSpacing, else NominalScannedPixelSpacing, or
    None.

    PS3.3 10.7.1.3. The last two are measured at the detector or film, without correction for magnification.
    """
    spacings = (usable_spacing(values_of(dataset, name)) for name in SPACINGS)
    return next((spacing for spacing in spacings if spacing), None)
