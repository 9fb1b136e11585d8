"""Loads radiographs from 3D Slicer's DICOM module: each CR or DX image as a volume of its own, never as a
slice of a stack; and the DICOM SEG masks that the panel has saved. Slicer discovers this file, beside
CXRAdaINSeg.py, as a module of its own.

3D Slicer imports this file at startup, so everything else is imported only when a study is examined.
"""

from __future__ import annotations

from pathlib import Path

import CXRAdaINSegLib
import slicer
from DICOMLib import DICOMLoadable, DICOMPlugin
from slicer.i18n import tr as _

# By DICOM keyword. Slicer's database caches their values, so that no file is opened to examine a series.
TAGS = {
    "SOPClassUID": "0008,0016",
    "Manufacturer": "0008,0070",
    "ViewPosition": "0018,5101",
    "PatientOrientation": "0020,0020",
    "BodyPartExamined": "0018,0015",
    "StudyDescription": "0008,1030",
    "SeriesDescription": "0008,103E",
    "ProtocolName": "0018,1030",
    "StudyDate": "0008,0020",
    "InstanceNumber": "0020,0013",
    "NumberOfFrames": "0028,0008",
    "PhotometricInterpretation": "0028,0004",
    "PresentationLUTShape": "2050,0020",
    "PresentationIntentType": "0008,0068",
}


class DICOMChestRadiographPluginClass(DICOMPlugin):
    """The DICOM plugin, as in Slicer's Modules/Scripted/DICOMLib/DICOMPlugin.py."""

    def __init__(self):
        super().__init__()
        CXRAdaINSegLib.addTrainerToPath()
        self.loadType = _("Radiograph")
        self.tags.update(TAGS)

    def examineFiles(self, files):
        """A loadable for each radiograph and each mask saved by the panel, sorted by instance number."""
        from CXRAdaINSegLib.scene.DicomRadiographs import describe, number

        headers = {file: self._header(file) for file in files}
        loadables, names = [], set()
        for file in sorted(files, key=lambda file: number(headers[file])):
            description = describe(headers[file])
            if description is None:
                continue
            name = description.name
            loadable = _loadable(file, f"{name} ({len(loadables) + 1})" if name in names else name)
            names.add(loadable.name)
            loadable.tooltip, loadable.warning = f"{description.tooltip}\n{file}", description.warning
            loadable.confidence, loadable.selected = description.confidence, True
            loadables.append(loadable)
        return loadables

    def load(self, loadable):
        """Decode the file in a separate process; returns the node, or None if the file cannot be used."""
        from CXRAdaINSegLib.scene.DicomRadiographs import isSegmentation
        from CXRAdaINSegLib.scene.VolumeImages import UnfitVolume

        (file,) = loadable.files
        try:
            node = (self._masks if isSegmentation(self._header(file)) else self._radiograph)(file, loadable)
        except UnfitVolume as problem:
            slicer.util.errorDisplay(str(problem))
            return None
        self.addSeriesInSubjectHierarchy(loadable, node)
        return node

    def _radiograph(self, file, loadable):
        from CXRAdaINSegLib.scene.DicomRadiographs import keepInstance, show
        from CXRAdaINSegLib.scene.ImageFiles import addImage

        volume = addImage(Path(file), slicer.mrmlScene.GenerateUniqueName(loadable.name))
        value = slicer.dicomDatabase.fileValue
        keepInstance(volume, value(file, self.tags["instanceUID"]), value(file, self.tags["InstanceNumber"]))
        show(volume, behind=bool(loadable.warning))
        return volume

    def _masks(self, file, loadable):
        """Load the masks of a radiograph, and the radiograph itself if it is not in the scene."""
        from CXRAdaINSegLib.scene.DicomMasks import loadedImage, putLungs, readLungs

        labels, images = readLungs(Path(file))
        volume = loadedImage(images)
        if volume is None:
            files = [found for found in map(slicer.dicomDatabase.fileForInstance, images) if found]
            # A radiograph that is neither CR nor DX has no loadable, but may have been segmented.
            offered = self.examineFiles(files) or [_loadable(each, self.loadType) for each in files]
            volume = self.load(offered[0]) if offered else None
        return putLungs(volume, labels, Path(file))

    def _header(self, file):
        """The values, by keyword, of those TAGS that the file has."""
        values = {name: slicer.dicomDatabase.fileValue(file, tag) for name, tag in TAGS.items()}
        return {name: value.split("\\") for name, value in values.items() if value}


def _loadable(file, name):
    loadable = DICOMLoadable()
    loadable.files, loadable.name = [file], name
    return loadable


class DICOMChestRadiographPlugin:
    """The hidden module that registers the plugin."""

    def __init__(self, parent):
        parent.title = "DICOM Chest Radiograph Plugin"
        parent.categories = ["Developer Tools.DICOM Plugins"]
        parent.contributors = ["The CXRAdaINSeg contributors"]
        parent.helpText = _(
            "Offers each radiograph (CR or DX) of a DICOM study as an image of its own, in the DICOM module."
        )
        parent.acknowledgementText = ""
        parent.hidden = True
        if not hasattr(slicer.modules, "dicomPlugins"):  # this module may load before the DICOM module
            slicer.modules.dicomPlugins = {}
        slicer.modules.dicomPlugins["DICOMChestRadiographPlugin"] = DICOMChestRadiographPluginClass
