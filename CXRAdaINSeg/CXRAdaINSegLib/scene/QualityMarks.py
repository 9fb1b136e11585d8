"""Where to look at a model's mask: a ring in the views for each lung that has such a place.

The places are kept in the segments' tags; the rings follow them, and go once a lung is corrected.
"""

from __future__ import annotations

import numpy as np
from slicer.i18n import tr as _

from .LungSegments import LUNGS, qualityOf
from .Markers import Markers

POINTS = 12  # of a ring
ROOM = 1.25  # times the place, so that the ring does not cover it


def _line(display) -> None:
    display.SetGlyphScale(0.1)  # the line alone, whose thickness is in sizes of a point
    display.SetLineThickness(5.0)


MARKERS = {
    lung: Markers("vtkMRMLMarkupsClosedCurveNode", f"place {lung}", (1.0, 0.9, 0.1), _line) for lung in LUNGS
}


def showPlaces(segmentation, volume) -> None:
    """Show the places to look at of a segmentation's lungs, and no others."""
    quality = qualityOf(segmentation)
    for lung, markers in MARKERS.items():
        box = quality[lung].box if lung in quality else None
        markers.show(volume, ring(box) if box is not None else [], _("Look here"))


def hidePlaces() -> None:
    """Remove the rings."""
    for markers in MARKERS.values():
        markers.hide()


def ring(box) -> list[tuple[float, float]]:
    """Rows and columns of points on an ellipse around a box (first and last row, first and last column)."""
    top, bottom, left, right = box
    angles = np.arange(POINTS) * 2 * np.pi / POINTS
    rows = (top + bottom - 1) / 2 + ROOM * (bottom - top) / 2 * np.sin(angles)
    columns = (left + right - 1) / 2 + ROOM * (right - left) / 2 * np.cos(angles)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
