"""How an image's columns and rows lie in the patient, and the turn that brings it to radiological display.

There the patient's right is on the image's left, and on top is the head or, where a slice lies across the
body as pictures without a place do in ITK and 3D Slicer, the front. Every reader states directions; nothing
else turns an image by what its file says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from .turn import TURNS, Turn

Orientation = tuple[str, str]  # towards what columns and rows increase, as PatientOrientation has it

DIRECTION = re.compile(r"[APRLHF]{1,3}")  # PS3.3 C.7.6.1.1.1
OPPOSITE = dict(zip("LRPAHF", "RLAPFH", strict=True))
LPS = "LPH"
DISPLAY = (("L", "F"), ("L", "P"))
# Of a picture that is upright as its tag has it shown (TIFF 6.0, section 8; Exif 3.0, 4.6.5).
OF_TAG: dict[int, Orientation] = {
    **{2: ("R", "F"), 3: ("R", "H"), 4: ("L", "H")},
    **{5: ("F", "L"), 6: ("F", "R"), 7: ("H", "R"), 8: ("H", "L")},
}


def usable_orientation(values: Iterable[Any]) -> Orientation | None:
    """PatientOrientation's two directions; None where it is absent or damaged, or says something else."""
    directions = [str(value).strip(" \0").upper() for value in values]
    usable = len(directions) == 2 and all(map(DIRECTION.fullmatch, directions))
    return (directions[0], directions[1]) if usable else None


def orientation_along(directions: np.ndarray) -> Orientation | None:
    """That of (2, 2) or (2, 3) directions of columns and rows, LPS, by the axes that they are nearest to.

    None where both are nearest to one axis, and for the first two axes themselves, as headers have them that
    say nothing.
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
    """What brings an image to radiological display; no turn where nothing is stated, nor for a lateral view,
    which has no direction from right to left."""
    if orientation is None:
        return Turn()
    towards = [direction[0] for direction in orientation]
    return next((turn for turn in TURNS if _turned(towards, turn) in DISPLAY), Turn())


def _turned(towards: list[str], turn: Turn) -> Orientation:
    """Towards what columns and rows increase once the image is turned."""
    corner, right, below = (turn.to_stored(*place, (2, 2)) for place in ((0, 0), (0, 1), (1, 0)))
    letters = []
    for end in (right, below):
        rows, columns = end[0] - corner[0], end[1] - corner[1]
        letter = towards[0] if columns else towards[1]
        letters.append(letter if rows + columns > 0 else OPPOSITE[letter])
    return letters[0], letters[1]
