"""qSlicerLayoutManager: the Red view, a layout's other slice views beside it, and plot views below."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore

from ..view.plot_area import PlotArea, view_tags
from ..view.plot_view import qMRMLPlotWidget
from ..view.slice_widget import qMRMLSliceWidget


class qSlicerLayoutManager(QtCore.QObject):
    """Always shows Red, and a layout's other slice and plot views; views of other kinds are not shown."""

    layoutChanged = QtCore.Signal(int)

    def __init__(self, application: Any) -> None:
        super().__init__()
        self._application = application
        scene, logic = application.mrmlScene(), application.applicationLogic()
        self._scene, self._logic = scene, logic
        self._widgets: dict[str, qMRMLSliceWidget] = {}
        self._area = PlotArea(scene)
        self._show_slices(["Red"])
        self._node = scene.GetSingletonNode("vtkMRMLLayoutNode", "vtkMRMLLayoutNode")
        self._arranged: int | None = None
        self._node.AddObserver("ModifiedEvent", lambda *_: self._arrange())
        self.setLayout(self._node.SlicerLayoutOneUpRedSliceView)
        application.pausedChanged.connect(self._onPausedChanged)

    threeDViewCount = QtCore.Property(int, lambda self: 0)
    tableViewCount = QtCore.Property(int, lambda self: 0)
    plotViewCount = QtCore.Property(int, lambda self: len(self._area.shown))

    def setLayout(self, layout: int) -> None:
        if layout != self._node.GetViewArrangement():
            if not self._node.IsLayoutDescription(layout):
                self._node.AddLayoutDescription(layout, "<layout/>")  # the views stay as they are
            self._node.SetViewArrangement(layout)

    def _arrange(self) -> None:
        layout = self._node.GetViewArrangement()
        if layout != self._arranged:
            self._arranged = layout
            description = self._node.GetLayoutDescription(layout)
            self._show_slices(["Red", *view_tags(description, "vtkMRMLSliceNode")])
            self._area.arrange(description)
            self.layoutChanged.emit(layout)

    def _show_slices(self, names: list[str]) -> None:
        for name in names:
            if name not in self._widgets:
                widget = self._widgets[name] = qMRMLSliceWidget(self._scene, self._logic, name)
                widget.sliceView().paused = self._application.isRenderPaused
                self._area.slices.addWidget(widget)
        for name, widget in self._widgets.items():
            widget.mrmlSliceNode().SetMappedInLayout(name in names)
            widget.setVisible(name in names)
        shown = [int(name in names) for name in self._widgets]
        self._area.slices.setSizes([1000 * each for each in shown])

    layout = QtCore.Property(int, lambda self: self._node.GetViewArrangement(), setLayout)

    def sliceViewNames(self) -> list[str]:
        return list(self._widgets)

    def sliceWidget(self, name: str) -> qMRMLSliceWidget | None:
        return self._widgets.get(name)

    def plotWidget(self, index: int) -> qMRMLPlotWidget | None:
        return self._area.shown[index] if 0 <= index < len(self._area.shown) else None

    def viewport(self) -> Any:
        """The widget that holds all views."""
        return self._area

    def mrmlSliceLogics(self) -> Any:
        return self._application.applicationLogic().GetSliceLogics()

    def resetSliceViews(self) -> None:
        for widget in self._widgets.values():
            widget.fitSliceToBackground()

    def resetThreeDViews(self) -> None:
        """Does nothing: there are no 3-D views."""

    def close_views(self) -> None:
        """Release the views' graphics resources."""
        for widget in self._widgets.values():
            widget.rendering.close()
        self._area.close_views()

    def _onPausedChanged(self, paused: bool) -> None:
        if not paused:
            for widget in self._widgets.values():
                widget.sliceView().update()
