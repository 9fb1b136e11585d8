"""Images that a data set shares with a session or a round, recognized by their pixels: no training image may
leak into the comparison."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from .. import CxradainError
from ..datasets import DatasetImage
from ..exchange.export import png_pixels
from ..imaging.radiograph import RadiographError, read_radiograph
from ..sessions.records import SessionImage, pixel_key
from ..sessions.store import Session

AS_STORED = ("|u1", "<u2")  # pixel types that an export leaves unchanged

TRAINED = "that rounds of this session train on"
REPLAYED = "that the round replayed"
TWICE = "that are there already"


class Excluded(CxradainError):
    """A reference image is excluded; the message completes "3 images ...", as in "that the round
    replayed"."""


class LeakageFilter:
    """Excludes from a reference set what a candidate may have been trained on, and duplicates.

    Args:
        session: its images that are not held out, and their patients, are excluded: any earlier round may
            have trained on them.
        validating: its images that are in the comparison already.
        replayed: pixel keys of the images that a round replayed.
    """

    def __init__(
        self, session: Session, validating: Iterable[SessionImage] = (), replayed: Iterable[str] = ()
    ):
        self._session = session
        self._reasons = dict.fromkeys(replayed, REPLAYED)  # by pixel key
        trained = [image for image in session.images() if not session.is_held_out(image)]
        self._reasons |= {key: TRAINED for image in trained for key in export_keys(session, image)}
        self._reasons |= {key: TWICE for image in validating for key in export_keys(session, image)}
        self._patients = {image.patient for image in trained if image.patient}

    def check(self, pixels: np.ndarray, patient: str) -> None:
        """Raise Excluded for an excluded image. `patient` is the data set's name for the patient."""
        key = pixel_key(pixels)
        if key in self._reasons:
            raise Excluded(self._reasons[key])
        if self._session.keyed_hash("patient", patient) in self._patients:
            raise Excluded(TRAINED)


def export_keys(session: Session, image: SessionImage) -> set[str]:
    """The pixel keys of a session's image: of its own pixels, and of those that an export writes."""
    keys = {image.pixel_hash}
    if not image.fault and (image.facts.inverted or image.dtype not in AS_STORED):
        with suppress(RadiographError):  # reported when the image is used
            keys.add(pixel_key(png_pixels(session.radiograph(image))[0]))
    return keys


def cases_by_pixel_key(
    cases: Iterable[DatasetImage], shapes: Collection[tuple[int, int]]
) -> dict[str, list[DatasetImage]]:
    """The cases with these shapes (rows, columns), by pixel key, without unreadable ones."""
    by_key: dict[str, list[DatasetImage]] = {}
    for case in cases:
        if png_shape(case.image) in shapes:
            with suppress(RadiographError):
                by_key.setdefault(pixel_key(read_radiograph(case.image).pixels), []).append(case)
    return by_key


def png_shape(path: Path) -> tuple[int, int] | None:
    """Rows and columns, from a PNG's header; None if it cannot be read."""
    from PIL import Image  # the window imports this file, and 3D Slicer may lack Pillow

    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return picture.size[::-1]
    except (OSError, SyntaxError, Image.DecompressionBombError):
        return None
