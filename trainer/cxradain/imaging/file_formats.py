"""Which format an image file is in, by its content and its extension, and names of files made from others.

Standard library only, and of no file more than its first bytes is read.
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
RESERVED = re.compile(r"((con|prn|aux|nul|(com|lpt)\d)(\..*)?)?", re.IGNORECASE)  # names of devices, and none
OVERLAY = "-overlay.png"  # how pictures of masks over radiographs end that people are given
OURS = b"tEXtSoftware\0CXRAdaINSeg"  # in a PNG that this program made of a radiograph, and that is none
# Data elements begin with these in a DICOM file without the preamble of PS3.10 7.1: group and value
# representation, or in implicit VR a short length.
FIRST_GROUPS = (0x0002, 0x0008)
REPRESENTATIONS = {b"AE", b"CS", b"DA", b"LO", b"OB", b"PN", b"SH", b"SQ", b"ST", b"TM", b"UI", b"UL", b"US"}
LAST_FIRST, LONGEST_FIRST = 0x0018, 128  # element and its bytes


class FileFormat(Enum):
    """The reader that a file needs."""

    DICOM = "DICOM"
    RASTER = "PNG, JPEG, TIFF, BMP or WebP"
    VOLUME = "NRRD, NIfTI or MetaImage"


def detect_format(path: Path) -> FileFormat | None:
    """A file's format by its first bytes where these tell, else by its extension. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(132)
    name = path.name.lower()
    if start[128:] == b"DICM":  # PS3.10 7.1; first, for the preamble may be a TIFF's start
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
    """Whether a file has an image's extension or beginning; False for one of neither that cannot be read."""
    if path.name.lower().endswith(IMAGE_EXTENSIONS):
        return True
    try:
        return detect_format(path) is not None
    except OSError:
        return False


def is_of_ours(path: Path) -> bool:
    """Whether a file is a picture that this program made of a radiograph; False for what cannot be read."""
    if path.suffix.lower() != ".png" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return OURS in file.read(256)
    except OSError:
        return False


def stem(path: str | Path) -> str:
    """A file's name without the extension of an image format: "a.nii.gz" -> "a".

    What else follows a dot is part of the name: DICOM files are often named by a UID and nothing else.
    """
    name = Path(path).name
    for extension in IMAGE_EXTENSIONS:
        if name.lower().endswith(extension) and len(name) > len(extension):
            return name[: -len(extension)]
    return name


def portable_name(name: str) -> str:
    """A name that every file system takes for one file of its folder: without folders, control characters and
    what Windows keeps for itself (https://learn.microsoft.com/windows/win32/fileio/naming-a-file)."""
    letters = (c if c.isprintable() and c not in '<>:"|?*' else "_" for c in re.split(r"[/\\]", name)[-1])
    plain = "".join(letters).strip(" .")
    return f"_{plain}" if RESERVED.fullmatch(plain) else plain


def output_names(inputs: Sequence[str | Path], extensions: Sequence[str]) -> list[str]:
    """A name for every input, in their order: its stem, or where another has it the stem with -2, -3, ...

    No two names, each with each of the extensions, are the same file, also where the file system takes upper
    and lower case as one, nor longer than file systems take. The first with a stem keeps it, and none is
    given the stem of another input.
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
    """The name, cut at its end where it and an extension were too long."""
    room = LONGEST_NAME - max(len(os.fsencode(extension)) for extension in extensions)
    while len(os.fsencode(name)) > room:
        name = name[:-1]
    return name


def _files(name: str, extensions: Sequence[str]) -> set[str]:
    return {(name + extension).casefold() for extension in extensions}
