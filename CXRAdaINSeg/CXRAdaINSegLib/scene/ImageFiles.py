"""Radiographs from files into the scene, each a volume of its own; the bundled ones by Sample Data.

No file is decoded in the window's process, which a damaged or made-up one could end, and unsaved work with
it, nor does the panel wait for one: `processes.FileReading` has it done.

Sample Data finds a bundled radiograph by its short name. It downloads nothing: they are on the disk, and whom
to thank is in `ATTRIBUTION.md` beside them.
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
    """Ask the user for radiographs' files; none where that is cancelled."""
    # DICOM often has no ending, so all files are one choice.
    patterns = " ".join(f"*{ending}" for ending in IMAGE_EXTENSIONS)
    filters = f"{_('Radiographs')} ({patterns});;{_('All files')} (*)"
    return qt.QFileDialog.getOpenFileNames(slicer.util.mainWindow(), _("Add radiographs"), "", filters)


def noImageText() -> str:
    """Nothing that was chosen is a radiograph."""
    return _("No image was found there. DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD and NIfTI can be read.")


def addImage(path: Path, name: str = ""):
    """Load one file as one volume node, waiting for it; name "": the file's. Raises UnfitVolume, naming the
    file."""
    try:
        radiograph = read_radiograph(path)
    except (RadiographError, DecoderError) as error:
        raise UnfitVolume(str(error)) from error
    return addRadiograph(radiograph, name)


def addRadiograph(radiograph: Radiograph, name: str = ""):
    """A volume node of a radiograph that was read from a file; name "": the file's, with a number where the
    scene has that name."""
    name = name or slicer.mrmlScene.GenerateUniqueName(radiograph.name)
    volume = addVolume(name, radiograph, placement(radiograph))
    # No storage node names the file: saving the scene would write over it.
    volume.SetAttribute(FILE, str(radiograph.path.absolute()))
    return volume


def openedFrom(radiograph: Radiograph):
    """The volume node that was read from a radiograph's file before and is as that is now, or None."""
    path = radiograph.path.absolute()
    fromThere = (volume for volume in imageVolumes() if sourceFile(volume) == path)
    return next((each for each in fromThere if np.array_equal(pixelsOf(each), radiograph.pixels)), None)


def registerSampleRadiographs() -> None:
    """Register them where the application has the Sample Data module."""
    try:
        from SampleData import SampleDataLogic
    except ImportError:  # also where a folder of that name lies on the path
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
            # Without it a numbered file would be stacked with its neighbors in the cache to a false volume.
            loadFileProperties={"singleFile": True},
        )
