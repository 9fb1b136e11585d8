"""All that is drawn over a radiograph beside its masks: clicks, places to look at, and shutters."""

from __future__ import annotations

from .ClickMarkers import hideClicks, showClicks
from .LungSegments import lungsOf
from .QualityMarks import hidePlaces, showPlaces
from .ShutterLines import hideShutters, showShutters


def showMarks(volume) -> None:
    """Draw what is known of a volume and its lungs, and of no other."""
    segmentation = lungsOf(volume)
    showClicks(segmentation, volume)
    showPlaces(segmentation, volume)
    showShutters(volume)


def hideMarks() -> None:
    """Draw none."""
    hideClicks()
    hidePlaces()
    hideShutters()
