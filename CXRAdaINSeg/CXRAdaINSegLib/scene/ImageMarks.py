"""What is drawn over a radiograph besides its masks: clicks, places to check, and shutters."""

from __future__ import annotations

from .ClickMarkers import hideClicks, showClicks
from .LungSegments import lungsOf
from .QualityMarks import hidePlaces, showPlaces
from .ShutterLines import hideShutters, showShutters


def showMarks(volume) -> None:
    """Draw the marks of a volume and its lungs, and only those."""
    segmentation = lungsOf(volume)
    showClicks(segmentation, volume)
    showPlaces(segmentation, volume)
    showShutters(volume)


def hideMarks() -> None:
    """Remove all marks."""
    hideClicks()
    hidePlaces()
    hideShutters()
