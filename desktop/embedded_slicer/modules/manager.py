"""slicer.modules and slicer.app.moduleManager(): the loaded modules."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import slicer
from PySide6 import QtCore

from .module import qSlicerCoreModule, qSlicerScriptedLoadableModule


class qSlicerModuleManager(QtCore.QObject):
    """The modules by name; loads scripted modules from their files."""

    moduleAboutToBeUnloaded = QtCore.Signal(str)

    def __init__(self, logics: dict[str, Any]) -> None:
        super().__init__()
        slicer.modules = SimpleNamespace()
        self._modules: dict[str, Any] = {}
        for name, logic in logics.items():
            self._keep(name, qSlicerCoreModule(name, logic))

    def load(self, path: Path) -> qSlicerScriptedLoadableModule:
        """Load a scripted module from its .py file. Raises whatever the module raises."""
        module = qSlicerScriptedLoadableModule(path.resolve())
        setattr(slicer.modules, f"{module.name}Instance", module.instance)
        self._keep(module.name, module)
        return module

    def module(self, name: str) -> Any:
        return self._modules.get(name)

    def factoryManager(self) -> Any:
        return self

    def loadedModuleNames(self) -> list[str]:
        return list(self._modules)

    def scripted(self) -> list[qSlicerScriptedLoadableModule]:
        """The scripted modules, in the order of loading."""
        return [each for each in self._modules.values() if isinstance(each, qSlicerScriptedLoadableModule)]

    def unloadAll(self) -> None:
        """Unload the scripted modules, the last one first."""
        for module in reversed(self.scripted()):
            self.moduleAboutToBeUnloaded.emit(module.name)
            del self._modules[module.name]

    def _keep(self, name: str, module: Any) -> None:
        self._modules[name] = module
        setattr(slicer.modules, name.lower(), module)
