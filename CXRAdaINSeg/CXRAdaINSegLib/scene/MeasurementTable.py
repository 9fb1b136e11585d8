"""Measurements of the lungs from their masks: as rows for tables and CSV, and as a table node."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import slicer
import vtk
from cxradain.files import table_cell
from cxradain.imaging.lungs import FLAG_TEXT
from cxradain.imaging.measurements import LungSizes, lung_sizes
from cxradain.imaging.quality import LungQuality
from cxradain.imaging.suspicion import Suspicion
from cxradain.imaging.turn import Turn
from slicer.i18n import tr
from slicer.i18n import tr as _

from ..Texts import VERDICTS, numberText
from .CheckTexts import checkText
from .LungSegments import LEFT, RIGHT, labelsOf, placeBeside, presentLungs
from .LungSides import areSidesExchanged
from .VolumeImages import MADE_FROM, radiographOf

COLUMNS = ("measurement", "value", "unit")


@dataclass(frozen=True)
class LungMeasurements:
    """Measurements from one (H, W) mask of both lungs.

    sizes: in pixels of the upright image. lungs: those that have a segment. imagePixels: H * W.
    spacing: mm (row, column) of the upright image; None if the file has none. areExchanged: whether the
    right lung is on the patient's left, according to the file or else to how the image is turned.
    """

    sizes: LungSizes
    lungs: tuple[int, ...]
    imagePixels: int
    spacing: tuple[float, float] | None
    areExchanged: bool = False


def measureLungs(volume, segmentation) -> LungMeasurements | None:
    """Measure the upright masks, with the spacing of the image's file; None if there is no mask."""
    present = presentLungs(segmentation)
    if not present:
        return None
    facts = radiographOf(volume).facts
    labels = facts.turn.apply(labelsOf(segmentation, volume))
    spacing = facts.turn.pair(facts.spacing) if facts.spacing else None
    areExchanged = areSidesExchanged(labels, Turn(), facts.patients_right or "left")
    return LungMeasurements(lung_sizes(labels), present, labels.size, spacing, areExchanged)


def rowsOf(
    measured: LungMeasurements,
    suspicions: Sequence[Suspicion],
    quality: Mapping[int, LungQuality],
    heart: float | None = None,
    view: str = "",
    translated: bool = False,
) -> list[tuple[str, str, str]]:
    """Rows of name, value and unit: in English for files, or translated for the panel.

    suspicions: about the image. quality: of the lungs whose masks are the model's. heart: the manually
    measured width, in pixels of the upright image. view: "PA", "AP" or "".
    """
    _, number = (tr, numberText) if translated else (str, format)
    uncalibrated = _("pixels, uncalibrated")
    squared = "cm²" if translated else "cm2"  # in files only ASCII, as other programs read them

    sizes, spacing = replace(measured.sizes, heart=heart), measured.spacing
    shown = sizes.in_cm(spacing) if spacing else sizes

    def size(value: float, unit: str = "cm") -> tuple[str, str]:
        """One of the shown sizes and its unit."""
        return (number(value, ".1f"), unit) if spacing else (f"{value:.0f}", uncalibrated)

    rows = []
    names = {
        RIGHT: (_("Right lung area"), _("Right lung share of image"), _("Right lung height")),
        LEFT: (_("Left lung area"), _("Left lung share of image"), _("Left lung height")),
    }
    for lung, (areaName, shareName, heightName) in names.items():
        if lung not in measured.lungs:
            rows.append((areaName, _("no mask"), ""))
            continue
        rows.append((areaName, *size(shown.areas[lung], squared)))
        rows.append((shareName, number(100 * sizes.areas[lung] / measured.imagePixels, ".1f"), "%"))
        rows.append((heightName, *size(shown.heights[lung])))
    if sizes.ratio is not None:
        rows.append((_("Right to left ratio"), number(sizes.ratio, ".2f"), ""))
    if shown.width is not None:
        rows.append((_("Inner thoracic width"), *size(shown.width)))
    if shown.heart is not None:
        rows.append((_("Heart width, by hand"), *size(shown.heart)))
    if sizes.cardiothoracic_ratio is not None:
        rows.append((_("Cardiothoracic ratio"), number(sizes.cardiothoracic_ratio, ".2f"), ""))
    for lung, q in quality.items():
        name = _("Right lung quality") if lung == RIGHT else _("Left lung quality")
        verdict = f"{VERDICTS[q.verdict]()} ({number(q.score, '.2f')})"
        rows.append((name, verdict if translated else q.text, ""))
    checks = []
    if measured.areExchanged:
        text = _(
            "The mask called right lung is on the patient's left. Check the names before using the sizes."
        )
        checks.append(text)
    checks += [checkText(each.code) if translated else each.text for each in suspicions]
    flags = [flag for q in quality.values() for flag in q.flags]
    checks += [checkText(flag) if translated else FLAG_TEXT[flag] for flag in flags]
    if heart is not None and view == "AP":
        checks.append(_("AP view: the heart is magnified more than on a PA view, and the ratio larger."))
    return rows + [(_("Check"), text, "") for text in dict.fromkeys(checks)]  # each once


def csvText(name: str, rows) -> str:
    """Rows as CSV with a header line. name: the image's."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("image", *COLUMNS))
    writer.writerows((table_cell(name), *row) for row in rows)
    return text.getvalue()


def tableOf(volume, create: bool = False):
    """A volume's table node; if it has none, a new one with `create`, or None."""
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
    """Replace the table's rows by these, of name, value and unit."""
    with slicer.util.NodeModify(node):
        node.RemoveAllColumns()
        for index, title in enumerate(COLUMNS):
            column = vtk.vtkStringArray()
            column.SetName(title)
            for row in rows:
                column.InsertNextValue(row[index])
            node.AddColumn(column)
        node.Modified()
