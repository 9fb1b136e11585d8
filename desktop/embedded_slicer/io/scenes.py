"""Scenes and nodes as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer


def load(logics: Any, path: Path, clear: bool = False) -> None:
    """Add a scene from a .mrml or .mrb file to this one, or have it in its place. Raises ValueError."""
    scene = logics.scene
    if clear:
        scene.Clear(0)
    if path.suffix.lower() == ".mrb":
        done = scene.ReadFromMRB(str(path), False, None)
    else:
        scene.SetURL(str(path))
        done = scene.Import(None)
    if not done:
        raise ValueError(f"{path.name} is not a scene that can be read: {scene.GetErrorMessage()}")


def save(logics: Any, path: Path) -> None:
    """Save the scene: .mrb with all its data in one file, .mrml with none. Raises ValueError."""
    scene = logics.scene
    scene.SetURL(str(path))
    if path.suffix.lower() == ".mrb":
        done = scene.WriteToMRB(str(path), None, None)
    elif path.suffix.lower() == ".mrml":
        done = scene.Commit(str(path))
    else:
        done = scene.SaveSceneToSlicerDataBundleDirectory(str(path), None, None)
    if not done:
        raise ValueError(f"The scene could not be saved as {path}: {scene.GetErrorMessage()}")


def save_node(node: Any, path: str) -> None:
    """Write a node, which keeps the file as its own. Raises ValueError."""
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
    """Write a node; its own storage node stays as it is. Raises ValueError."""
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
