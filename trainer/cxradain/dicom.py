"""Radiographs in DICOM: computed and digital radiography (PS3.3 A.2, A.26), by pydicom."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .radiograph import DICOM_ENDINGS, Radiograph, RadiographError

if TYPE_CHECKING:
    from pydicom import Dataset

LATERAL_VIEWS = {"LL", "RL", "LLD", "RLD", "LATERAL", "LAT"}
CHEST_WORDS = ("CHEST", "THORAX", "LUNG", "TORAX", "CHESTLUNG")
LARGEST_SIDE = 20_000


def read(path: Path) -> Radiograph:
    """Read one frame. Raises RadiographError, naming the file."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        dataset = pydicom.dcmread(path)
    except (InvalidDicomError, EOFError, OSError) as error:
        raise RadiographError(
            path, f"is not readable as DICOM ({error}). Copy or export it again."
        ) from error
    except Exception as error:  # a damaged header makes pydicom raise whatever its parsing runs into
        raise RadiographError(path, f"has a damaged DICOM header ({type(error).__name__}).") from error
    try:
        return _radiograph(path, dataset)
    except RadiographError:
        raise
    except Exception as error:
        raise RadiographError(
            path, f"has a DICOM header or pixel data that cannot be used ({_first_line(error)})."
        ) from error


def _radiograph(path: Path, dataset: Dataset) -> Radiograph:
    pixels = _pixels(path, dataset)
    slope, intercept = _number(dataset, "RescaleSlope", 1.0), _number(dataset, "RescaleIntercept", 0.0)
    if (slope, intercept) != (1.0, 0.0):
        pixels = pixels.astype(np.float32) * np.float32(slope) + np.float32(intercept)
    # PresentationLUTShape INVERSE says for DX what MONOCHROME1 has already said (PS3.3 C.8.11.3); it is not
    # applied on top. A negative slope has been applied to the values, and so inverts nothing by itself.
    inverted = str(dataset.get("PhotometricInterpretation", "")).strip() == "MONOCHROME1"
    return Radiograph(
        pixels=pixels,
        name=path.stem if path.suffix.lower() in DICOM_ENDINGS else path.name,
        inverted=inverted,
        window=_window(dataset),
        spacing=_spacing(dataset),
        path=path,
        warnings=tuple(_warnings(dataset)),
    )


def _pixels(path: Path, dataset: Dataset) -> np.ndarray:
    """(H, W) stored values of the only frame; color becomes luminance."""
    if "PixelData" not in dataset:
        raise RadiographError(path, "has no pixel data. Is it a report or a presentation state?")
    frames = int(_number(dataset, "NumberOfFrames", 1))
    if frames != 1:
        raise RadiographError(path, f"holds {frames} frames; export the frontal radiograph as one image.")
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    if rows < 1 or columns < 1:
        raise RadiographError(path, f"has a size of {columns} x {rows} pixels.")
    if max(rows, columns) > LARGEST_SIDE:
        raise RadiographError(path, f"claims {columns} x {rows} pixels; no radiograph is that large.")
    transfer = (
        getattr(dataset.file_meta, "TransferSyntaxUID", None) if hasattr(dataset, "file_meta") else None
    )
    if transfer is None or not transfer.is_compressed:
        _check_length(path, dataset, rows * columns)
    try:
        pixels = dataset.pixel_array
    except Exception as error:
        how = getattr(transfer, "name", "an unknown transfer syntax")
        raise RadiographError(
            path,
            f"its pixels ({how}) cannot be decoded: the file is cut short or damaged, or no decoder for "
            f"it is installed ({_first_line(error)}).",
        ) from error
    if pixels.ndim == 3 and pixels.shape[2] in (3, 4):
        return luminance(pixels)
    if pixels.ndim != 2:
        raise RadiographError(path, f"its pixels have {pixels.ndim} dimensions; one image is needed.")
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)


def _check_length(path: Path, dataset: Dataset, pixels: int) -> None:
    samples = int(_number(dataset, "SamplesPerPixel", 1))
    if "422" in str(dataset.get("PhotometricInterpretation", "")):
        samples = 2  # two pixels share their chrominance
    need = pixels * samples * int(_number(dataset, "BitsAllocated", 16)) // 8
    if len(dataset.PixelData) < need:
        raise RadiographError(path, f"is cut short: {len(dataset.PixelData)} of {need} bytes of pixels.")


def luminance(rgb: np.ndarray) -> np.ndarray:
    """(H, W, 3 or 4) -> (H, W) of the same type by the weights of ITU-R BT.601; alpha is left out."""
    gray = rgb[..., :3].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    if not np.issubdtype(rgb.dtype, np.integer):
        return gray
    # float32 rounds the largest 32-bit values up, out of their type.
    limits = np.iinfo(rgb.dtype)
    return np.rint(gray).astype(np.int64).clip(limits.min, limits.max).astype(rgb.dtype)


def _window(dataset: Dataset) -> tuple[float, float] | None:
    """The first linear window of the header (PS3.3 C.11.2.1.2); None where none can be used.

    With the LINEAR function the header's center and width mean center - 0.5 and width - 1. A sigmoid's are
    used as if linear, which differs in the toe and shoulder alone. A VOI LUT stands for itself: None.
    """
    if dataset.get("VOILUTSequence"):
        return None
    center, width = _number(dataset, "WindowCenter", math.nan), _number(dataset, "WindowWidth", math.nan)
    if str(dataset.get("VOILUTFunction") or "LINEAR") == "LINEAR":
        center, width = center - 0.5, width - 1
    if not (math.isfinite(center) and math.isfinite(width) and width > 0):
        return None
    return center, width


def _spacing(dataset: Dataset) -> tuple[float, float] | None:
    """mm (row, column) of PixelSpacing, else of ImagerPixelSpacing (PS3.3 10.7.1.3); None if not positive."""
    for name in ("PixelSpacing", "ImagerPixelSpacing"):
        try:
            row, column = (float(v) for v in dataset.get(name) or ())
        except (TypeError, ValueError):
            continue
        if all(math.isfinite(v) and v > 0 for v in (row, column)):
            return row, column
    return None


def _warnings(dataset: Dataset) -> list[str]:
    found = []
    view = _text(dataset, "ViewPosition")
    orientation = [str(v).upper() for v in _many(dataset.get("PatientOrientation"))]
    if view in LATERAL_VIEWS or (orientation and orientation[0][:1] in ("A", "P")):
        found.append("The header names a lateral view: the model knows frontal radiographs alone.")
    mirrored = orientation and orientation[0][:1] == "R"
    if mirrored or _text(dataset, "FieldOfViewHorizontalFlip") == "YES":
        found.append(
            "The header says that the image is mirrored, with the patient's right at its right: right and "
            "left lung may be exchanged."
        )
    part = _text(dataset, "BodyPartExamined")
    if part and not any(word in part for word in CHEST_WORDS):
        found.append("The header names another body part than the chest.")
    return found


def _number(dataset: Dataset, name: str, default: float) -> float:
    """The first value of an attribute as a number; `default` where it is absent, empty or no number."""
    values = _many(dataset.get(name))
    try:
        return float(values[0]) if values else default
    except (TypeError, ValueError):
        return default


def _many(value: Any) -> list[Any]:
    if value is None or isinstance(value, str):
        return [value] if value else []
    return list(value) if hasattr(value, "__iter__") else [value]


def _text(dataset: Dataset, name: str) -> str:
    return str(dataset.get(name) or "").strip().upper()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
