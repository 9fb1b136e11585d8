"""Files of a session that have no record: half-written ones are removed, all others are kept in `lost/`.

Pixels and masks are written before their records, so a crash leaves some. A record may also have been
removed, or be on its way from another computer: then they are the only ones, and are never deleted here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from . import folder as files
from .durable import sync_folder

LOST = "lost"
TEMPORARY = re.compile(r"\.[0-9a-f]{8}\..+")  # of files.replace_atomically


def tidy(folder: Path) -> None:
    """Remove half-written files, put aside what has no record, and back what has one now. Raises OSError."""
    for place in (folder, folder / files.IMAGES, *files.mask_folders(folder)):
        there = files.entries(place)
        names = {entry.name for entry in there}
        for entry in there:
            if not entry.is_file(follow_symlinks=False):
                continue
            if TEMPORARY.fullmatch(entry.name):
                Path(entry.path).unlink(missing_ok=True)
            elif place != folder and entry.name.endswith(".nrrd") and entry.name[:-5] + ".json" not in names:
                path = Path(entry.path)
                _move(path, folder / LOST / path.relative_to(folder))
    for path in lost(folder):
        place = folder / path.relative_to(folder / LOST)
        if place.with_suffix(".json").is_file() and not place.exists():
            _move(path, place)


def lost(folder: Path) -> list[Path]:
    """What is kept in `lost/`."""
    return sorted(path for path in (folder / LOST).rglob("*") if path.is_file())


def lost_problems(folder: Path) -> list[str]:
    """A sentence for each of them."""
    advice = "Restore its record from a copy and rebuild, add the image again, or delete the file."
    return [f"{path}: has no record. {advice}" for path in lost(folder)]


def _move(path: Path, target: Path) -> None:
    """Move a file, to another name where there is one already."""
    target.parent.mkdir(parents=True, exist_ok=True)
    free, number = target, 2
    while free.exists():
        free, number = target.with_suffix(f".{number}.nrrd"), number + 1
    os.replace(path, free)
    sync_folder(free.parent)
    sync_folder(path.parent)
