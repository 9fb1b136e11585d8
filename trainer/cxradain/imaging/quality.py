"""How likely a mask is right: a score for each lung and for both, what argues against it, and where to
look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .lungs import FLAG_TEXT, LEFT, RIGHT
from .turn import Turn

Verdict = Literal["good", "look", "bad"]
VERDICT_TEXT: dict[Verdict, str] = {"good": "likely good", "look": "look", "bad": "likely bad"}
GOOD_DICE = 0.90  # a mask with at least this Dice is good
LOOK_BELOW, BAD_BELOW = 0.85, 0.5  # scores


def verdict_of(score: float) -> Verdict:
    """The verdict on a score (0..1)."""
    return "bad" if score < BAD_BELOW else "look" if score < LOOK_BELOW else "good"


@dataclass(frozen=True)
class _Scored:
    """score: 0..1, the probability that the mask's Dice against a careful reader's reaches `GOOD_DICE`."""

    score: float

    @property
    def verdict(self) -> Verdict:
        """The verdict on the score."""
        return verdict_of(self.score)

    @property
    def text(self) -> str:
        """The verdict and the score for people, such as "likely good (0.93)"."""
        return f"{VERDICT_TEXT[self.verdict]} ({self.score:.2f})"


@dataclass(frozen=True)
class LungQuality(_Scored):
    """The quality of one lung's mask.

    flags: codes of `lungs.FLAG_TEXT`, why to look at it; empty for a mask that is likely good.
    box: where to look: first and last row, first and last column (the last ones exclusive), in pixels of the
        image; None if the evidence is not in one place.
    features: what the score was computed from, in the order of `quality_model.FEATURES`; not stored in files.
    """

    flags: tuple[str, ...] = ()
    box: tuple[int, int, int, int] | None = None
    features: tuple[float, ...] = field(default=(), compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        box = list(self.box) if self.box is not None else None
        return {"score": self.score, "flags": list(self.flags), "box": box}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> LungQuality:
        """The inverse of `to_json`; flags that this version does not know are dropped. Raises ValueError,
        TypeError or KeyError for anything else."""
        box = fields.get("box")
        if box is not None:
            top, bottom, left, right = map(int, box)
            box = (top, bottom, left, right)
        flags = tuple(flag for flag in fields["flags"] if flag in FLAG_TEXT)
        return cls(_probability(fields["score"]), flags, box)

    def turned_back(self, turn: Turn, shape: tuple[int, int]) -> LungQuality:
        """The same with its box in the pixels of the stored image, (H, W) = `shape`, before it was turned."""
        if self.box is None:
            return self
        top, bottom, left, right = self.box
        corners = [turn.to_stored(*corner, shape) for corner in ((top, left), (bottom - 1, right - 1))]
        (top, bottom), (left, right) = (sorted(map(int, values)) for values in zip(*corners, strict=True))
        return replace(self, box=(top, bottom + 1, left, right + 1))

    def moved(self, rows: int, columns: int) -> LungQuality:
        """Convert from the part of an image that starts at this row and column to the whole image."""
        if self.box is None:
            return self
        top, bottom, left, right = self.box
        return replace(self, box=(top + rows, bottom + rows, left + columns, right + columns))


@dataclass(frozen=True)
class MaskQuality(_Scored):
    """The quality of a mask of both lungs, and of each of them."""

    right: LungQuality
    left: LungQuality

    @property
    def lungs(self) -> dict[int, LungQuality]:
        """The two lungs by their labels."""
        return {RIGHT: self.right, LEFT: self.left}

    @property
    def worse(self) -> LungQuality:
        """The quality of the worse lung, which people are told: a mask is as bad as that."""
        return min(self.right, self.left, key=lambda lung: lung.score)

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of both lungs, in the order of `lungs.FLAG_TEXT`."""
        return tuple(code for code in FLAG_TEXT if code in (*self.right.flags, *self.left.flags))

    def turned_back(self, turn: Turn, shape: tuple[int, int]) -> MaskQuality:
        """`LungQuality.turned_back` of both lungs."""
        right, left = (lung.turned_back(turn, shape) for lung in (self.right, self.left))
        return replace(self, right=right, left=left)

    def moved(self, rows: int, columns: int) -> MaskQuality:
        """As `LungQuality.moved`, of both lungs."""
        return replace(self, right=self.right.moved(rows, columns), left=self.left.moved(rows, columns))

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads: for the engine, a session's records and a segment's tags."""
        return {"score": self.score, "right": self.right.to_json(), "left": self.left.to_json()}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> MaskQuality:
        """The inverse of `to_json`. Raises ValueError, TypeError or KeyError for anything else."""
        right, left = (LungQuality.from_json(fields[side]) for side in ("right", "left"))
        return cls(_probability(fields["score"]), right, left)


def _probability(value: Any) -> float:
    """A number in 0..1. Raises ValueError or TypeError for anything else."""
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(f"{value!r} is not in 0..1")
    return number
