"""A whole session as one CSV table: a row for every radiograph and reader."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..files import csv_text, write_text
from ..imaging.lungs import LEFT, RIGHT
from ..imaging.measurements import LungSizes, across, lung_sizes
from ..imaging.turn import Turn
from ..sessions.agreement import Agreement, agreement
from ..sessions.corrections import source_of
from ..sessions.hearts import Points
from ..sessions.readers import MODELS_NAME
from ..sessions.records import MODEL, UNLABELLED, UNREADABLE, RecordError, SessionImage, Version
from ..sessions.sides import flags_as_turned
from ..sessions.store import Session
from .export import IMAGE_KEY, Exported, Pseudonyms, Report, Warn, case_name

COLUMNS = (
    "id",
    "patient",
    "split",
    "reader",
    "status",
    "right_area_px",
    "left_area_px",
    "right_left_ratio",
    "thoracic_width_px",
    "right_height_px",
    "left_height_px",
    "heart_width_px",
    "cardiothoracic_ratio",
    "row_spacing_mm",
    "column_spacing_mm",
    "right_area_cm2",
    "left_area_cm2",
    "thoracic_width_cm",
    "right_height_cm",
    "left_height_cm",
    "heart_width_cm",
    "quality",
    "checks",
    "model_id",
    "mode",
    "seconds",
    "readers",
    "dice_right",
    "dice_left",
    IMAGE_KEY,
)


def write_session_table(
    session: Session,
    file: Path,
    statuses: Collection[str] | None = None,
    readers: Collection[str] | None = None,
    identifiers: bool = False,
    warn: Warn = lambda name, message: None,
    report: Report = lambda done, text: None,
) -> Exported:
    """Write the table (`COLUMNS`, see Docs/session-format.md).

    There is a row for each reader's newest mask of an image; without any, for the model's newest mask;
    without that, a row without sizes.

    Args:
        statuses, readers: which rows to write; None for all, including images without a mask.
        identifiers: include the names of images and readers, otherwise numbers.
        report: called with 0..1 before each image; raising ends the export without writing a file.

    Raises SessionError for an unknown reader, and OSError.
    """
    session.check_readers(readers)
    images, by_image = session.images(), session.trusted_versions()
    known = Pseudonyms(session)
    rows, failed = [], 0
    written: set[str] = set()  # keys of readable images
    for number, image in enumerate(images):
        report(number / len(images), f"{number}/{len(images)}")
        made = by_image.get(image.key, [])
        about = _about(session, image, identifiers) | {"patient": known.patient(image)}
        # The same in all rows of an image, and independent of `readers`.
        about |= _agreement_cells(agreement(session, made))
        for version in _newest(made):
            status = version.status if version is not None else UNREADABLE if image.fault else UNLABELLED
            name = version.reader if version is not None else MODEL
            shown = name if identifiers else known.reader(name)
            if (statuses is not None and status not in statuses) or not (readers is None or name in readers):
                continue
            row = about | {"status": status}
            if version is not None:
                row |= {"reader": shown or MODELS_NAME} | _origin(version, made, image.facts.turn)
                try:
                    heart = session.heart(image.key, name) if name != MODEL else ()
                    row |= _sizes(image, session.mask(version), heart)
                except RecordError as error:
                    failed += 1
                    warn(about["id"], str(error))
            rows.append(row)
            if not image.fault:
                written.add(image.key)
    write_text(file, csv_text(COLUMNS, rows))
    return Exported(len(written), failed, len(rows))


def _newest(versions: list[Version]) -> Iterator[Version | None]:
    """Each reader's newest version, or else the model's, or else None."""
    newest = {version.reader: version for version in versions}
    models = newest.pop(MODEL, None)
    yield from newest.values() or (models,)


def _about(session: Session, image: SessionImage, identifiers: bool) -> dict[str, Any]:
    spacing = image.facts.turn.pair(image.facts.spacing) if image.facts.spacing else ("", "")
    return {
        "id": image.name if identifiers else case_name(image),
        "split": "validation" if session.is_held_out(image) else "train",
        "row_spacing_mm": spacing[0],
        "column_spacing_mm": spacing[1],
        IMAGE_KEY: image.key,
    }


def _origin(version: Version, versions: list[Version], turn: Turn) -> dict[str, Any]:
    """The model's mask from which a version was made, of an image turned in this way, and the reader's
    time on it."""
    source = source_of(version, versions)
    quality = source.quality if source is not None else None
    flags = flags_as_turned(source, turn) if source is not None else ()
    if quality is not None:
        flags = tuple(dict.fromkeys((*flags, *quality.flags)))
    return {
        "quality": "" if quality is None else round(quality.worse.score, 3),
        "checks": " ".join(flags),
        "model_id": version.model_id or "",
        "mode": version.mode or "",
        "seconds": round(sum(v.seconds for v in versions if v.reader == version.reader), 1),
    }


def _sizes(image: SessionImage, labels: np.ndarray, heart: Points) -> dict[str, Any]:
    """The sizes on the upright image. heart: the reader's two points, or none."""
    turn = image.facts.turn
    sizes = lung_sizes(turn.apply(labels), across((heart[0], heart[1]), turn) if heart else None)
    ratios = {"right_left_ratio": sizes.ratio, "cardiothoracic_ratio": sizes.cardiothoracic_ratio}
    row = _size_cells(sizes, "px", "px", 1) | _rounded(ratios, 3)
    if image.facts.spacing is None:
        return row
    return row | _size_cells(sizes.in_cm(turn.pair(image.facts.spacing)), "cm", "cm2", 2)


def _size_cells(sizes: LungSizes, length: str, area: str, digits: int) -> dict[str, Any]:
    """The cells of sizes in these units."""
    cells = {
        f"right_area_{area}": sizes.areas[RIGHT],
        f"left_area_{area}": sizes.areas[LEFT],
        f"thoracic_width_{length}": sizes.width,
        f"right_height_{length}": sizes.heights[RIGHT],
        f"left_height_{length}": sizes.heights[LEFT],
        f"heart_width_{length}": sizes.heart,
    }
    return _rounded(cells, digits)


def _rounded(cells: dict[str, float | None], digits: int) -> dict[str, Any]:
    return {name: "" if value is None else round(value, digits) for name, value in cells.items()}


def _agreement_cells(between: Agreement | None) -> dict[str, Any]:
    if between is None:
        return {}
    right, left = ("" if math.isnan(share) else round(share, 4) for share in (between.right, between.left))
    return {"readers": between.readers, "dice_right": right, "dice_left": left}
