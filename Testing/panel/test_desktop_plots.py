"""The desktop's plot views: they show what Slicer's plot nodes say, where a layout has them."""

from __future__ import annotations

import numpy as np
import pytest

LAYOUT = 9001
XML = (
    '<layout type="vertical"><item><view class="vtkMRMLSliceNode" singletontag="Red"/></item>'
    '<item><view class="vtkMRMLPlotViewNode" singletontag="PlotView1"/></item></layout>'
)


@pytest.fixture
def plot(window):
    """The widget of a layout with one plot view, and its (empty) chart node."""
    import slicer

    manager = slicer.app.layoutManager()
    node = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    if not node.IsLayoutDescription(LAYOUT):
        node.AddLayoutDescription(LAYOUT, XML)
    manager.setLayout(LAYOUT)
    chart = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotChartNode", "Chart")
    chart.SetLegendVisibility(False)
    widget = manager.plotWidget(0)
    widget.mrmlPlotViewNode().SetPlotChartNodeID(chart.GetID())
    window.process()
    yield widget, chart
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    window.process()


def add_series(chart, x, y, color):
    import slicer

    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    slicer.util.updateTableFromArray(table, [np.asarray(x, float), np.asarray(y, float)], ["x", "y"])
    series = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", "Series")
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("x")
    series.SetYColumnName("y")
    series.SetPlotType(series.PlotTypeScatter)
    series.SetLineStyle(series.LineStyleSolid)
    series.SetMarkerStyle(series.MarkerStyleNone)
    series.SetLineWidth(4)
    series.SetColor(*color)
    chart.AddAndObservePlotSeriesNodeID(series.GetID())
    return table, series


def shown(widget) -> np.ndarray:
    """(height, width, 3) int: what the widget shows."""
    from embedded_slicer.view.rendered_widget import widget_pixels

    return widget_pixels(widget.plotView()).astype(int)


def reddish(pixels: np.ndarray) -> np.ndarray:
    return (pixels[..., 0] - pixels[..., 1] > 120) & (pixels[..., 0] - pixels[..., 2] > 120)


def test_a_layout_shows_its_plots_below_the_slice_and_another_hides_them(window, plot):
    import slicer

    widget, _chart = plot
    manager = slicer.app.layoutManager()
    assert manager.plotViewCount == 1 and widget.isVisible()
    red = manager.sliceWidget("Red")
    assert (
        red.isVisible()
        and red.mapToGlobal(red.rect.bottomLeft()).y() < widget.mapToGlobal(widget.rect.topLeft()).y()
    )
    manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    window.process()
    assert manager.plotViewCount == 0 and not widget.isVisible() and red.isVisible()


def test_a_falling_line_falls_and_one_that_rises_rises(window, plot):
    widget, chart = plot
    table, _series = add_series(chart, range(20), np.linspace(1, 0, 20), (1, 0, 0))
    rows, columns = np.nonzero(reddish(shown(widget)))
    assert len(rows) > 200 and np.corrcoef(rows, columns)[0, 1] > 0.9
    import slicer

    slicer.util.updateTableFromArray(table, [np.arange(20.0), np.linspace(0, 1, 20)], ["x", "y"])
    window.process()
    rows, columns = np.nonzero(reddish(shown(widget)))
    assert len(rows) > 200 and np.corrcoef(rows, columns)[0, 1] < -0.9


def test_a_chart_that_was_asked_for_is_still_drawn_anew(window, plot):
    widget, chart = plot
    assert not reddish(shown(widget)).any()
    add_series(chart, range(5), range(5), (1, 0, 0))
    assert widget.plotView().chart().GetNumberOfPlots() == 1
    assert reddish(shown(widget)).any()


def test_values_that_are_missing_leave_a_gap_and_the_rest_in_sight(window, plot):
    widget, chart = plot
    y = np.full(31, 0.5)
    y[10:21] = np.nan
    add_series(chart, range(31), y, (1, 0, 0))
    columns = np.unique(np.nonzero(reddish(shown(widget)))[1])
    gaps = np.diff(columns)
    assert gaps.max() > 0.2 * (columns[-1] - columns[0]), "a gap of a third"
    assert np.count_nonzero(gaps > 3) == 1


def test_a_chart_that_goes_empties_the_view(window, plot):
    import slicer

    widget, chart = plot
    add_series(chart, range(5), range(5), (1, 0, 0))
    assert reddish(shown(widget)).any()
    slicer.mrmlScene.RemoveNode(chart)
    window.process()
    assert not reddish(shown(widget)).any()
    assert widget.plotView().chart().GetNumberOfPlots() == 0
