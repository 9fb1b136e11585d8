"""The lungs measured by their masks, in words for tables and CSV, and kept as a table node of the scene."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from cxradain.files import table_cell
from cxradain.imaging.lungs import FLAG_TEXT
from cxradain.imaging.measurements import lung_sizes
from cxradain.imaging.quality import LungQuality
from cxradain.imaging.suspicion import Suspicion
from slicer.i18n import tr as _

from .LungSegments import LEFT, LUNGS, RIGHT, labelsOf, placeBeside, presentLungs
from .VolumeImages import MADE_FROM, radiographOf

COLUMNS = ("measurement", "value", "unit")


@dataclass(frozen=True)
class LungMeasurements:
    """Of one (H, W) mask of both lungs.

    pixels: of the right and the left lung; None for a lung without a segment.
    imagePixels: H times W.
    width: the longest distance in one row from one lung's outer edge to the other's, in pixels; or None.
    spacing: mm (row, column) of the upright image; None where the file has none.
    """

    pixels: tuple[int | None, ...]
    imagePixels: int
    width: int | None
    spacing: tuple[float, float] | None


def measureLungs(volume, segmentation) -> LungMeasurements | None:
    """Measure the masks, upright, by the spacing of the image's file; None where there is no mask."""
    present = presentLungs(segmentation)
    if not present:
        return None
    facts = radiographOf(volume).facts
    labels = facts.turn.apply(labelsOf(segmentation, volume))
    spacing = facts.turn.pair(facts.spacing) if facts.spacing else None
    counts = np.bincount(labels.ravel(), minlength=3)
    pixels = tuple(int(counts[lung]) if lung in present else None for lung in LUNGS)
    return LungMeasurements(pixels, labels.size, lung_sizes(labels).width, spacing)


def rowsOf(
    measured: LungMeasurements,
    suspicions: Sequence[Suspicion],
    quality: Mapping[int, LungQuality],
    heart: float | None = None,
    view: str = "",
) -> list[tuple[str, str, str]]:
    """Rows of name, value and unit for tables and CSV, in plain English as data files have it.

    suspicions, quality: of the image, and of the lungs whose masks are the model's. heart: its width by hand,
    in pixels of the upright image. view: "PA", "AP" or "".
    """
    rows = []
    spacing, uncalibrated = measured.spacing, "pixels, uncalibrated"
    for side, count in zip(("Right", "Left"), measured.pixels, strict=True):
        if count is None:
            rows.append((f"{side} lung area", "no mask", ""))
            continue
        area = f"{count * (spacing[0] * spacing[1] / 100):.1f}" if spacing else str(count)
        rows.append((f"{side} lung area", area, "cm2" if spacing else uncalibrated))
        rows.append((f"{side} lung share of image", f"{100 * count / measured.imagePixels:.1f}", "%"))
    right, left = measured.pixels
    if right and left:
        rows.append(("Right to left ratio", f"{right / left:.2f}", ""))
    if measured.width is not None:
        rows.append(("Inner thoracic width", *_length(measured.width, spacing)))
    if heart is not None:
        rows.append(("Heart width, by hand", *_length(heart, spacing)))
    if heart is not None and measured.width:
        rows.append(("Cardiothoracic ratio", f"{heart / measured.width:.2f}", ""))
    sides = {RIGHT: "Right", LEFT: "Left"}
    rows += [(f"{sides[lung]} lung quality", q.text, "") for lung, q in quality.items()]
    checks = [each.text for each in suspicions]
    checks += [FLAG_TEXT[flag] for q in quality.values() for flag in q.flags]
    if heart is not None and view == "AP":
        checks.append("AP view: the heart is magnified more than on a PA view, and the ratio larger.")
    return rows + [("Check", text, "") for text in dict.fromkeys(checks)]  # each once


def _length(pixels: float, spacing: tuple[float, float] | None) -> tuple[str, str]:
    """A length across the upright image and its unit."""
    return (f"{pixels * spacing[1] / 10:.1f}", "cm") if spacing else (f"{pixels:.0f}", "pixels, uncalibrated")


def csvText(name: str, rows) -> str:
    """Rows as CSV with a header line; `name` says of which image."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("image", *COLUMNS))
    writer.writerows((table_cell(name), *row) for row in rows)
    return text.getvalue()


def tableOf(volume, create: bool = False):
    """The table node of a volume; where there is none a new one, or None."""
    for node in slicer.util.getNodesByClass("vtkMRMLTableNode"):
        if node.GetNodeReference(MADE_FROM) is volume:
            return node
    if not create:
        return None
    name = slicer.mrmlScene.GenerateUniqueName(f"{volume.GetName()} {_('lung measurements')}")
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    node.SetNodeReferenceID(MADE_FROM, volume.GetID())
    placeBeside(node, volume)
    return node


def fillTableNode(node, rows) -> None:
    """Make the table's rows these, of name, value and unit."""
    with slicer.util.NodeModify(node):
        node.RemoveAllColumns()
        for index, title in enumerate(COLUMNS):
            column = vtk.vtkStringArray()
            column.SetName(title)
            for row in rows:
                column.InsertNextValue(row[index])
            node.AddColumn(column)
        node.Modified()
