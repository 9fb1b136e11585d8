"""A model's card: what it was made from and how, what was measured, what it is not fit for."""

from __future__ import annotations

import csv
import datetime
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from .evaluation.dataset import read_manifest
from .files import replace_atomically

DISCLAIMER = "For research, not for diagnosis."
METHOD = (
    'Oh & Ye, "CXR Segmentation by AdaIN-based Domain Adaptation and Knowledge Distillation", ECCV 2022, '
    "arXiv 2104.05892"
)
MASK_CONVENTION = "The whole lung, the part behind the heart included."
ATTRIBUTION = {
    "kermany": "Radiographs: Kermany, Zhang, Goldbaum, Mendeley Data rscbjbr9sj, CC BY 4.0. "
    "Masks: V7 Labs, covid-19-xray-dataset, CC BY 4.0.",
    "nih": "NIH Clinical Center, ChestX-ray14 (Wang et al. 2017); no restriction on use.",
    "hannover": "Winther et al., COVID-19 image repository, Hannover Medical School, CC BY 3.0.",
    "v7cohen": "Cohen et al., covid-chestxray-dataset; licence by image.",
}
LIMITS = (
    "The labelled radiographs are of children, many abnormal ones of adults: age and disease are confounded.",
    "Frontal views only. Masks that leave out the part of the lung behind the heart differ by convention.",
    "Tubes and prostheses are not accounted for; a lung that is not seen at all may be guessed.",
    "The as-normal translation is a means to a mask, not a picture of the patient without disease.",
)
TRAINED_ON = ("train_normal_labelled", "train_normal_unlabelled", "train_abnormal_unlabelled")


def make_card(name: str, version: str, data: str | Path, training: dict[str, Any]) -> dict[str, Any]:
    """The card of a model trained on the data set at `data`; `training` is how."""
    return {
        "name": name,
        "version": version,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "intended_use": f"Right and left lung in frontal chest radiographs. {DISCLAIMER}",
        "method": METHOD,
        "mask_convention": MASK_CONVENTION,
        "data": describe_data(Path(data)),
        "training": training,
        "measured": {},
        "limits": list(LIMITS),
    }


def describe_data(directory: Path) -> list[dict[str, Any]]:
    """Splits trained on: images by source, with licences and attribution."""
    with (directory / "manifest.csv").open(newline="", encoding="utf-8-sig") as file:
        licences: dict[str, set[str]] = defaultdict(set)
        for row in csv.DictReader(file):
            licences[row["source"]].add(row.get("image_licence") or "not stated")
    counts = Counter((case.split, case.source) for case in read_manifest(directory))
    return [
        {
            "split": split,
            "source": source,
            "images": count,
            "labels": "used" if split == TRAINED_ON[0] else "none used",
            "licences": sorted(licences[source]),
            "attribution": ATTRIBUTION.get(source.split("_")[0], ""),
        }
        for (split, source), count in sorted(counts.items())
        if split in TRAINED_ON
    ]


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


def render(card: dict[str, Any]) -> str:
    """The card in Markdown."""
    lines = [
        f"# {card['name']} {card['version']}",
        "",
        f"**{DISCLAIMER}** {card.get('intended_use', '')}",
        "",
    ]
    lines += [f"Method: {card.get('method', METHOD)}.", "", f"Masks: {card.get('mask_convention', '')}", ""]
    lines += ["## Measured (Dice, mean with 95 % interval over patients)", ""]
    lines += _measured_table(card.get("measured", {}))
    lines += ["", "## Limits", "", *(f"- {limit}" for limit in card.get("limits", ()))]
    lines += ["", "## Data", "", "| split | source | images | labels | licences | attribution |"]
    lines += ["|---|---|---|---|---|---|"]
    for row in card.get("data", ()):
        licences = ", ".join(row["licences"])
        lines.append(
            f"| {row['split']} | {row['source']} | {row['images']} | {row['labels']} | {licences} | "
            f"{row['attribution']} |"
        )
    lines += ["", "## Training", ""]
    for key, value in card.get("training", {}).items():
        shown = value if isinstance(value, str) else json.dumps(value)
        lines.append(f"- {key}: `{shown}`")
    lines += ["", f"Configuration: `{json.dumps(card.get('configuration', {}))}`", ""]
    return "\n".join(lines)


def _measured_table(measured: dict[str, Any]) -> list[str]:
    lines = ["| split | mode | source | both lungs | 10th percentile | right | left | images |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    for split, by_mode in measured.items():
        for mode, parts in by_mode.items():
            for source, regions in parts.items():
                if "union" not in regions:
                    continue
                union = regions["union"]
                lines.append(
                    f"| {split} | {mode} | {source} | {_mean(union)} | {union['p10']:.3f} | "
                    f"{_mean(regions['right'])} | {_mean(regions['left'])} | {union['n']} |"
                )
    return lines


def _mean(summary: dict[str, Any]) -> str:
    low, high = summary["ci95"] or (None, None)
    interval = "" if low is None else f" ({low:.3f} to {high:.3f})"
    return f"{summary['mean']:.3f}{interval}"


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write `card.json` and `CARD.md` into a model's folder, each in one step."""
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    for name, content in (("card.json", text), ("CARD.md", render(card))):
        replace_atomically(folder / name, lambda path, content=content: path.write_text(content, "utf-8"))
