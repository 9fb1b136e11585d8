"""Offers radiographs in 3D Slicer's DICOM module: each CR or DX image is one of its own, never a slice of a
stack; and the masks of radiographs that the panel has saved there. A loadable module by itself, which Slicer
finds beside CXRAdaINSeg.py.

3D Slicer imports this file when it starts, so the parts are imported when a study is looked at.
"""

from __future__ import annotations

from pathlib import Path

import CXRAdaINSegLib
import slicer
from DICOMLib import DICOMLoadable, DICOMPlugin
from slicer.i18n import tr as _

# By DICOM keyword; the database keeps their values, so that no file is opened to offer an image.
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
    """What the DICOM module asks of a plugin (Slicer's Modules/Scripted/DICOMLib/DICOMPlugin.py)."""

    def __init__(self):
        super().__init__()
        CXRAdaINSegLib.addTrainerToPath()
        self.loadType = _("Radiograph")
        self.tags.update(TAGS)

    def examineFiles(self, files):
        """A loadable for each radiograph, or mask of ours, in a series, in the order of their numbers."""
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
        """Decode the file in a process of its own; returns the node, None where it cannot be used."""
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
        """The masks of a radiograph, which is loaded too where it is not in the scene."""
        from CXRAdaINSegLib.scene.DicomMasks import loadedImage, putLungs, readLungs

        labels, images = readLungs(Path(file))
        volume = loadedImage(images)
        if volume is None:
            files = [found for found in map(slicer.dicomDatabase.fileForInstance, images) if found]
            # One that is neither CR nor DX is not offered, but may have been segmented.
            offered = self.examineFiles(files) or [_loadable(each, self.loadType) for each in files]
            volume = self.load(offered[0]) if offered else None
        return putLungs(volume, labels, Path(file))

    def _header(self, file):
        """Values by keyword, of the attributes that the file has."""
        values = {name: slicer.dicomDatabase.fileValue(file, tag) for name, tag in TAGS.items()}
        return {name: value.split("\\") for name, value in values.items() if value}


def _loadable(file, name):
    loadable = DICOMLoadable()
    loadable.files, loadable.name = [file], name
    return loadable


class DICOMChestRadiographPlugin:
    """The module that registers the plugin; it has no panel."""

    def __init__(self, parent):
        parent.title = "DICOM Chest Radiograph Plugin"
        parent.categories = ["Developer Tools.DICOM Plugins"]
        parent.contributors = ["The CXRAdaINSeg contributors"]
        parent.helpText = _(
            "Offers each radiograph (CR or DX) of a DICOM study as an image of its own, in the DICOM module."
        )
        parent.acknowledgementText = ""
        parent.hidden = True
        if not hasattr(slicer.modules, "dicomPlugins"):  # it may be found before the DICOM module is
            slicer.modules.dicomPlugins = {}
        slicer.modules.dicomPlugins["DICOMChestRadiographPlugin"] = DICOMChestRadiographPluginClass
