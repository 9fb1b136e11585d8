"""Offers radiographs in 3D Slicer's DICOM module: each CR or DX image is one of its own, never a slice of a
stack. A loadable module by itself, which Slicer finds beside CXRAdaINSeg.py.

3D Slicer imports this file when it starts, so the parts are imported when a study is looked at.
"""

from __future__ import annotations

from pathlib import Path

import CXRAdaINSegLib
import slicer
from DICOMLib import DICOMLoadable, DICOMPlugin
from slicer.i18n import tr as _

CXRAdaINSegLib.addTrainerToPath()

# By DICOM keyword; the database keeps their values, so that no file is opened to offer an image.
TAGS = {
    "SOPClassUID": "0008,0016",
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
        self.loadType = _("Radiograph")
        self.tags.update(TAGS)

    def examineFiles(self, files):
        """A loadable for each radiograph among the files of a series, in the order of their numbers."""
        from CXRAdaINSegLib.scene.DicomRadiographs import describe, number

        headers = {file: self._header(file) for file in files}
        loadables, names = [], set()
        for file in sorted(files, key=lambda file: number(headers[file])):
            description = describe(headers[file])
            if description is None:
                continue
            loadable = DICOMLoadable()
            loadable.files = [file]
            loadable.name = description.name
            if loadable.name in names:
                loadable.name = f"{description.name} ({len(loadables) + 1})"
            names.add(loadable.name)
            loadable.tooltip, loadable.warning = f"{description.tooltip}\n{file}", description.warning
            loadable.confidence, loadable.selected = description.confidence, True
            loadables.append(loadable)
        return loadables

    def load(self, loadable):
        """Decode the file in a process of its own; returns the volume node, None where it cannot be used."""
        from CXRAdaINSegLib.scene.DicomRadiographs import keepInstance, show
        from CXRAdaINSegLib.scene.ImageFiles import addImage
        from CXRAdaINSegLib.scene.VolumeImages import UnfitVolume

        (file,) = loadable.files
        try:
            volume = addImage(Path(file), slicer.mrmlScene.GenerateUniqueName(loadable.name))
        except UnfitVolume as problem:
            slicer.util.errorDisplay(str(problem))
            return None
        value = slicer.dicomDatabase.fileValue
        keepInstance(volume, value(file, self.tags["instanceUID"]), value(file, self.tags["InstanceNumber"]))
        self.addSeriesInSubjectHierarchy(loadable, volume)
        show(volume, behind=bool(loadable.warning))
        return volume

    def _header(self, file):
        """Values by keyword, of the attributes that the file has."""
        values = {name: slicer.dicomDatabase.fileValue(file, tag) for name, tag in TAGS.items()}
        return {name: value.split("\\") for name, value in values.items() if value}


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
