"""Text in a slice view: lines in its lower right corner, and a framed R on the patient's right.

The other corners belong to 3D Slicer's own slice annotations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import slicer
import vtk

FONT, MARKER = 14, 26  # pixels
PLACES = {"left": (0.02, 0.5), "right": (0.98, 0.5)}  # fractions of the view's width and height


class ViewText:
    """The text in one slice view. name: the view's name in the layout manager."""

    def __init__(self, name: str):
        self._name = name
        self.side = "left"  # where the marker is
        self._renderer: Any = None  # the view's renderer, once text has been shown
        self._lines = vtk.vtkCornerAnnotation()
        self._lines.SetMaximumFontSize(FONT)
        self._lines.SetMinimumFontSize(FONT)
        self._lines.SetNonlinearFontScaleFactor(1)
        self._marker = vtk.vtkTextActor()
        self._marker.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
        self._marker.GetTextProperty().SetFontSize(MARKER)
        self._marker.GetTextProperty().SetBold(True)
        self._marker.GetTextProperty().SetFrame(True)
        self._marker.GetTextProperty().SetFrameWidth(2)
        for properties in (self._lines.GetTextProperty(), self._marker.GetTextProperty()):
            properties.SetColor(1.0, 1.0, 1.0)
            properties.SetShadow(True)
            properties.SetBackgroundColor(0.0, 0.0, 0.0)  # white is unreadable on bone or inverted lungs
            properties.SetBackgroundOpacity(0.45)

    @property
    def lines(self) -> list[str]:
        """The lines shown in the corner."""
        return (self._lines.GetText(vtk.vtkCornerAnnotation.LowerRight) or "").splitlines()

    @property
    def marker(self) -> str:
        """The marker shown on the patient's right; "" if none."""
        return self._marker.GetInput() or "" if self._marker.GetVisibility() else ""

    def show(self, lines: Sequence[str], marker: str = "", side: str = "left") -> None:
        """Show lines, and a marker on a side of the view; "" for no marker."""
        widget = _widget(self._name)
        if widget is None or (not lines and not marker and self._renderer is None):
            return
        self._attach(widget)
        self.side = side
        self._lines.SetText(vtk.vtkCornerAnnotation.LowerRight, "\n".join(lines))
        self._marker.SetInput(marker)
        self._marker.SetVisibility(bool(marker))
        self._marker.SetPosition(*PLACES[side])
        properties = self._marker.GetTextProperty()
        (properties.SetJustificationToRight if side == "right" else properties.SetJustificationToLeft)()
        widget.sliceView().scheduleRender()

    def close(self) -> None:
        """Remove the text from the view."""
        if self._renderer is not None:
            for actor in (self._lines, self._marker):
                self._renderer.RemoveViewProp(actor)
            self._renderer = None
            widget = _widget(self._name)
            if widget is not None:
                widget.sliceView().scheduleRender()

    def _attach(self, widget) -> None:
        renderer = widget.sliceView().interactor().GetRenderWindow().GetRenderers().GetFirstRenderer()
        if renderer is not self._renderer:
            self.close()
            self._renderer = renderer
            for actor in (self._lines, self._marker):
                renderer.AddViewProp(actor)


def _widget(name: str):
    manager = slicer.app.layoutManager()
    return manager.sliceWidget(name) if manager is not None else None
