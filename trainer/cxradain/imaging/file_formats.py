"""XXX"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

DICOM_ENDINGS = (".dcm", ".dicom", ".dic")
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff")
VOLUME_ENDINGS = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")
ENDINGS = DICOM_ENDINGS + PICTURE_ENDINGS + VOLUME_ENDINGS


def stem(path: str | Path) -> str:
    """A radiograph's file's name without its format's ending: "a.nii.gz" -> "a".

    What else follows a dot is part of the name: DICOM files are often named by a UID and nothing else.
    """
    name = Path(path).name
    for ending in ENDINGS:
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def output_names(inputs: Sequence[str | Path], endings: Sequence[str]) -> list[str]:
    """A name for every input, in their order: its stem, or where another has it the stem with -2, -3, ...

    No two names, each with each of the endings, are the same file, also where the file system takes upper and
    lower case as one. The first with a stem keeps it, and none is given the stem of another input.
    """
    stems = [stem(path) for path in inputs]
    reserved = {name.casefold() for name in stems}
    taken: set[str] = set()
    names = []
    for own in stems:
        number, name = 1, own
        while (number > 1 and name.casefold() in reserved) or not taken.isdisjoint(_files(name, endings)):
            number += 1
            name = f"{own}-{number}"
        taken |= _files(name, endings)
        names.append(name)
    return names


def _files(name: str, endings: Sequence[str]) -> set[str]:
    return {(name + ending).casefold() for ending in endings}
