"""Adding image files to a session."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..imaging.file_formats import claims_to_be_image
from ..imaging.radiograph import LooksLikeMask, Radiograph, RadiographError, read_radiograph
from . import folder as files
from .deidentify import patient, read_header, technique
from .identity import changes
from .records import Placement, RecordError, SessionError, SessionImage, pixel_key, shown_name
from .store import Session


def add_file(
    session: Session,
    path: Path,
    *,
    keep_name: bool = False,
    patient_pattern: re.Pattern | None = None,
    patient_name: str = "",
) -> tuple[SessionImage, str]:
    """Add a file's radiograph; returns it and, if it could not be read, the reason (otherwise "").

    Args:
        path: any file that `read_radiograph` reads. An image that it cannot read is added as unreadable.
        keep_name: name a copy after its file, whose name may contain the patient's.
        patient_pattern: what it matches in the file's name (its first group, if it has one) identifies the
            patient, for files that do not.
        patient_name: identifies the patient, if the caller knows; only its hash is kept.

    Raises RadiographError for a file that is not an image, LooksLikeMask for a mask, and NotSaved.
    """
    path = path.absolute()
    copies = session.description.images == files.COPIES
    name = shown_name(path) if keep_name or not copies else ""
    reference = None if copies else str(path)
    try:
        read = read_radiograph(path)
    except LooksLikeMask:
        raise  # not an unreadable image
    except RadiographError as error:
        if not path.is_file() or not claims_to_be_image(path):
            raise
        fault = str(error).removeprefix(f"{path}: ")
        with path.open("rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()[:32]
        record = SessionImage(key, name, (0, 0), "", "", 0, reference=reference, fault=fault)
        return session.add_image(record, None), fault
    header = read_header(path)
    key = pixel_key(read.pixels)
    who = patient_name or (patient(header) if header is not None else "")
    # A file name may identify an unknown patient, but does not change a known one.
    match = patient_pattern.search(path.name) if patient_pattern and not who else None
    if match and not any(image.patient for image in session.images_of(key)):
        who = match.group(1) if match.re.groups else match.group()
    record = SessionImage(
        key=key,
        name=name,
        shape=read.shape,
        dtype=read.pixels.dtype.str,
        added="",
        sequence=0,
        facts=read.facts,
        placement=placement(read),
        patient=session.keyed_hash("patient", who) if who else "",
        reference=reference,
        header=technique(header) if header is not None else None,
        warnings=read.warnings,
    )
    return session.add_image(record, read.pixels if copies else None), ""


@dataclass(frozen=True)
class AddedFile:
    """The result of adding a file.

    image: None if the file is not an image.
    fault: why it cannot be read; "" if it can.
    new: whether it is a radiograph that was not in the session before; an unreadable file is not.
    is_mask: whether it was refused as a mask.
    changes: what it changed in an existing image, as keys of `identity.CHANGES`.
    """

    path: Path
    image: SessionImage | None
    fault: str = ""
    new: bool = False
    is_mask: bool = False
    changes: tuple[str, ...] = ()


def add_files(session: Session, paths: Iterable[Path], **options: Any) -> Iterator[AddedFile]:
    """Add files one after the other, with the options of `add_file`; files that are not images are reported
    and do not stop the rest. Raises NotSaved."""
    known = {image.key: image for image in session.images()}
    for path in paths:
        try:
            image, fault = add_file(session, path, **options)
        except (RadiographError, RecordError, OSError) as error:
            fault = str(error).removeprefix(f"{path.absolute()}: ")
            yield AddedFile(path, None, fault, is_mask=isinstance(error, LooksLikeMask))
            continue
        before = known.get(image.key)
        known[image.key] = image
        mended = () if before is None else changes(before, image)
        yield AddedFile(path, image, fault, before is None and not fault, changes=tuple(mended))


def by_key(session: Session, text: str) -> SessionImage:
    """The image with a key, given by its first digits. Raises SessionError unless exactly one matches."""
    images = [image for image in session.images() if image.key.startswith(text)]
    if len(images) != 1:
        raise SessionError(f"{len(images)} images of the session have a key that begins with {text!r}.")
    return images[0]


def placement(image: Radiograph) -> Placement:
    """The placement of a radiograph's pixels: from the header of NRRD, NIfTI and MetaImage, otherwise from
    its spacing."""
    grid = image.grid
    if grid is not None and len(grid.size) <= 3:
        # The unit axis may be any; put the axes of the pixels first.
        axes = sorted(range(len(grid.size)), key=lambda axis: grid.size[axis] == 1)
        directions = np.reshape(grid.direction, (len(axes), len(axes)))[:, axes]
        spacing = tuple(grid.spacing[axis] for axis in axes)
        return Placement(spacing, grid.origin, tuple(directions.ravel().tolist()))
    row, column = image.spacing or (1.0, 1.0)
    return Placement((column, row))
