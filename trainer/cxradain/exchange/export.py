"""Exporting a session: the choice of versions and names, the manifest and the README.

Exports are de-identified by default: images, patients and readers are numbered. The formats are in
`export_files.py` (PNG, NIfTI, nnU-Net), `export_coco.py`, `export_dicom.py` and `session_table.py` (CSV).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .. import DISCLAIMER
from ..files import csv_text, write_bytes
from ..imaging.file_formats import output_names, portable_name
from ..imaging.image_data import brief
from ..imaging.radiograph import Radiograph, RadiographError
from ..sessions.deidentify import likely_burned_in, text_is_likely
from ..sessions.records import (
    APPROVED,
    CORRECTED,
    MODEL,
    RecordError,
    SessionError,
    SessionImage,
    Version,
    preferred_version,
)
from ..sessions.store import Session

MANUFACTURER = "CXRAdaINSeg"
MANIFEST, IMAGE_KEY = "manifest.csv", "image_key"
DEFAULT_STATUSES = (APPROVED, CORRECTED)
LONGEST_ENDING = "_0000.png"  # of all formats
Warn = Callable[[str, str], None]  # (name of the image in the export, message)
Report = Callable[[float, str], None]  # (0..1, how far in words)
BURNED_IN = "there is likely text in the pixels, which may name the patient. Look at it before passing it on."


@dataclass(frozen=True)
class ExportItem:
    """An image to export: its version, its name in the export, the pseudonyms of patient and reader, and its
    split."""

    image: SessionImage
    version: Version
    name: str
    patient: str
    reader: str
    split: str


@dataclass(frozen=True)
class Exported:
    """What an export has written: radiographs, the rows of a table (None for other formats), and how many
    radiographs or masks could not be read."""

    radiographs: int
    failed: int
    rows: int | None = None


@dataclass
class SessionExport:
    """One export of a session into a new folder.

    with_plane: write DICOM segmentations with a plane (`dicom_seg.put_into_plane`).
    warn: called for each problem with an image. report: called before each image; raising ends the export.
    """

    session: Session
    output: Path
    identifiers: bool = False
    with_plane: bool = False
    warn: Warn = lambda name, message: None
    report: Report = lambda done, text: None
    failed: int = field(default=0, init=False)

    @contextmanager
    def in_new_folder(self) -> Iterator[None]:
        """Create the folder; an unfinished export leaves nothing in it. Raises SessionError if the folder is
        not empty."""
        if self.output.exists() and (not self.output.is_dir() or any(self.output.iterdir())):
            raise SessionError(f"{self.output}: already exists and is not empty. Choose a new folder.")
        self.output.mkdir(parents=True, exist_ok=True)
        try:
            yield
        except BaseException:
            shutil.rmtree(self.output, ignore_errors=True)  # it was empty before
            raise

    def read(self, items: list[ExportItem]) -> Iterator[tuple[ExportItem, Radiograph, np.ndarray]]:
        """Yield each item with its radiograph and labels; unreadable ones are left out with a warning."""
        for number, item in enumerate(items):
            self.report(number / len(items), f"{number}/{len(items)}")
            try:
                image = self.session.radiograph(item.image)
                labels = self.session.mask(item.version)
            except (RadiographError, RecordError, OSError) as error:
                self.failed += 1
                self.warn(item.name, brief(error))
                continue
            if likely_shows_text(item, image):
                self.warn(item.name, f"warning: {BURNED_IN}")
            yield item, image, labels

    def write(self, name: str, data: bytes) -> Path:
        """Write a file below the export's folder."""
        return write_bytes(self.output / name, data)

    def finish(self, description: str, rows: list[dict[str, object]]) -> int:
        """Write the README and the manifest, with a row for each written item; returns their number."""
        labels = "Labels: 0 background, 1 the patient's right lung, 2 the left."
        readme = f"{DISCLAIMER}\n\n{description}\n\n{labels}\n"
        if not self.identifiers:
            readme += "De-identified: numbers stand for images, patients and readers.\n"
        self.write("README.txt", readme.encode())
        self.write(MANIFEST, (csv_text(list(rows[0]), rows) if rows else "").encode())
        return len(rows)


