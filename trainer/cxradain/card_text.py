"""A model's card in Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

DISCLAIMER = "For research, not for diagnosis."


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
