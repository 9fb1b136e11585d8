"""A radiograph: its pixels as stored, and how a radiologist or the network sees them."""

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
    subsample,
)
from .image_facts import ImageFacts
from .letterbox import Letterbox

# A window that leaves less than this share of the pixels between black and white is no window for a chest.
LEAST_SHOWN = 0.4
SMALLEST = 16  # pixels a side
READER = "cxradain.imaging.image_files:decoded_radiograph"

Item = TypeVar("Item")
Read = TypeVar("Read")


class RadiographError(CxradainError, ValueError):
    """A file that cannot be used as a radiograph; the message names the file and says what to do.

    Made of a file and its problem, or of the whole message, which is how it travels between processes.
    """

    def __init__(self, file: str | Path, problem: str | None = None):
        super().__init__(str(file) if problem is None else f"{file}: {problem}")


class NotRead(RadiographError):
    """A file that was not looked at: another time it may be read."""


class ReadLate(NotRead):
    """A file that took longer than there was time."""


class LooksLikeMask(RadiographError):
    """A label map, which folders of data sets hold beside their radiographs."""


@dataclass(frozen=True)
class Radiograph:
    """One frontal radiograph of (H, W) pixels.

    pixels: as stored, after the modality's rescale; never inverted, never windowed, never turned.
    name: for messages and output files.
    facts: polarity, window and spacing, as the file says, and the turn that makes the chest stand upright.
    warnings: what looks unfit for lung segmentation, in plain words without patient data.
    grid: of a NRRD, NIfTI or MetaImage file its own axes; None otherwise.
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
        pixels = np.ascontiguousarray(turn.apply(self.pixels))
        return replace(self, pixels=pixels, facts=self.facts.upright(self.shape))

    def thinned(self, rows: int, columns: int) -> Radiograph:
        """Every so many rows and columns of it, a view."""
        return replace(self, pixels=self.pixels[::rows, ::columns], facts=self.facts.thinned(rows, columns))

    def part(self, rows: slice, columns: slice) -> Radiograph:
        """Some of its rows and columns, a view; itself where these are all."""
        pixels = self.pixels[rows, columns]
        if pixels.shape == self.shape:
            return self
        return replace(self, pixels=pixels, facts=self.facts.moved(rows.start, columns.start))

    def exposed(self) -> tuple[slice, slice]:
        """The rows and columns that hold all that shows the patient."""
        facts = self.facts
        outside = unexposed(self.pixels, facts.shutter, facts.padding, facts.inverted)
        if outside is None:
            return slice(None), slice(None)
        used = [np.flatnonzero(~outside.all(axis)) for axis in (1, 0)]
        rows, columns = (slice(int(each[0]), int(each[-1]) + 1) for each in used)
        return rows, columns

    def letterbox(self, size: int) -> Letterbox:
        """How it lies on a canvas of size x size square pixels."""
        return Letterbox(self.shape, size, self.facts.aspect)

    def to_json(self) -> dict[str, Any]:
        """All but the pixels and the path, as it goes from process to process beside the pixels."""
        grid = None if self.grid is None else self.grid.to_json()
        facts = self.facts.to_json()
        return {"name": self.name, "facts": facts, "warnings": list(self.warnings), "grid": grid}

    @classmethod
    def from_json(cls, pixels: np.ndarray, fields: Mapping[str, Any]) -> Radiograph:
        """The inverse; other fields are passed over. Raises ValueError for facts that are none."""
        facts = ImageFacts.from_json(fields.get("facts", {}))
        name, warnings = str(fields.get("name") or "the image"), tuple(map(str, fields.get("warnings") or ()))
        grid = None if fields.get("grid") is None else Grid.from_json(fields["grid"])
        return cls(pixels, name, facts, warnings=warnings, grid=grid)

    def intensities(self, whole: bool = False) -> np.ndarray:
        """(H, W) float32 in 0..1 with dark lungs, from the least to the greatest usual value in the window; 0
        where no patient is shown (`exposed`), unless the `whole` is wanted as it is stored.

        8-bit images are taken from minimum to maximum, as the method does; deeper ones often hold a few
        extreme pixels, so there the 0.1 and 99.9 percentiles of a subsample stand for them. Raises
        RadiographError for an image without contrast.
        """
        facts = self.facts
        outside = None
        if not whole:
            outside = unexposed(self.pixels, facts.shutter, facts.padding, facts.inverted)
        low, high = self._range(outside)
        # 32-bit integers and float64 are subtracted in float64: float32 would blur large values.
        scaled = np.subtract(self.pixels, low, dtype=np.result_type(self.pixels, np.float32))
        scaled *= 1 / (high - low)
        scaled = np.clip(scaled, 0, 1, out=scaled).astype(np.float32, copy=False)
        if self.inverted:
            np.subtract(1, scaled, out=scaled)
        if outside is not None:
            scaled[outside] = 0
        return scaled

    def _range(self, outside: np.ndarray | None) -> tuple[float, float]:
        """The values that become 0 and 1: those in use, and of these what the window leaves."""
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
        if self.facts.window is not None:
            black, white = self.facts.window
            # What of a window lies beyond the values in use would only take contrast away.
            if np.mean((sample > black) & (sample < white)) >= LEAST_SHOWN:
                return max(low, black), min(high, white)
        return low, high


def read_radiograph(path: str | Path, patience: float | None = None) -> Radiograph:
    """Read a DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD, NIfTI or MetaImage file of one frontal radiograph, in
    the decoder.

    Raises RadiographError, naming the file, where it is missing, damaged, empty, constant, of several slices
    or frames, or no image; LooksLikeMask where it holds no more values than a mask; NotRead where another
    file keeps the decoder, or it was interrupted; ReadLate where there was no time for it. Raises
    DecoderError where no process can be started to decode it. `patience` as of `decoder.decode`.
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
    """Each item with its radiograph or mask, `read(item)`, while that of the next one is read in a thread."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        pending: deque[tuple[Item, Future[Read]]] = deque()
        for item in items:
            pending.append((item, reader.submit(read, item)))
            if len(pending) == 2:
                yield pending.popleft()
        yield from pending
