"""Loads radiographs from files into the scene, one volume each, and registers the samples in Sample Data.

Files are decoded in a separate process, because a damaged or malicious file could crash the application and
lose unsaved work. The panel does not wait for it: see `processes.FileReading`.

Sample Data finds a bundled radiograph by its short name. Nothing is downloaded: the files are on disk, and
`ATTRIBUTION.md` beside them credits their authors.
"""

from __future__ import annotations

from csv import DictReader
from pathlib import Path

import numpy as np
import qt
import slicer
from cxradain.imaging.decoder import DecoderError
from cxradain.imaging.file_formats import IMAGE_EXTENSIONS
from cxradain.imaging.radiograph import Radiograph, RadiographError, read_radiograph
from cxradain.models.folders import samples_folder
from cxradain.sessions.sources import placement
from slicer.i18n import tr as _

from .VolumeImages import FILE, UnfitVolume, addVolume, imageVolumes, pixelsOf, sourceFile

CATEGORY = "CXRAdaINSeg"


def chooseFiles() -> list[str]:
    """Ask the user to choose files; returns none if cancelled."""
    # DICOM files often have no extension, so the second filter shows all files.
    patterns = " ".join(f"*{ending}" for ending in IMAGE_EXTENSIONS)
    filters = f"{_('Radiographs')} ({patterns});;{_('All files')} (*)"
    return qt.QFileDialog.getOpenFileNames(slicer.util.mainWindow(), _("Add radiographs"), "", filters)


def noImageText() -> str:
    """The message when no image was found."""
    return _("No image was found there. DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD and NIfTI can be read.")


def addImage(path: Path, name: str = ""):
    """Load a file as a volume node and wait for it. name: "" for the file's. Raises UnfitVolume."""
    try:
        radiograph = read_radiograph(path)
    except (RadiographError, DecoderError) as error:
        raise UnfitVolume(str(error)) from error
    return addRadiograph(radiograph, name)


def addRadiograph(radiograph: Radiograph, name: str = ""):
    """Add a volume node of a radiograph that was read from a file. name: "" for the file's, with a number if
    the scene already has that name."""
    name = name or slicer.mrmlScene.GenerateUniqueName(radiograph.name)
    volume = addVolume(name, radiograph, placement(radiograph))
    # No storage node names the file: saving the scene would write over it.
    volume.SetAttribute(FILE, str(radiograph.path.absolute()))
    return volume


def openedFrom(radiograph: Radiograph):
    """The volume node in the scene that was read from a radiograph's file and still equals it, or None."""
    path = radiograph.path.absolute()
    fromThere = (volume for volume in imageVolumes() if sourceFile(volume) == path)
    return next((each for each in fromThere if np.array_equal(pixelsOf(each), radiograph.pixels)), None)


def registerSampleRadiographs() -> None:
    """Register the bundled radiographs in the Sample Data module, if the application has it."""
    try:
        from SampleData import SampleDataLogic
    except ImportError:  # also if a folder of that name is on the path
        return

    folder = samples_folder()
    SampleDataLogic.registerCustomSampleDataCategory(CATEGORY, _("Lungs in Chest Radiographs (CXRAdaINSeg)"))
    with (folder / "samples.csv").open(newline="", encoding="utf-8") as file:
        rows = list(DictReader(file))
    for row in rows:
        SampleDataLogic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=row["name"],
            uris=(folder / row["file"]).resolve().as_uri(),
            fileNames=Path(row["file"]).name,
            nodeNames=row["id"],
            thumbnailFileName=str((folder / row["thumbnail"]).resolve()),
            # Otherwise numbered files in the cache would be loaded as the slices of one volume.
            loadFileProperties={"singleFile": True},
        )
