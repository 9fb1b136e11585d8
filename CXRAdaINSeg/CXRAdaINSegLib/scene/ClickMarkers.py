"""The clicks that refined a mask: stored in a tag of its segment, and shown in the views as markups points.

Undo and saved scenes restore segments with their tags; the two markups nodes are derived from the tags.
"""

from __future__ import annotations

from cxradain.models.clicks import Action, Click
from slicer.i18n import tr as _

from .LungSegments import presentLungs, segmentOf
from .Markers import Markers
from .MaskProvenance import CLICKS, tagOf

MOST = 200  # the newest clicks of a lung are kept; every undo state holds the tag
SIGNS: dict[str, Action] = {"+": "add", "-": "remove"}


def _cross(display) -> None:
    display.SetGlyphType(display.ThickCross2D)
    display.SetGlyphScale(3.0)


MARKERS: dict[Action, Markers] = {
    "add": Markers("vtkMRMLMarkupsFiducialNode", "added", (0.2, 1.0, 0.3), _cross),
    "remove": Markers("vtkMRMLMarkupsFiducialNode", "removed", (1.0, 0.25, 0.25), _cross),
}


def clicksOf(segmentation) -> list[Click]:
    """The clicks on both lungs; each lung's oldest first."""
    return [
        click for lung in presentLungs(segmentation) for click in _read(segmentOf(segmentation, lung), lung)
    ]


def addClick(segmentation, click: Click) -> None:
    """Record a click on its lung, which must have a segment."""
    segment = segmentOf(segmentation, click.lung)
    signs = {action: sign for sign, action in SIGNS.items()}
    kept = [*_read(segment, click.lung), click][-MOST:]
    segment.SetTag(CLICKS, ";".join(f"{c.row:.1f},{c.column:.1f},{signs[c.action]}" for c in kept))


def _read(segment, lung: int) -> list[Click]:
    clicks = []
    for entry in filter(None, tagOf(segment, CLICKS).split(";")):
        row, column, sign = entry.split(",")
        clicks.append(Click(float(row), float(column), SIGNS[sign], lung))
    return clicks


def showClicks(segmentation, volume) -> None:
    """Show the clicks on a segmentation's lungs, and only those."""
    clicks = clicksOf(segmentation) if segmentation is not None else []
    names = {"add": _("Clicks that added"), "remove": _("Clicks that removed")}
    for action, markers in MARKERS.items():
        markers.show(volume, [(c.row, c.column) for c in clicks if c.action == action], names[action])


def hideClicks() -> None:
    """Remove the markers."""
    for markers in MARKERS.values():
        markers.hide()
