"""A model's card: what it was made from and how, what was measured, what it is not fit for."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import DISCLAIMER, CxradainError
from ..files import write_text
from .folders import CARD, WEIGHTS

METHOD = (
    'Oh & Ye, "CXR Segmentation by AdaIN-based Domain Adaptation and Knowledge Distillation", ECCV 2022, '
    "arXiv 2104.05892"
)
MASK_CONVENTION = "The whole lung, the part behind the heart included."
CONFOUNDING = (
    "Age and disease are confounded: the normal radiographs with masks are of children, many abnormal ones "
    "of adults."
)
LIMITS = (
    "Frontal views only. Masks that leave out the part of the lung behind the heart differ by convention.",
    "Tubes and prostheses are not accounted for; a lung that is not seen at all may be guessed.",
    "The as-normal translation is a means to a mask, not a picture of the patient without disease.",
)


def make_card(
    name: str, version: str, data: list[dict[str, Any]], training: dict[str, Any]
) -> dict[str, Any]:
    """The card of a model trained on `data` (rows as of `describe_data`); `training` is how."""
    return {
        "name": name,
        "version": version,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "intended_use": f"Right and left lung in frontal chest radiographs. {DISCLAIMER}",
        "method": METHOD,
        "mask_convention": MASK_CONVENTION,
        "confounding": CONFOUNDING,
        "data": data,
        "training": training,
        "measured": {},
        "limits": list(LIMITS),
    }


def add_measured(card: dict[str, Any], evaluation: dict[str, Any]) -> None:
    """Enter what `evaluate` found, under its split and mode; an older figure of both is replaced."""
    by_mode = card.setdefault("measured", {}).setdefault(evaluation["split"], {})
    if "overall" not in evaluation:
        by_mode[evaluation["mode"]] = {
            key: evaluation[key] for key in ("flags", "area_ratio", "disagreement")
        }
        return
    by_mode[evaluation["mode"]] = {
        name: {region: part[region]["dice"] for region in ("union", "right", "left")}
        for name, part in {"overall": evaluation["overall"], **evaluation["sources"]}.items()
    }


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write `card.json` and `CARD.md` into a model's folder, each in one step, with the weights' checksum."""
    weights = folder / "weights.safetensors"
    if weights.is_file():
        card = {**card, "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest()}
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    for name, content in (("card.json", text), ("CARD.md", render(card))):
        write_text(folder / name, content)


def render(card: dict[str, Any]) -> str:
    """The text of CARD.md. Of the card's parts, what is missing is left out."""
    use, convention = card.get("intended_use", ""), card.get("mask_convention")
    parts = [
        f"# {card['name']} {card['version']}",
        f"{use.replace(DISCLAIMER, '')} **{DISCLAIMER}**".strip(),
        f"Masks: {convention}" if convention else "",
        card.get("confounding", ""),
        f"Method: {card['method']}." if "method" in card else "",
        "## Measured",
        _measured(card.get("measured") or {}),
        _compared(card.get("compared") or {}),
        "## Limits" if card.get("limits") else "",
        "\n".join(f"- {limit}" for limit in card.get("limits", ())),
        "## Data" if card.get("data") else "",
        _data(card.get("data") or ()),
        "## Training",
        _training(card),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _measured(measured: dict[str, Any]) -> str:
    dice, seen = [], []
    for split, by_mode in measured.items():
        for mode, found in by_mode.items():
            if "overall" not in found:
                ratio, disagreement = (found[key]["mean"] for key in ("area_ratio", "disagreement"))
                flagged = found["flags"]["any"]
                seen.append(
                    [split, mode, _mean(flagged), _number(ratio), _number(disagreement), flagged["n"]]
                )
                continue
            for source, regions in found.items():
                union = regions["union"]
                lungs = (_mean(regions[region]) for region in ("right", "left"))
                dice.append([split, mode, source, _mean(union), _number(union["p10"]), *lungs, union["n"]])
    if not dice and not seen:
        return "Not yet."
    parts = []
    if dice:
        header = ("split", "mode", "source", "both lungs", "10th percentile", "right", "left", "images")
        parts += ["Dice, mean with 95 % interval over patients:", _table(header, dice)]
    if seen:
        columns = ("split", "mode", "flagged", "right / left area", "disagreement", "images")
        parts += ["Without reference masks:", _table(columns, seen)]
    return "\n\n".join(parts)


def _compared(found: dict[str, Any]) -> str:
    """The gate's verdict on a model, as it was when the model was kept."""
    told = [f"Against {found['incumbent']}:" if "incumbent" in found else "", found.get("text", "")]
    return " ".join(part for part in told if part)


def _data(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    header = ("split", "source", "images", "licences", "attribution", "masks")
    return _table(
        header,
        [
            [
                *(row[key] for key in ("split", "source", "images")),
                ", ".join(row["licences"]),
                row["attribution"],
                "; ".join(
                    filter(
                        None, [row.get("masks"), *row.get("mask_licences", ()), row.get("mask_attribution")]
                    )
                ),
            ]
            for row in rows
        ],
    )


def _training(card: dict[str, Any]) -> str:
    how = dict(card.get("training") or {})
    options = how.pop("options", {})
    also = {key: card[key] for key in ("parameters", "parent", "weights_sha256", "created") if card.get(key)}
    parts = ["\n".join(f"- {key}: {_code(value)}" for key, value in {**how, **also}.items())]
    for name, values in (("configuration", card.get("configuration")), ("option", options)):
        if values:
            parts.append(_table((name, "value"), [[key, _code(value)] for key, value in values.items()]))
    return "\n\n".join(parts)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _code(value: object) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def _mean(summary: dict[str, Any]) -> str:
    low, high = summary.get("ci95") or (None, None)
    interval = "" if low is None else f" ({low:.3f} to {high:.3f})"
    return _number(summary["mean"]) + interval


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


CLASSES = 3  # background, right lung, left lung


class ModelError(CxradainError, ValueError):
    """A model's folder is missing, damaged or of another kind; the message names the file."""


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of the networks. `canvas` in pixels, a multiple of 64; widths in channels at full size.

    Raises ValueError for sizes that no network has.
    """

    canvas: int = 192
    width: int = 16
    max_width: int = 192
    style_width: int = 16
    style_max_width: int = 64
    latent_size: int = 4
    code_size: int = 16
    code_hidden: int = 64
    classes: int = CLASSES

    def __post_init__(self):
        for name, size in vars(self).items():
            if not isinstance(size, int) or size < 1:
                raise ValueError(f"{name} is {size!r}, not a whole number from 1 on")
        if self.canvas % 64:
            raise ValueError(f"canvas is {self.canvas}, not a multiple of 64")


PRESETS: dict[str, ModelConfig] = {
    "compact": ModelConfig(),
    "paper": ModelConfig(
        canvas=256,
        width=64,
        max_width=512,
        style_width=64,
        style_max_width=512,
        code_hidden=512,
    ),
}


def read_configuration(path: str | Path) -> ModelConfig:
    """The sizes of the model in a folder, by its card. Raises ModelError, naming the file."""
    return _configuration(_read_card(Path(path) / CARD), Path(path))


def _configuration(card: dict[str, Any], folder: Path) -> ModelConfig:
    try:
        return ModelConfig(**card["configuration"])
    except (TypeError, ValueError) as error:
        raise ModelError(f"{folder / CARD}: has a configuration that no model has ({error})") from error


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: no such model; a model is a folder with {WEIGHTS} and {CARD}") from error
    except ValueError as error:
        raise ModelError(f"{path}: not readable as JSON ({error})") from error
    if not isinstance(card, dict) or not isinstance(card.get("configuration"), dict):
        raise ModelError(f"{path}: has no 'configuration'; is it a model's card?")
    return card
