"""Measurements as a table node of the scene, one for each radiograph."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from .LungSegments import labelsOf, placeBeside, presentLungs
from .VolumeImages import factsOf

ROLE = "CXRAdaINSeg.Volume"  # node reference from a table to its volume
COLUMNS = ("measurement", "value", "unit")


def measureLungs(volume, segmentation) -> LungMeasurements | None:
    """Measure the masks as they are, by the spacing of the image's file; None where there is none."""
    present = presentLungs(segmentation)
    if not present:
        return None
    return measure(labelsOf(segmentation, volume), present, factsOf(volume).spacing)


def tableOf(volume, create: bool = False):
    """The table node of a volume; where there is none a new one, or None."""
    for node in slicer.util.getNodesByClass("vtkMRMLTableNode"):
        if node.GetNodeReference(ROLE) is volume:
            return node
    if not create:
        return None
    name = slicer.mrmlScene.GenerateUniqueName(f"{volume.GetName()} {_('lung measurements')}")
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    node.SetNodeReferenceID(ROLE, volume.GetID())
    placeBeside(node, volume)
    return node


def fillTable(node, found: LungMeasurements, flags=()) -> None:
    """Make the table's rows those of the measurements."""
    rows = rowsOf(found, flags)
    with slicer.util.NodeModify(node):
        node.RemoveAllColumns()
        for index, title in enumerate(COLUMNS):
            column = vtk.vtkStringArray()
            column.SetName(title)
            for row in rows:
                column.InsertNextValue(row[index])
            node.AddColumn(column)
        node.Modified()


RIGHT, LEFT = 1, 2


@dataclass(frozen=True)
class LungMeasurements:
    """Of one (H, W) mask of both lungs.

    pixels: of the right and the left lung; None for a lung without a segment.
    share: of the image, 0..1, each.
    area: cm2, each; None where the image is not calibrated.
    ratio: right over left area; None where one is missing or empty.
    width: the longest distance in one row from one lung's outer edge to the other's, in pixels; or None.
    widthInMm: the same in mm; None where the image is not calibrated.
    """

    pixels: tuple[int | None, int | None]
    share: tuple[float | None, float | None]
    area: tuple[float | None, float | None]
    ratio: float | None
    width: int | None
    widthInMm: float | None
    calibrated: bool


def measure(labels: np.ndarray, present, spacing: tuple[float, float] | None) -> LungMeasurements:
    """Measure (H, W) labels of 0, 1 (right) and 2 (left).

    present: lungs that have a segment. spacing: mm (row, column), None where nobody measured.
    """
    counts = np.bincount(labels.ravel(), minlength=3)
    pixels: Any = tuple(int(counts[lung]) if lung in present else None for lung in (RIGHT, LEFT))
    pixelArea = spacing[0] * spacing[1] / 100 if spacing else None
    share: Any = tuple(None if n is None else n / labels.size for n in pixels)
    area: Any = tuple(None if n is None or pixelArea is None else n * pixelArea for n in pixels)
    width = thoracicWidth(labels)
    return LungMeasurements(
        pixels=pixels,
        share=share,
        area=area,
        ratio=pixels[0] / pixels[1] if all(pixels) else None,
        width=width,
        widthInMm=width * spacing[1] if width and spacing else None,
        calibrated=spacing is not None,
    )


def thoracicWidth(labels: np.ndarray) -> int | None:
    """Pixels between the lungs' outer edges in the row where these are farthest apart; None without both."""
    both = (labels == RIGHT).any(axis=1) & (labels == LEFT).any(axis=1)
    if not both.any():
        return None
    inside = labels[both] > 0
    first = inside.argmax(axis=1)
    last = inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    return int((last - first + 1).max())


def rowsOf(found: LungMeasurements, flags=()) -> list[tuple[str, str, str]]:
    """Rows of name, value and unit for tables and CSV, in plain English as data files have it."""
    rows = []
    for index, side in enumerate(("Right", "Left")):
        if found.pixels[index] is None:
            rows.append((f"{side} lung area", "no mask", ""))
        elif found.calibrated:
            rows.append((f"{side} lung area", f"{found.area[index]:.1f}", "cm2"))
        else:
            rows.append((f"{side} lung area", str(found.pixels[index]), "pixels, uncalibrated"))
        if found.share[index] is not None:
            rows.append((f"{side} lung share of image", f"{100 * found.share[index]:.1f}", "%"))
    if found.ratio is not None:
        rows.append(("Right to left ratio", f"{found.ratio:.2f}", ""))
    if found.widthInMm is not None:
        rows.append(("Thoracic width", f"{found.widthInMm / 10:.1f}", "cm"))
    elif found.width is not None:
        rows.append(("Thoracic width", str(found.width), "pixels, uncalibrated"))
    rows += [("Check", text, "") for text in flags]
    return rows


def csvText(name: str, rows) -> str:
    """Rows as CSV with a header line; `name` says of which image."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("image", "measurement", "value", "unit"))
    writer.writerows((name, *row) for row in rows)
    return text.getvalue()
