"""A round's curves as plot nodes: parts of the loss, and validation; each a chart with series and a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util import numpy_support

from ..scene.CurvesLayout import areCurvesShown, hideCurves, showCurves

KINDS = ("loss", "validation")  # keys of the trainer's events, in the order of the views
# Okabe and Ito's palette, which color-blind people can tell apart, then darker colors.
COLORS = (
    *((0.0, 0.45, 0.70), (0.84, 0.37, 0.0), (0.0, 0.62, 0.45), (0.80, 0.47, 0.65), (0.90, 0.62, 0.0)),
    *((0.34, 0.71, 0.91), (0.3, 0.3, 0.3), (0.55, 0.27, 0.07), (0.4, 0.2, 0.6), (0.6, 0.6, 0.0)),
)
STEP = " at step"  # suffix of the names of step columns
# The trainer's loss terms by purpose: there are too many to tell their curves apart.
PARTS = {
    "segmentation": ("segmentation", "keep_mask", "label_student", "label_teacher"),
    "distillation": ("inter", "intra"),
    "translation": ("style", "cycle", "identity", "restore", "diversity"),
    "adversarial": ("adversarial",),
    "discriminator": ("real", "fake", "r1"),
}
ROOM = 1.5  # the axis's length relative to the steps, to leave room for the legend


class RoundCurves:
    """Collects the trainer's events. The nodes are created when the curves are first shown; they are not
    saved with the scene."""

    def __init__(self):
        self._points: dict[str, dict[int, dict[str, float]]] = {}
        self._steps: dict[str, int] = {}  # steps of each stage so far
        self._charts: dict[str, Any] = {}
        self.clear()

    def clear(self) -> None:
        """Drop a round's events and remove its curves from the scene."""
        self._points, self._steps = {kind: {} for kind in KINDS}, {}
        for chart in self._charts.values():
            if chart.GetScene() is not None:
                for node in [*_seriesOf(chart), chart.GetNodeReference("table"), chart]:
                    slicer.mrmlScene.RemoveNode(node)
        self._charts = {}

    def add(self, events: Iterable[dict[str, Any]]) -> None:
        """Add new events from progress.jsonl; if a step was done twice, the later event counts."""
        changed, before = set(), self._withPoints()
        for event in events:
            try:
                stage, step, steps = event["stage"], int(event["step"]), int(event["steps"])
            except (KeyError, TypeError, ValueError):  # written by another version
                continue
            self._steps.setdefault(stage, steps)
            earlier = sum(self._steps[name] for name in list(self._steps)[: list(self._steps).index(stage)])
            for kind in KINDS:
                values = event.get(kind)
                if isinstance(values, dict) and not any(name.startswith("teacher_") for name in values):
                    self._points[kind][earlier + step] = _parts(values) if kind == "loss" else values
                    changed.add(kind)
        for kind in changed:
            if self._isInScene(kind):
                self._write(kind)
        if self.shown and self._withPoints() != before:
            self.show(True)

    def _withPoints(self) -> list[str]:
        """The charts that have points; a round without radiographs set aside has no validation."""
        return [kind for kind in KINDS if self._points[kind]]

    def names(self, kind: str) -> list[str]:
        """The names of a chart's curves so far."""
        return list(dict.fromkeys(name for values in self._points[kind].values() for name in values))

    def values(self, kind: str, name: str) -> list[tuple[int, float]]:
        """The (step, value) points of a curve."""
        rows = sorted(self._points[kind].items())
        return [(step, values[name]) for step, values in rows if name in values]

    @property
    def shown(self) -> bool:
        """Whether the curves are shown."""
        return areCurvesShown()

    def show(self, on: bool) -> None:
        """Show or hide the curves below the Red view. Without points yet, the loss chart says so."""
        if not on:
            hideCurves()
            return
        kinds = self._withPoints() or [KINDS[0]]
        for kind in kinds:
            if not self._isInScene(kind):
                self._charts[kind] = self._newChart(kind)
                self._write(kind)
        showCurves([self._charts[kind] for kind in kinds])

    # --- nodes --------------------------------------------------------------------------------------------

    def _isInScene(self, kind: str) -> bool:
        """Whether a chart is in the scene; closing the scene removes it."""
        chart = self._charts.get(kind)
        return chart is not None and chart.GetScene() is not None

    def _newChart(self, kind: str):
        title = _title(kind)
        chart = _newNode("vtkMRMLPlotChartNode", title)
        chart.SetTitleFontSize(14)
        chart.SetXAxisTitle(_("step"))
        chart.SetYAxisTitleVisibility(False)
        chart.SetAxisTitleFontSize(12)
        chart.SetXAxisRangeAuto(False)
        chart.SetLegendFontSize(10)
        table = _newNode("vtkMRMLTableNode", f"{title} ({_('values')})")
        chart.SetNodeReferenceID("table", table.GetID())
        return chart

    def _write(self, kind: str) -> None:
        """Update a chart's table and series.

        Each curve has its own step column. Shorter ones are padded with their last point, because VTK draws
        no line through a single point or past a gap.
        """
        chart, names = self._charts[kind], self.names(kind)
        points = {name: self.values(kind, name) for name in names}
        rows = max([2, *map(len, points.values())])
        columns = vtk.vtkTable()
        for name, values in points.items():
            padded = np.array(values + values[-1:] * (rows - len(values)), np.float64)
            columns.AddColumn(_column(name + STEP, padded[:, 0]))
            columns.AddColumn(_column(name, padded[:, 1]))
        table = chart.GetNodeReference("table")
        table.SetAndObserveTable(columns)
        chart.SetTitle(_title(kind) if names else _("{title}: no values yet").format(title=_title(kind)))
        chart.SetXAxisRange(0, ROOM * max(1, sum(self._steps.values())))
        known = {node.GetYColumnName() for node in _seriesOf(chart)}
        for index, name in enumerate(names):
            if name not in known:
                self._addSeries(chart, table, name, COLORS[index % len(COLORS)])
        isLine = kind == "loss" and any(len(values) > 1 for values in points.values())
        for series in _seriesOf(chart):  # a single point is visible only with a marker
            series.SetMarkerStyle(series.MarkerStyleNone if isLine else series.MarkerStyleCircle)

    def _addSeries(self, chart, table, name: str, color) -> None:
        series = _newNode("vtkMRMLPlotSeriesNode", _legend(name))
        series.SetAndObserveTableNodeID(table.GetID())
        series.SetXColumnName(name + STEP)
        series.SetYColumnName(name)
        series.SetPlotType(series.PlotTypeScatter)  # (x, y) points, joined by lines
        series.SetLineStyle(series.LineStyleSolid)
        series.SetMarkerSize(5)
        series.SetLineWidth(2)
        series.SetColor(*color)
        chart.AddAndObservePlotSeriesNodeID(series.GetID())


