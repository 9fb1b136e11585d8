"""Data sets on disk: a folder with `manifest.csv`, `images/<id>.png` and folders of masks.

Required columns: id, split, source, patient_group and mask (the folder of the mask `<mask>/<id>.png`, or
empty). Optional: redistributable, image_licence and mask_licence. Other columns are ignored.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import CxradainError
from .files import reason_of
from .imaging.image_data import remark

REQUIRED_COLUMNS = ("id", "split", "source", "patient_group", "mask")
OPTIONAL_COLUMNS = ("redistributable", "image_licence", "mask_licence")
VALIDATION_PERCENT = 15  # of the patients with masks that are labels


class DatasetError(CxradainError, ValueError):
    """The data set cannot be used; the message names the file and says what to do."""


@dataclass(frozen=True)
class DatasetImage:
    """One radiograph of a data set: its row of the manifest with the paths of its files.

    mask: None if the manifest names none. redistributable: whether the image, or a picture of it, may be
        shared; False without the column. image_licence, mask_licence: "" if not stated.
    """

    id: str
    split: str
    source: str
    patient_group: str
    image: Path
    mask: Path | None
    redistributable: bool
    image_licence: str = ""
    mask_licence: str = ""

    @property
    def cohort(self) -> str:
        """The source's name without the finding, e.g. "nih" of "nih_pneumonia"."""
        return self.source.split("_")[0]


