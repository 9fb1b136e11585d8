"""A click on a radiograph: what was missed is added to a lung, what is too much is removed (`refinement`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..imaging.lungs import LEFT, RIGHT

Action = Literal["add", "remove"]
ACTIONS: tuple[Action, ...] = ("add", "remove")


@dataclass(frozen=True)
class Click:
    """One click on a lung.

    row, column: where, in pixels of the image, integers at pixel centers.
    action: "add" to the lung, or "remove" from it.
    lung: 1 the patient's right, 2 the left.

    Raises ValueError for another action or lung, or a place that is no number.
    """

    row: float
    column: float
    action: Action
    lung: int

    def __post_init__(self) -> None:
        finite = math.isfinite(self.row) and math.isfinite(self.column)
        if not finite or self.action not in ACTIONS or self.lung not in (RIGHT, LEFT):
            raise ValueError(f"no click to {self.action} lung {self.lung} at {self.row}, {self.column}")

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads: for the engine and for a session's records."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Click:
        """A click as written by `to_json`, or as older sessions hold it, with `adds` in place of `action`.

        Raises ValueError for what is no click.
        """
        try:
            action = fields["action"] if "action" in fields else ACTIONS[0 if fields["adds"] else 1]
            return cls(float(fields["row"]), float(fields["column"]), action, fields["lung"])
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"no click: {error!r}") from error
