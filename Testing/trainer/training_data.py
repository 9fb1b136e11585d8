"""A tiny folder in the shared format, of real radiographs at 64 pixels: what tests of training train on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from cxradain.datasets import DatasetImage, images_of_split, read_mask
from cxradain.imaging.letterbox import Letterbox
from cxradain.imaging.radiograph import read_radiograph
from cxradain.training.data import SPLITS, held_out
from PIL import Image

CANVAS = 64
SAMPLES = Path(__file__).resolve().parents[2] / "Resources" / "SampleData"
COLUMNS = ("id", "split", "source", "patient_group", "mask")
LABELLED, NORMAL, ABNORMAL = SPLITS
# Of each split and source, how many images; held-out patients come last among the labelled.
WANTED = (
    (LABELLED, "kermany_normal", 8),
    (NORMAL, "nih_normal", 2),
    (ABNORMAL, "kermany_pneumonia", 1),
    (ABNORMAL, "nih_pneumonia", 1),
    (ABNORMAL, "v7cohen", 1),
    ("dev_abnormal", "v7cohen", 1),
)
HELD_OUT = 2

Sample = tuple[np.ndarray, np.ndarray | None]  # image 0..1 and labels, at CANVAS


def _patients(held: bool) -> Iterator[str]:
    """Names of patients that belong to the validation part, or do not."""
    for number in count():
        case = DatasetImage("", "", "", f"patient-{number}", Path(), None, False)
        if held_out(case) == held:
            yield case.patient_group


def _small(path: Path, mask: np.ndarray | None, crop: int = 0) -> Sample:
    """The radiograph at CANVAS; `crop` counts the variants of it, each nearer and from another side."""
    radiograph = read_radiograph(path)
    image = radiograph.intensities()
    if crop:
        near, far = 1 - 0.02 * crop, 0.01 * crop
        rows, columns = (slice(int(far * n), int(near * n)) for n in image.shape)
        image = image[rows, columns]
        if mask is not None:
            rows, columns = (slice(int(far * n), int(near * n)) for n in mask.shape)
            mask = mask[rows, columns]
    image = Letterbox(image.shape, CANVAS).to_canvas(image)
    return image, None if mask is None else Letterbox(mask.shape, CANVAS).labels_to_canvas(mask)


@cache
def _shared(directory: Path) -> list[tuple[str, str, Sample]]:
    """Split, source, image and labels of as many as WANTED, from the shared radiographs."""
    samples = []
    for split, source, number in WANTED:
        for case in [c for c in images_of_split(directory, split) if c.source == source][:number]:
            mask = read_mask(case) if split == LABELLED else None
            samples.append((split, source, _small(case.image, mask)))
    return samples


@cache
def _bundled() -> list[tuple[str, str, Sample]]:
    """The same from the few bundled samples; variants of one stand in for other patients."""
    with (SAMPLES / "samples.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    masked = [row for row in rows if row["mask"]]
    samples = []
    for split, source, number in WANTED:
        fitting = masked if split == LABELLED else rows
        for index in range(number):
            row, crop = fitting[index % len(fitting)], index // len(fitting)
            mask = np.asarray(Image.open(SAMPLES / row["mask"])) if split == LABELLED else None
            samples.append((split, source, _small(SAMPLES / row["file"], mask, crop)))
    return samples


def make_training_folder(directory: Path, shared: Path | None) -> Path:
    """Write 14 images of all training splits and one of a dev split, several cohorts, 14 patients.

    From the shared radiographs, or without them from the bundled samples. The last HELD_OUT labelled ones
    belong to held-out patients, and the first of them has an unlabelled image too. The dev image and the
    oracle mask are there to be left alone.
    """
    for name in ("images", "masks", "oracle_masks"):
        (directory / name).mkdir(parents=True)
    samples = _shared(shared) if shared else _bundled()
    seen, held = _patients(False), _patients(True)
    left, rows = [], []
    labelled_number = WANTED[0][2]
    for index, (split, source, (image, labels)) in enumerate(samples):
        if labelled_number - HELD_OUT <= index < labelled_number:
            patient = next(held)
            left.append(patient)
        else:
            patient = next(seen)
        if split == NORMAL and rows[-1]["split"] == NORMAL:
            patient = left[0]
        name = f"{source}__{index:02}"
        _write(directory / "images" / f"{name}.png", np.round(255 * image))
        mask = {LABELLED: "masks", ABNORMAL: "oracle_masks"}.get(split, "")
        if mask:
            _write(directory / mask / f"{name}.png", np.zeros(image.shape) if labels is None else labels)
        rows.append(dict(zip(COLUMNS, (name, split, source, patient, mask), strict=True)))
    with (directory / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return directory


def _write(path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def shared_or_none(request: pytest.FixtureRequest) -> Path | None:
    """The shared radiographs, or None where there are none."""
    try:
        return request.getfixturevalue("shared_data")
    except pytest.skip.Exception:
        return None
