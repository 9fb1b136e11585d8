"""A model's card: what it was made from and how, what was measured, what it is not fit for."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..datasets import Case, read_manifest
from ..files import write_text

METHOD = (
    'Oh & Ye, "CXR Segmentation by AdaIN-based Domain Adaptation and Knowledge Distillation", ECCV 2022, '
    "arXiv 2104.05892"
)
MASK_CONVENTION = "The whole lung, the part behind the heart included."
CONFOUNDING = (
    "Age and disease are confounded: the normal radiographs with masks are of children, many abnormal ones "
    "of adults."
)
# By the cohort, the part of a source's name before "_".
ATTRIBUTION = {
    "kermany": "Kermany, Zhang, Goldbaum, Mendeley Data rscbjbr9sj.",
    "nih": "NIH Clinical Center, ChestX-ray14 (Wang et al. 2017).",
    "hannover": "Winther et al., COVID-19 image repository, Hannover Medical School.",
    "v7cohen": "Cohen et al., covid-chestxray-dataset; licence by image.",
}
MASK_ATTRIBUTION = {"kermany": "V7 Labs, covid-19-xray-dataset."}
LIMITS = (
    "Frontal views only. Masks that leave out the part of the lung behind the heart differ by convention.",
    "Tubes and prostheses are not accounted for; a lung that is not seen at all may be guessed.",
    "The as-normal translation is a means to a mask, not a picture of the patient without disease.",
)
LABELLED = "train_normal_labelled"
TRAINED_ON = (LABELLED, "train_normal_unlabelled", "train_abnormal_unlabelled")


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


def describe_data(directory: Path) -> list[dict[str, Any]]:
    """Splits trained on: images by source, with their hash, the licences of those images and attribution."""
    with (directory / "manifest.csv").open(newline="", encoding="utf-8-sig") as file:
        licences: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        for row in csv.DictReader(file):
            stated = (row.get("image_licence") or "not stated", row.get("mask_licence") or "not stated")
            licences[row["split"], row["source"]].add(stated)
    cases: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in read_manifest(directory):
        cases[case.split, case.source].append(case)
    return [
        _described(split, source, found, licences[split, source])
        for (split, source), found in sorted(cases.items())
        if split in TRAINED_ON
    ]


def _digest(cases: list[Case], with_masks: bool) -> str:
    """SHA-256 of the files' own, in the order of the cases' ids; of files that are there."""
    digest = hashlib.sha256()
    for case in sorted(cases, key=lambda case: case.id):
        for path in (case.image, case.mask if with_masks else None):
            if path is not None and path.is_file():
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _described(split: str, source: str, cases: list[Case], licences: set[tuple[str, str]]) -> dict[str, Any]:
    """One row; masks are spoken of where they were used."""
    cohort = source.split("_")[0]
    row = {
        "split": split,
        "source": source,
        "images": len(cases),
        "sha256": _digest(cases, with_masks=split == LABELLED),
        "masks": "none used",
        "licences": sorted({image for image, _ in licences}),
        "attribution": ATTRIBUTION.get(cohort, ""),
    }
    if split == LABELLED:
        row["masks"] = "used; those of 15 % of the patients to choose the weights by"
        row["mask_licences"] = sorted({mask for _, mask in licences})
        row["mask_attribution"] = MASK_ATTRIBUTION.get(cohort, "")
    return row


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
