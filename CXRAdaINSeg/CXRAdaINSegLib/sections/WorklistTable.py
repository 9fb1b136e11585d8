"""The worklist as a table with its filters and its order."""

from __future__ import annotations

from collections.abc import Callable

import qt
from cxradain.sessions.index import Row
from cxradain.sessions.records import UNREADABLE
from slicer.i18n import tr as _

from ..processes.SessionWorker import SessionWorker
from ..TextLabel import textLabel
from ..WorklistModel import DISAGREEMENT, NAME, READER, STATUS, SYMBOLS, WorklistModel, statusName
from .Thumbnails import Thumbnails

ORDERS = ("file", "status", "useful")
PICTURE, ROW = 44, 48  # pixels


class WorklistTable:
    """onChosen(key): a row was clicked, or Enter pressed on it. onOrder(): another order is wanted."""

    def __init__(self, worker: SessionWorker, onChosen: Callable[[str], None], onOrder: Callable[[], None]):
        self._onChosen, self._onOrder = onChosen, onOrder
        self.pictures = Thumbnails(worker, self._paint)
        self.model = WorklistModel(self.pictures.of)
        self._buildFilters()
        self._buildView()
        self.count = textLabel("WorklistCount")
        self.layout = qt.QVBoxLayout()
        filters = qt.QHBoxLayout()
        for widget in (self.statusBox, self.orderBox, self.textEdit):
            filters.addWidget(widget, 1)
        self.layout.addLayout(filters)
        self.layout.addWidget(self.view)
        self.layout.addWidget(self.count)

    def _buildFilters(self) -> None:
        self.statusBox = qt.QComboBox()
        self.statusBox.objectName = "StatusFilter"
        self.statusBox.toolTip = _("Which images are listed.")
        self.statusBox.addItem(_("All"), "")
        for status in SYMBOLS:
            self.statusBox.addItem(statusName(status), status)
        self.orderBox = qt.QComboBox()
        self.orderBox.objectName = "WorklistOrder"
        self.orderBox.toolTip = _(
            "Most useful first: where teacher and student disagree most, a correction teaches most."
        )
        names = {"file": _("By file"), "status": _("By status"), "useful": _("Most useful first")}
        for order in ORDERS:
            self.orderBox.addItem(names[order], order)
        self.textEdit = qt.QLineEdit()
        self.textEdit.objectName = "TextFilter"
        self.textEdit.placeholderText = _("Name or reader")
        self.textEdit.toolTip = _("Lists images with this text in their name or reader.")
        self.textEdit.setClearButtonEnabled(True)
        self.statusBox.connect("currentIndexChanged(int)", self._onFilter)
        self.orderBox.connect("currentIndexChanged(int)", self._onOrderChanged)
        self.textEdit.connect("textChanged(QString)", self._onFilter)

    def _buildView(self) -> None:
        self.view = qt.QTableView()
        self.view.objectName = "WorklistTable"
        self.view.toolTip = _("Click a row, or press Enter on it, to show its image.")
        self.view.setModel(self.model)
        self.view.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self.view.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        self.view.setIconSize(qt.QSize(PICTURE, PICTURE))
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setMinimumHeight(5 * ROW + 30)
        rows, columns = self.view.verticalHeader(), self.view.horizontalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(qt.QHeaderView.Fixed)  # else each row would be asked for its height
        rows.setDefaultSectionSize(ROW)
        columns.setTextElideMode(qt.Qt.ElideRight)
        columns.setSectionResizeMode(NAME, qt.QHeaderView.Stretch)
        for column, width in ((STATUS, 88), (DISAGREEMENT, 106), (READER, 64)):
            columns.setSectionResizeMode(column, qt.QHeaderView.Interactive)
            columns.resizeSection(column, width)
        self.view.connect("clicked(QModelIndex)", self._onIndex)
        self.view.connect("activated(QModelIndex)", self._onIndex)

    @property
    def order(self) -> str:
        """One of ORDERS."""
        return ORDERS[max(0, self.orderBox.currentIndex)]

    def setRows(self, rows: list[Row]) -> None:
        """List these, as the filter lets them through."""
        self.model.setRows(rows, self._status(), self.textEdit.text)
        self._sayCount()

    def clear(self) -> None:
        """No session: list nothing."""
        self.pictures.forget()
        self.setRows([])

    def update(self, key: str, **changes) -> None:
        """What of an image's row has changed."""
        self.model.update(key, **changes)
        self._paint()
        self._sayCount()

    def select(self, key: str) -> None:
        """Show which image is at hand."""
        place = self.model.place(key)
        if place < 0:
            self.view.clearSelection()
            return
        self.view.selectRow(place)
        self.view.scrollTo(self.model.index(place, NAME))

    def beside(self, key: str, step: int) -> str:
        """The image `step` rows after another one, passing over those that cannot be read; "" at the ends."""
        place = self.model.place(key) + step if self.model.place(key) >= 0 else 0
        while found := self.model.keyAt(place):
            if self.model.row(found).status != UNREADABLE:
                break
            place += step
        return found

    def _status(self) -> str:
        return self.statusBox.itemData(self.statusBox.currentIndex) or ""

    def _sayCount(self) -> None:
        counts = self.model.counts()
        parts = [f"{statusName(status)}: {counts[status]}" for status in SYMBOLS if status in counts]
        parts = [part.replace(" ", "\u00a0") for part in parts]  # lines break between them
        shown, total = self.model.rowCount(), self.model.total
        first = _("{shown} of {total} images").format(shown=shown, total=total)
        self.count.text = "   ".join([first, *parts]) if total else ""

    def _paint(self) -> None:
        self.view.viewport().update()

    def _onFilter(self, _value) -> None:
        self.model.setFilter(self._status(), self.textEdit.text)
        self._sayCount()

    def _onOrderChanged(self, _index: int) -> None:
        self._onOrder()

    def _onIndex(self, index) -> None:
        key = self.model.keyAt(index.row())
        if key:
            self._onChosen(key)
