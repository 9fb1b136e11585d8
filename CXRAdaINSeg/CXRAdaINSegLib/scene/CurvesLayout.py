"""A layout of the views with a training's curves: Red above, two plots below."""

from __future__ import annotations

import slicer

LAYOUT = 7304  # a user's own layout, over those of the application
VIEWS = ("CXRAdaINSegLosses", "CXRAdaINSegValidation")  # singleton tags of the plot views' nodes


def _view(tag: str, label: str) -> str:
    return (
        f'<item><view class="vtkMRMLPlotViewNode" singletontag="{tag}">'
        f'<property name="viewlabel" action="default">{label}</property></view></item>'
    )


DESCRIPTION = (
    '<layout type="vertical" split="true"><item splitSize="700">'
    '<view class="vtkMRMLSliceNode" singletontag="Red">'
    '<property name="orientation" action="default">Axial</property>'
    '<property name="viewlabel" action="default">R</property>'
    '<property name="viewcolor" action="default">#F34A33</property></view></item>'
    '<item splitSize="300"><layout type="horizontal">'
    + "".join(_view(tag, f"T{number}") for number, tag in enumerate(VIEWS, 1))
    + "</layout></item></layout>"
)


def areCurvesShown() -> bool:
    """Whether the layout has the curves; False without a main window."""
    manager = slicer.app.layoutManager()
    return manager is not None and manager.layout == LAYOUT


def showCurves(charts) -> None:
    """Change to the layout, and put a chart node into each of its plot views."""
    manager = slicer.app.layoutManager()
    if manager is None:
        return
    layoutNode = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    if not layoutNode.IsLayoutDescription(LAYOUT):
        layoutNode.AddLayoutDescription(LAYOUT, DESCRIPTION)
    if manager.layout != LAYOUT:
        manager.setLayout(LAYOUT)
    for tag, chart in zip(VIEWS, charts, strict=True):
        slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLPlotViewNode").SetPlotChartNodeID(chart.GetID())


def hideCurves() -> None:
    """Go back to the one Red view."""
    if areCurvesShown():
        slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
