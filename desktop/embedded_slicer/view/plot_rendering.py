"""Offscreen rendering of a chart: only VTK and MRML, no Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtkmodules.vtkRenderingContextOpenGL2  # noqa: F401 - what charts are drawn by
from vtkmodules.vtkChartsCore import (
    vtkAxis,
    vtkChartLegend,
    vtkChartXY,
    vtkPlotBar,
    vtkPlotLine,
    vtkPlotPoints,
)
from vtkmodules.vtkRenderingContext2D import vtkContextActor, vtkPen
from vtkmodules.vtkRenderingCore import vtkRenderer

from .rendering import offscreen_window, window_pixels

AXES = (vtkAxis.BOTTOM, vtkAxis.LEFT)
BACKGROUND = (1.0, 253 / 255, 246 / 255)


class PlotRendering:
    """Renders a plot chart node with its series and their tables."""

    def __init__(self) -> None:
        renderer = vtkRenderer()
        renderer.SetBackground(*BACKGROUND)
        self.window = offscreen_window(renderer)
        self.chart = vtkChartXY()
        self.chart.GetLegend().SetVerticalAlignment(vtkChartLegend.BOTTOM)  # on top it hides the title
        actor = vtkContextActor()
        renderer.AddActor(actor)
        actor.GetScene().SetRenderer(renderer)
        actor.GetScene().AddItem(self.chart)

    def resize(self, width: int, height: int) -> None:
        """Set the size in device pixels."""
        self.window.SetSize(max(width, 1), max(height, 1))

    def pixels(self) -> np.ndarray:
        """Render, and return (height, width, 3) uint8, top row first; a view of VTK's memory."""
        return window_pixels(self.window)

    def close(self) -> None:
        """Release the graphics resources. Call this before the process ends."""
        self.window.Finalize()

    def show(self, node: Any) -> None:
        """Show a vtkMRMLPlotChartNode; None empties the chart."""
        self.chart.ClearPlots()
        if node is None:
            self.chart.SetTitle("")
            self.chart.SetShowLegend(False)
            return
        for index in range(node.GetNumberOfPlotSeriesNodes()):
            plot = _plot(node.GetNthPlotSeriesNode(index))
            if plot is not None:
                self.chart.AddPlot(plot)
        self.chart.SetTitle((node.GetTitle() or "") if node.GetTitleVisibility() else "")
        self.chart.GetTitleProperties().SetFontSize(node.GetTitleFontSize())
        self.chart.SetShowLegend(node.GetLegendVisibility())
        self.chart.GetLegend().GetLabelProperties().SetFontSize(node.GetLegendFontSize())
        for axis, name in zip(AXES, "XY", strict=True):
            _set_axis(self.chart.GetAxis(axis), node, name)
        self.chart.RecalculateBounds()


def _set_axis(axis: Any, node: Any, name: str) -> None:
    """Set an axis's title, fonts, grid, scale and range. name: X or Y."""

    def of(what: str) -> Any:
        return getattr(node, f"Get{name}Axis{what}")()

    axis.SetTitle((of("Title") or "") if of("TitleVisibility") else "")
    axis.GetTitleProperties().SetFontSize(node.GetAxisTitleFontSize())
    axis.GetTitleProperties().SetBold(False)
    axis.GetLabelProperties().SetFontSize(node.GetAxisLabelFontSize())
    axis.SetGridVisible(node.GetGridVisibility())
    axis.SetLogScale(of("LogScale"))
    if of("RangeAuto"):
        axis.SetBehavior(vtkAxis.AUTO)
    else:
        axis.SetBehavior(vtkAxis.FIXED)
        axis.SetUnscaledRange(*of("Range"))


def _plot(series: Any) -> Any:
    """The VTK plot of a series; None if its table lacks a column."""
    table = series.GetTableNode().GetTable() if series is not None and series.GetTableNode() else None
    y = series.GetYColumnName() if table is not None else ""
    x = series.GetXColumnName() if table is not None else ""
    if not y or table.GetColumnByName(y) is None:
        return None
    if series.IsXColumnRequired() and table.GetColumnByName(x) is None:
        return None
    node, kind = slicer.vtkMRMLPlotSeriesNode, series.GetPlotType()
    plot = vtkPlotBar() if kind in (node.PlotTypeBar, node.PlotTypeScatterBar) else vtkPlotLine()
    plot.SetWidth(series.GetLineWidth())
    plot.SetColorF(*series.GetColor())
    plot.GetPen().SetOpacityF(series.GetOpacity())
    if isinstance(plot, vtkPlotLine):
        plot.GetPen().SetLineType(_line(series))
        plot.SetMarkerSize(series.GetMarkerSize())
        plot.SetMarkerStyle(_marker(series))
    plot.SetUseIndexForXSeries(not series.IsXColumnRequired())
    plot.SetInputData(table, x if series.IsXColumnRequired() else y, y)
    plot.SetLabel(series.GetName() or y)
    return plot


def _line(series: Any) -> int:
    node = slicer.vtkMRMLPlotSeriesNode
    return {
        node.LineStyleSolid: vtkPen.SOLID_LINE,
        node.LineStyleDash: vtkPen.DASH_LINE,
        node.LineStyleDot: vtkPen.DOT_LINE,
        node.LineStyleDashDot: vtkPen.DASH_DOT_LINE,
        node.LineStyleDashDotDot: vtkPen.DASH_DOT_DOT_LINE,
    }.get(series.GetLineStyle(), vtkPen.NO_PEN)


def _marker(series: Any) -> int:
    node = slicer.vtkMRMLPlotSeriesNode
    return {
        node.MarkerStyleCross: vtkPlotPoints.CROSS,
        node.MarkerStylePlus: vtkPlotPoints.PLUS,
        node.MarkerStyleSquare: vtkPlotPoints.SQUARE,
        node.MarkerStyleCircle: vtkPlotPoints.CIRCLE,
        node.MarkerStyleDiamond: vtkPlotPoints.DIAMOND,
    }.get(series.GetMarkerStyle(), vtkPlotPoints.NONE)
