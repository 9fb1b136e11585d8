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

    row, column: position in pixels of the image; pixel centers are at integers.
    action: "add" to the lung, or "remove" from it.
    lung: 1 for the patient's right lung, 2 for the left.

    Raises ValueError for any other action or lung, and for a position that is not finite.
    """

    row: float
    column: float
    action: Action
    lung: int

    def __post_init__(self) -> None:
        finite = math.isfinite(self.row) and math.isfinite(self.column)
        if not finite or self.action not in ACTIONS or self.lung not in (RIGHT, LEFT):
            raise ValueError(f"not a click: {self.action} lung {self.lung} at {self.row}, {self.column}")

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads: for the engine and for a session's records."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Click:
        """The inverse of `to_json`; also reads older sessions' clicks, which have `adds` instead of `action`.

        Raises ValueError for anything else.
        """
        try:
            action = fields["action"] if "action" in fields else ACTIONS[0 if fields["adds"] else 1]
            return cls(float(fields["row"]), float(fields["column"]), action, fields["lung"])
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"not a click: {error!r}") from error
