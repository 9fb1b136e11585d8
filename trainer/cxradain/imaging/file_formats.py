"""Which format an image file is in, by its content and its extension, and names of files made from others.

Standard library only, and of no file more than its first bytes is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

DICOM_EXTENSIONS = (".dcm", ".dicom", ".dic")
RASTER_EXTENSIONS = (".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff")
VOLUME_EXTENSIONS = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")
IMAGE_EXTENSIONS = DICOM_EXTENSIONS + RASTER_EXTENSIONS + VOLUME_EXTENSIONS

RASTER_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


class FileFormat(Enum):
    """The reader that a file needs."""

    DICOM = "DICOM"
    RASTER = "PNG, JPEG or TIFF"
    VOLUME = "NRRD, NIfTI or MetaImage"


def detect_format(path: Path) -> FileFormat | None:
    """A file's format by its first bytes where these tell, else by its extension. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(132)
    name = path.name.lower()
    if start[128:] == b"DICM":  # PS3.10 7.1; first, for the preamble may be a TIFF's start
        return FileFormat.DICOM
    if start.startswith(RASTER_SIGNATURES):
        return FileFormat.RASTER
    if start.startswith(b"NRRD0") or name.endswith(VOLUME_EXTENSIONS):
        return FileFormat.VOLUME
    if name.endswith(DICOM_EXTENSIONS):
        return FileFormat.DICOM
    return FileFormat.RASTER if name.endswith(RASTER_EXTENSIONS) else None


def claims_to_be_image(path: Path) -> bool:
    """Whether a file has an image's extension, or is DICOM of any name; False for one that cannot be read."""
    if path.name.lower().endswith(IMAGE_EXTENSIONS):
        return True
    try:
        return detect_format(path) is FileFormat.DICOM
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


def output_names(inputs: Sequence[str | Path], extensions: Sequence[str]) -> list[str]:
    """A name for every input, in their order: its stem, or where another has it the stem with -2, -3, ...

    No two names, each with each of the extensions, are the same file, also where the file system takes upper
    and lower case as one. The first with a stem keeps it, and none is given the stem of another input.
    """
    stems = [stem(path) for path in inputs]
    reserved = {name.casefold() for name in stems}
    used: set[str] = set()
    names = []
    for own in stems:
        number, name = 1, own
        while (number > 1 and name.casefold() in reserved) or not used.isdisjoint(_files(name, extensions)):
            number += 1
            name = f"{own}-{number}"
        used |= _files(name, extensions)
        names.append(name)
    return names


def _files(name: str, extensions: Sequence[str]) -> set[str]:
    return {(name + extension).casefold() for extension in extensions}
