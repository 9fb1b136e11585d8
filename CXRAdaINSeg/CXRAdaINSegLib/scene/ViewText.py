"""Text over a slice view: lines in its lower right corner, and a framed R on the patient's right.

The other corners are those of 3D Slicer's own slice annotations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import slicer
import vtk

FONT, MARKER = 14, 26  # pixels
CORNER = (0.99, 0.01)  # of the view's width and height
PLACES = {"left": (0.02, 0.5), "right": (0.98, 0.5)}


class ViewText:
    """The text of one slice view, which is named as in the layout manager."""

    def __init__(self, name: str):
        self._name = name
        self.side = "left"  # of the marker
        self._renderer: Any = None  # that has the actors, once there is text
        # No vtkCornerAnnotation: it sets a new text in a hundred sizes, to choose the one that was asked for.
        self._lines, self._marker = vtk.vtkTextActor(), vtk.vtkTextActor()
        self._lines.GetTextProperty().SetFontSize(FONT)
        self._lines.GetTextProperty().SetJustificationToRight()
        self._marker.GetTextProperty().SetFontSize(MARKER)
        self._marker.GetTextProperty().SetBold(True)
        self._marker.GetTextProperty().SetFrame(True)
        self._marker.GetTextProperty().SetFrameWidth(2)
        for actor in (self._lines, self._marker):
            actor.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
            properties = actor.GetTextProperty()
            properties.SetColor(1.0, 1.0, 1.0)
            properties.SetShadow(True)
            properties.SetBackgroundColor(0.0, 0.0, 0.0)  # white is not seen on bone, nor on inverted lungs
            properties.SetBackgroundOpacity(0.45)
        self._lines.SetPosition(*CORNER)

    @property
    def lines(self) -> list[str]:
        """What is shown in the corner."""
        return (self._lines.GetInput() or "").splitlines()

    @property
    def marker(self) -> str:
        """What is shown on the patient's right; "" where nothing is."""
        return self._marker.GetInput() or "" if self._marker.GetVisibility() else ""

    def show(self, lines: Sequence[str], marker: str = "", side: str = "left") -> None:
        """Show these lines and this marker on a side of the view; "" is none."""
        widget = _widget(self._name)
        if widget is None or (not lines and not marker and self._renderer is None):
            return
        self._attach(widget)
        self.side = side
        self._lines.SetInput("\n".join(lines))
        self._lines.SetVisibility(bool(lines))
        self._marker.SetInput(marker)
        self._marker.SetVisibility(bool(marker))
        self._marker.SetPosition(*PLACES[side])
        properties = self._marker.GetTextProperty()
        (properties.SetJustificationToRight if side == "right" else properties.SetJustificationToLeft)()
        widget.sliceView().scheduleRender()

    def close(self) -> None:
        """Leave the view as it was."""
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
