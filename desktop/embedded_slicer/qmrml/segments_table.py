"""qMRMLSegmentsTableView: a table of segments with visibility, color, name and status."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from .widget import qMRMLWidget

VISIBLE, COLOR, NAME, STATUS = range(4)
HEADERS = ("Shown", "Color", "Name", "Status")
STATUSES = ("Not started", "In progress", "Completed", "Flagged")
EVENTS = ("SegmentAdded", "SegmentRemoved", "SegmentModified", "SegmentsOrderModified")


class qMRMLSegmentsTableView(qMRMLWidget):
    """Shows the segments of a segmentation node; editing the table changes the node."""

    selectionChanged = QtCore.Signal(object, object)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self._observed: list[tuple[Any, int]] = []
        self._ids: list[str] = []
        self._filling = False
        self._filled: tuple | None = None  # the contents shown
        self._table = QtWidgets.QTableWidget(0, len(HEADERS))
        self._table.setHorizontalHeaderLabels(HEADERS)
        self._table.verticalHeader().hide()
        self._table.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectRows)
        self._table.setSelectionMode(QtWidgets.QAbstractItemView.SingleSelection)
        self._table.horizontalHeader().setSectionResizeMode(QtWidgets.QHeaderView.ResizeToContents)
        self._table.horizontalHeader().setSectionResizeMode(NAME, QtWidgets.QHeaderView.Stretch)
        self._table.verticalHeader().setDefaultSectionSize(26)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._table)
        self._table.itemChanged.connect(self._onItemChanged)
        self._table.itemDoubleClicked.connect(self._onDoubleClicked)
        self._table.itemSelectionChanged.connect(self._onSelectionChanged)

    def segmentationNode(self) -> Any:
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        if node is self._node:
            return
        for observed, tag in self._observed:
            observed.RemoveObserver(tag)
        self._observed, self._node = [], node
        if node is not None:
            node.CreateDefaultDisplayNodes()
            segmentation = node.GetSegmentation()
            watched = [(segmentation, getattr(segmentation, event)) for event in EVENTS]
            watched += [(node, node.DisplayModifiedEvent), (node, node.SegmentationChangedEvent)]
            self._observed = [(each, each.AddObserver(event, self._onModified)) for each, event in watched]
        self._fill()

    def tableWidget(self) -> Any:
        return self._table

    def segmentIDForRow(self, row: int) -> str:
        return self._ids[row] if 0 <= row < len(self._ids) else ""

    def selectedSegmentIDs(self) -> list[str]:
        return [self._ids[row] for row in sorted({item.row() for item in self._table.selectedItems()})]

    def setSelectedSegmentIDs(self, segmentIDs: Any) -> None:
        self._table.clearSelection()
        for each in segmentIDs:
            if each in self._ids:
                self._table.selectRow(self._ids.index(each))

    def _onModified(self, caller: Any, event: str) -> None:
        if not self._filling:
            self._fill()

    def _fill(self) -> None:
        """Update the table if its contents differ; most changes of a segmentation do not affect it."""
        ids = []
        if self._node is not None:
            segmentation = self._node.GetSegmentation()
            ids = [segmentation.GetNthSegmentID(i) for i in range(segmentation.GetNumberOfSegments())]
        cells = [self._cells(segmentID) for segmentID in ids]
        if (ids, cells) == self._filled:
            return
        self._filled = ids, cells
        selected, self._filling = self.selectedSegmentIDs(), True
        blocked = self._table.blockSignals(True)
        self._ids = ids
        self._table.setRowCount(len(ids))
        for row, values in enumerate(cells):
            self._fill_row(row, *values)
        rows = min(max(len(self._ids), 2), 6)
        self._table.setFixedHeight(self._table.horizontalHeader().sizeHint.height() + 26 * rows + 4)
        self._filling = False
        self.setSelectedSegmentIDs(selected)
        self._table.blockSignals(blocked)

    def _cells(self, segmentID: str) -> tuple[bool, tuple[float, ...], str, str]:
        """A segment's visibility, color, name and status."""
        segment, display = self._node.GetSegmentation().GetSegment(segmentID), self._node.GetDisplayNode()
        status = slicer.vtkSlicerSegmentationsModuleLogic.GetSegmentStatus(segment)
        return (
            display.GetSegmentVisibility(segmentID),
            segment.GetColor(),
            segment.GetName() or "",
            STATUSES[status] if 0 <= status < len(STATUSES) else "",
        )

    def _fill_row(self, row: int, shown: bool, color: tuple[float, ...], name: str, status: str) -> None:
        items = [QtWidgets.QTableWidgetItem() for _ in HEADERS]
        fixed = QtCore.Qt.ItemIsEnabled | QtCore.Qt.ItemIsSelectable
        for item in items:
            item.setFlags(fixed)
        items[VISIBLE].setFlags(fixed | QtCore.Qt.ItemIsUserCheckable)
        items[VISIBLE].setCheckState(QtCore.Qt.Checked if shown else QtCore.Qt.Unchecked)
        swatch = QtGui.QPixmap(24, 14)
        swatch.fill(QtGui.QColor.fromRgbF(*color))
        items[COLOR].setData(QtCore.Qt.DecorationRole, swatch)  # the selection would hide a background
        items[NAME].setText(name)
        items[NAME].setFlags(fixed | QtCore.Qt.ItemIsEditable)
        items[STATUS].setText(status)
        for column, item in enumerate(items):
            self._table.setItem(row, column, item)

    def _onItemChanged(self, item: Any) -> None:
        segmentID = self.segmentIDForRow(item.row())
        if item.column() == VISIBLE:
            shown = item.checkState() == QtCore.Qt.Checked
            self._node.GetDisplayNode().SetSegmentVisibility(segmentID, shown)
        elif item.column() == NAME:
            self._node.GetSegmentation().GetSegment(segmentID).SetName(item.text())

    def _onDoubleClicked(self, item: Any) -> None:
        if item.column() != COLOR:
            return
        segment = self._node.GetSegmentation().GetSegment(self.segmentIDForRow(item.row()))
        color = QtWidgets.QColorDialog.getColor(QtGui.QColor.fromRgbF(*segment.GetColor()), self)
        if color.isValid():
            segment.SetColor(color.redF(), color.greenF(), color.blueF())

    def _onSelectionChanged(self) -> None:
        if not self._filling:
            self.selectionChanged.emit(None, None)