def select_items(
    session: Session,
    statuses: Collection[str] = DEFAULT_STATUSES,
    readers: Collection[str] | None = None,
    identifiers: bool = False,
) -> list[ExportItem]:
    """The items to export: readable images with a version of one of these statuses.

    Each reader's newest version counts, and of several readers' the newest approved one, else the newest
    corrected one, else any other of `statuses`. `readers`: None for all. Raises SessionError for an unknown
    reader.
    """
    session.check_readers(readers)
    chosen: list[tuple[SessionImage, Version]] = []
    by_image = session.trusted_versions()
    for image in session.images():
        version = preferred_version(by_image.get(image.key, []), statuses, readers)
        if version is not None and not image.fault:
            chosen.append((image, version))
    names = [case_name(image) for image, _ in chosen]
    if identifiers:
        names = output_names([portable_name(image.name) for image, _ in chosen], (LONGEST_ENDING,))
    known = Pseudonyms(session)
    return [
        ExportItem(
            image,
            version,
            name,
            patient=known.patient(image),
            reader=version.reader if identifiers else known.reader(version.reader),
            split="validation" if session.is_held_out(image) else "train",
        )
        for (image, version), name in zip(chosen, names, strict=True)
    ]


def case_name(image: SessionImage) -> str:
    """An image's de-identified name outside its session."""
    return f"case-{image.sequence:05d}"


def manifest_row(item: ExportItem) -> dict[str, object]:
    """An item's row of the manifest; the first columns are those of a data set (`datasets`)."""
    version = item.version
    return {
        "id": item.name,
        "split": item.split,
        "source": "session",
        "patient_group": item.patient,
        "mask": "masks",
        "status": version.status,
        "reader": item.reader,
        "model_id": version.model_id or "",
        "mode": version.mode or "",
        "seconds": round(version.seconds, 1),
        "rows": item.image.shape[0],
        "columns": item.image.shape[1],
        "spacing_mm": " ".join(f"{mm:g}" for mm in item.image.facts.spacing or ()),
        IMAGE_KEY: item.image.key,
    }


def likely_shows_text(item: ExportItem, image: Radiograph) -> bool:
    """Whether an image's header or pixels suggest text in the pixels, such as the patient's name."""
    return likely_burned_in(item.image.header) or text_is_likely(image.pixels)


def as_monochrome2(image: Radiograph) -> np.ndarray:
    """(H, W) pixels of the same type, with dark lungs: an inverted radiograph is inverted back."""
    if not image.inverted:
        return image.pixels
    low, high = image.pixels.min(), image.pixels.max()
    return (high - image.pixels) + low  # integer overflow cancels out


def png_pixels(image: Radiograph) -> tuple[np.ndarray, str]:
    """(H, W) uint8 or uint16 with dark lungs, and "as stored", "inverted" or, if the type had to change,
    "scaled"."""
    if image.pixels.dtype in (np.uint8, np.uint16):
        return as_monochrome2(image), "inverted" if image.inverted else "as stored"
    return np.rint(image.intensities() * 65535).astype(np.uint16), "scaled"


def stable_uid(session: Session, what: str, key: str) -> str:
    """A UID (PS3.5 B.2) that is always the same for the same object, and cannot be traced back to it."""
    return f"2.25.{int(session.keyed_hash(f'uid {what}', key)[:32], 16)}"


class Pseudonyms:
    """The numbers that stand for a session's patients and readers: the same in all tables and manifests of a
    session's exports, of whatever images and readers, and as long as images and readers are only added to it.
    DICOM headers have a keyed code of the patient instead (`dicom_image`)."""

    def __init__(self, session: Session) -> None:
        patients = dict.fromkeys(image.patient or image.key for image in session.images())
        made = sorted(session.versions(), key=lambda version: version.time)
        readers = dict.fromkeys(version.reader for version in made if version.reader != MODEL)
        self._patients = {patient: f"patient-{number:04d}" for number, patient in enumerate(patients, 1)}
        self._readers = {reader: f"reader-{number:04d}" for number, reader in enumerate(readers, 1)}

    def patient(self, image: SessionImage) -> str:
        """The number of an image's patient; an image of an unknown patient counts as one."""
        return self._patients[image.patient or image.key]

    def reader(self, name: str) -> str:
        """The number of a reader with a version; `MODEL` stays."""
        return name if name == MODEL else self._readers[name]
