"""Layouts that show the curves of a round: Red above, one or two plots below."""

from __future__ import annotations

import slicer

from .Layouts import CURVES, RED, TWO_CURVES, showLayout, showSingleRed

LAYOUTS = (CURVES, TWO_CURVES)
VIEWS = ("CXRAdaINSegLosses", "CXRAdaINSegValidation")  # singleton tags of the plot view nodes


def _view(tag: str, label: str) -> str:
    return (
        f'<item><view class="vtkMRMLPlotViewNode" singletontag="{tag}">'
        f'<property name="viewlabel" action="default">{label}</property></view></item>'
    )


_DESCRIPTION = (
    f'<layout type="vertical" split="true"><item splitSize="700">{RED}</item>'
    '<item splitSize="300"><layout type="horizontal">{plots}</layout></item></layout>'
)


def areCurvesShown() -> bool:
    """Whether the layout shows the curves; False without a main window."""
    manager = slicer.app.layoutManager()
    return manager is not None and manager.layout in LAYOUTS


def showCurves(charts) -> None:
    """Switch to the layout with one plot for each chart node, and show the charts."""
    if slicer.app.layoutManager() is None:
        return
    views = VIEWS[: len(charts)]
    plots = "".join(_view(tag, f"T{number}") for number, tag in enumerate(views, 1))
    showLayout(LAYOUTS[len(charts) - 1], _DESCRIPTION.format(plots=plots))
    for tag, chart in zip(views, charts, strict=True):
        slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLPlotViewNode").SetPlotChartNodeID(chart.GetID())


def hideCurves() -> None:
    """Return to the single Red view."""
    if areCurvesShown():
        showSingleRed()
