"""The demonstration: loads a radiograph and segments it with the module's own button."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import slicer

from .desktop import Desktop


def load(desktop: Desktop, image: Path, module: str = "CXRAdaINSeg") -> Any:
    """Load an image and choose it in the module's panel; returns its volume. Raises RuntimeError."""
    volume = slicer.util.loadVolume(str(image), {"singleFile": True})
    desktop.process()
    _in_panel(module, "RadiographSelector").setCurrentNode(volume)
    desktop.process()
    return volume


def segment(desktop: Desktop, module: str = "CXRAdaINSeg") -> None:
    """Click the module's Segment button; returns before the masks are made."""
    _in_panel(module, "SegmentButton").click()
    desktop.process()


def wait_for_masks(desktop: Desktop, seconds: float = 180.0) -> bool:
    """Process events until there are masks that are not empty; returns whether there are."""
    found = desktop.process(seconds, until=has_masks)
    end = time.monotonic() + 0.5  # for the module's messages after the masks
    desktop.process(0.5, until=lambda: time.monotonic() > end)
    return found


def has_masks() -> bool:
    """Whether the scene has a segment that is not empty."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        segmentation = node.GetSegmentation()
        for index in range(segmentation.GetNumberOfSegments()):
            labels = segmentation.GetNthSegment(index).GetRepresentation("Binary labelmap")
            if labels is not None and not labels.IsEmpty():
                return True
    return False


def message(module: str = "CXRAdaINSeg") -> str:
    """The message in the module's panel."""
    return _in_panel(module, "SegmentMessage").text


def _in_panel(module: str, name: str) -> Any:
    return slicer.util.findChild(slicer.util.getModule(module).widgetRepresentation(), name)
