"""Measurements as a table node of the scene, one for each radiograph."""

from __future__ import annotations

import slicer
import vtk
from slicer.i18n import tr as _

from ..Measurements import LungMeasurements, measure, rowsOf
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
