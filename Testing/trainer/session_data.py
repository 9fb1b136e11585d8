"""Sessions for tests: drawn radiographs in a new folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.sessions.folder import COPIES
from cxradain.sessions.records import SessionImage, pixel_key
from cxradain.sessions.store import Session


def picture(seed: int = 0, height: int = 40, width: int = 30) -> np.ndarray:
    """(height, width) uint16 noise."""
    return np.random.default_rng(seed).integers(0, 4096, (height, width), dtype=np.uint16)


def lungs(seed: int = 0, height: int = 40, width: int = 30) -> np.ndarray:
    """(height, width) uint8 labels: two rectangles, another pair for each seed."""
    labels = np.zeros((height, width), np.uint8)
    top, bottom = 2 + seed % 7, height - 2 - seed // 7 % 11
    labels[top:bottom, 2 : width // 2 - 1] = 1
    labels[top + 1 : bottom, width // 2 + 1 : width - 2 - seed % 3] = 2
    return labels


def image(pixels: np.ndarray, name: str = "", **fields: object) -> SessionImage:
    """A record of such pixels, to be added."""
    return SessionImage(
        key=pixel_key(pixels),
        name=name,
        shape=pixels.shape,
        dtype=pixels.dtype.str,
        added="",
        sequence=0,
        **fields,
    )


def session(folder: Path, images: int = 2, kind: str = COPIES) -> Session:
    """A new open session of drawn radiographs."""
    made = Session.create(folder, kind)
    for seed in range(images):
        made.add_image(image(picture(seed)), picture(seed) if kind == COPIES else None)
    return made


def quality(score: float) -> MaskQuality:
    """Of a mask whose right lung is to be looked at."""
    return MaskQuality(score, LungQuality(score, ("unequal",), (1, 9, 2, 8)), LungQuality(0.95))
