"""How a radiograph is turned to make the chest upright; the stored pixels do not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Turn:
    """One of the eight rotations and reflections of an image: a clockwise rotation, then perhaps a flip.

    degrees: clockwise, 0, 90, 180 or 270.
    flipped: whether left and right are then exchanged.

    Raises ValueError for any other angle.
    """

    degrees: int = 0
    flipped: bool = False

    def __post_init__(self) -> None:
        if type(self.degrees) is not int or self.degrees not in (0, 90, 180, 270):
            raise ValueError(f"no turn by {self.degrees} degrees: 0, 90, 180 or 270")
        if not isinstance(self.flipped, bool):
            raise ValueError("an image is flipped or not")

    def __bool__(self) -> bool:
        """Whether it changes the image."""
        return self.degrees != 0 or self.flipped

    def __str__(self) -> str:
        """For people, such as "rotated by 90°, flipped"."""
        words = [f"rotated by {self.degrees}°"] * (self.degrees > 0) + ["flipped"] * self.flipped
        return ", ".join(words) or "as stored"

    def then(self, other: Turn) -> Turn:
        """This turn followed by another, as one turn."""
        degrees = -other.degrees if self.flipped else other.degrees
        return Turn((self.degrees + degrees) % 360, self.flipped != other.flipped)

    @property
    def inverse(self) -> Turn:
        """The inverse turn."""
        return Turn(self.degrees if self.flipped else -self.degrees % 360, self.flipped)

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Turn (..., H, W); returns a view, (..., H, W) or after a quarter turn (..., W, H)."""
        turned = np.rot90(image, -(self.degrees // 90), (-2, -1))
        return turned[..., ::-1] if self.flipped else turned

    def undo(self, image: np.ndarray) -> np.ndarray:
        """The inverse of `apply`; returns a view."""
        return np.rot90(image[..., ::-1] if self.flipped else image, self.degrees // 90, (-2, -1))

    def pair(self, values: tuple[Any, Any]) -> tuple[Any, Any]:
        """A (row, column) pair, such as a spacing, for the turned image; its own inverse."""
        return values if self.degrees % 180 == 0 else values[::-1]

    def to_stored(self, row: float, column: float, shape: tuple[int, int]) -> tuple[float, float]:
        """The position in an image of (H, W) = `shape` pixels that has this row and column once turned."""
        height, width = shape
        if self.flipped:
            column = self.pair(shape)[1] - 1 - column
        return {
            0: (row, column),
            90: (height - 1 - column, row),
            180: (height - 1 - row, width - 1 - column),
            270: (column, width - 1 - row),
        }[self.degrees]

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads: for records and requests."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> Turn:
        """The inverse of `to_json`; None, as in older records, is no turn. Raises ValueError."""
        if value is None:
            return cls()
        if not isinstance(value, Mapping):
            raise ValueError("the turn of an image is no JSON object")
        return cls(value.get("degrees", 0), value.get("flipped", False))


TURNS = tuple(Turn(degrees, flipped) for flipped in (False, True) for degrees in (0, 90, 180, 270))
