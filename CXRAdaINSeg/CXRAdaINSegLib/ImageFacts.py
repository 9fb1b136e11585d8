"""What a volume's file says of its values, kept with the volume in the scene.

Readers differ in what they make of MONOCHROME1: ITK's GDCM turns the values over while it reads, DCMTK does
not. So the volume's values are compared with those stored in the file rather than trusted either way.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import slicer
from cxradain.imaging.radiograph import Radiograph, RadiographError, read_radiograph

ATTRIBUTE = "CXRAdaINSeg.Image"  # of the volume node, so that a saved scene comes back with it
UNMEASURED = (1.0, 1.0)  # mm: what formats without a scale say


@dataclass(frozen=True)
class ImageFacts:
    """What is known of a volume's values.

    inverted: high values of the volume are dark on film.
    window: center and width in the volume's values, where the header has one.
    spacing: mm (row, column); None where nobody measured.
    warnings: what looks unfit for lung segmentation, in words.
    """

    inverted: bool = False
    window: tuple[float, float] | None = None
    spacing: tuple[float, float] | None = None
    warnings: tuple[str, ...] = ()


def imageFacts(volume, pixels: np.ndarray, stored: Radiograph | None = None) -> ImageFacts:
    """Facts of a volume node whose values are `pixels` (H, W); found out once, then read from the node.

    stored: the file as it was read, where that has been done already.
    """
    kept = volume.GetAttribute(ATTRIBUTE)
    if kept:
        try:
            return _unpacked(json.loads(kept))
        except (ValueError, TypeError, KeyError):
            pass  # of another version of this module: found out anew
    facts = _compared(stored or _read(volume), volume, pixels)
    volume.SetAttribute(ATTRIBUTE, json.dumps(asdict(facts)))
    return facts


def _unpacked(kept: dict) -> ImageFacts:
    pair = {key: tuple(kept[key]) if kept[key] else None for key in ("window", "spacing")}
    return ImageFacts(inverted=bool(kept["inverted"]), warnings=tuple(kept["warnings"]), **pair)


def _read(volume) -> Radiograph | None:
    """The volume's file, as it is stored; None where there is none that can be read."""
    path = sourceFile(volume)
    try:
        return read_radiograph(path) if path is not None else None
    except RadiographError:
        return None


def _compared(stored: Radiograph | None, volume, pixels: np.ndarray) -> ImageFacts:
    """What the file says, said of the volume's values."""
    if stored is None:
        column, row, _slice = volume.GetSpacing()
        return ImageFacts(spacing=None if (row, column) == UNMEASURED else (row, column))
    if stored.shape != pixels.shape:
        return ImageFacts(spacing=stored.spacing, warnings=stored.warnings)
    scale, offset = _linearMap(stored.pixels, pixels)
    window = stored.window
    if window is not None:
        window = (window[0] * scale + offset, window[1] * abs(scale))
    return ImageFacts(stored.inverted != (scale < 0), window, stored.spacing, stored.warnings)


def _linearMap(stored: np.ndarray, read: np.ndarray) -> tuple[float, float]:
    """Scale and offset from the file's values to the reader's, by their extremes on a subsample."""
    step = tuple(max(1, side // 512) for side in stored.shape)
    a, b = stored[:: step[0], :: step[1]].ravel(), read[:: step[0], :: step[1]].ravel()
    low, high = int(a.argmin()), int(a.argmax())
    rise = float(a[high]) - float(a[low])
    scale = (float(b[high]) - float(b[low])) / rise if rise else 1.0
    scale = scale or 1.0
    return scale, float(b[low]) - scale * float(a[low])


def sourceFile(volume) -> Path | None:
    """The file that a volume was read from, where it is still there."""
    instances = (volume.GetAttribute("DICOM.instanceUIDs") or "").split()
    database = getattr(slicer, "dicomDatabase", None)
    name = ""
    if instances and database is not None and database.isOpen:
        name = database.fileForInstance(instances[0])
    storage = volume.GetStorageNode()
    if not name and storage is not None:
        name = storage.GetFullNameFromFileName()
    return Path(name) if name and Path(name).is_file() else None
