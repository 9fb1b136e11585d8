"""Suspicions that an image is not an upright frontal chest radiograph, from its header and its appearance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .dicom_checks import LATERAL, NOT_CHEST
from .image_data import COLOR
from .radiograph import Radiograph
from .turn import TURNS, Turn
from .upright import look


@dataclass(frozen=True)
class Suspicion:
    """A suspicion about a radiograph.

    code: for records. text: what is suspected and what to do. turn: the turn that would correct the image;
        none if there is none or it is unknown.
    """

    code: str
    text: str
    turn: Turn = Turn()

    def to_json(self) -> dict[str, Any]:
        """The suspicion in the engine's replies."""
        return {"code": self.code, "text": self.text, "turn": self.turn.to_json()}


STANDS = {90: "the head points to the left", 180: "it is upside down", 270: "the head points to the right"}


def _looks_turned(turn: Turn) -> Suspicion:
    """The suspicion about an image that a turn would correct."""
    if not turn.degrees:
        text = "The radiograph seems to be mirrored, by the heart. Flip it, unless the heart is on the right."
        return Suspicion("mirrored", text, turn)
    mirrored, flip = (" and mirrored", ", and flip it") if turn.flipped else ("", "")
    text = f"The radiograph seems to be turned{mirrored}: {STANDS[turn.degrees]}. Rotate it{flip}."
    return Suspicion(f"turned_{turn.degrees}{'_mirrored' if turn.flipped else ''}", text, turn)


BY_TURN = {turn: _looks_turned(turn) for turn in TURNS if turn}
FOREIGN = Suspicion(
    "not_chest", "This does not look like a frontal chest radiograph: do not rely on the masks."
)
# By a radiograph's warning.
OF_WARNING = {
    LATERAL: Suspicion("header_lateral", LATERAL),
    NOT_CHEST: Suspicion("header_not_chest", NOT_CHEST),
    COLOR: Suspicion("color", COLOR),
}
BY_CODE = {each.code: each for each in (*BY_TURN.values(), FOREIGN, *OF_WARNING.values())}


def kept_when_turned(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes of suspicions, or of others, that still hold if the radiograph has been turned since: not
    those that it should be turned."""
    return tuple(code for code in codes if code not in BY_CODE or not BY_CODE[code].turn)


def suspicions(radiograph: Radiograph) -> tuple[Suspicion, ...]:
    """The suspicions about a radiograph, once it is turned as its facts say.

    Raises RadiographError for an image without contrast.
    """
    found = [OF_WARNING[warning] for warning in radiograph.warnings if warning in OF_WARNING]
    looks = look(radiograph)
    if not looks.chest:
        found.append(FOREIGN)
    elif looks.turn:
        found.append(BY_TURN[looks.turn])
    return tuple(found)
