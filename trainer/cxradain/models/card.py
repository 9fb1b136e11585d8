"""A model's card: its sizes, training data, training, results and limits. No torch.

`card.json` is for programs; `CARD.md` is rendered from it for people.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import DISCLAIMER
from ..files import markdown_table, read_limited, to_json, write_text
from ..imaging.image_data import brief
from .folders import CARD, WEIGHTS, ModelError, weights_hash

CLASSES = 3  # background, right lung, left lung
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


# Columns of the tables in CARD.md.
DICE_COLUMNS = ("split", "mode", "source", "both lungs", "10th percentile", "right", "left", "images")
UNLABELLED_COLUMNS = ("split", "mode", "flagged", "right / left area", "disagreement", "images")
DATA_COLUMNS = ("split", "source", "images", "licences", "attribution", "masks")


LARGEST_CARD = 4 << 20  # bytes
LARGEST_SIZE = 1024  # channels; the paper's model has 512
LARGEST_SIZES = {"canvas": 2048, "code_hidden": 4096}


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of the networks. `canvas` in pixels, a multiple of 64; widths in channels at full size.

    Raises ValueError for impossible sizes.
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

    def __post_init__(self) -> None:
        for name, size in vars(self).items():
            if type(size) is not int or not 1 <= size <= LARGEST_SIZES.get(name, LARGEST_SIZE):
                limit = LARGEST_SIZES.get(name, LARGEST_SIZE)
                raise ValueError(f"{name} is not a whole number from 1 to {limit}")
        if self.canvas % 64:
            raise ValueError(f"canvas is {self.canvas}, not a multiple of 64")
        if self.classes != CLASSES:
            raise ValueError(f"classes is {self.classes}, not {CLASSES}")


PRESETS: dict[str, ModelConfig] = {
    "compact": ModelConfig(),
    "paper": ModelConfig(
        canvas=256, width=64, max_width=512, style_width=64, style_max_width=512, code_hidden=512
    ),
}


# The types on which the registry and CARD.md rely, if the field is present.
KINDS = {"configuration": dict, "parent": dict, "compared": dict, "measured": dict, "data": list}


def read_card(folder: str | Path) -> dict[str, Any]:
    """Read and check the card in a model's folder. Raises ModelError, naming the file."""
    path = Path(folder) / CARD
    try:
        card = json.loads(read_limited(path, LARGEST_CARD).decode(), parse_constant=_as_null)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such model; a model is a folder with {WEIGHTS} and {CARD}") from error
    except OSError as error:
        raise ModelError(
            f"{path}: cannot be read ({error.strerror or error}); copy the model again"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not readable as JSON ({brief(error)})") from error
    if not isinstance(card, dict) or not isinstance(card.get("configuration"), dict):
        raise ModelError(f"{path}: has no 'configuration'; is it a model's card?")
    wrong = [key for key, kind in KINDS.items() if not isinstance(card.get(key) or kind(), kind)]
    if wrong:
        raise ModelError(f"{path}: {', '.join(wrong)} cannot be read; copy the model again")
    return card


def _as_null(name: str) -> None:
    """Read NaN, which older cards hold for intervals over too few patients, as null."""


def configuration_of(card: dict[str, Any], folder: str | Path) -> ModelConfig:
    """The sizes in the card of `folder`. Raises ModelError, naming the file."""
    try:
        return ModelConfig(**card["configuration"])
    except (TypeError, ValueError) as error:
        path = Path(folder) / CARD
        raise ModelError(f"{path}: has a configuration that no model has ({error})") from error


def read_configuration(folder: str | Path) -> ModelConfig:
    """The sizes of the model in a folder. Raises ModelError, naming the file."""
    return configuration_of(read_card(folder), folder)


def make_card(
    name: str, version: str, data: list[dict[str, Any]], training: dict[str, Any]
) -> dict[str, Any]:
    """The card of a new model; `data` are rows of `describe_data`, `training` describes the training."""
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
    """Enter the results of `evaluate` or `evaluate_unlabelled` under their split and mode, replacing older
    ones."""
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


def card_of_changed_weights(card: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The card with `changes`, and without the figures, which were measured with other weights."""
    return {key: value for key, value in card.items() if key not in ("measured", "compared")} | changes


def write_card_json(folder: Path, card: dict[str, Any]) -> None:
    """Write `card.json` into a model's folder, atomically."""
    write_text(folder / CARD, to_json(card) + "\n")


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write `CARD.md` and then `card.json` into a model's folder, each atomically, with the weights'
    checksum."""
    if (folder / WEIGHTS).is_file():
        card = {**card, "weights_sha256": weights_hash(folder)}
    write_text(folder / "CARD.md", render(card))
    write_card_json(folder, card)


def render(card: dict[str, Any]) -> str:
    """The text of CARD.md; missing parts of the card are left out."""
    use, convention = card.get("intended_use", ""), card.get("mask_convention")
    comparison = card.get("compared") or {}
    against = f"Against {comparison['incumbent']}: " if "incumbent" in comparison else ""
    limits = "\n".join(f"- {limit}" for limit in card.get("limits", ()))
    data = _table(DATA_COLUMNS, map(_data_row, card.get("data") or ()))
    text = _paragraphs(
        f"# {card['name']} {card['version']}",
        f"{use.replace(DISCLAIMER, '')} **{DISCLAIMER}**".strip(),
        f"Masks: {convention}" if convention else "",
        card.get("confounding", ""),
        f"Method: {card['method']}." if "method" in card else "",
        "## Measured",
        _measured(card.get("measured") or {}) or "Not yet.",
        # The gate's verdict when the model was added to the registry.
        f"{against}{comparison.get('text', '')}".strip(),
        f"## Limits\n\n{limits}" if limits else "",
        f"## Data\n\n{data}" if data else "",
        "## Training",
        _training(card),
    )
    return text + "\n"


def _measured(measured: dict[str, Any]) -> str:
    dice, unlabelled = [], []
    for split, by_mode in measured.items():
        for mode, figures in by_mode.items():
            if "overall" not in figures:
                flagged = figures["flags"]["any"]
                ratio, disagreement = (figures[name]["mean"] for name in ("area_ratio", "disagreement"))
                means = [_mean(flagged), _number(ratio), _number(disagreement)]
                unlabelled.append([split, mode, *means, flagged["n"]])
                continue
            for source, regions in figures.items():
                union, *lungs = (regions[name] for name in ("union", "right", "left"))
                means = [_mean(union), _number(union["p10"]), *map(_mean, lungs)]
                dice.append([split, mode, source, *means, union["n"]])
    return _paragraphs(
        _table(DICE_COLUMNS, dice, "Dice, mean with 95 % interval over patients:"),
        _table(UNLABELLED_COLUMNS, unlabelled, "Without reference masks:"),
    )


def _data_row(row: dict[str, Any]) -> list[object]:
    masks = [row.get("masks"), *row.get("mask_licences", ()), row.get("mask_attribution")]
    shown = {**row, "licences": ", ".join(row["licences"]), "masks": "; ".join(filter(None, masks))}
    return [shown[column] for column in DATA_COLUMNS]


def _training(card: dict[str, Any]) -> str:
    how = dict(card.get("training") or {})
    options = how.pop("options", {})
    how |= {key: card[key] for key in ("parameters", "parent", "weights_sha256", "created") if card.get(key)}
    return _paragraphs(
        "\n".join(f"- {key}: {_code(value)}" for key, value in how.items()),
        _table(("configuration", "value"), _named(card.get("configuration"))),
        _table(("option", "value"), _named(options)),
    )


def _named(values: dict[str, Any] | None) -> list[list[str]]:
    return [[key, _code(value)] for key, value in (values or {}).items()]


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(filter(None, texts))


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """A table in Markdown, "" without rows."""
    lines = list(rows)
    return _paragraphs(caption, markdown_table(columns, lines).rstrip()) if lines else ""


def _code(value: object) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def _mean(summary: dict[str, Any]) -> str:
    low, high = summary.get("ci95") or (None, None)
    interval = "" if low is None else f" ({low:.3f} to {high:.3f})"
    return _number(summary["mean"]) + interval


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
