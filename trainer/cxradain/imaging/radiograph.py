"""A radiograph: its pixels as stored, and how a radiologist or the network sees them."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .. import CxradainError
from .dicom import read_dicom
from .file_formats import FileFormat, claims_to_be_image, detect_format, stem
from .image_data import ImageData, ImageFault, remark, subsample
from .image_facts import ImageFacts
from .itk_files import read_volume
from .raster_files import read_raster
from .turn import Turn

# A window that leaves less than this share of the pixels between black and white is no window for a chest.
LEAST_SHOWN = 0.4
LEAST_RANGE, LARGEST_VALUE = 1e-30, 1e30  # what float32 can divide by and hold
SMALLEST = 16  # pixels a side
LARGEST_FILE = 1 << 30  # bytes
NO_CONTRAST = "has the same value in all pixels. Is this the right file?"
# What a label map holds, also as 0 and 255. The poorest of 1796 radiographs has over a hundred.
MASK_VALUES = 4

Item = TypeVar("Item")
READ = "DICOM, PNG, JPEG, TIFF, NRRD, NIfTI and MetaImage"
READERS = {FileFormat.DICOM: read_dicom, FileFormat.RASTER: read_raster, FileFormat.VOLUME: read_volume}


class RadiographError(CxradainError, ValueError):
    """A file that cannot be used as a radiograph; the message names the file and says what to do.

    Made of a file and its problem, or of the whole message, which is how it travels between processes.
    """

    def __init__(self, file: str | Path, problem: str | None = None):
        super().__init__(str(file) if problem is None else f"{file}: {problem}")


class LooksLikeMask(RadiographError):
    """A label map, which folders of data sets hold beside their radiographs."""


@dataclass(frozen=True)
class Radiograph:
    """One frontal radiograph of (H, W) pixels.

    pixels: as stored, after the modality's rescale; never inverted, never windowed, never turned.
    name: for messages and output files.
    facts: polarity, window and spacing, as the file says, and the turn that makes the chest stand upright.
    warnings: what looks unfit for lung segmentation, in plain words without patient data.
    """

    pixels: np.ndarray
    name: str
    facts: ImageFacts = field(default_factory=ImageFacts)
    path: Path | None = None
    warnings: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def inverted(self) -> bool:
        """Whether high values are dark on film."""
        return self.facts.inverted

    @property
    def spacing(self) -> tuple[float, float] | None:
        """mm (row, column); None where it is not calibrated."""
        return self.facts.spacing

    def upright(self) -> Radiograph:
        """With its pixels turned as its facts say, and nothing left to turn; itself where nothing is."""
        turn = self.facts.turn
        if not turn:
            return self
        spacing = turn.pair(self.facts.spacing) if self.facts.spacing else None
        facts = replace(self.facts, spacing=spacing, orientation=None, turn=Turn())
        return replace(self, pixels=np.ascontiguousarray(turn.apply(self.pixels)), facts=facts)

    def to_json(self) -> dict[str, Any]:
        """All but the pixels and the path, as it goes from process to process beside the pixels."""
        return {"name": self.name, "facts": self.facts.to_json(), "warnings": list(self.warnings)}

    @classmethod
    def from_json(cls, pixels: np.ndarray, fields: Mapping[str, Any]) -> Radiograph:
        """The inverse; other fields are passed over. Raises ValueError for facts that are none."""
        facts = ImageFacts.from_json(fields.get("facts", {}))
        name, warnings = str(fields.get("name") or "the image"), tuple(map(str, fields.get("warnings") or ()))
        return cls(pixels, name, facts, warnings=warnings)

    def intensities(self) -> np.ndarray:
        """(H, W) float32 in 0..1 with dark lungs, from the least to the greatest usual value in the window.

        8-bit images are taken from minimum to maximum, as the method does; deeper ones often hold a few
        extreme pixels, so there the 0.1 and 99.9 percentiles of a subsample stand for them. Raises
        RadiographError for an image without contrast.
        """
        low, high = self._range()
        # 32-bit integers and float64 are subtracted in float64: float32 would blur large values.
        scaled = np.subtract(self.pixels, low, dtype=np.result_type(self.pixels, np.float32))
        scaled *= 1 / (high - low)
        scaled = np.clip(scaled, 0, 1, out=scaled).astype(np.float32, copy=False)
        return np.subtract(1, scaled, out=scaled) if self.inverted else scaled

    def _range(self) -> tuple[float, float]:
        """The values that become 0 and 1: those in use, and of these what the window leaves."""
        sample = subsample(self.pixels, 512)
        low = high = 0.0
        if self.pixels.dtype != np.uint8:
            low, high = (float(v) for v in np.percentile(sample, (0.1, 99.9)))
        if low == high:
            low, high = float(self.pixels.min()), float(self.pixels.max())
        if not high - low > LEAST_RANGE:
            raise RadiographError(self.path or self.name, NO_CONTRAST)
        if self.facts.window is not None:
            black, white = self.facts.window
            # What of a window lies beyond the values in use would only take contrast away.
            if np.mean((sample > black) & (sample < white)) >= LEAST_SHOWN:
                return max(low, black), min(high, white)
        return low, high


def read_radiograph(path: str | Path) -> Radiograph:
    """Read a DICOM, PNG, JPEG, TIFF, NRRD, NIfTI or MetaImage file of one frontal radiograph.

    Raises RadiographError, naming the file, where it is missing, damaged, empty, constant, of several slices
    or frames, or no image; LooksLikeMask where it holds no more values than a mask.
    """
    path = Path(path)
    try:
        data = _read(path)
        if min(data.pixels.shape) < SMALLEST:
            height, width = data.pixels.shape
            raise ImageFault(f"is only {width} x {height} pixels, too small for a radiograph.")
        # One NaN makes both of them NaN, and fails every comparison.
        low, high = float(data.pixels.min()), float(data.pixels.max())
        if not (low > -LARGEST_VALUE and high < LARGEST_VALUE):
            raise ImageFault(
                "holds values that are no numbers (NaN, infinite or beyond 1e30). Export it again."
            )
        if not high - low > LEAST_RANGE:
            raise ImageFault(NO_CONTRAST)
    except ImageFault as fault:
        raise RadiographError(path, str(fault)) from fault
    if (values := _few_values(data.pixels)) is not None:
        raise LooksLikeMask(path, f"looks like a mask, not a radiograph: it holds {values} values alone.")
    return Radiograph(name=stem(path), path=path, **vars(data))


def _few_values(pixels: np.ndarray) -> int | None:
    """How many different values there are, where they are as few as a mask's; else None."""
    if len(np.unique(subsample(pixels, 64))) > MASK_VALUES:
        return None  # soon known of a radiograph, without sorting all of it
    count = len(np.unique(pixels))
    return count if count <= MASK_VALUES else None


