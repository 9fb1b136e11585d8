"""Two models' masks of the same radiographs, shuffled, to be scored by eye: `run.py bench review`.

`draw` writes pages of radiographs, each with both masks as A and B in random order, a sheet to fill in, and
the key. The reader sees only pages and sheet. `count` reads the filled-in sheet with the key, and prints how
many masks of each model are good, to mend, or bad.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
from cxradain.datasets import DatasetImage, read_manifest
from cxradain.evaluation.pictures import overlay
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models.segmenter import Segmenter
from PIL import Image, ImageDraw, ImageFont

SEED = 2022
SOURCES = ("nih_normal", "nih_pneumonia", "hannover", "v7cohen")
EACH = 10
ROWS = 2  # radiographs on a page
SIDE = 400  # pixels of a picture; the radiographs have 384
SCORES = {"good": "nothing to change", "mend": "usable after a correction", "bad": "faster drawn anew"}
SHEET, KEY = "scores.csv", "key.json"


def chosen(directory: Path) -> list[DatasetImage]:
    """EACH radiographs per source, always the same: from the training splits, and redistributable."""
    random = np.random.default_rng(SEED)
    cases = [c for c in read_manifest(directory) if c.split.startswith("train") and c.redistributable]
    images: list[DatasetImage] = []
    for source in SOURCES:
        of_source = sorted((c for c in cases if c.source == source), key=lambda c: c.id)
        images += [of_source[i] for i in sorted(random.permutation(len(of_source))[:EACH])]
    return images


def draw(directory: Path, models: list[Path], out: Path) -> None:
    """Write the pages, the sheet and the key."""
    out.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(SEED)
    segmenters = [Segmenter(model) for model in models]
    font = ImageFont.load_default(18)
    rows, key = [], {}
    page = Image.new("RGB", (1, 1))
    for number, case in enumerate(chosen(directory), 1):
        place = (number - 1) % ROWS
        if place == 0:
            page = Image.new("RGB", (2 * SIDE, ROWS * (SIDE + 24)), "black")
        order = [int(i) for i in random.permutation(len(models))]
        key[str(number)] = {"id": case.id, "source": case.source, **dict(zip("AB", order, strict=True))}
        rows.append([number, "", ""])
        radiograph = read_radiograph(case.image)
        for column, index in enumerate(order):
            labels = segmenters[index].predict(radiograph, quality=False).labels
            picture = overlay(radiograph.intensities(), labels, None, SIDE)
            page.paste(picture, (column * SIDE, place * (SIDE + 24) + 24))
            text = f"{number} {'AB'[column]}"
            ImageDraw.Draw(page).text((column * SIDE + 4, place * (SIDE + 24)), text, "white", font)
        page.save(out / f"page-{(number - 1) // ROWS + 1:02}.png")
    with (out / SHEET).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["number", "A", "B"], *rows])
    names = [segmenter.model_id for segmenter in segmenters]
    (out / KEY).write_text(json.dumps({"models": names, "radiographs": key}, indent=1), encoding="utf-8")
    print(f"{out}: {len(rows)} radiographs. Fill in {SHEET} with {', '.join(SCORES)}.")


def count(out: Path) -> None:
    """Print each model's scores, overall and by source."""
    key = json.loads((out / KEY).read_text(encoding="utf-8"))
    scores: dict[int, Counter[tuple[str, str]]] = {i: Counter() for i in range(len(key["models"]))}
    with (out / SHEET).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            about = key["radiographs"][row["number"]]
            for letter in "AB":
                if row[letter] not in SCORES:
                    raise SystemExit(f"{out / SHEET}: number {row['number']} {letter}: {row[letter]!r}")
                for group in ("all", about["source"]):
                    scores[about[letter]][group, row[letter]] += 1
    print("| model | radiographs |", " | ".join(SCORES), "|\n|---|---|", "---|" * len(SCORES), sep="")
    for index, name in enumerate(key["models"]):
        for group in ("all", *SOURCES):
            counts = [str(scores[index][group, score]) for score in SCORES]
            print(f"| {name} | {group} |", " | ".join(counts), "|")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("draw", "count"))
    parser.add_argument("--data", type=Path, help="folder with manifest.csv; to draw")
    parser.add_argument("--models", type=Path, nargs=2, metavar="MODEL", help="two models' folders; to draw")
    parser.add_argument("--out", type=Path, required=True, help="folder for pages, sheet and key")
    asked = parser.parse_args()
    if asked.step == "count":
        count(asked.out)
    elif asked.data and asked.models:
        draw(asked.data, asked.models, asked.out)
    else:
        parser.error("draw needs --data and --models")


if __name__ == "__main__":
    main()
