"""Which radiographs of a folder in the shared format a session or a round has already, by their pixels."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image as Picture

from .. import CxradainError
from ..datasets import Case
from ..exchange.export import gray
from ..imaging.radiograph import RadiographError, read_radiograph
from ..sessions.records import Image, pixel_key
from ..sessions.sources import radiograph
from ..sessions.store import Session

AS_STORED = ("|u1", "<u2")  # types of pixels that an export leaves as they are

TRAINED = "that rounds of this session train on"
REPLAYED = "that the round replayed"
TWICE = "that are there already"


class LeftOut(CxradainError):
    """A radiograph is not compared on; the message says which those are, as in "3 that ..."."""


class Held:
    """What a reference set must not hold, lest a candidate be judged by what it was trained on, or an image
    count twice.

    Args:
        session: none of its images but those set aside, and of no patient of theirs; a round before this one
            may have trained on any of them.
        validating: its images that are compared on already.
        replayed: pixel keys of what a round replayed.
    """

    def __init__(
        self, session: Session | None, validating: Iterable[Image] = (), replayed: Iterable[str] = ()
    ):
        self._session = session
        self._keys = dict.fromkeys(replayed, REPLAYED)
        self._patients: set[str] = set()
        if session is None:
            return
        trained = [image for image in session.images() if not session.is_held_out(image)]
        self._keys |= {key: TRAINED for image in trained for key in forms(session, image)}
        self._keys |= {key: TWICE for image in validating for key in forms(session, image)}
        self._patients = {image.patient for image in trained if image.patient}

    def refuse(self, pixels: np.ndarray, patient: str) -> None:
        """Raise LeftOut for what is held. `patient` is what the folder's manifest calls the patient."""
        key = pixel_key(pixels)
        if key in self._keys:
            raise LeftOut(self._keys[key])
        if self._session is not None and self._session.keyed_hash("patient", patient) in self._patients:
            raise LeftOut(TRAINED)


def forms(session: Session, image: Image) -> set[str]:
    """The keys under which a session's image may be found elsewhere: its own, and as exports write it."""
    found = {image.pixel_hash}
    if not image.fault and (image.facts.inverted or image.dtype not in AS_STORED):
        with suppress(RadiographError):  # told of where it is used
            found.add(pixel_key(gray(radiograph(session, image))[0]))
    return found


def keys_of(cases: Iterable[Case], shapes: Collection[tuple[int, int]]) -> dict[str, list[Case]]:
    """The cases of these sizes by their pixels' key; what cannot be read is left to whoever reads it."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        if shape_of(case.image) in shapes:
            try:
                found.setdefault(pixel_key(read_radiograph(case.image).pixels), []).append(case)
            except RadiographError:
                continue
    return found


def shape_of(path: Path) -> tuple[int, int] | None:
    """Rows and columns by a PNG's header alone; None where it cannot be read."""
    try:
        with Picture.open(path) as picture:
            return picture.size[::-1]
    except (OSError, SyntaxError, Picture.DecompressionBombError):
        return None
