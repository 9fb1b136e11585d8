"""The objects in slicer.modules: modules of 3D Slicer with only their logic, and scripted modules."""

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
    """A module of 3D Slicer with only its logic."""

    def __init__(self, name: str, logic: Any) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title, self._logic = name, logic

    def logic(self) -> Any:
        return self._logic

    def widgetRepresentation(self) -> None:
        return None


class qSlicerScriptedLoadableModule(QtCore.QObject):
    """A scripted module, loaded from `path`; its panel is created when first used."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.setObjectName(path.stem)
        self.path = str(path)
        self.title, self.helpText, self.acknowledgementText = path.stem, "", ""
        self.categories: list[str] = []
        self.dependencies: list[str] = []
        self.contributors: list[str] = []
        self.index, self.hidden, self.icon = -1, False, None
        self._widget: qSlicerScriptedLoadableModuleWidget | None = None
        self.source: ModuleType = self._import()
        self.instance = getattr(self.source, self.name)(self)

    def logic(self) -> None:
        return None  # its panel has the logic: see slicer.util.getModuleLogic

    def widgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget | None:
        """The module's panel; None for a module without a <Name>Widget, such as a DICOM plugin."""
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
    """The widget that a scripted module's <Name>Widget fills."""

    def __init__(self, module: qSlicerScriptedLoadableModule) -> None:
        super().__init__()
        self.module, self._self = module, None
        self.setLayout(QtWidgets.QVBoxLayout())
        self.setObjectName(f"{module.name}ModuleWidget")
        self.setMRMLScene(slicer.mrmlScene)
        self._entered = False
        self.reload()

    def self(self) -> Any:
        """The module's <Name>Widget object."""
        return self._self

    def reload(self) -> None:
        """Create the module's panel from its last imported source; as in 3D Slicer, enter() is not called."""
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
