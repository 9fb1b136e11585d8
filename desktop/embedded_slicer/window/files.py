"""Opening and saving files from the File menu, and files dropped on the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from ..ctk.message_box import ctkMessageBox
from ..io.manager import SEGMENTATION_ENDINGS, plain_name
from ..io.trial import crashing

IMAGES = "Images (*.dcm *.png *.jpg *.jpeg *.tif *.tiff *.bmp *.nrrd *.nhdr *.nii *.nii.gz *.mha *.mhd)"
SCENES = "Scenes (*.mrb *.mrml)"
MASKS = "Masks (*.seg.nrrd)"


class Files:
    """The actions of the File menu; failures are shown with the name of the file."""

    def __init__(self, window: Any) -> None:
        self.window = window

    def open_images(self) -> None:
        self.load(self._ask_open(f"{IMAGES};;{MASKS};;All files (*)"))

    def open_scene(self) -> None:
        paths = self._ask_open(SCENES, multiple=False)
        if paths and self.may_close_scene():
            slicer.mrmlScene.Clear(0)
            self.load(paths)

    def load(self, paths: list[str]) -> list[str]:
        """Load files, and all files in folders; shows the problems and returns them."""
        files: list[Path] = []
        for path in map(Path, paths):
            files += sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        problems = []
        with slicer.util.WaitCursor():
            damaged = crashing(files)
            for path in files:
                if path in damaged:
                    problems.append(f"{path.name} is damaged: it cannot be read.")
                    continue
                try:
                    slicer.util.loadNodeFromFile(str(path), None, {"singleFile": True})
                except RuntimeError as error:
                    problems.append(str(error))
        if problems:
            slicer.util.errorDisplay("\n\n".join(problems))
        return problems

    def save_scene(self) -> bool:
        """Ask for a file name and save the scene; returns whether it was saved."""
        path, _ = QtWidgets.QFileDialog.getSaveFileName(
            self.window, "Save the scene", "scene.mrb", "Scene with all its data (*.mrb)"
        )
        if not path:
            return False
        if not path.lower().endswith(".mrb"):  # a .mrml alone would hold no pixels
            path = path.removesuffix(".mrml") + ".mrb"
            if Path(path).exists():  # about which the dialog has not asked
                slicer.util.errorDisplay(f"{path} exists. To replace it, save under that very name.")
                return False
        with slicer.util.WaitCursor():
            saved = slicer.util.saveScene(path)
        return self._report_saved(saved, path)

    def save_masks(self) -> bool:
        """Ask for a folder and write each segmentation there; returns whether all were written."""
        segmentations = [
            node for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode") if node.GetSaveWithScene()
        ]
        if not segmentations:
            slicer.util.infoDisplay("There are no masks yet.")
            return False
        folder = QtWidgets.QFileDialog.getExistingDirectory(self.window, "Save the masks in this folder")
        return bool(folder) and all(self.save_segmentation(each, Path(folder)) for each in segmentations)

    def save_segmentation(self, node: Any, folder: Path) -> bool:
        """Write a segmentation into a folder as .seg.nrrd, under a name that does not exist yet."""
        name = "".join(each if each.isalnum() or each in " -_.()" else "_" for each in node.GetName())
        path = folder / f"{name}{SEGMENTATION_ENDINGS[0]}"
        number = 2
        while path.exists():
            path = folder / f"{name} {number}{SEGMENTATION_ENDINGS[0]}"
            number += 1
        return self._report_saved(slicer.util.saveNode(node, str(path)), str(path))

    def close_scene(self) -> None:
        if self.may_close_scene():
            slicer.mrmlScene.Clear(0)

    def may_close_scene(self) -> bool:
        """Whether to close the scene, as `may_close`, once others have kept what is theirs to keep."""
        return self.window.announce_closing() and self.may_close()

    def may_close(self) -> bool:
        """Ask before unsaved masks and points are lost; returns whether to continue."""
        masks = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
        points = slicer.util.getNodesByClass("vtkMRMLMarkupsNode")
        drawn = [node for node in masks if node.GetSegmentation().GetNumberOfSegments()]
        drawn += [node for node in points if node.GetNumberOfControlPoints()]
        unsaved = [
            node.GetName() for node in drawn if node.GetModifiedSinceRead() and node.GetSaveWithScene()
        ]
        if not unsaved:
            return True
        box = ctkMessageBox(self.window)
        box.setWindowTitle("Unsaved changes")
        box.setTextFormat(QtCore.Qt.PlainText)
        box.setText(f"These have not been saved: {', '.join(unsaved)}.\nClose without saving?")
        box.setStandardButtons(QtWidgets.QMessageBox.Discard | QtWidgets.QMessageBox.Cancel)
        box.button(QtWidgets.QMessageBox.Discard).setText("Close without saving")
        box.setDefaultButton(QtWidgets.QMessageBox.Cancel)
        return bool(box.exec() == QtWidgets.QMessageBox.Discard)

    def _ask_open(self, filters: str, multiple: bool = True) -> list[str]:
        if multiple:
            return QtWidgets.QFileDialog.getOpenFileNames(self.window, "Open", "", filters)[0]
        path = QtWidgets.QFileDialog.getOpenFileName(self.window, "Open", "", filters)[0]
        return [path] if path else []

    def _report_saved(self, saved: bool, path: str) -> bool:
        if saved:
            self.window.statusBar().showMessage(f"Saved {path}", 8000)
        else:
            slicer.util.errorDisplay(f"{plain_name(Path(path))} could not be saved as {path}.")
        return saved


def dropped(event: Any) -> list[str]:
    """The paths of the local files in a drag or drop."""
    data = event.mimeData()
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []
