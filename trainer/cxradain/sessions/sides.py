"""Right and left in the masks of an image that was turned after they were made.

A mask's pixels stay where the file has them. If the image is flipped, the lung that was called right is the
left one: each version records the turn that it was made for, and is read as the image is turned now.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..imaging.lungs import LEFT, RIGHT, are_sides_exchanged, exchange_sides
from ..imaging.turn import Turn
from .records import Version


def as_turned(version: Version, labels: np.ndarray, turn: Turn) -> tuple[Version, np.ndarray]:
    """A version and its (H, W) labels as they are for an image that is turned in this way: with right and
    left exchanged, in labels, clicks and quality, if the turn has put each lung on the other's side.

    A version whose turn is unknown, or is this one, stays as it is. So do lungs that lay on each other's side
    before: their reader meant it so.
    """
    made = version.turn
    if made is None or made == turn or not are_sides_exchanged(turn.apply(labels)):
        return version, labels
    if (made.degrees - turn.degrees) % 180 == 0 and are_sides_exchanged(made.apply(labels)):
        return version, labels
    other = {RIGHT: LEFT, LEFT: RIGHT}
    clicks = tuple(
        click | {"lung": other[click["lung"]]} if click.get("lung") in other else click
        for click in version.clicks
    )
    quality = version.quality and replace(
        version.quality, right=version.quality.left, left=version.quality.right
    )
    return replace(version, clicks=clicks, quality=quality), exchange_sides(labels)
