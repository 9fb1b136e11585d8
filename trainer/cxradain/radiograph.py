"""A radiograph: its pixels as stored, and how a radiologist or the network sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# A window that leaves less than this share of the pixels between black and white is no window for a chest.
LEAST_WINDOWED = 0.4


class RadiographError(ValueError):
    """A file that cannot be used as a radiograph; the message names the file and says what to do."""

    def __init__(self, file: str | Path, problem: str):
        super().__init__(f"{file}: {problem}")


@dataclass(frozen=True)
class Radiograph:
    """One frontal radiograph of (H, W) pixels.

    pixels: as stored, after the modality's rescale; never inverted and never windowed.
    name: for messages and output files.
    inverted: high values are dark on film (DICOM PS3.3 C.7.6.3.1.2, MONOCHROME1).
    window: center and width in pixel values, where the header has one (PS3.3 C.11.2).
    spacing: mm (row, column); None where it is not calibrated.
    warnings: what looks unfit for lung segmentation, in plain words without patient data.
    """

    pixels: np.ndarray
    name: str
    inverted: bool = False
    window: tuple[float, float] | None = None
    spacing: tuple[float, float] | None = None
    path: Path | None = None
    warnings: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def intensities(self) -> np.ndarray:
        """(H, W) float32 in 0..1 with dark lungs: windowed, else from the least to the greatest usual value.

        8-bit images are taken from minimum to maximum, as the method does; deeper ones often hold a few
        extreme pixels, so there the 0.1 and 99.9 percentiles of a subsample stand for them. Raises
        RadiographError for an image without contrast.
        """
        low, high = self._range()
        seen = (np.asarray(self.pixels, np.float32) - np.float32(low)) * np.float32(1 / (high - low))
        np.clip(seen, 0, 1, out=seen)
        return np.subtract(1, seen, out=seen) if self.inverted else seen

    def _range(self) -> tuple[float, float]:
        sample = self.pixels[:: max(1, self.shape[0] // 512), :: max(1, self.shape[1] // 512)]
        if self.window is not None:
            center, width = self.window
            low, high = center - width / 2, center + width / 2
            if np.mean((sample > low) & (sample < high)) >= LEAST_WINDOWED:
                return low, high
        if self.pixels.dtype == np.uint8:
            low, high = float(self.pixels.min()), float(self.pixels.max())
        else:
            low, high = (float(v) for v in np.percentile(sample, (0.1, 99.9)))
            if low == high:
                low, high = float(self.pixels.min()), float(self.pixels.max())
        if low == high:
            raise RadiographError(self.path or self.name, NO_CONTRAST)
        return low, high


SMALLEST = 16  # pixels a side
NO_CONTRAST = "all pixels have the same value. Is this the right file?"


def read_radiograph(path: str | Path) -> Radiograph:
    """Read a DICOM, PNG, JPEG, TIFF, NRRD, NIfTI or MetaImage file of one frontal radiograph.

    Raises RadiographError, naming the file, where it is missing, damaged, empty, constant, of several slices
    or frames, or no image.
    """
    path = Path(path)
    if path.is_dir():
        raise RadiographError(path, "is a folder; name the files in it, or the folder where a list is taken.")
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError as error:
        raise RadiographError(path, f"cannot be opened ({error.strerror or error}).") from error
    if not start:
        raise RadiographError(path, "is empty (0 bytes). Copy the file again.")
    from . import dicom, image_files

    radiograph = dicom.read(path) if is_dicom(path, start) else image_files.read(path)
    if min(radiograph.shape) < SMALLEST:
        raise RadiographError(path, f"is only {radiograph.shape[1]} x {radiograph.shape[0]} pixels.")
    if not np.isfinite(radiograph.pixels[0, 0]) or radiograph.pixels.min() == radiograph.pixels.max():
        raise RadiographError(path, NO_CONTRAST)
    return radiograph


DICOM_ENDINGS = (".dcm", ".dicom", ".dic")
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff")
VOLUME_ENDINGS = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")


def is_dicom(path: Path, start: bytes) -> bool:
    """Whether a file is DICOM: by its preamble (PS3.10 7.1), or by its ending."""
    return start[128:132] == b"DICM" or path.suffix.lower() in DICOM_ENDINGS


def find_radiographs(inputs: Iterable[str | Path]) -> list[Path]:
    """Files as named, and of folders every image file below them, sorted; each a radiograph of its own.

    In folders, hidden files, DICOMDIR and what is neither DICOM nor has an image's ending are passed over.
    """
    found: list[Path] = []
    for entry in map(Path, inputs):
        if not entry.is_dir():
            found.append(entry)
            continue
        inside = (
            p for p in entry.rglob("*") if not any(q.startswith(".") for q in p.relative_to(entry).parts)
        )
        found += sorted(p for p in inside if p.is_file() and _looks_like_an_image(p))
    return found


def _looks_like_an_image(path: Path) -> bool:
    if path.name.upper() == "DICOMDIR":
        return False
    if path.name.lower().endswith(DICOM_ENDINGS + PICTURE_ENDINGS + VOLUME_ENDINGS):
        return True
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False
