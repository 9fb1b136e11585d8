"""A radiograph: its stored pixels, and how a radiologist or the network sees them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .. import CxradainError
from .decoder import decode
from .exposed import unexposed
from .file_formats import stem
from .image_data import (
    LEAST_RANGE,
    NO_CONTRAST,
    Grid,
    ImageFault,
    LateFault,
    MaskFault,
    NotReadFault,
    bounding_box,
    subsample,
)
from .image_facts import ImageFacts
from .letterbox import Letterbox

# A window with fewer pixels than this share between black and white is not meant for the chest.
LEAST_SHOWN = 0.4
SMALLEST = 16  # pixels a side
READER = "cxradain.imaging.image_files:decoded_radiograph"

Item = TypeVar("Item")
Read = TypeVar("Read")


class RadiographError(CxradainError, ValueError):
    """A file cannot be used as a radiograph; the message names the file and says what to do.

    Made from a file and its problem, or from the complete message, when it comes from another process.
    """

    def __init__(self, file: str | Path, problem: str | None = None):
        super().__init__(str(file) if problem is None else f"{file}: {problem}")


class NotRead(RadiographError):
    """A file was not read at all, and may be readable another time."""


class ReadLate(NotRead):
    """A file was not read in the time available."""


class LooksLikeMask(RadiographError):
    """A label map, as data sets have beside their radiographs."""


@dataclass(frozen=True)
class Radiograph:
    """One frontal radiograph of (H, W) pixels.

    pixels: as stored, after the modality LUT; never inverted, windowed or turned.
    name: for messages and output files.
    facts: polarity, window and spacing from the file, and the turn that makes the chest upright.
    warnings: why it may be unfit for lung segmentation, for people and without patient data.
    grid: of a NRRD, NIfTI or MetaImage file; otherwise None.
    """

    pixels: np.ndarray
    name: str
    facts: ImageFacts = field(default_factory=ImageFacts)
    path: Path | None = None
    warnings: tuple[str, ...] = ()
    grid: Grid | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def inverted(self) -> bool:
        """Whether high values are dark."""
        return self.facts.inverted

    @property
    def spacing(self) -> tuple[float, float] | None:
        """(row, column) in mm; None if the image is not calibrated."""
        return self.facts.spacing

    def upright(self) -> Radiograph:
        """The radiograph turned upright as its facts say."""
        turn = self.facts.turn
        if not turn:
            return self
        pixels = np.ascontiguousarray(turn.apply(self.pixels))
        return replace(self, pixels=pixels, facts=self.facts.upright(self.shape))

    def thinned(self, rows: int, columns: int) -> Radiograph:
        """The radiograph subsampled by so many rows and columns, as a view."""
        return replace(self, pixels=self.pixels[::rows, ::columns], facts=self.facts.thinned(rows, columns))

    def part(self, rows: slice, columns: slice) -> Radiograph:
        """The part of these rows and columns, as a view; the radiograph itself if these are all."""
        pixels = self.pixels[rows, columns]
        if pixels.shape == self.shape:
            return self
        return replace(self, pixels=pixels, facts=self.facts.moved(rows.start, columns.start))

    def exposed(self) -> tuple[slice, slice]:
        """The rows and columns of the bounding box of all exposed pixels."""
        facts = self.facts
        outside = unexposed(self.pixels, facts.shutter, facts.padding, facts.inverted)
        if outside is None:
            return slice(None), slice(None)
        return bounding_box(~outside)

    def letterbox(self, size: int) -> Letterbox:
        """The letterbox onto a canvas of size x size square pixels."""
        return Letterbox(self.shape, size, self.facts.aspect)

    def to_json(self) -> dict[str, Any]:
        """Everything but the pixels and the path, to send to another process beside the pixels."""
        grid = None if self.grid is None else self.grid.to_json()
        facts = self.facts.to_json()
        return {"name": self.name, "facts": facts, "warnings": list(self.warnings), "grid": grid}

    @classmethod
    def from_json(cls, pixels: np.ndarray, fields: Mapping[str, Any]) -> Radiograph:
        """The inverse of `to_json`; unknown fields are ignored. Raises ValueError for invalid facts."""
        facts = ImageFacts.from_json(fields.get("facts", {}))
        name, warnings = str(fields.get("name") or "the image"), tuple(map(str, fields.get("warnings") or ()))
        grid = None if fields.get("grid") is None else Grid.from_json(fields["grid"])
        return cls(pixels, name, facts, warnings=warnings, grid=grid)

    def intensities(self, whole: bool = False) -> np.ndarray:
        """(H, W) float32 in 0..1 with dark lungs: the values in use within the window, scaled; unexposed
        pixels are 0 unless `whole`.

        8-bit images are scaled from minimum to maximum, as in the paper; deeper ones often have a few extreme
        pixels, so they are scaled from the 0.1 to the 99.9 percentile of a subsample. Raises RadiographError
        for an image without contrast.
        """
        facts = self.facts
        outside = None
        if not whole:
            outside = unexposed(self.pixels, facts.shutter, facts.padding, facts.inverted)
        low, high = self._range(outside)
        # 32-bit integers and float64 are subtracted in float64, as float32 would round large values.
        scaled = np.subtract(self.pixels, low, dtype=np.result_type(self.pixels, np.float32))
        scaled *= 1 / (high - low)
        scaled = np.clip(scaled, 0, 1, out=scaled).astype(np.float32, copy=False)
        if self.inverted:
            np.subtract(1, scaled, out=scaled)
        if outside is not None:
            scaled[outside] = 0
        return scaled

    def _range(self, outside: np.ndarray | None) -> tuple[float, float]:
        """The values that become 0 and 1: the range in use, limited by the window."""
        sample = subsample(self.pixels, 512)
        if outside is not None and not subsample(outside, 512).all():
            sample = sample[~subsample(outside, 512)]
        low = high = 0.0
        if self.pixels.dtype != np.uint8:
            low, high = (float(v) for v in np.percentile(sample, (0.1, 99.9)))
        if low == high:
            used = self.pixels if outside is None else self.pixels[~outside]
            low, high = float(used.min()), float(used.max())
        if not high - low > LEAST_RANGE:
            raise RadiographError(self.path or self.name, NO_CONTRAST)
        # A window beyond the values in use would only reduce contrast.
        black, white = self.usable_window(sample) or (low, high)
        return max(low, black), min(high, white)

    def usable_window(self, sample: np.ndarray) -> tuple[float, float] | None:
        """The pixel values that the file shows black and white; None if it states none, or one that leaves
        too few of these pixels between them to be meant for the chest."""
        if self.facts.window is None:
            return None
        black, white = self.facts.window
        enough = np.mean((sample > black) & (sample < white)) >= LEAST_SHOWN
        return self.facts.window if enough else None


def read_radiograph(path: str | Path, patience: float | None = None) -> Radiograph:
    """Read a DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD, NIfTI or MetaImage file of one frontal radiograph, in
    the decoder's process.

    `patience` as in `decoder.decode`. Raises RadiographError, naming the file, if it is missing, damaged,
    empty, constant, of several slices or frames, or not an image; LooksLikeMask if it has no more values than
    a mask; NotRead if another file occupies the decoder, or it was interrupted; ReadLate if it was not read
    within `patience`; and DecoderError if the decoder cannot be started.
    """
    path = Path(path)
    try:
        header, arrays = decode(READER, path, patience)
        radiograph = Radiograph.from_json(arrays["pixels"], header)
    except MaskFault as fault:
        raise LooksLikeMask(path, str(fault)) from fault
    except LateFault as fault:
        raise ReadLate(path, str(fault)) from fault
    except NotReadFault as fault:
        raise NotRead(path, str(fault)) from fault
    except ImageFault as fault:
        raise RadiographError(path, str(fault)) from fault
    return replace(radiograph, name=stem(path), path=path)


def read_ahead(items: Iterable[Item], read: Callable[[Item], Read]) -> Iterator[tuple[Item, Future[Read]]]:
    """Yield each item with the future of `read(item)`, while the next item is being read in a thread."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        pending: deque[tuple[Item, Future[Read]]] = deque()
        for item in items:
            pending.append((item, reader.submit(read, item)))
            if len(pending) == 2:
                yield pending.popleft()
        yield from pending