def _title(kind: str) -> str:
    return _("Training: loss") if kind == "loss" else _("Training: Dice in validation")


def _seriesOf(chart) -> list[Any]:
    return [chart.GetNthPlotSeriesNode(i) for i in range(chart.GetNumberOfPlotSeriesNodes())]


def _newNode(className: str, name: str):
    node = slicer.mrmlScene.AddNewNodeByClass(className, slicer.mrmlScene.GenerateUniqueName(name))
    node.SetSaveWithScene(False)  # the round's folder holds the values
    node.SetUndoEnabled(False)
    return node


def _parts(terms: dict[str, float]) -> dict[str, float]:
    """The loss terms summed by purpose; an unknown term is a part of its own."""
    parts: dict[str, float] = {}
    for name, value in terms.items():
        part = next((part for part, names in PARTS.items() if name in names), name)
        parts[part] = parts.get(part, 0.0) + value
    return parts


def _legend(name: str) -> str:
    """A curve's name in the legend."""
    return {
        "student_plain": _("student"),
        "student_opaque": _("student, opaque"),
        "direct_plain": _("direct"),
        "direct_opaque": _("direct, opaque"),
        "score": _("mean"),
    }.get(name, name.replace("_", " "))


def _column(name: str, values: np.ndarray):
    array = numpy_support.numpy_to_vtk(np.ascontiguousarray(values), deep=True)
    array.SetName(name)
    return array
