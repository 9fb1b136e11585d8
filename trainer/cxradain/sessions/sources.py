"""Image files into a session, and a session's images as radiographs."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..imaging.file_names import ENDINGS
from ..imaging.itk_files import itk_reader, volume_io
from ..imaging.radiograph import LooksLikeMask, Radiograph, RadiographError, is_volume, read_radiograph
from . import folder as files
from . import nrrd
from .checking import ANOTHER
from .deidentify import patient, read_header, technique
from .records import Image, Placement, RecordError, SessionError, pixel_key, shown_name

if TYPE_CHECKING:
    from .store import Session


def add_file(
    session: Session,
    path: Path,
    *,
    keep_name: bool = False,
    patient_pattern: re.Pattern | None = None,
    patient_name: str = "",
) -> tuple[Image, str]:
    """Add the radiograph of a file; returns it and, where it could not be read, why not ("" otherwise).

    Args:
        path: any file that `read_radiograph` reads. An image that it cannot read is added as unreadable.
        keep_name: call a copy by its file's name, which may tell the patient's.
        patient_pattern: what it finds in the file's name, its first group where it has one, tells patients
            apart; for files that do not say it themselves.
        patient_name: what tells the patient from others where the caller knows it; only its hash is kept.

    Raises RadiographError for what is no image file at all or a mask, and NotSaved.
    """
    path = path.absolute()
    copies = session.description.images == files.COPIES
    shown = shown_name(path) if keep_name or not copies else ""
    reference = None if copies else str(path)
    try:
        found = read_radiograph(path)
    except LooksLikeMask:
        raise  # belongs to an image, and is none that cannot be read
    except RadiographError as error:
        if not path.is_file() or not _claims_to_be_an_image(path):
            raise
        fault = str(error).removeprefix(f"{path}: ")
        with path.open("rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()[:32]
        record = Image(key, shown, (0, 0), "", "", 0, reference=reference, fault=fault)
        return session.add_image(record, None), fault
    header = read_header(path)
    who = patient_name or (patient(header) if header is not None else "")
    if not who and patient_pattern and (match := patient_pattern.search(path.name)):
        who = match.group(1) if match.re.groups else match.group()
    record = Image(
        key=pixel_key(found.pixels),
        name=shown,
        shape=found.shape,
        dtype=found.pixels.dtype.str,
        added="",
        sequence=0,
        facts=found.facts,
        placement=placement(found),
        patient=session.keyed_hash("patient", who) if who else "",
        reference=reference,
        header=technique(header) if header is not None else None,
        warnings=found.warnings,
    )
    return session.add_image(record, found.pixels if copies else None), ""


def _claims_to_be_an_image(path: Path) -> bool:
    if path.name.lower().endswith(ENDINGS):
        return True
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def radiograph(session: Session, image: Image) -> Radiograph:
    """The image as it was when it was added. Raises RadiographError where it is gone, damaged or another."""
    if image.fault:
        raise RadiographError(image.reference or image.name, image.fault)
    if image.file is None:
        found = read_radiograph(Path(image.reference or ""))
        if pixel_key(found.pixels) != image.key:
            raise RadiographError(image.reference or image.name, ANOTHER)
        return found
    path = session.path / image.file
    try:
        pixels = nrrd.decode(files.read_limited(path))
    except (OSError, ValueError, RecordError) as error:
        raise RadiographError(path, f"cannot be read ({error}).") from error
    if pixel_key(pixels) != image.key:
        raise RadiographError(path, "holds other pixels than were saved. Restore it from a copy.")
    return Radiograph(pixels, image.name, image.facts, warnings=image.warnings)


def by_key(session: Session, text: str) -> Image:
    """The image of a key, or of its first digits. Raises SessionError unless that is one."""
    found = [image for image in session.images() if image.key.startswith(text)]
    if len(found) != 1:
        raise SessionError(f"{len(found)} images of the session have a key that begins with {text!r}.")
    return found[0]


def placement(found: Radiograph) -> Placement:
    """Where a radiograph's pixels lie: by its header for NRRD, NIfTI and MetaImage, else by its spacing."""
    if found.path and found.path.is_file() and is_volume(found.path):
        header = itk_reader(found.path, volume_io(found.path))
        header.ReadImageInformation()
        # A slice that does not lie along the last axis keeps its spacing alone.
        if header.GetDimension() <= 3 and header.GetSize()[:2] == found.shape[::-1]:
            return Placement(header.GetSpacing(), header.GetOrigin(), header.GetDirection())
    row, column = found.spacing or (1.0, 1.0)
    return Placement((column, row))
