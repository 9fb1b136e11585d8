"""Loading and saving scenes and nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer


def load(logics: Any, path: Path, clear: bool = False) -> None:
    """Import a .mrml or .mrb file into the scene; clear: replace the scene. Raises ValueError."""
    scene, messages = logics.scene, slicer.vtkMRMLMessageCollection()
    if clear:
        scene.Clear(0)
    if path.suffix.lower() == ".mrb":
        done = scene.ReadFromMRB(str(path), False, messages)
    else:
        scene.SetURL(str(path))
        done = scene.Import(messages)
    if not done:
        details = messages.GetAllMessagesAsString()
        raise ValueError(f"{path.name} is not a scene that can be read. {details}".rstrip())


def save(logics: Any, path: Path) -> None:
    """Save the scene: .mrb with all data in one file, .mrml without data. Raises ValueError."""
    scene, messages = logics.scene, slicer.vtkMRMLMessageCollection()
    scene.SetURL(str(path))
    if path.suffix.lower() == ".mrb":
        done = scene.WriteToMRB(str(path), None, messages)
    elif path.suffix.lower() == ".mrml":
        done = scene.Commit(str(path), messages)
    else:
        done = scene.SaveSceneToSlicerDataBundleDirectory(str(path), None, messages)
    if not done:
        details = messages.GetAllMessagesAsString()
        raise ValueError(f"The scene could not be saved as {path}. {details}".rstrip())


def save_node(node: Any, path: str) -> None:
    """Write a node to a file, which becomes the file of its storage node. Raises ValueError."""
    if node is None:
        raise ValueError("There is no such node to save.")
    if node.GetStorageNode() is None or not _writes(node.GetStorageNode(), path):
        node.SetAndObserveStorageNodeID(None)
        node.AddDefaultStorageNode()
    storage = node.GetStorageNode()
    storage.SetFileName(path)
    if not storage.WriteData(node):
        raise ValueError(f"{node.GetName()} could not be written to {path}.")


def export_node(node: Any, path: str) -> None:
    """Write a node to a file without changing its storage node. Raises ValueError."""
    if node is None:
        raise ValueError("There is no such node to export.")
    storage = node.CreateDefaultStorageNode()
    storage.SetFileName(path)
    if not storage.WriteData(node):
        raise ValueError(f"{node.GetName()} could not be written to {path}.")


def _writes(storage: Any, path: str) -> bool:
    ending = slicer.vtkMRMLStorageNode.GetLowercaseExtensionFromFileName(path)
    formats = storage.GetSupportedWriteFileTypes()
    helper = slicer.vtkDataFileFormatHelper
    return any(
        path.lower().endswith(helper.GetFileExtensionFromFormatString(formats.GetValue(index)))
        for index in range(formats.GetNumberOfValues())
    ) or ending in ("",)
