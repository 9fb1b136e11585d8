"""What stands under slicer.modules: modules of 3D Slicer that are only a logic here, and scripted ones."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from ..qmrml.widget import qMRMLWidget


class qSlicerCoreModule(QtCore.QObject):
    """A module of 3D Slicer of which there is the logic alone."""

    def __init__(self, name: str, logic: Any) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title, self._logic = name, logic

    def logic(self) -> Any:
        return self._logic

    def widgetRepresentation(self) -> None:
        return None


class qSlicerScriptedLoadableModule(QtCore.QObject):
    """A scripted module: loaded from `path`, its panel made on first use."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.setObjectName(path.stem)
        self.path = str(path)
        self.title, self.helpText, self.acknowledgementText = path.stem, "", ""
        self.categories: list[str] = []
        self.dependencies: list[str] = []
        self.contributors: list[str] = []
        self.associatedNodeTypes: list[str] = []
        self.index, self.hidden, self.icon = -1, False, None
        self.widgetRepresentationCreationEnabled = True
        self._widget: qSlicerScriptedLoadableModuleWidget | None = None
        self.source: ModuleType = self._import()
        self.instance = getattr(self.source, self.name)(self)

    def logic(self) -> None:
        return None  # a scripted module's logic is its panel's: slicer.util.getModuleLogic

    def widgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget | None:
        """None of a module without a <Name>Widget, such as a DICOM plugin."""
        if self._widget is None and hasattr(self.source, f"{self.name}Widget"):
            self._widget = qSlicerScriptedLoadableModuleWidget(self)
        return self._widget

    def createNewWidgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget:
        return qSlicerScriptedLoadableModuleWidget(self)

    def _import(self) -> ModuleType:
        folder = str(Path(self.path).parent)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        spec = importlib.util.spec_from_file_location(self.name, self.path)
        source = importlib.util.module_from_spec(spec)
        sys.modules[self.name] = source
        spec.loader.exec_module(source)
        return source


class qSlicerScriptedLoadableModuleWidget(qMRMLWidget):
    """The widget that a scripted module's panel fills."""

    def __init__(self, module: qSlicerScriptedLoadableModule) -> None:
        super().__init__()
        self.module, self._self = module, None
        self.setLayout(QtWidgets.QVBoxLayout())
        self.setObjectName(f"{module.name}ModuleWidget")
        self.setMRMLScene(slicer.mrmlScene)
        self._entered = False
        self.reload()

    def self(self) -> Any:
        """The module's own <Name>Widget."""
        return self._self

    isEntered = property(lambda self: self._entered)

    def reload(self) -> None:
        """Make the module's panel, from the source as it was last imported; as in 3D Slicer, it is not told
        that it is open."""
        name = self.module.name
        self._self = getattr(sys.modules[name], f"{name}Widget")(self)
        setattr(slicer.modules, f"{name}Widget", self._self)
        self._self.setup()

    def enter(self) -> None:
        if not self._entered:
            self._entered = True
            getattr(self._self, "enter", lambda: None)()

    def exit(self) -> None:
        if self._entered:
            self._entered = False
            getattr(self._self, "exit", lambda: None)()
