"""Masks from elsewhere, in files, folders or archives, become versions of a session's images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..imaging.file_formats import VOLUME_EXTENSIONS, FileFormat, detect_format
from ..imaging.lungs import BACKGROUND, LUNG_NAMES, other_lung
from ..imaging.radiograph import read_ahead
from ..imaging.scratch import scratch_folder
from ..sessions.records import (
    APPROVED,
    CORRECTED,
    FLAGGED,
    NotCorrected,
    Origin,
    RecordError,
    SessionError,
    SessionImage,
    Version,
)
from ..sessions.store import Session
from .archives import is_archive, unpack
from .export import MANIFEST
from .mask_reader import IMAGE_FOLDERS, FileMask, MaskError, MaskReader

MASK_EXTENSIONS = (".png", ".tif", ".tiff", ".bmp", *VOLUME_EXTENSIONS, ".dcm")


@dataclass(frozen=True)
class ImportedMask:
    """A new version of an image, with remarks on the files from which it was made."""

    image: SessionImage
    version: Version
    remarks: tuple[str, ...] = ()


@contextmanager
def mask_files(path: Path) -> Iterator[list[Path]]:
    """The mask files in a file, folder or archive, without the radiographs of an export; an archive is
    unpacked into a temporary folder, which is deleted on exit. Raises MaskError if there are none, and
    ArchiveError."""
    with scratch_folder() as folder:
        if is_archive(path):
            files = unpack(path, folder)
        elif path.is_dir():
            files = [file for file in path.rglob("*") if file.is_file()]
        elif path.is_file():
            yield [path]
            return
        else:
            raise MaskError(f"{path}: there is no such file.")
        masks = [file for file in files if _may_be_mask(file)]
        if not masks:
            raise MaskError(f"{path}: holds no masks in files of their own.")
        yield sorted(masks)


def _may_be_mask(file: Path) -> bool:
    is_radiograph = file.parent.name in IMAGE_FOLDERS and (file.parent.parent / MANIFEST).is_file()
    if file.name.startswith(".") or is_radiograph:
        return False
    if file.name.lower().endswith(MASK_EXTENSIONS):
        return True
    try:
        return detect_format(file) is FileFormat.DICOM
    except OSError:
        return False


def import_masks(
    session: Session,
    paths: Iterable[Path],
    reader: str,
    status: str = CORRECTED,
    image: SessionImage | None = None,
    replace: bool = False,
) -> Iterator[tuple[Path, ImportedMask | SessionError]]:
    """Add masks from files to a session as `reader`'s versions; yields each file with its new version, or
    with the MaskError or RecordError that says why there is none.

    Two files of one lung each make one version, yielded with the second; a file without its counterpart is
    yielded last. `image`: the image of all masks, otherwise found as in `MaskReader.read`. A mask that the
    reader has approved or flagged loses that status only with `replace`; otherwise the file has a MaskError.
    Raises NotSaved, and SessionError for the reader's name (`SessionContents.reader_named`).
    """
    reader = session.reader_named(reader)
    masks = MaskReader(session)
    waiting: dict[str, tuple[Path, FileMask]] = {}
    for path, reading in read_ahead(paths, lambda path: masks.read(path, image)):
        try:
            mask = reading.result()
            if mask.lung:
                half = FileMask(mask.image, np.packbits(mask.labels > 0), mask.lung, mask.remarks)
                if mask.image.key not in waiting:
                    waiting[mask.image.key] = path, half
                    continue
                mask = _joined(path, mask, waiting[mask.image.key][1])
                del waiting[mask.image.key]
            imported: ImportedMask | SessionError = _added(session, path, mask, reader, status, replace)
        except (MaskError, RecordError) as error:
            imported = error
        yield path, imported
    for path, half in waiting.values():
        lung, other = (LUNG_NAMES[n].english for n in (half.lung, other_lung(half.lung)))
        remark = f"holds only the {lung}, so that the version has no {other}. Import both files at once."
        whole = FileMask(half.image, _labels(half), BACKGROUND, (*half.remarks, remark))
        try:
            imported = _added(session, path, whole, reader, status, replace)
        except (MaskError, RecordError) as error:
            imported = error
        yield path, imported


def _added(
    session: Session, path: Path, mask: FileMask, reader: str, status: str, replace: bool
) -> ImportedMask:
    """Add a mask as a new version. Raises MaskError, also for an empty one that would be corrected or
    approved, and NotSaved."""
    if status != FLAGGED and not mask.labels.any():
        raise MaskError(
            f"{path}: shows no lung, so that {mask.image.name} keeps the mask that it has. If there is no "
            "lung to be seen, flag the radiograph."
        )
    own, newest = session.newest(mask.image.key, reader), session.newest(mask.image.key)
    is_decided = own is not None and own.reader == reader and own.status in {APPROVED, FLAGGED} - {status}
    if own is not None and is_decided and not replace:
        raise MaskError(
            f"{path}: the mask of {mask.image.name} that {reader} has {own.status} stays. --replace puts "
            "this one in its place."
        )
    origin = Origin(base=newest.id if newest else None, tools=("import",))
    try:
        version = session.add_mask(mask.image.key, mask.labels, reader, status, origin)
    except NotCorrected as error:
        raise MaskError(f"{path}: {error}") from error
    return ImportedMask(mask.image, version, mask.remarks)


def _joined(path: Path, mask: FileMask, half: FileMask) -> FileMask:
    """Join the masks of both lungs; the bits of `half` are packed. Raises MaskError if both are of the same
    lung."""
    if mask.lung == half.lung:
        name = LUNG_NAMES[mask.lung].english
        raise MaskError(f"{path}: is the second file with a {name} of {mask.image.name}. Import one of them.")
    labels = _labels(half)
    shared = int(np.count_nonzero((labels > 0) & (mask.labels > 0)))
    labels[mask.labels > 0] = mask.lung
    remarks = (*half.remarks, *mask.remarks)
    if shared:
        remarks += (f"{shared} pixels are in both lungs; the {LUNG_NAMES[mask.lung].english} has them.",)
    return FileMask(mask.image, labels, BACKGROUND, remarks)


def _labels(half: FileMask) -> np.ndarray:
    height, width = half.image.shape
    return np.unpackbits(half.labels, count=height * width).reshape(height, width) * np.uint8(half.lung)
