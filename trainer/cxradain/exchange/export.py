"""What leaves a session: which version of each image, under which names, and what is said beside it.

De-identified unless asked otherwise: images are numbered, patients and readers too. The formats are in
`export_files.py` (PNG, NIfTI), `export_nnunet.py`, `export_coco.py` and `export_dicom.py`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import replace_atomically
from ..imaging.file_names import output_names
from ..imaging.image_data import brief
from ..imaging.radiograph import Radiograph, RadiographError
from ..sessions.deidentify import likely_burned_in, text_is_likely
from ..sessions.records import (
    APPROVED,
    CORRECTED,
    MODEL,
    Image,
    RecordError,
    SessionError,
    Version,
    best,
)
from ..sessions.sources import radiograph
from ..sessions.store import Session

if TYPE_CHECKING:
    pass

NOTE = "For research, not for diagnosis."
DEFAULT_STATUSES = (APPROVED, CORRECTED)
BURNED_IN = "there is likely text in the pixels, which may name the patient. Look at it before passing it on."


@dataclass(frozen=True)
class Case:
    """An image that is exported: its version, its name there, and what stands for patient and reader."""

    image: Image
    version: Version
    name: str
    patient: str
    reader: str
    split: str


@dataclass
class Export:
    """An export at work: what is asked for, and what is said of single images meanwhile."""

    session: Session
    output: Path
    identifiers: bool = False
    complain: Callable[[str, str], None] = lambda name, text: None
    failed: int = field(default=0, init=False)

    def begin(self) -> None:
        """Make the folder. Raises SessionError where it holds something."""
        if self.output.exists() and (not self.output.is_dir() or any(self.output.iterdir())):
            raise SessionError(f"{self.output}: is there already. Choose a new folder for the export.")
        self.output.mkdir(parents=True, exist_ok=True)

    def pixels(self, cases: list[Case]) -> Iterator[tuple[Case, Radiograph, np.ndarray]]:
        """Each case with its radiograph and labels; one that cannot be read is told of and left out."""
        for case in cases:
            try:
                found = radiograph(self.session, case.image)
                labels = self.session.mask(case.version)
            except (RadiographError, RecordError, OSError) as error:
                self.failed += 1
                self.complain(case.name, brief(error))
                continue
            if likely_burned_in(case.image.header) or text_is_likely(found.pixels):
                self.complain(case.name, f"warning: {BURNED_IN}")
            yield case, found, labels

    def write(self, name: str, data: bytes) -> Path:
        """Write a file below the export's folder."""
        return replace_atomically(self.output / name, lambda temporary: temporary.write_bytes(data))

    def finish(self, text: str, rows: list[dict[str, object]]) -> None:
        """Write the note on what this is, and the manifest, a row for each case that was written."""
        readme = f"{NOTE}\n\n{text}\n\nLabels: 0 background, 1 the patient's right lung, 2 the left.\n"
        if not self.identifiers:
            readme += "De-identified: numbers stand for images, patients and readers.\n"
        self.write("README.txt", readme.encode())
        out = io.StringIO()
        if rows:
            table = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
        self.write(MANIFEST, out.getvalue().encode())


def choose(
    session: Session,
    statuses: Collection[str] = DEFAULT_STATUSES,
    readers: Collection[str] | None = None,
    identifiers: bool = False,
) -> list[Case]:
    """A case for every readable image that has a version of these statuses.

    A reader's newest version counts. Of several readers' the newest approved one, else the newest corrected,
    else what else was asked for. `readers` None means all of them. Raises SessionError for one that the
    session has not.
    """
    session.check_readers(readers)
    chosen: list[tuple[Image, Version]] = []
    by_image: dict[str, list[Version]] = {}
    for version in session.versions():
        by_image.setdefault(version.image, []).append(version)
    for image in session.images():
        found = best(by_image.get(image.key, []), statuses, readers)
        if found is not None and not image.fault:
            chosen.append((image, found))
    names = [f"case-{image.sequence:05d}" for image, _ in chosen]
    if identifiers:
        names = output_names([image.name for image, _ in chosen], ("",))
    patients, people = _numbers("patient"), _numbers("reader")
    return [
        Case(
            image,
            version,
            name,
            patient=patients(image.patient or image.key),
            reader=version.reader if identifiers or version.reader == MODEL else people(version.reader),
            split="validation" if session.is_held_out(image) else "train",
        )
        for (image, version), name in zip(chosen, names, strict=True)
    ]


def facts(case: Case) -> dict[str, object]:
    """What the manifest says of a case; the first columns are those of the shared data set format."""
    version = case.version
    return {
        "id": case.name,
        "split": case.split,
        "source": "session",
        "patient_group": case.patient,
        "mask": "masks",
        "status": version.status,
        "reader": case.reader,
        "model_id": version.model_id or "",
        "mode": version.mode or "",
        "seconds": round(version.seconds, 1),
        "rows": case.image.shape[0],
        "columns": case.image.shape[1],
        "spacing_mm": " ".join(f"{mm:g}" for mm in case.image.facts.spacing or ()),
        IMAGE_KEY: case.image.key,
    }


def upright(found: Radiograph) -> np.ndarray:
    """(H, W) pixels of the same type with dark lungs: light and dark of an inverted radiograph are exchanged,
    without loss."""
    if not found.inverted:
        return found.pixels
    low, high = found.pixels.min(), found.pixels.max()
    return (high - found.pixels) + low  # integers that wrap around on the way wrap back


def gray(found: Radiograph) -> tuple[np.ndarray, str]:
    """(H, W) uint8 or uint16 with dark lungs, and "as stored", "inverted" or, where the type had to change,
    "scaled"."""
    if found.pixels.dtype in (np.uint8, np.uint16):
        return upright(found), "inverted" if found.inverted else "as stored"
    return np.rint(found.intensities() * 65535).astype(np.uint16), "scaled"


def _numbers(what: str) -> Callable[[str], str]:
    given: dict[str, str] = {}
    return lambda name: given.setdefault(name, f"{what}-{len(given) + 1:04d}")


MAKER = "CXRAdaINSeg"


def uid(session: Session, what: str, key: str) -> str:
    """A UID (PS3.5 B.2) that is always the same for the same thing, and leads back to nothing."""
    return f"2.25.{int(session.keyed_hash(f'uid {what}', key)[:32], 16)}"


MANIFEST, IMAGE_KEY = "manifest.csv", "image_key"
