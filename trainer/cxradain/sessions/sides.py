"""What was made of an image that was turned afterwards: right and left in its masks, and what was suspected.

A mask's pixels stay where the file has them. If the image is flipped, the lung that was called right is the
left one: each version records the turn that it was made for, and is read as the image is turned now. That it
should be turned was said of the former turn only.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..imaging.lungs import LEFT, RIGHT, are_sides_exchanged, exchange_sides
from ..imaging.suspicion import kept_when_turned
from ..imaging.turn import Turn
from .records import Version


def flags_as_turned(version: Version, turn: Turn) -> tuple[str, ...]:
    """A version's flags for an image that is turned in this way: without suspicions that it should be turned,
    if they were made for another turn."""
    return version.flags if version.turn in (None, turn) else kept_when_turned(version.flags)


def are_exchanged_by_turn(labels: np.ndarray, made: Turn, turn: Turn) -> bool:
    """Whether each lung in (H, W) labels, made for an image turned as `made`, lies on the other's side once
    that is turned as `turn`, and did not before."""
    if not are_sides_exchanged(turn.apply(labels)):
        return False
    return (made.degrees - turn.degrees) % 180 != 0 or not are_sides_exchanged(made.apply(labels))


def as_turned(version: Version, labels: np.ndarray, turn: Turn) -> tuple[Version, np.ndarray]:
    """A version and its (H, W) labels as they are for an image that is turned in this way: with right and
    left exchanged, in labels, clicks and quality, if the turn has put each lung on the other's side; and
    without suspicions that the image should be turned.

    A version whose turn is unknown, or is this one, stays as it is. So do lungs that lay on each other's side
    before: their reader meant it so.
    """
    made = version.turn
    if made is None or made == turn:
        return version, labels
    version = replace(version, flags=flags_as_turned(version, turn))
    if not are_exchanged_by_turn(labels, made, turn):
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
