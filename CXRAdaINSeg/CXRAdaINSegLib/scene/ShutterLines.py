"""Where a radiograph was exposed, by the shutters and collimators that its file declares: a line around it.

The pixels outside stay to be seen, which may hold a marker or a letter; the model sees them black. 3D Slicer
itself shows nothing of shutters.
"""

from __future__ import annotations

from cxradain.imaging.image_facts import MOST_OUTLINES
from slicer.i18n import tr as _

from .Markers import Markers
from .VolumeImages import factsOf


def _straight(display) -> None:
    display.GetDisplayableNode().SetCurveTypeToLinear()
    display.SetGlyphScale(0.1)  # the line alone, whose thickness is in sizes of a point
    display.SetLineThickness(5.0)
    display.SetOpacity(0.8)


MARKERS = [
    Markers("vtkMRMLMarkupsClosedCurveNode", f"shutter {number}", (0.4, 0.55, 1.0), _straight)
    for number in range(MOST_OUTLINES)
]


def showShutters(volume) -> None:
    """Draw the outlines of a volume's shutters, and no others."""
    outlines = dict(enumerate(factsOf(volume).shutter))
    for number, markers in enumerate(MARKERS):
        markers.show(volume, outlines.get(number, ()), _("Shutter"))


def hideShutters() -> None:
    """Draw none."""
    for markers in MARKERS:
        markers.hide()
