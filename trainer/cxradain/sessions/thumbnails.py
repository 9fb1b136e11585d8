"""Thumbnails of a session's images, cached in its folder."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from ..files import make_folder, read_limited, write_bytes
from ..imaging.radiograph import Radiograph
from ..imaging.raster_files import png_bytes
from .folder import thumbnail_path
from .records import SessionImage
from .store import Session

SIDE = 64  # pixels of the longer side
FINER = 4  # pixels are averaged from this many times the size; larger images are thinned first
LARGEST = 1 << 20  # bytes of one
START, END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


def thumbnail(image: Radiograph) -> np.ndarray:
    """(h, w) uint8 with dark lungs, upright, the longer side `SIDE` pixels.

    Raises RadiographError for an image without contrast.
    """
    from PIL import Image

    step = max(1, max(image.shape) // (SIDE * FINER))
    coarse = image.thinned(step, step).upright()
    seen = Image.fromarray((coarse.intensities() * 255 + 0.5).astype(np.uint8))
    scale = SIDE / max(seen.size)
    width, height = (max(1, round(side * scale)) for side in seen.size)
    return np.asarray(seen.resize((width, height), Image.Resampling.BOX))


def png(session: Session, image: SessionImage) -> bytes:
    """The bytes of an image's PNG thumbnail, from the session's folder or new. Raises RadiographError for an
    unreadable image.

    A read-only folder keeps none, which costs only time.
    """
    path = thumbnail_path(session.path, image.key)
    with suppress(OSError, ValueError):
        data = read_limited(path, LARGEST)
        if data.startswith(START) and data.endswith(END):
            return data
    data = png_bytes(thumbnail(session.radiograph(image)))
    with suppress(OSError):
        make_folder(path.parent)
        write_bytes(path, data)
    return data
