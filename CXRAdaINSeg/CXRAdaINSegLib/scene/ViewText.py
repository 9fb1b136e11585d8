"""Text in a slice view: lines in its lower right corner, broken to its width; and beside the view, an R on
the patient's right.

The other corners belong to 3D Slicer's own slice annotations.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

import slicer
import vtk
from slicer.util import VTKObservationMixin

from .SideMarker import SideMarker

FONT = 14  # points of 1/72 inch: 3D Slicer tells VTK a resolution of 72 dpi times the screen's scale
CORNER = (0.98, 0.01)  # fractions of the view's width and height
WIDEST = 0.96  # of the view: no line is wider
READABLE = 28  # font sizes, about 56 letters: in a wider view, lines are broken at this width


class ViewText(VTKObservationMixin):
    """The text in one slice view. name: the view's name in the layout manager."""

    def __init__(self, name: str):
        VTKObservationMixin.__init__(self)
        self._name = name
        self._marker = SideMarker()
        self._given: tuple[str, ...] = ()  # the lines before they are broken
        self._broken: Any = None  # those lines and the view's width and resolution that they were broken for
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
        """The lines shown in the corner, as they are broken."""
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
        self._given = tuple(lines)
        self._breakLines()
        self._lines.SetVisibility(bool(lines))
        self._marker.show(widget, marker, side)
        widget.sliceView().scheduleRender()

    def close(self) -> None:
        """Remove the text from the view."""
        self._marker.close()
        if self._renderer is not None:
            self.removeObservers()
            self._given, self._broken = (), None
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
            # Before each frame: the view may have another size, or be on another screen.
            self.addObserver(renderer, vtk.vtkCommand.StartEvent, self._breakLines)

    def _breakLines(self, *_event) -> None:
        """Break the lines to the view's present width."""
        wanted = self._given, self._renderer.GetSize()[0], self._renderer.GetRenderWindow().GetDPI()
        if wanted == self._broken:
            return
        self._broken = wanted
        lines, width, dpi = wanted

        def within(widest: float) -> Callable[[str], bool]:
            return lambda text: self._width(text, dpi) <= widest

        wordFits = within(WIDEST * width)
        fits = within(min(WIDEST * width, READABLE * FONT * dpi / 72))
        self._lines.SetInput("\n".join(part for line in lines for part in _parts(line, fits, wordFits)))

    def _width(self, text: str, dpi: int) -> int:
        """The width of a text in the view, in pixels."""
        box = [0, 0, 0, 0]
        vtk.vtkTextRenderer.GetInstance().GetBoundingBox(self._lines.GetTextProperty(), text, box, dpi)
        return box[1] - box[0] + 1


def _widget(name: str):
    manager = slicer.app.layoutManager()
    return manager.sliceWidget(name) if manager is not None else None


def _parts(line: str, fits: Callable[[str], bool], wordFits: Callable[[str], bool]) -> list[str]:
    """A line broken at its spaces into parts that fit; words that do not are shortened."""
    if fits(line):
        return [line]
    parts: list[str] = []
    for word in line.split():
        longer = f"{parts[-1]} {word}" if parts else ""
        if parts and fits(longer):
            parts[-1] = longer
        else:
            parts.append(_shortened(word, wordFits))
    return parts


def _shortened(word: str, fits: Callable[[str], bool]) -> str:
    """A word, such as a file's name, that may lack its middle, so that its beginning and end can be read."""
    if fits(word):
        return word

    def without(count: int) -> str:
        left = len(word) - count
        return f"{word[: left - left // 2]}…{word[len(word) - left // 2 :]}"

    return without(1 + bisect_left(range(1, len(word)), True, key=lambda count: fits(without(count))))
