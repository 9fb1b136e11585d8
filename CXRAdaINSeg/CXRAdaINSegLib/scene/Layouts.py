"""The panel's layouts: their numbers, which the whole application shares, and what they have in common."""

from __future__ import annotations

import slicer

CURVES, COMPARISON, TWO_CURVES = 7304, 7305, 7306  # beyond the numbers of Slicer's own


def sliceView(tag: str, label: str, color: str) -> str:
    """A layout's description of a slice view."""
    return (
        f'<view class="vtkMRMLSliceNode" singletontag="{tag}">'
        '<property name="orientation" action="default">Axial</property>'
        f'<property name="viewlabel" action="default">{label}</property>'
        f'<property name="viewcolor" action="default">{color}</property></view>'
    )


RED = sliceView("Red", "R", "#F34A33")


def showLayout(number: int, description: str) -> None:
    """Switch to one of the panel's layouts, described in Slicer's XML; needs a main window."""
    layoutNode = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    if not layoutNode.IsLayoutDescription(number):
        layoutNode.AddLayoutDescription(number, description)
    _switchTo(number)


def showSingleRed() -> None:
    """Switch to the single Red view, if there is a main window."""
    if slicer.app.layoutManager() is not None:
        _switchTo(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)


def _switchTo(number: int) -> None:
    manager = slicer.app.layoutManager()
    if manager.layout != number:
        manager.setLayout(number)