def read_manifest(directory: str | Path) -> list[DatasetImage]:
    """All images of a data set, in the manifest's order.

    Whether the files exist is not checked here. An image without a patient group forms a group of its own.

    Raises:
        DatasetError: no folder, no `manifest.csv`, a missing column, or an id that is empty, duplicate or not
            a plain file name.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise DatasetError(f"{directory}: there is no such folder. Give the folder that holds manifest.csv.")
    manifest = directory / "manifest.csv"
    try:
        with manifest.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            rows = [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise DatasetError(
            f"{manifest}: not found. A data set has a manifest.csv beside its images folder."
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(
            f"{manifest}: cannot be read ({reason_of(error)}). Save it as a CSV file in UTF-8."
        ) from error
    missing = [name for name in REQUIRED_COLUMNS if name not in columns]
    if missing:
        raise DatasetError(
            f"{manifest}: missing column {', '.join(missing)}. "
            f"The required columns are {', '.join(REQUIRED_COLUMNS)}."
        )
    images: dict[str, DatasetImage] = {}
    for line, row in rows:
        image = _from_row(directory, row, f"{manifest}, line {line}")
        if image.id in images:
            raise DatasetError(
                f"{manifest}, line {line}: the id {image.id} occurs twice. Give every image an id of its own."
            )
        images[image.id] = image
    return list(images.values())


def images_of_split(directory: str | Path, split: str) -> list[DatasetImage]:
    """The images of one split, in the manifest's order.

    Raises:
        DatasetError: as `read_manifest`, or no image has this split (the message lists the splits).
    """
    images = read_manifest(directory)
    chosen = [image for image in images if image.split == split]
    if not chosen:
        splits = ", ".join(sorted({image.split for image in images})) or "none"
        raise DatasetError(
            f"{Path(directory) / 'manifest.csv'}: no image has the split {split}. Splits there: {splits}."
        )
    return chosen


def read_mask(image: DatasetImage) -> np.ndarray:
    """An image's reference mask: (H, W) uint8 of 0 background, 1 right lung (the patient's), 2 left lung.

    Raises:
        DatasetError: no mask named, no file, not a single-channel image, or values other than 0, 1 and 2.
    """
    from PIL import Image, UnidentifiedImageError

    if image.mask is None:
        raise DatasetError(
            f"{image.id}: the manifest names no mask for it, so it cannot be measured against one."
        )
    try:
        # PNG only: some of Pillow's formats hand the file to other programs.
        with Image.open(image.mask, formats=("PNG",)) as picture:
            mask = np.asarray(picture)
    except FileNotFoundError:
        raise DatasetError(f"{image.mask}: not found. The manifest names this mask for {image.id}.") from None
    except (OSError, UnidentifiedImageError, SyntaxError, Image.DecompressionBombError) as error:
        problem = f"cannot be read as an image{remark(error)}. Replace the file."
        raise DatasetError(f"{image.mask}: {problem}") from error
    if mask.ndim != 2:
        raise DatasetError(f"{image.mask}: has {mask.ndim} dimensions. A mask is a PNG of one channel.")
    values = np.unique(mask)
    if not np.isin(values, (0, 1, 2)).all():
        shown = ", ".join(str(value) for value in values[:6])
        raise DatasetError(
            f"{image.mask}: holds the values {shown}. "
            "A mask holds 0 (background), 1 (right lung) and 2 (left lung)."
        )
    return mask.astype(np.uint8)


def _from_row(directory: Path, row: dict[str, str | None], where: str) -> DatasetImage:
    text = {name: (row.get(name) or "").strip() for name in REQUIRED_COLUMNS + OPTIONAL_COLUMNS}
    for name in ("id", "mask"):
        if text[name] in (".", "..") or any(mark in text[name] for mark in "/\\:\0"):
            raise DatasetError(
                f"{where}: the {name} {text[name]!r} is not a plain name. Leave out folders and colons."
            )
    if not text["id"]:
        raise DatasetError(f"{where}: the id is empty. Give every image an id: its file is images/<id>.png.")
    file_name = f"{text['id']}.png"
    return DatasetImage(
        id=text["id"],
        split=text["split"],
        source=text["source"],
        patient_group=text["patient_group"] or text["id"],
        image=directory / "images" / file_name,
        mask=directory / text["mask"] / file_name if text["mask"] else None,
        redistributable=text["redistributable"].lower() in ("yes", "true", "1"),
        image_licence=text["image_licence"],
        mask_licence=text["mask_licence"],
    )


# By cohort: the part of a source's name before "_".
ATTRIBUTION = {
    "kermany": "Kermany, Zhang, Goldbaum, Mendeley Data rscbjbr9sj.",
    "nih": "NIH Clinical Center, ChestX-ray14 (Wang et al. 2017).",
    "hannover": "Winther et al., COVID-19 image repository, Hannover Medical School.",
    "v7cohen": "Cohen et al., covid-chestxray-dataset; licence by image.",
}
MASK_ATTRIBUTION = dict.fromkeys(("kermany", "v7cohen"), "V7 Labs, covid-19-xray-dataset.")
LABELLED_SPLIT = "train_normal_labelled"
TRAINING_SPLITS = (LABELLED_SPLIT, "train_normal_unlabelled", "train_abnormal_unlabelled")


def describe_data(directory: Path, abnormal_labels: bool = False) -> list[dict[str, Any]]:
    """The training splits by source, as rows of a model's card: number of images, hash, licences and
    attribution.

    Masks of abnormal images are included only with `abnormal_labels`.
    """
    groups: dict[tuple[str, str], list[DatasetImage]] = defaultdict(list)
    for image in read_manifest(directory):
        if image.split in TRAINING_SPLITS:
            groups[image.split, image.source].append(image)
    return [
        _described(split, source, images, abnormal_labels or split == LABELLED_SPLIT)
        for (split, source), images in sorted(groups.items())
    ]


def _digest(images: list[DatasetImage], with_masks: bool) -> str:
    """SHA-256 of the SHA-256 of each existing file, ordered by image id."""
    digest = hashlib.sha256()
    for image in sorted(images, key=lambda image: image.id):
        for path in (image.image, image.mask if with_masks else None):
            if path is not None and path.is_file():
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _described(split: str, source: str, images: list[DatasetImage], use_masks: bool) -> dict[str, Any]:
    """One row of `describe_data`; its masks are listed only if they were used."""
    cohort = images[0].cohort
    masked = [image for image in images if image.mask is not None] if use_masks else []
    row = {
        "split": split,
        "source": source,
        "images": len(images),
        "sha256": _digest(images, with_masks=use_masks),
        "masks": "none used",
        "licences": sorted({image.image_licence or "not stated" for image in images}),
        "attribution": ATTRIBUTION.get(cohort, ""),
    }
    if masked:
        share = "" if len(masked) == len(images) else f" ({len(masked)} images)"
        row["masks"] = f"used{share}; those of {VALIDATION_PERCENT} % of the patients to validate by"
        row["mask_licences"] = sorted({image.mask_licence or "not stated" for image in masked})
        row["mask_attribution"] = MASK_ATTRIBUTION.get(cohort, "")
    return row
