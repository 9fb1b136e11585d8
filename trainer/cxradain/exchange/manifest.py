"""The manifest of an export, and which image a mask beside one is of."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from ..imaging.file_names import stem
from .export import IMAGE_KEY, MANIFEST

MASK_FOLDERS = ("masks", "labelsTr", "segmentations")  # of exports; the manifest is beside them


def key_beside(mask: Path) -> str | None:
    """The key of the image that an exported mask is of, as the manifest beside it or its folder says; None
    where there is no such manifest, or it has no such column or mask."""
    places = [mask.parent, *([mask.parent.parent] if mask.parent.name in MASK_FOLDERS else [])]
    for place in places:
        try:
            changed = (place / MANIFEST).stat().st_mtime_ns
            return _keys(place / MANIFEST, changed)[stem(mask).removesuffix(".seg")]
        except (OSError, ValueError, csv.Error, KeyError):
            continue  # another program's, or none
    return None


@lru_cache(maxsize=4)
def _keys(manifest: Path, changed: int) -> dict[str, str]:
    with manifest.open(newline="", encoding="utf-8-sig") as file:
        return {row["id"]: row[IMAGE_KEY] for row in csv.DictReader(file)}
