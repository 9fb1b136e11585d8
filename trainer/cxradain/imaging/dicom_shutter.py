"""The exposed area according to a DICOM header: shutters and collimators, as outlines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .dicom_attributes import as_float, number_of, values_of
from .image_facts import Outline

if TYPE_CHECKING:
    from pydicom import Dataset

CORNERS = 64  # of the polygon that approximates a circle
MOST = 1024  # of a polygon


def outlines(dataset: Dataset) -> tuple[Outline, ...]:
    """The outlines of the Display Shutter (PS3.3 C.7.6.11) and of the X-Ray Collimator (C.8.7.3), with rows
    and columns counted from 0, without degenerate ones."""
    found = []
    for device in ("Shutter", "Collimator"):
        shapes = {str(value).strip(" \0").upper() for value in values_of(dataset, f"{device}Shape")}
        if "RECTANGULAR" in shapes:
            found.append(_rectangle(dataset, device))
        if "CIRCULAR" in shapes:
            found.append(_circle(dataset, device))
        if "POLYGONAL" in shapes:
            found.append(_polygon(dataset, device))
    return tuple(outline for outline in found if len(outline) >= 3)


def _rectangle(dataset: Dataset, device: str) -> Outline:
    names = ("UpperHorizontal", "LowerHorizontal", "LeftVertical", "RightVertical")
    edges = [number_of(dataset, f"{device}{name}Edge", math.nan) for name in names]
    if not all(map(math.isfinite, edges)):
        return ()
    # The pixels of the edges belong to the image.
    top, bottom, left, right = (edge - 1 + side for edge, side in zip(edges, (-0.5, 0.5) * 2, strict=True))
    if bottom - top < 2 or right - left < 2:
        return ()
    return ((top, left), (top, right), (bottom, right), (bottom, left))


def _circle(dataset: Dataset, device: str) -> Outline:
    center = [as_float(value) for value in values_of(dataset, f"CenterOfCircular{device}")]
    radius = number_of(dataset, f"RadiusOfCircular{device}", 0)
    if len(center) != 2 or not all(map(math.isfinite, center)) or radius < 1:
        return ()
    angles = (2 * math.pi * corner / CORNERS for corner in range(CORNERS))
    row, column = center[0] - 1, center[1] - 1
    return tuple((row + radius * math.sin(angle), column + radius * math.cos(angle)) for angle in angles)


def _polygon(dataset: Dataset, device: str) -> Outline:
    numbers = [as_float(value) for value in values_of(dataset, f"VerticesOfThePolygonal{device}")]
    if len(numbers) % 2 or len(numbers) > 2 * MOST or not all(map(math.isfinite, numbers)):
        return ()
    return tuple((row - 1, column - 1) for row, column in zip(numbers[::2], numbers[1::2], strict=True))
