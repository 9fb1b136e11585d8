"""qSlicerCoreIOManager: loads and saves files for slicer.util, using 3D Slicer's own logics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
import vtk

from . import pictures, scenes

SCENE_ENDINGS = (".mrml", ".mrb")
SEGMENTATION_ENDINGS = (".seg.nrrd", ".seg.nhdr", ".seg.vtm")
TABLE_ENDINGS = (".csv", ".tsv")
# vtkSlicerVolumesLogic::LoadingOptions
LABEL_MAP, CENTER, SINGLE_FILE, AUTO_WINDOW_LEVEL, PLAIN = 1, 2, 4, 8, 16


class qSlicerCoreIOManager:
    """Supports scenes, volumes, segmentations and tables."""

    def __init__(self, logics: Any) -> None:
        self._logics = logics

    def fileType(self, path: Any) -> str:
        name = str(path).lower()
        if name.endswith(SCENE_ENDINGS):
            return "SceneFile"
        if name.endswith(SEGMENTATION_ENDINGS):
            return "SegmentationFile"
        return "TableFile" if name.endswith(TABLE_ENDINGS) else "VolumeFile"

    def loadNodes(
        self, fileType: str, properties: dict[str, Any], loaded: Any = None, messages: Any = None
    ) -> bool:
        """Load a file into the scene; returns False on failure, with the reason in `messages`."""
        path = Path(properties["fileName"])
        load = {
            "SceneFile": self._load_scene,
            "SegmentationFile": self._load_segmentation,
            "VolumeFile": self._load_volume,
            "TableFile": self._load_table,
        }.get(fileType)
        try:
            if load is None:
                raise ValueError(f"The embedded desktop does not read {fileType}.")
            if not path.exists():
                raise ValueError(f"There is no file {path}.")
            nodes = load(path, properties)
        except (ValueError, OSError) as error:
            if messages is not None:
                messages.AddMessage(vtk.vtkCommand.ErrorEvent, str(error))
            return False
        for node in nodes if loaded is not None else ():
            loaded.AddItem(node)
        return True

    def saveNodes(self, fileType: str, properties: dict[str, Any], messages: Any = None) -> bool:
        """Save the scene, or the node with ID "nodeID", to "fileName"; returns False on failure."""
        path = str(properties["fileName"])
        try:
            if fileType == "SceneFile":
                scenes.save(self._logics, Path(path))
            else:
                scenes.save_node(self._logics.scene.GetNodeByID(properties["nodeID"]), path)
        except (ValueError, OSError) as error:
            if messages is not None:
                messages.AddMessage(vtk.vtkCommand.ErrorEvent, str(error))
            return False
        return True

    def exportNodes(
        self, nodeIDs: Any, fileNames: Any, properties: Any, hardenTransform: bool, messages: Any = None
    ) -> bool:
        """Write nodes to files without changing their storage nodes; returns False on failure."""
        try:
            for nodeID, name in zip(nodeIDs, fileNames, strict=True):
                scenes.export_node(self._logics.scene.GetNodeByID(nodeID), str(name))
        except (ValueError, OSError) as error:
            if messages is not None:
                messages.AddMessage(vtk.vtkCommand.ErrorEvent, str(error))
            return False
        return True

    def fileWriterFileType(self, node: Any) -> str:
        return "SegmentationFile" if node.IsA("vtkMRMLSegmentationNode") else "NodeFile"

    def fileWriterExtensions(self, node: Any) -> list[str]:
        """The formats that a node can be written in, such as "NRRD (.nrrd)"."""
        formats = node.CreateDefaultStorageNode().GetSupportedWriteFileTypes()
        return [formats.GetValue(index) for index in range(formats.GetNumberOfValues())]

    def extractKnownExtension(self, name: str, node: Any) -> str:
        known = [
            slicer.vtkDataFileFormatHelper.GetFileExtensionFromFormatString(each)
            for each in self.fileWriterExtensions(node)
        ]
        fits = [ending for ending in known if str(name).lower().endswith(ending)]
        return max(fits, key=len, default=Path(name).suffix)

    def _load_scene(self, path: Path, properties: dict[str, Any]) -> list[Any]:
        scenes.load(self._logics, path, bool(properties.get("clear")))
        return []

    def _load_segmentation(self, path: Path, properties: dict[str, Any]) -> list[Any]:
        node = self._logics.modules["Segmentations"].LoadSegmentationFromFile(
            str(path), True, str(properties.get("name") or "")
        )
        if node is None:
            raise ValueError(f"{path.name} is not a segmentation that can be read.")
        node.CreateDefaultDisplayNodes()
        return [node]

    def _load_table(self, path: Path, properties: dict[str, Any]) -> list[Any]:
        node = self._logics.modules["Tables"].AddTable(str(path), properties.get("name") or path.stem)
        if node is None:
            raise ValueError(f"{path.name} is not a table that can be read.")
        return [node]

    def _load_volume(self, path: Path, properties: dict[str, Any]) -> list[Any]:
        name = properties.get("name") or plain_name(path)
        if pictures.is_picture(path):
            volume = pictures.load(self._logics.scene, path, name)
        else:
            options = SINGLE_FILE | AUTO_WINDOW_LEVEL
            for wanted, option in (
                ("labelmap", LABEL_MAP),
                ("center", CENTER),
                ("discardOrientation", PLAIN),
            ):
                options |= option if properties.get(wanted) else 0
            volume = self._logics.modules["Volumes"].AddArchetypeVolume(str(path), name, options)
        if volume is None:
            raise ValueError(f"{path.name} is not an image that can be read.")
        if properties.get("show", True):
            self.show(volume)
        return [volume]

    def show(self, volume: Any) -> None:
        """Show a volume in all slice views and fit it."""
        application = self._logics.application
        application.GetSelectionNode().SetActiveVolumeID(volume.GetID())
        application.PropagateVolumeSelection(0)
        for index in range(application.GetSliceLogics().GetNumberOfItems()):
            logic = application.GetSliceLogics().GetItemAsObject(index)
            if not logic.GetSliceCompositeNode().GetDoPropagateVolumeSelection():
                continue
            logic.GetSliceNode().RotateToVolumePlane(volume)
            logic.FitSliceToBackground()


def plain_name(path: Path) -> str:
    """A file's name without its extensions."""
    name = path.name
    for ending in (*SEGMENTATION_ENDINGS, ".nii.gz"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return path.stem