def _read(path: Path) -> ImageData:
    if path.is_dir():
        raise ImageFault("is a folder; name the files in it, or the folder where a list is taken.")
    if path.exists() and not path.is_file():
        raise ImageFault("is no file but a pipe or a device. Copy the image into a file.")
    try:
        file_format = detect_format(path)
        size = path.stat().st_size
    except OSError as error:
        raise ImageFault(f"cannot be opened ({error.strerror or error}). Check the name.") from error
    if size == 0:
        raise ImageFault("is empty (0 bytes). Copy it again.")
    if size > LARGEST_FILE:
        raise ImageFault("is over 1 GB; no radiograph is that large. Export one image.")
    if file_format is None:
        raise ImageFault(f"cannot be read as an image. {READ} can.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks of pydicom and Pillow on what a standard would not have
            return READERS[file_format](path)
    except ImageFault:
        raise
    except Exception as error:  # a damaged file makes a decoder raise whatever it runs into
        raise ImageFault(f"is damaged or cut short{remark(error)}. Copy or export it again.") from error


def find_radiographs(inputs: Iterable[str | Path]) -> list[Path]:
    """Files as named, and of folders every image file below them, sorted; each a radiograph of its own.

    In folders, hidden files, DICOMDIR and what is neither DICOM nor has an image's ending are passed over.
    """
    files: list[Path] = []
    for entry in map(Path, inputs):
        if not entry.is_dir():
            files.append(entry)
            continue
        inside = (
            p for p in entry.rglob("*") if not any(q.startswith(".") for q in p.relative_to(entry).parts)
        )
        # A link to nothing is told of where it is read, not passed over.
        readable = (p for p in inside if p.is_file() or (p.is_symlink() and not p.exists()))
        files += sorted(p for p in readable if p.name.upper() != "DICOMDIR" and claims_to_be_image(p))
    return files


def read_ahead(
    items: Iterable[Item], read: Callable[[Item], Radiograph]
) -> Iterator[tuple[Item, Future[Radiograph]]]:
    """Each item with its radiograph, `read(item)`, while that of the next one is being read in a thread."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        pending: deque[tuple[Item, Future[Radiograph]]] = deque()
        for item in items:
            pending.append((item, reader.submit(read, item)))
            if len(pending) == 2:
                yield pending.popleft()
        yield from pending
