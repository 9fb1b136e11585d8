"""Layouts that show the curves of a round: Red above, one or two plots below."""

from __future__ import annotations

import slicer

LAYOUTS = (7304, 7306)  # custom layouts with one and two plots; `CompareView` has 7305
VIEWS = ("CXRAdaINSegLosses", "CXRAdaINSegValidation")  # singleton tags of the plot view nodes


def _view(tag: str, label: str) -> str:
    return (
        f'<item><view class="vtkMRMLPlotViewNode" singletontag="{tag}">'
        f'<property name="viewlabel" action="default">{label}</property></view></item>'
    )


_DESCRIPTION = (
    '<layout type="vertical" split="true"><item splitSize="700">'
    '<view class="vtkMRMLSliceNode" singletontag="Red">'
    '<property name="orientation" action="default">Axial</property>'
    '<property name="viewlabel" action="default">R</property>'
    '<property name="viewcolor" action="default">#F34A33</property></view></item>'
    '<item splitSize="300"><layout type="horizontal">{plots}</layout></item></layout>'
)


def areCurvesShown() -> bool:
    """Whether the layout shows the curves; False without a main window."""
    manager = slicer.app.layoutManager()
    return manager is not None and manager.layout in LAYOUTS


def showCurves(charts) -> None:
    """Switch to the layout with one plot for each chart node, and show the charts."""
    manager = slicer.app.layoutManager()
    if manager is None:
        return
    layoutNode = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    layout, views = LAYOUTS[len(charts) - 1], VIEWS[: len(charts)]
    if not layoutNode.IsLayoutDescription(layout):
        plots = "".join(_view(tag, f"T{number}") for number, tag in enumerate(views, 1))
        layoutNode.AddLayoutDescription(layout, _DESCRIPTION.format(plots=plots))
    if manager.layout != layout:
        manager.setLayout(layout)
    for tag, chart in zip(views, charts, strict=True):
        slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLPlotViewNode").SetPlotChartNodeID(chart.GetID())


def hideCurves() -> None:
    """Return to the single Red view."""
    if areCurvesShown():
        slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
