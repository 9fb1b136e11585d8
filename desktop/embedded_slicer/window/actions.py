"""The menus and the toolbar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from PySide6 import QtGui, QtWidgets

from ..app.application import TITLE
from .appearance import add_appearance
from .files import Files
from .view_tools import ViewTools

ABOUT = """\
A small window that runs the module for 3D Slicer where 3D Slicer is not installed.

The scene, its files, the slice view and the segmentations are 3D Slicer's own (slicer-core {core}).
The window, the panel's widgets and the editing tools are imitations. There is one view, and no other module.

For research, not for diagnosis."""


def add_actions(window: Any, files: Files, tools: ViewTools) -> None:
    """Add menus and a toolbar to the main window."""
    bar = QtWidgets.QToolBar("Tools")
    bar.setObjectName("ToolBar")
    bar.setMovable(False)
    window.addToolBar(bar)
    file_menu = window.menuBar().addMenu("&File")
    view_menu = window.menuBar().addMenu("&View")
    help_menu = window.menuBar().addMenu("&Help")

    def add(menu: Any, text: str, slot: Callable[..., Any], keys: str = "", tip: str = "") -> QtGui.QAction:
        action = menu.addAction(text)
        action.setObjectName(text.replace("&", "").replace(".", "").title().replace(" ", "") + "Action")
        action.triggered.connect(lambda *_: slot())
        action.setToolTip(tip or text.replace("&", "").rstrip("."))
        if keys:
            action.setShortcut(QtGui.QKeySequence(keys))
        return action

    opens = add(file_menu, "&Open images...", files.open_images, "Ctrl+O", "Open radiographs or masks")
    add(file_menu, "Open &scene...", files.open_scene)
    file_menu.addSeparator()
    masks = add(file_menu, "Save &masks...", files.save_masks, "", "Save each segmentation as .seg.nrrd")
    scene = add(file_menu, "&Save scene...", files.save_scene, "Ctrl+S", "Save all in one .mrb file")
    file_menu.addSeparator()
    add(file_menu, "&Close scene", files.close_scene, "Ctrl+W")
    add(file_menu, "&Quit", window.close, "Ctrl+Q")

    fit = add(view_menu, "&Fit image to view", tools.fit, "Ctrl+0")
    adjust = view_menu.addAction("&Window/level by dragging")
    adjust.setObjectName("WindowLevelAction")
    adjust.setCheckable(True)
    adjust.setToolTip(
        "Drag with the left button to change window and level. Always: wheel or right button zooms, middle "
        "button or Shift and left button moves the image."
    )
    adjust.toggled.connect(tools.adjust_window)
    tools.on_mode_change(lambda: adjust.setChecked(tools.adjusts_window()))
    reset = add(view_menu, "&Reset window/level", tools.reset_window)
    view_menu.addSeparator()
    add_appearance(window, view_menu)
    add(help_menu, "&About", lambda: about(window))
    for action, text in ((opens, "Open"), (masks, "Save masks"), (scene, "Save scene")):
        _button(bar, action, text)
    bar.addSeparator()
    for action, text in ((fit, "Fit"), (adjust, "Window/level"), (reset, "Reset window/level")):
        _button(bar, action, text)


def _button(bar: Any, action: QtGui.QAction, text: str) -> None:
    action.setIconText(text)
    bar.addAction(action)


def about(window: Any) -> None:
    """Show the About box."""
    slicer.util.infoDisplay(ABOUT.format(core=slicer_core_version()), TITLE)


def slicer_core_version() -> str:
    from importlib.metadata import version

    return version("slicer-core")
