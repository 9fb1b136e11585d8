"""Radiographs in DICOM: computed and digital radiography (PS3.3 A.2, A.26)."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .dicom_attributes import as_float, many, number, text
from .dicom_checks import header_warnings
from .dicom_pixels import stored_pixels
from .image_data import ImageData, usable_spacing
from .image_facts import ImageFacts, usable_orientation, window_limits

if TYPE_CHECKING:
    from pydicom import Dataset

SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")


def read(path: Path) -> ImageData:
    """Read a file of one frame. Raises ImageFault; a damaged header may raise anything else."""
    import pydicom

    # From memory: a damaged length then ends at the file's end, and takes no memory of its own.
    return image_data(pydicom.dcmread(io.BytesIO(path.read_bytes()), force=True))


def image_data(dataset: Dataset) -> ImageData:
    """Pixels after the modality's rescale, and what the header says of them. Raises ImageFault."""
    stored = stored_pixels(dataset)
    pixels = _rescaled(stored, dataset)
    # PresentationLUTShape INVERSE says what MONOCHROME1 has already said (PS3.3 C.11.6.1.2): it is not
    # applied on top. A negative slope is in the values, and inverts nothing by itself.
    inverted = text(dataset, "PhotometricInterpretation") == "MONOCHROME1"
    window = _window(dataset)
    if window is None:
        window, falling = _slope_of_lut(dataset)
        inverted ^= falling
    facts = ImageFacts(
        inverted=inverted,
        window=window or _unpadded(stored, pixels, dataset),
        spacing=_spacing(dataset),
        orientation=usable_orientation(many(dataset, "PatientOrientation")),
        source="DICOM",
    )
    return ImageData(pixels, facts, header_warnings(dataset))


def _rescaled(stored: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Modality LUT or rescale (PS3.3 C.11.1), where it is not the identity."""
    if dataset.get("ModalityLUTSequence"):
        from pydicom.pixels import apply_modality_lut

        return apply_modality_lut(stored, dataset)
    slope, intercept = number(dataset, "RescaleSlope", 1.0), number(dataset, "RescaleIntercept", 0.0)
    if slope == 0 or (slope, intercept) == (1.0, 0.0):
        return stored
    return stored.astype(np.float32) * np.float32(slope) + np.float32(intercept)


def _window(dataset: Dataset) -> tuple[float, float] | None:
    """Black and white of the header's first usable window (PS3.3 C.11.2.1); None where there is none.

    LINEAR's center and width mean center - 0.5 and width - 1. A sigmoid has left black and not reached white
    over twice its width.
    """
    function = text(dataset, "VOILUTFunction") or "LINEAR"
    centers, widths = many(dataset, "WindowCenter"), many(dataset, "WindowWidth")
    for center, width in zip(map(as_float, centers), map(as_float, widths), strict=False):
        if function == "LINEAR":
            center, width = center - 0.5, width - 1
        elif function == "SIGMOID":
            width *= 2
        limits = window_limits(center, width)
        if all(map(math.isfinite, limits)) and width > 0:
            return limits
    return None


def _slope_of_lut(dataset: Dataset) -> tuple[tuple[float, float] | None, bool]:
    """What a VOI LUT (PS3.3 C.11.2.1.1) stands for where there is no window.

    The values between which it goes from 1 % to 99 %, and whether it falls there, that is shows high values
    dark; None and False without one.
    """
    for item in many(dataset, "VOILUTSequence"):
        described, data = many(item, "LUTDescriptor"), item.get("LUTData")
        if len(described) != 3 or data is None:
            continue
        eight = described[2] <= 8 and isinstance(data, bytes) and len(data) == described[0]
        lut = np.frombuffer(data, "u1" if eight else "<u2") if isinstance(data, bytes) else np.asarray(data)
        lut = lut.astype(float)
        if lut.size < 2 or lut[-1] == lut[0]:
            continue
        falling = bool(lut[-1] < lut[0])
        share = (lut.max() - lut if falling else lut - lut.min()) / np.ptp(lut)
        low, high = int(np.argmax(share > 0.01)), int(np.argmax(share >= 0.99))
        if low < high:
            return window_limits(described[1] + (low + high) / 2, float(high - low)), falling
    return None, False


def _unpadded(stored: np.ndarray, pixels: np.ndarray, dataset: Dataset) -> tuple[float, float] | None:
    """A window over what is not padding (PS3.3 C.7.5.1.1.2): else it would pass for the darkest value."""
    padding = number(dataset, "PixelPaddingValue", math.nan)
    if not math.isfinite(padding):
        return None
    padding = int(padding) if stored.dtype.kind == "i" else int(padding) % (1 << 8 * stored.itemsize)
    limit = int(number(dataset, "PixelPaddingRangeLimit", padding))
    step = tuple(max(1, side // 512) for side in stored.shape)
    part = (slice(None, None, step[0]), slice(None, None, step[1]))
    seen = pixels[part][(stored[part] < min(padding, limit)) | (stored[part] > max(padding, limit))]
    if seen.size in (0, stored[part].size):
        return None
    low, high = (float(v) for v in np.percentile(seen, (0.1, 99.9)))
    return window_limits((low + high) / 2, high - low) if low < high else None


def _spacing(dataset: Dataset) -> tuple[float, float] | None:
    """mm (row, column) of PixelSpacing, else of ImagerPixelSpacing, else of NominalScannedPixelSpacing.

    PS3.3 10.7.1.3. The last two are measured at the detector or film, the patient's magnification included.
    """
    found = (usable_spacing(many(dataset, name)) for name in SPACINGS)
    return next((spacing for spacing in found if spacing), None)
