"""The worklist: the model of its rows, and the table that shows them with filters and an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import qt
from cxradain.imaging.quality import Verdict, verdict_of
from cxradain.sessions.index import WorklistRow
from cxradain.sessions.records import APPROVED, AUTO, CORRECTED, FLAGGED, MODEL, UNLABELLED, UNREADABLE
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..processes.SessionWorker import SessionWorker
from ..Settings import remember, setting
from ..Texts import SIGNS, verdictName
from ..Timers import singleShotTimer
from .Thumbnails import Thumbnails

PICTURE, ROW = 44, 48  # pixels
NAME, STATUS, QUALITY, READER = range(4)
SET_ASIDE = "◇"  # also the filter's data: no status
SYMBOLS = {UNLABELLED: "○", AUTO: "◐", CORRECTED: "✎", APPROVED: "✔", FLAGGED: "⚑", UNREADABLE: "✖"}

# Translated when asked for: the table asks at each cell that it draws, and a translation is slow in Slicer.
NAMES: dict[str, Callable[[], str]] = {
    UNLABELLED: lambda: _("unlabelled"),
    AUTO: lambda: _("auto"),
    CORRECTED: lambda: _("corrected"),
    APPROVED: lambda: _("approved"),
    FLAGGED: lambda: _("flagged"),
    UNREADABLE: lambda: _("unreadable"),
}


def statusName(status: str) -> str:
    """A status in the user's language, with its symbol."""
    return f"{SYMBOLS[status]} {NAMES[status]()}"


def qualityText(verdict: Verdict, score: float) -> str:
    """What is to be thought of a mask, and the probability that it is right."""
    return f"{verdictName(verdict)} {score:.2f}"


class WorklistModel(qt.QAbstractTableModel):
    """Rows as the session's worklist gives them, those that pass a filter; `picture(key)` gives icons.

    `rows` are all of them, by their images' keys; `setAside` the keys of those that models are compared on.
    """

    def __init__(self, picture):
        super().__init__()
        self._picture = picture
        self._titles = (_("Image"), _("Status"), _("Quality"), _("Reader"))
        self._hints = (
            _("The image's name in the session."),
            _("How far the image is: from unlabelled to approved."),
            _("Whether the model's mask is likely right, and the probability of that."),
            _("Whose mask it is."),
        )
        self.rows: dict[str, WorklistRow] = {}
        self.setAside: frozenset[str] = frozenset()
        self._shown: list[str] = []  # keys

    # --- for Qt -------------------------------------------------------------------------------------------

    def rowCount(self, parent=None):
        """How many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent=None):
        """Image, status, quality, reader."""
        return len(self._titles)

    def headerData(self, section, orientation, role=qt.Qt.DisplayRole):
        """The columns' titles."""
        if role == qt.Qt.DisplayRole and orientation == qt.Qt.Horizontal:
            return self._titles[section]
        if role == qt.Qt.ToolTipRole and orientation == qt.Qt.Horizontal:
            return self._hints[section]
        return None

    def data(self, index, role=qt.Qt.DisplayRole):
        """A cell's text, and in the first column the picture."""
        row, column = self.rows[self._shown[index.row()]], index.column()
        isAside = column == NAME and row.key in self.setAside
        if role == qt.Qt.ToolTipRole and isAside:
            return f"{row.name}\n{_('Set aside: models are compared on it, and never trained on it.')}"
        if role in (qt.Qt.DisplayRole, qt.Qt.ToolTipRole):  # what is cut off can be read in full
            text = self._text(row, column)
            return f"{text} {SET_ASIDE}" if isAside else text
        if role == qt.Qt.DecorationRole and column == NAME and row.status != UNREADABLE:
            return self._picture(row.key)
        return None

    def _text(self, row: WorklistRow, column: int) -> str:
        if column == NAME:
            return row.name
        if column == STATUS:
            return statusName(row.status)
        if column == READER:
            return _("model") if row.reader == MODEL else (row.reader or "")
        # Of a mask that a reader has mended or approved, the model's score says nothing.
        scored = row.quality is not None and row.status not in (CORRECTED, APPROVED)
        return qualityText(verdict_of(row.quality), row.quality) if scored else ""

    # --- for the section ----------------------------------------------------------------------------------

    def setRows(self, rows: Iterable[WorklistRow], status: str, text: str, mixed: bool = False) -> None:
        """Show those of the rows that have a status ("": any; SET_ASIDE) and a text in the name or reader.

        mixed: with one of those that are set aside and wait for a reader after every two others.
        """
        self.beginResetModel()
        self.rows = {row.key: row for row in rows}
        text = text.strip().casefold()
        shown = [
            row
            for row in self.rows.values()
            if (status in ("", row.status) or (status == SET_ASIDE and row.key in self.setAside))
            and text in f"{row.name}\n{row.reader or ''}".casefold()
        ]
        self._shown = [row.key for row in (self._mixed(shown) if mixed else shown)]
        self.endResetModel()

    def _mixed(self, rows: list[WorklistRow]) -> list[WorklistRow]:
        waiting = [row for row in rows if row.key in self.setAside and row.status in (UNLABELLED, AUTO)]
        kept = set(map(id, waiting))
        mixed: list[WorklistRow] = []
        left = iter(waiting)
        for number, row in enumerate((row for row in rows if id(row) not in kept), 1):
            mixed.append(row)
            if number % 2 == 0:
                mixed += [each for each in [next(left, None)] if each is not None]
        return [*mixed, *left]

    def update(self, key: str, **changes) -> None:
        """What of an image's row has changed; it stays in its place, whatever order and filter say."""
        if key in self.rows:
            self.rows[key] = replace(self.rows[key], **changes)

    def place(self, key: str) -> int:
        """The number of an image's row; -1 where it is not shown."""
        return self._shown.index(key) if key in self._shown else -1

    def keyAt(self, place: int) -> str:
        """The key of a row's image; "" where there is no such row."""
        return self._shown[place] if 0 <= place < len(self._shown) else ""


