"""Rings in the views around the places of a model's masks that should be checked, one per lung.

The places are stored in the segments' tags; a ring disappears once its lung is corrected.
"""

from __future__ import annotations

import numpy as np
from slicer.i18n import tr as _

from .LungSegments import LUNGS
from .Markers import Markers
from .MaskProvenance import qualityOf

POINTS = 12  # control points of a ring
ROOM = 1.25  # the ring's size relative to the place, so that it does not cover it


def _line(display) -> None:
    display.SetGlyphScale(0.1)  # hides the points; the line's thickness is relative to this
    display.SetLineThickness(5.0)


MARKERS = {
    lung: Markers("vtkMRMLMarkupsClosedCurveNode", f"place {lung}", (1.0, 0.9, 0.1), _line) for lung in LUNGS
}


def showPlaces(segmentation, volume) -> None:
    """Show the rings of a segmentation's lungs, and only those."""
    quality = qualityOf(segmentation)
    for lung, markers in MARKERS.items():
        box = quality[lung].box if lung in quality else None
        markers.show(volume, ring(box) if box is not None else [], _("Look here"))


def hidePlaces() -> None:
    """Remove the rings."""
    for markers in MARKERS.values():
        markers.hide()


def ring(box) -> list[tuple[float, float]]:
    """Rows and columns of points on an ellipse around a box (top, bottom, left, right)."""
    top, bottom, left, right = box
    angles = np.arange(POINTS) * 2 * np.pi / POINTS
    rows = (top + bottom - 1) / 2 + ROOM * (bottom - top) / 2 * np.sin(angles)
    columns = (left + right - 1) / 2 + ROOM * (right - left) / 2 * np.cos(angles)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
