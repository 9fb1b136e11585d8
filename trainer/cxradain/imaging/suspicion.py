"""What speaks against an image's being an upright frontal chest, by its file's header and by its looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .dicom_checks import LATERAL, MIRRORED, NOT_CHEST, TURNED
from .image_data import COLOR
from .lungs import FLAG_TEXT
from .radiograph import Radiograph
from .turn import TURNS, Turn
from .upright import look


@dataclass(frozen=True)
class Suspicion:
    """One doubt about a radiograph.

    code: for records, as those of `lungs.FLAG_TEXT`. text: what it is and what to do. turn: what would set
    the image right; no turn where none would, or it is not known which.
    """

    code: str
    text: str
    turn: Turn = Turn()

    def to_json(self) -> dict[str, Any]:
        """For the engine's replies."""
        return {"code": self.code, "text": self.text, "turn": self.turn.to_json()}


STANDS = {90: "the head points to the left", 180: "it is upside down", 270: "the head points to the right"}


def _looks_turned(turn: Turn) -> Suspicion:
    """What is said of an image that a turn would set right."""
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
# Of what was noticed on reading.
OF_WARNING = {
    LATERAL: Suspicion("header_lateral", LATERAL),
    NOT_CHEST: Suspicion("header_not_chest", NOT_CHEST),
    MIRRORED: Suspicion("header_mirrored", MIRRORED, Turn(0, True)),
    TURNED: Suspicion("header_turned", TURNED),
    COLOR: Suspicion("color", COLOR),
}
BY_CODE = {each.code: each for each in (*BY_TURN.values(), FOREIGN, *OF_WARNING.values())}


def flag_text(code: str) -> str:
    """What a version's flag says, of the mask or of the image; an unknown one its code."""
    return BY_CODE[code].text if code in BY_CODE else FLAG_TEXT.get(code, code)


def suspicions(radiograph: Radiograph) -> tuple[Suspicion, ...]:
    """What speaks against an upright frontal chest, once the image is turned as its facts say.

    What a header says of how the patient stands in the image does not count any more once somebody has turned
    it. Raises RadiographError for an image without contrast.
    """
    turned = bool(radiograph.facts.turn)
    stated = [OF_WARNING[warning] for warning in radiograph.warnings if warning in OF_WARNING]
    found = [each for each in stated if not (turned and each.text in (MIRRORED, TURNED))]
    looks = look(radiograph)
    if not looks.chest:
        found.append(FOREIGN)
    elif looks.turn:
        found.append(BY_TURN[looks.turn])
    return tuple(found)
