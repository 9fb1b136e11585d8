"""Text in a slice view: lines in its lower right corner; and beside the view, an R on the patient's right.

The other corners belong to 3D Slicer's own slice annotations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import slicer
import vtk

from .SideMarker import SideMarker

FONT = 14  # pixels
CORNER = (0.99, 0.01)  # fractions of the view's width and height


class ViewText:
    """The text in one slice view. name: the view's name in the layout manager."""

    def __init__(self, name: str):
        self._name = name
        self._marker = SideMarker()
        self._renderer: Any = None  # the view's renderer, once text has been shown
        # Not a vtkCornerAnnotation, which renders each new text in a hundred sizes to find the one asked for.
        self._lines = vtk.vtkTextActor()
        self._lines.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
        self._lines.SetPosition(*CORNER)
        properties = self._lines.GetTextProperty()
        properties.SetFontSize(FONT)
        properties.SetJustificationToRight()
        properties.SetColor(1.0, 1.0, 1.0)
        properties.SetShadow(True)
        properties.SetBackgroundColor(0.0, 0.0, 0.0)  # white is unreadable on bone or inverted lungs
        properties.SetBackgroundOpacity(0.45)

    @property
    def lines(self) -> list[str]:
        """The lines shown in the corner."""
        return (self._lines.GetInput() or "").splitlines()

    @property
    def marker(self) -> str:
        """The marker shown on the patient's right; "" if none."""
        return self._marker.text

    @property
    def side(self) -> str:
        """Where the marker is: left or right."""
        return self._marker.side

    def show(self, lines: Sequence[str], marker: str = "", side: str = "left") -> None:
        """Show lines, and a marker on a side of the view; "" for no marker."""
        widget = _widget(self._name)
        if widget is None:
            return
        self._attach(widget)
        self._lines.SetInput("\n".join(lines))
        self._lines.SetVisibility(bool(lines))
        self._marker.show(widget, marker, side)
        widget.sliceView().scheduleRender()

    def close(self) -> None:
        """Remove the text from the view."""
        self._marker.close()
        if self._renderer is not None:
            self._lines.SetInput("")
            self._renderer.RemoveViewProp(self._lines)
            self._renderer = None
            widget = _widget(self._name)
            if widget is not None:
                widget.sliceView().scheduleRender()

    def _attach(self, widget) -> None:
        renderer = widget.sliceView().interactor().GetRenderWindow().GetRenderers().GetFirstRenderer()
        if renderer is not self._renderer:
            self.close()
            self._renderer = renderer
            renderer.AddViewProp(self._lines)


def _widget(name: str):
    manager = slicer.app.layoutManager()
    return manager.sliceWidget(name) if manager is not None else None
