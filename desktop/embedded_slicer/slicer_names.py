"""Adds to `slicer`, `qt` and `ctk` what a module expects there and slicer-core lacks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import slicer
import slicer.util
from PySide6 import QtCore

from . import ctk, pythonqt, qt_module
from .modules import i18n


def install_classes() -> None:
    """Make qt, ctk, slicer.i18n and slicer.qMRML... importable, before the application is created."""
    pythonqt.install()
    qt_module.install()
    sys.modules["ctk"] = ctk
    sys.modules["slicer.i18n"] = slicer.i18n = i18n
    from .editor.widget import qMRMLSegmentEditorWidget
    from .modules import ScriptedLoadableModule
    from .modules.module import qSlicerScriptedLoadableModule, qSlicerScriptedLoadableModuleWidget
    from .qmrml.node_combo_box import qMRMLNodeComboBox
    from .qmrml.segments_table import qMRMLSegmentsTableView
    from .qmrml.widget import qMRMLWidget
    from .view.slice_view import qMRMLSliceView
    from .view.slice_widget import qMRMLSliceWidget

    sys.modules["slicer.ScriptedLoadableModule"] = ScriptedLoadableModule
    slicer.ScriptedLoadableModule = ScriptedLoadableModule
    slicer.qMRMLWidgets = SimpleNamespace()
    for each in (
        qMRMLNodeComboBox,
        qMRMLSegmentEditorWidget,
        qMRMLSegmentsTableView,
        qMRMLWidget,
        qMRMLSliceView,
        qMRMLSliceWidget,
        qSlicerScriptedLoadableModule,
        qSlicerScriptedLoadableModuleWidget,
    ):
        setattr(slicer, each.__name__, each)
        setattr(slicer.qMRMLWidgets, each.__name__, each)


def install_application(application: Any) -> None:
    """Set slicer.app and slicer.mrmlScene, and qt.QTimer.singleShot, as in Base/Python/slicerqt.py."""
    slicer.app, slicer.mrmlScene = application, application.mrmlScene()
    QtCore.QTimer.singleShot = staticmethod(_single_shot)


def _single_shot(milliseconds: int, slot: Callable[[], Any]) -> None:
    """Call a function after a delay, by a child timer of the module manager that is never deleted."""
    timer = QtCore.QTimer(slicer.app.moduleManager())
    timer.setSingleShot(True)
    timer.timeout.connect(slot)
    timer.start(milliseconds)
