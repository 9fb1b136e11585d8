"""The heart's width as marked by readers: two points for each image and reader, in a session's folder.

hearts/KEY.json     {reader: {"points": [[row, column], [row, column]], "time": ISO 8601, UTC}}
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from ..files import make_folder, read_limited, reason_of, write_durably
from .records import RecordError

HEARTS = "hearts"
LARGEST = 1 << 20  # bytes

Points = tuple[tuple[float, float], ...]  # (row, column) in stored pixels; two points or none


def read_heart(folder: Path, key: str, reader: str) -> Points:
    """A reader's points in an image, or none. Raises RecordError for a damaged file."""
    points = _read(_path(folder, key)).get(reader, {}).get("points", [])
    return tuple((float(row), float(column)) for row, column in points)


def write_heart(folder: Path, key: str, reader: str, points: Points, time: str) -> None:
    """Save a reader's points, or remove them if there are none. Raises OSError, ValueError unless there are
    two points or none, and RecordError if the existing file is damaged."""
    if len(points) not in (0, 2) or not all(math.isfinite(value) for place in points for value in place):
        raise ValueError("a heart's width has two points")
    path = _path(folder, key)
    hearts = _read(path)
    hearts.pop(reader, None)
    if points:
        hearts[reader] = {"points": [[round(v, 2) for v in place] for place in points], "time": time}
    make_folder(path.parent)
    write_durably(path, (json.dumps(hearts, indent=1) + "\n").encode())


def _path(folder: Path, key: str) -> Path:
    return folder / HEARTS / f"{key}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        hearts = json.loads(read_limited(path, LARGEST))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{path}: cannot be read ({reason_of(error)}). Restore it, or remove it."
        ) from error
    if not _is_usable(hearts):
        raise RecordError(f"{path}: is damaged. Restore it, or remove it.")
    return dict(hearts)


def _is_usable(hearts: Any) -> bool:
    def is_place(place: Any) -> bool:
        return isinstance(place, list) and len(place) == 2 and all(isinstance(v, int | float) for v in place)

    return isinstance(hearts, dict) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("points"), list)
        and len(entry["points"]) == 2
        and all(map(is_place, entry["points"]))
        for entry in hearts.values()
    )