class WorklistTable:
    """onChosen(key): another row was highlighted, by mouse or keys, or one was clicked again. onOrder():
    another order is wanted."""

    def __init__(self, worker: SessionWorker, onChosen: Callable[[str], None], onOrder: Callable[[], None]):
        self._onChosen = onChosen
        self._selected = ""  # the key that `select` was last given
        # Qt changes the selection in the middle of a mouse press; and of rows passed by, none is wanted.
        self._highlighting = singleShotTimer(0, self._followHighlight)
        self.pictures = Thumbnails(worker, self._paint)
        self.model = WorklistModel(self.pictures.of)
        self._buildFilters(onOrder)
        self._buildView()
        self.count = ui.textLabel("WorklistCount")
        filters = ui.row(self.statusBox, self.orderBox, self.textEdit, stretch=(1, 1, 1))
        self.layout = ui.column(filters, self.view, self.count)

    def _buildFilters(self, onOrder: Callable[[], None]) -> None:
        self.statusBox = ui.comboBox(
            "StatusFilter",
            [
                (_("All"), ""),
                *((statusName(status), status) for status in SYMBOLS),
                (f"{SET_ASIDE} {_('set aside')}", SET_ASIDE),
            ],
            self._onFilter,
        )
        self.statusBox.toolTip = _("Which images are listed.")
        orders = [(_("By file"), "file"), (_("By status"), "status"), (_("Most useful first"), "useful")]

        def choose(_index: int) -> None:
            remember("order", self.order)
            onOrder()

        self.orderBox = ui.comboBox("WorklistOrder", orders, choose, chosen=setting("order"))
        self.orderBox.toolTip = _(
            "Most useful first: the masks that are most likely wrong. Some of those that are set aside are "
            "among them, so that models can be compared. Those without a score come last."
        )
        self.textEdit = ui.lineEdit("TextFilter", placeholder=_("Name or reader"))
        self.textEdit.toolTip = _("Lists images with this text in their name or reader.")
        self.textEdit.setClearButtonEnabled(True)
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
        statuses = [statusName(status) for status in SYMBOLS]
        qualities = [qualityText(verdict, 0.0) for verdict in SIGNS]
        for column, texts in ((STATUS, statuses), (QUALITY, qualities), (READER, [_("model")])):
            columns.setSectionResizeMode(column, qt.QHeaderView.Interactive)
            columns.resizeSection(column, self._width(columns, column, texts))
        self.view.selectionModel().connect(
            "selectionChanged(QItemSelection,QItemSelection)", self._onSelection
        )
        self.view.connect("clicked(QModelIndex)", self._onIndex)
        self.view.connect("activated(QModelIndex)", self._onIndex)

    def _width(self, columns, column: int, texts: list[str]) -> int:
        """In pixels, for the column's title and any of the texts; the rows are not asked, who may be many."""
        metrics = self.view.fontMetrics()
        return max(
            columns.sectionSizeHint(column), *(metrics.horizontalAdvance(f"{text}MM") for text in texts)
        )

    @property
    def order(self) -> str:
        """file, status or useful."""
        return ui.chosenData(self.orderBox)

    def setRows(self, rows: Iterable[WorklistRow]) -> None:
        """List these, as the filter lets them through."""
        status = ui.chosenData(self.statusBox) or ""
        self.model.setRows(rows, status, self.textEdit.text, mixed=self.order == "useful")
        self.select(self._selected)
        self._showCount()

    def setAside(self, keys: Iterable[str]) -> None:
        """Mark the images that models are compared on."""
        known = frozenset(keys)
        if known != self.model.setAside:
            self.model.setAside = known
            self.setRows(self.model.rows.values())

    def clear(self) -> None:
        """No session: list nothing."""
        self.model.setAside = frozenset()
        self.pictures.forget()
        self.setRows([])

    def update(self, key: str, **changes) -> None:
        """What of an image's row has changed; None is no change."""
        self.model.update(key, **{name: value for name, value in changes.items() if value is not None})
        self._paint()
        self._showCount()

    @property
    def highlighted(self) -> str:
        """The key of the highlighted row; "" without one."""
        rows = self.view.selectionModel().selectedRows()
        return self.model.keyAt(rows[0].row()) if rows else ""

    def select(self, key: str) -> None:
        """Highlight the image that is shown; "" for none."""
        self._selected = key
        place = self.model.place(key)
        if place < 0:
            self.view.clearSelection()
            return
        self.view.selectRow(place)
        self.view.scrollTo(self.model.index(place, NAME))

    def beside(self, key: str, step: int) -> str:
        """The image `step` rows after another one, passing over those that cannot be read; "" at the ends."""
        place = self.model.place(key) + step if self.model.place(key) >= 0 else 0
        while neighbor := self.model.keyAt(place):
            if self.model.rows[neighbor].status != UNREADABLE:
                break
            place += step
        return neighbor

    def unreviewedAfter(self, key: str) -> str:
        """The next image without a verdict of the reader, from the beginning after the end; "" of none."""
        count, start = self.model.rowCount(), self.model.place(key) + 1
        places = [(start + step) % count for step in range(count)] if count else []
        keys = [self.model.keyAt(place) for place in places]
        waiting = (
            each for each in keys if each != key and self.model.rows[each].status in (UNLABELLED, AUTO)
        )
        return next(waiting, "")

    def _showCount(self) -> None:
        counts = Counter(row.status for row in self.model.rows.values())  # those that the filter hides, too
        parts = [f"{statusName(status)}: {counts[status]}" for status in SYMBOLS if status in counts]
        parts = [part.replace(" ", "\u00a0") for part in parts]  # lines break between them
        shown, total = self.model.rowCount(), len(self.model.rows)
        first = _("{shown} of {total} images").format(shown=shown, total=total)
        self.count.text = "   ".join([first, *parts]) if total else ""

    def _paint(self) -> None:
        self.view.viewport().update()

    def _onFilter(self, _value) -> None:
        self.setRows(self.model.rows.values())

    def _onSelection(self, _selected, _deselected) -> None:
        self._highlighting.start()

    def _followHighlight(self) -> None:
        key = self.highlighted
        if key and key != self._selected:
            self._onChosen(key)

    def _onIndex(self, index) -> None:
        key = self.model.keyAt(index.row())
        if key:
            self._onChosen(key)
