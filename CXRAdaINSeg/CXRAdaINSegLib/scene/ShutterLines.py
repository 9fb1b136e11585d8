"""Outlines of the exposed area, as the shutters and collimators in a radiograph's file declare it.

The pixels outside stay visible, because they may hold a side marker; for the model they are black. 3D Slicer
itself does not show shutters.
"""

from __future__ import annotations

from cxradain.imaging.exposed import usable_outlines
from cxradain.imaging.image_facts import MOST_OUTLINES
from slicer.i18n import tr as _

from .Markers import Markers
from .VolumeImages import factsOf, shapeOf


def _straight(display) -> None:
    display.GetDisplayableNode().SetCurveTypeToLinear()
    display.SetGlyphScale(0.1)  # hides the points; the line's thickness is relative to this
    display.SetLineThickness(5.0)
    display.SetOpacity(0.8)


MARKERS = [
    Markers("vtkMRMLMarkupsClosedCurveNode", f"shutter {number}", (0.4, 0.55, 1.0), _straight)
    for number in range(MOST_OUTLINES)
]


def showShutters(volume) -> None:
    """Draw the outlines of a volume's shutters, and only those."""
    outlines = dict(enumerate(usable_outlines(factsOf(volume).shutter, shapeOf(volume))))
    for number, markers in enumerate(MARKERS):
        markers.show(volume, outlines.get(number, ()), _("Shutter"))


def hideShutters() -> None:
    """Remove the outlines."""
    for markers in MARKERS:
        markers.hide()
