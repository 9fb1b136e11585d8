"""What the module meets of 3D Slicer's DICOM support: the database (CTK's) and DICOMLib's base classes.

The places in their source stand in contract.json. With CXRADAIN_SLICER_SOURCE naming a checkout of 3D Slicer,
DICOMLib's classes are those of that checkout.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pydicom
import slicer


class ctkDICOMDatabase:
    """An index of files by their SOP Instance UIDs, with all values of their headers kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self.databaseDirectory = folder
        self._files: dict[str, str] = {}
        self._headers: dict[str, pydicom.Dataset] = {}

    @property
    def isOpen(self) -> bool:
        return self.databaseDirectory is not None

    def openDatabase(self, folder: Path) -> None:
        self.__init__(folder)

    def closeDatabase(self) -> None:
        self.__init__()

    def insert(self, filePath, storeFile=True, generateThumbnail=True) -> None:
        """Index a file, or with storeFile a copy in the database's folder; no DICOM file is passed over."""
        try:
            header = pydicom.dcmread(filePath, stop_before_pixels=True)
        except (pydicom.errors.InvalidDicomError, OSError):
            return
        uid, path = str(header.SOPInstanceUID), str(filePath)
        if storeFile:
            path = shutil.copyfile(filePath, str(self.databaseDirectory / f"{uid}.dcm"))
        self._files[uid], self._headers[path] = path, header

    def fileForInstance(self, sopInstanceUID: str) -> str:
        return self._files.get(sopInstanceUID, "")

    def filesForSeries(self, seriesUID: str, hits: int = -1) -> list[str]:
        return [path for path, header in self._headers.items() if header.SeriesInstanceUID == seriesUID]

    def fileValue(self, fileName: str, tag: str) -> str:
        """The value as text, several with backslashes between; "" where there is none."""
        header = self._headers.get(fileName)
        value = header.get(tuple(int(part, 16) for part in tag.split(","))) if header is not None else None
        if value is None or value.value is None:
            return ""
        values = value.value if value.VM > 1 else [value.value]
        return "\\".join(map(str, values))


class DICOMLoadable:
    """Something that can be loaded."""

    files: list[str] | tuple[()] = ()
    name, tooltip, warning = "Unknown", "No further information available", ""
    selected, confidence = False, 0.5


class DICOMPlugin:
    """The base of plugins."""

    loadType = "Generic DICOM"
    tags = {  # noqa: RUF012 (each plugin has its own)
        "seriesDescription": "0008,103E",
        "seriesNumber": "0020,0011",
        "frameOfReferenceUID": "0020,0052",
        "seriesInstanceUID": "0020,000E",
        "modality": "0008,0060",
        "instanceUID": "0008,0018",
        "sopClassUID": "0008,0016",
    }

    def __init__(self) -> None:
        self.tags = dict(self.tags)
        self._examined: dict[tuple[str, ...], list[DICOMLoadable]] = {}

    def examineForImport(self, fileList) -> list[DICOMLoadable]:
        found = []
        for files in fileList:
            if tuple(files) not in self._examined:
                self._examined[tuple(files)] = self.examineFiles(files)
            found += self._examined[tuple(files)]
        return found

    def examineFiles(self, files) -> list[DICOMLoadable]:
        return []

    def addSeriesInSubjectHierarchy(self, loadable, dataNode) -> None:
        """The node's item below its study's, and that below its patient's, by their UIDs."""
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
        names, file = slicer.vtkMRMLSubjectHierarchyConstants, loadable.files[0]
        kind = names.GetDICOMUIDName()

        def value(tag: str) -> str:
            return slicer.dicomDatabase.fileValue(file, tag)

        item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), dataNode)
        series, study = value("0020,000E"), value("0020,000D")
        hierarchy.SetItemUID(item, kind, series)
        hierarchy.SetItemUID(item, names.GetDICOMInstanceUIDName(), value("0008,0018"))
        patient = value("0010,0020") or f"Patient-{study}"
        logic = slicer.vtkSlicerSubjectHierarchyModuleLogic
        logic.InsertDicomSeriesInHierarchy(hierarchy, patient, study, series)
        for uid, name in (
            (patient, f"{value('0010,0010') or 'No name'} ({patient})"),
            (study, value("0008,1030") or "No study description"),
        ):
            hierarchy.SetItemName(hierarchy.GetItemByUID(kind, uid), name)


def dicom_library() -> ModuleType:
    """What `import DICOMLib` gives."""
    library = ModuleType("DICOMLib")
    library.DICOMPlugin, library.DICOMLoadable = DICOMPlugin, DICOMLoadable
    source = os.environ.get("CXRADAIN_SLICER_SOURCE")
    if source:
        path = Path(source) / "Modules" / "Scripted" / "DICOMLib" / "DICOMPlugin.py"
        spec = importlib.util.spec_from_file_location("DICOMPlugin", path)
        real = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(real)
        library.DICOMPlugin, library.DICOMLoadable = real.DICOMPlugin, real.DICOMLoadable
        handler = SimpleNamespace(
            displayPatientIDInSubjectHierarchyItemName=True,
            displayPatientBirthDateInSubjectHierarchyItemName=False,
            displayStudyIDInSubjectHierarchyItemName=False,
            displayStudyDateInSubjectHierarchyItemName=False,
        )
        slicer.qSlicerSubjectHierarchyPluginHandler = SimpleNamespace(instance=lambda: handler)
    return library
