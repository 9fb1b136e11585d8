"""Radiographs from files into the scene, each a volume of its own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import slicer
from cxradain.imaging.file_formats import IMAGE_EXTENSIONS
from cxradain.imaging.radiograph import RadiographError, find_radiographs, read_radiograph
from slicer.i18n import tr as _

from .VolumeImages import UnfitVolume, radiographOf


def fileFilter() -> str:
    """For file dialogs; DICOM often has no ending, so all files are one choice."""
    patterns = " ".join(f"*{ending}" for ending in IMAGE_EXTENSIONS)
    return f"{_('Radiographs')} ({patterns});;{_('All files')} (*)"


def addImages(paths: Iterable[str | Path]) -> tuple[list, list[str]]:
    """Load files, and all images in folders; returns the volume nodes and what went wrong, in words."""
    volumes, problems = [], []
    for path in find_radiographs(paths):
        try:
            volumes.append(addImage(path))
        except UnfitVolume as problem:
            problems.append(str(problem))
    if not volumes and not problems:
        problems.append(_("No image was found there. DICOM, PNG, JPEG, TIFF, NRRD and NIfTI can be read."))
    return volumes, problems


def addImage(path: Path):
    """Load one file as one volume node. Raises UnfitVolume, naming the file."""
    try:
        # First by the reader that explains itself: a damaged file may crash another, and the scene with it.
        stored = read_radiograph(path)
    except RadiographError as error:
        raise UnfitVolume(str(error)) from error
    try:
        # Without singleFile a numbered file would be stacked with its neighbors to a false volume.
        volume = slicer.util.loadVolume(str(path), {"singleFile": True, "show": False, "name": stored.name})
    except RuntimeError as error:
        raise UnfitVolume(
            _("{file}: cannot be loaded by this application. Export it as PNG or uncompressed DICOM.").format(
                file=path
            )
        ) from error
    try:
        radiographOf(volume, stored)
    except UnfitVolume:
        slicer.mrmlScene.RemoveNode(volume)
        raise
    return volume
