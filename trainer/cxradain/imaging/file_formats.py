"""The format of an image file, from its content and extension, and the names of output files.

Standard library only; no more than the first bytes of a file are read.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

DICOM_EXTENSIONS = (".dcm", ".dicom", ".dic")
RASTER_EXTENSIONS = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".webp")
VOLUME_EXTENSIONS = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")
IMAGE_EXTENSIONS = DICOM_EXTENSIONS + RASTER_EXTENSIONS + VOLUME_EXTENSIONS

RASTER_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
LONGEST_NAME = 255  # bytes of a file's name
# Names that Windows reserves for devices, and the empty name.
RESERVED = re.compile(r"((con|prn|aux|nul|(com|lpt)\d)(\..*)?)?", re.IGNORECASE)
OVERLAY = "-overlay.png"  # suffix of pictures of masks over radiographs
OURS = b"tEXtSoftware\0CXRAdaINSeg"  # marks PNG files made by this program, which are not radiographs
# The start of a DICOM file without the preamble of PS3.10 7.1: group and value representation, or with
# implicit VR a short length.
FIRST_GROUPS = (0x0002, 0x0008)
REPRESENTATIONS = {b"AE", b"CS", b"DA", b"LO", b"OB", b"PN", b"SH", b"SQ", b"ST", b"TM", b"UI", b"UL", b"US"}
LAST_FIRST, LONGEST_FIRST = 0x0018, 128  # element and its bytes


class FileFormat(Enum):
    """The formats, each with its own reader."""

    DICOM = "DICOM"
    RASTER = "PNG, JPEG, TIFF, BMP or WebP"
    VOLUME = "NRRD, NIfTI or MetaImage"


def detect_format(path: Path) -> FileFormat | None:
    """A file's format, from its first bytes or else from its extension; None if unknown. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(132)
    name = path.name.lower()
    if start[128:] == b"DICM":  # PS3.10 7.1; first, as the preamble may be a TIFF header
        return FileFormat.DICOM
    is_webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    is_bmp = start[:2] == b"BM" and start[6:10] == b"\0\0\0\0"  # reserved
    if start.startswith(RASTER_SIGNATURES) or is_webp or is_bmp:
        return FileFormat.RASTER
    if start.startswith(b"NRRD0") or name.endswith(VOLUME_EXTENSIONS):
        return FileFormat.VOLUME
    if name.endswith(DICOM_EXTENSIONS) or _begins_with_data_element(start):
        return FileFormat.DICOM
    return FileFormat.RASTER if name.endswith(RASTER_EXTENSIONS) else None


def _begins_with_data_element(start: bytes) -> bool:
    if len(start) < 12:
        return False
    for order in "<>":
        group, element = struct.unpack_from(order + "2H", start)
        (length,) = struct.unpack_from(order + "I", start, 4)
        short = length <= LONGEST_FIRST and length % 2 == 0
        if group in FIRST_GROUPS and element <= LAST_FIRST and (start[4:6] in REPRESENTATIONS or short):
            return True
    return False


def claims_to_be_image(path: Path) -> bool:
    """Whether a file has an image's extension or first bytes; False if it has neither or cannot be read."""
    if path.name.lower().endswith(IMAGE_EXTENSIONS):
        return True
    try:
        return detect_format(path) is not None
    except OSError:
        return False


def is_of_ours(path: Path) -> bool:
    """Whether a file is a picture made by this program; False if it cannot be read."""
    if path.suffix.lower() != ".png" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return OURS in file.read(256)
    except OSError:
        return False


def stem(path: str | Path) -> str:
    """A file's name without the extension of an image format: "a.nii.gz" -> "a".

    Anything else after a dot is part of the name: DICOM files are often named only by a UID.
    """
    name = Path(path).name
    for extension in IMAGE_EXTENSIONS:
        if name.lower().endswith(extension) and len(name) > len(extension):
            return name[: -len(extension)]
    return name


def portable_name(name: str) -> str:
    """A file name that is valid on every file system: without folders, control characters, and characters and
    names that Windows reserves (https://learn.microsoft.com/windows/win32/fileio/naming-a-file)."""
    letters = (c if c.isprintable() and c not in '<>:"|?*' else "_" for c in re.split(r"[/\\]", name)[-1])
    plain = "".join(letters).strip(" .")
    return f"_{plain}" if RESERVED.fullmatch(plain) else plain


def output_names(inputs: Sequence[str | Path], extensions: Sequence[str]) -> list[str]:
    """An output name for every input, in order: its stem, followed by -2, -3, ... if that is taken.

    No two names, with any of the extensions, denote the same file, even if the file system ignores case, and
    none is too long for file systems. The first input with a stem keeps it, and no input gets the stem of
    another.
    """
    stems = [_fitting(stem(path), extensions) for path in inputs]
    reserved = {name.casefold() for name in stems}
    used: set[str] = set()
    names = []
    for own in stems:
        number, name = 1, own
        while (number > 1 and name.casefold() in reserved) or not used.isdisjoint(_files(name, extensions)):
            number += 1
            name = _fitting(own, [f"-{number}{extension}" for extension in extensions]) + f"-{number}"
        used |= _files(name, extensions)
        names.append(name)
    return names


def _fitting(name: str, extensions: Sequence[str]) -> str:
    """The name, shortened so that it fits with every extension."""
    room = LONGEST_NAME - max(len(os.fsencode(extension)) for extension in extensions)
    while len(os.fsencode(name)) > room:
        name = name[:-1]
    return name


def _files(name: str, extensions: Sequence[str]) -> set[str]:
    return {(name + extension).casefold() for extension in extensions}
