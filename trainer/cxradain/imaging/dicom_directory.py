"""Decoding a DICOMDIR, the directory of a medium (PS3.3 F.3), in the decoder's process."""

from __future__ import annotations

import io
import re
from pathlib import Path

from .decoder import Decoded
from .dicom_attributes import text_of, values_of
from .image_data import ImageFault

PART = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # PS3.10 8.2 allows fewer characters; none leads out of the folder
MOST_PARTS = 8
LARGEST = 1 << 28  # bytes


def decoded_directory(path: Path) -> Decoded:
    """The image files that a DICOMDIR lists, each as a list of path components. Raises ImageFault."""
    import pydicom
    from pydicom.uid import MediaStorageDirectoryStorage

    if path.stat().st_size > LARGEST:
        raise ImageFault("is too large for a DICOMDIR. Name the image files.")
    dataset = pydicom.dcmread(io.BytesIO(path.read_bytes()), force=True)
    kind = getattr(getattr(dataset, "file_meta", None), "MediaStorageSOPClassUID", None)
    if kind != MediaStorageDirectoryStorage and "DirectoryRecordSequence" not in dataset:
        raise ImageFault("is no list of a medium's files, as its name says. Rename it, or name other files.")
    files = []
    for record in values_of(dataset, "DirectoryRecordSequence"):
        parts = [str(part) for part in values_of(record, "ReferencedFileID")]
        if text_of(record, "DirectoryRecordType") != "IMAGE" or not 0 < len(parts) <= MOST_PARTS:
            continue
        if all(PART.fullmatch(part) and part not in (".", "..") for part in parts):
            files.append(parts)
    return {"files": files}, {}
