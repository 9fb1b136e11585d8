"""The orientation of an image in the patient, and the turn that brings it to radiological display.

In radiological display the patient's right is on the left of the image, and at the top is the head or, in an
axial slice (as ITK and 3D Slicer place pictures), the front. Readers only state directions; the turn follows
only here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from .turn import TURNS, Turn

Orientation = tuple[str, str]  # directions in which columns and rows increase, as in PatientOrientation

DIRECTION = re.compile(r"[APRLHF]{1,3}")  # PS3.3 C.7.6.1.1.1
OPPOSITE = dict(zip("LRPAHF", "RLAPFH", strict=True))
LPS = "LPH"
DISPLAY = (("L", "F"), ("L", "P"))
# By a picture's orientation tag (TIFF 6.0, section 8; Exif 3.0, 4.6.5), assuming that it displays upright.
OF_TAG: dict[int, Orientation] = {
    **{2: ("R", "F"), 3: ("R", "H"), 4: ("L", "H")},
    **{5: ("F", "L"), 6: ("F", "R"), 7: ("H", "R"), 8: ("H", "L")},
}


def usable_orientation(values: Iterable[Any]) -> Orientation | None:
    """The two directions of PatientOrientation; None if it is absent, damaged or otherwise unusable."""
    directions = [str(value).strip(" \0").upper() for value in values]
    usable = len(directions) == 2 and all(map(DIRECTION.fullmatch, directions))
    return (directions[0], directions[1]) if usable else None


def orientation_along(directions: np.ndarray) -> Orientation | None:
    """The orientation of (2, 2) or (2, 3) LPS directions of columns and rows, by the nearest anatomical axes.

    None if both are nearest to the same axis, and for the identity, which uninformative headers have.
    """
    axes = np.abs(directions).argmax(1)
    if axes[0] == axes[1]:
        return None
    letters = [
        LPS[axis] if row[axis] > 0 else OPPOSITE[LPS[axis]]
        for row, axis in zip(directions, axes, strict=True)
    ]
    return None if letters == ["L", "P"] else (letters[0], letters[1])


def turn_to_display(orientation: Orientation | None) -> Turn:
    """The turn that brings an image to radiological display; none without an orientation, or for a lateral
    view, which has no left-right direction."""
    if orientation is None:
        return Turn()
    towards = [direction[0] for direction in orientation]
    return next((turn for turn in TURNS if _turned(towards, turn) in DISPLAY), Turn())


def _turned(towards: list[str], turn: Turn) -> Orientation:
    """The directions in which columns and rows increase once the image is turned."""
    corner, right, below = (turn.to_stored(*place, (2, 2)) for place in ((0, 0), (0, 1), (1, 0)))
    letters = []
    for end in (right, below):
        rows, columns = end[0] - corner[0], end[1] - corner[1]
        letter = towards[0] if columns else towards[1]
        letters.append(letter if rows + columns > 0 else OPPOSITE[letter])
    return letters[0], letters[1]
