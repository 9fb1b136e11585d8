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
from .image_data import ImageData, MaskFault, color_warnings, luminance, subsample, usable_spacing
from .image_facts import ImageFacts, usable_view, window_limits
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
        raise MaskFault("is a segmentation, not a radiograph. Name the image that it is of.")
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
        window, decreasing = _window_of_voi_lut(dataset, pixels.dtype.kind == "u")
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
    if dataset.get("ModalityLUTSequence"):
        from pydicom.pixels import apply_modality_lut

        return apply_modality_lut(stored, dataset)
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
        if all(map(math.isfinite, limits)) and width > 0:
            return limits
    return None


def _window_of_voi_lut(dataset: Dataset, unsigned: bool) -> tuple[tuple[float, float] | None, bool]:
    """The window that approximates a VOI LUT (PS3.3 C.11.2.1.1), and whether the LUT is decreasing.

    The window spans 1 % to 99 % of the LUT's range; a decreasing LUT shows high values dark. None and False
    without a usable LUT.
    """
    for item in values_of(dataset, "VOILUTSequence"):
        descriptor, data = values_of(item, "LUTDescriptor"), item.get("LUTData")
        if len(descriptor) != 3 or data is None:
            continue
        if isinstance(data, bytes):
            data = np.frombuffer(data, "u1" if descriptor[2] <= 8 and len(data) == descriptor[0] else "<u2")
        lut = np.asarray(data, float)
        if lut.size < 2 or lut[-1] == lut[0]:
            continue
        decreasing = bool(lut[-1] < lut[0])
        fraction = (lut.max() - lut if decreasing else lut - lut.min()) / np.ptp(lut)
        low, high = int(np.argmax(fraction > 0.01)), int(np.argmax(fraction >= 0.99))
        # The first mapped value has the sign of the pixels (C.11.2.1.1), however pydicom reads it.
        first = descriptor[1] + (1 << 16 if unsigned and descriptor[1] < 0 else 0)
        if low < high:
            return window_limits(first + (low + high) / 2, float(high - low)), decreasing
    return None, False


def _padding(stored: np.ndarray, pixels: np.ndarray, dataset: Dataset) -> tuple[float, float] | None:
    """The least and greatest value of the padding (PS3.3 C.7.5.1.1.2) in (H, W) pixels; None without any."""
    padding = number_of(dataset, "PixelPaddingValue", math.nan)
    if not math.isfinite(padding):
        return None
    padding = int(padding) if stored.dtype.kind == "i" else int(padding) % (1 << 8 * stored.itemsize)
    limit = int(number_of(dataset, "PixelPaddingRangeLimit", padding))
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
    usable = len(sides) == 2 and all(math.isfinite(side) and side > 0 for side in sides)
    return sides[0] / sides[1] if usable else 1.0


def pixel_spacing(dataset: Dataset) -> tuple[float, float] | None:
    """(row, column) in mm from PixelSpacing, else ImagerPixelSpacing, else NominalScannedPixelSpacing, or
    None.

    PS3.3 10.7.1.3. The last two are measured at the detector or film, without correction for magnification.
    """
    spacings = (usable_spacing(values_of(dataset, name)) for name in SPACINGS)
    return next((spacing for spacing in spacings if spacing), None)
