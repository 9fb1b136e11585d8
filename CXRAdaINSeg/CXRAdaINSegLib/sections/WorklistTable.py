"""The worklist's table: filters, order, the highlighted row, and the context menu."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import qt
from cxradain.imaging.quality import Verdict
from cxradain.sessions.index import WorklistRow
from cxradain.sessions.records import AUTO, FLAGGED, UNLABELLED, UNREADABLE
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..Events import GrowingHeight, WidgetEvents
from ..processes.SessionWorker import SessionWorker
from ..Texts import SIGNS, durationText
from ..Timers import singleShotTimer
from .ReaderAgreement import ReaderAgreement
from .Thumbnails import Thumbnails
from .WorklistModel import (
    AGREEMENT,
    CHECK,
    NAME,
    QUALITY,
    READER,
    SET_ASIDE,
    STATUS,
    SYMBOLS,
    TIME,
    WorklistModel,
    checksText,
    qualityText,
    statusName,
)

PICTURE, ROW = 44, 48  # pixels
SHARE = 0.35  # of the main window's height
NAME_WIDTH = 150  # pixels


class WorklistTable:
    """onChosen(key): the user highlighted another row, or clicked a row again. onOrder(): the user chose
    another order. menu(key): returns the texts and functions of a row's context menu."""

    def __init__(
        self,
        worker: SessionWorker,
        onChosen: Callable[[str], None],
        onOrder: Callable[[], None],
        menu: Callable[[str], list[tuple[str, Callable[[], None]]]],
    ):
        self._onChosen, self._menu = onChosen, menu
        self._selected = ""  # the key that `select` was last given
        self.last = ""  # the last one that was highlighted, and is marked still when none is
        # For images that the filter has removed: the keys last listed with them, and all keys.
        self._before: dict[str, tuple[list[str], list[str]]] = {}
        # Qt changes the selection in the middle of a mouse press; and of rows passed by, none is wanted.
        self._highlighting = singleShotTimer(0, self._followHighlight)
        self.pictures = Thumbnails(worker, self._paint)
        self.agreement = ReaderAgreement(worker, self._paint)
        self.model = WorklistModel(self.pictures.of, self.agreement.of)
        self._buildFilters(onOrder)
        self._buildView()
        self.count = ui.textLabel("WorklistCount")
        filters = ui.row(self.statusBox, self.orderBox, self.textEdit, stretch=(1, 1, 1))
        self.layout = ui.column(filters, self.view, ui.messagePlace(2, self.count))

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
        self.orderBox = ui.comboBox("WorklistOrder", orders, lambda _index: onOrder())
        self.orderBox.toolTip = _(
            "Most useful first: the masks that are most likely wrong. Some of those that are set aside are "
            "among them, so that models can be compared. Those without a score come last."
        )
        self.textEdit = ui.lineEdit("TextFilter", placeholder=_("Name, file or reader"))
        self.textEdit.toolTip = _("Lists images with this text in their name, their file's name or reader.")
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
        self.view.setTabKeyNavigation(False)  # Tab goes on to the next control, not from cell to cell
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.height = GrowingHeight(self.view, 5 * ROW + 30, SHARE)
        self.view.setContextMenuPolicy(qt.Qt.CustomContextMenu)
        self.view.connect("customContextMenuRequested(QPoint)", self._onMenu)
        rows, columns = self.view.verticalHeader(), self.view.horizontalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(qt.QHeaderView.Fixed)  # otherwise Qt asks each row for its height
        rows.setDefaultSectionSize(ROW)
        columns.setTextElideMode(qt.Qt.ElideRight)
        columns.setStretchLastSection(True)
        self._fitted: tuple[int, bool, bool] | None = None  # what widths were last computed for
        self._resized = WidgetEvents(self.view.viewport(), qt.QEvent.Resize, self._fitColumns)
        self._fitColumns()
        self.view.selectionModel().connect(
            "selectionChanged(QItemSelection,QItemSelection)", self._onSelection
        )
        self.view.connect("clicked(QModelIndex)", self._onIndex)
        self.view.connect("activated(QModelIndex)", self._onIndex)

    def _fitColumns(self) -> None:
        """Fit the columns to their texts. If the first four do not fit, show only signs for quality and
        checks, and give the names the rest, where they may be cut off."""
        room, hasChecks = self.view.viewport().width, not self.view.isColumnHidden(CHECK)
        fitted = room, hasChecks, self.model.hasOthersFlags
        if self._fitted == fitted:
            return
        self._fitted = fitted
        widths = self._widths(short=False)
        others = [STATUS, QUALITY, *([CHECK] if hasChecks else [])]
        self.model.isNarrow = NAME_WIDTH + sum(widths[column] for column in others) > room
        if self.model.isNarrow:
            widths = self._widths(short=True)
            widths[NAME] = max(NAME_WIDTH // 2, room - sum(widths[column] for column in others))
        for column, width in widths.items():
            self.view.horizontalHeader().resizeSection(column, width)

    def _widths(self, short: bool) -> dict[int, int]:
        """Pixels for each column's title and its longest possible text, without looking at all the rows."""
        verdicts: list[Verdict] = list(SIGNS)
        flag = f" {SYMBOLS[FLAGGED]}" if self.model.hasOthersFlags else ""
        texts = {
            STATUS: [f"{statusName(status)}{flag}" for status in SYMBOLS],
            QUALITY: [qualityText(verdict, 0.0, short) for verdict in verdicts],
            CHECK: [checksText([_("mirrored")], short)],
            READER: [_("model")],
            AGREEMENT: ["0.00 / 0.00"],
            TIME: [durationText(0)],
        }
        metrics, header = self.view.fontMetrics(), self.view.horizontalHeader()
        return {NAME: NAME_WIDTH} | {
            column: max(
                header.sectionSizeHint(column), *(metrics.horizontalAdvance(f"{each}MM") for each in wanted)
            )
            for column, wanted in texts.items()
        }

    def close(self) -> None:
        """Called when the panel is closed."""
        self.height.stop()
        self._resized.stop()

    @property
    def order(self) -> str:
        """The order: file, status or useful."""
        return ui.chosenData(self.orderBox)

    def setRows(self, rows: Iterable[WorklistRow]) -> None:
        """List the rows that pass the filter."""
        status = ui.chosenData(self.statusBox) or ""
        before = self.model.keys, list(self.model.rows)
        self.model.setRows(rows, status, self.textEdit.text, mixed=self.order == "useful")
        listed = set(self.model.keys)
        orders = self._before | dict.fromkeys(before[0], before)
        self._before = {key: order for key, order in orders.items() if key not in listed}
        self._showColumns()
        self.select(self._selected)
        self._showCount()

    def setFiles(self, files: dict[str, str]) -> None:
        """Set the original file names of copies, by image key."""
        if files != self.model.files:
            self.model.files = files
            self.setRows(self.model.rows.values())

    def setAside(self, keys: Iterable[str]) -> None:
        """Mark the images that models are compared on."""
        known = frozenset(keys)
        if known != self.model.setAside:
            self.model.setAside = known
            self.setRows(self.model.rows.values())

    def begin(self, order: str) -> None:
        """Empty the list and its filters, for another session; order: how that is sorted, "" if unknown."""
        self.clear()
        self.statusBox.currentIndex, self.textEdit.text = 0, ""
        ui.silently(self.orderBox, "currentIndex", max(0, self.orderBox.findData(order)))

    def clear(self) -> None:
        """Empty the list: no session is open."""
        self.last = ""
        self.model.setAside = frozenset()
        self.model.files = {}
        self.forget()
        self.setRows([])

    def forget(self) -> None:
        """Another session: nothing is known of its images."""
        self._before = {}
        self.pictures.forget()
        self.agreement.forget()

    def update(self, row: WorklistRow) -> None:
        """Replace an image's row."""
        self.model.update(row)
        self._showColumns()
        self.agreement.drop(row.key)  # repaints
        self._showCount()

    @property
    def highlighted(self) -> str:
        """The key of the highlighted row, or ""."""
        rows = self.view.selectionModel().selectedRows()
        return self.model.keyAt(rows[0].row()) if rows else ""

    def select(self, key: str) -> None:
        """Highlight an image's row; "" for none."""
        self._selected = key
        self.last = key or self.last
        place = self.model.place(key)
        if place < 0:
            self.view.clearSelection()
            return
        self.view.selectRow(place)
        self.view.scrollTo(self.model.index(place, NAME))

    def beside(self, key: str, step: int) -> str:
        """The key of the next (step 1) or previous (-1) readable image in the list; "" beyond the ends.

        From an image that the filter hides, the list goes on where that was listed, and after its end from
        the other end.
        """
        ahead = self._ahead(key, step)
        return next((each for each in ahead if self.model.rows[each].status != UNREADABLE), "")

    def _ahead(self, key: str, step: int) -> list[str]:
        keys = self.model.keys[::step]
        if key in keys:
            return keys[keys.index(key) + 1 :]
        if key not in self._before:  # never listed
            return self.model.keys
        listed = set(keys)
        for before in self._before[key]:
            order = before[::step]
            following = [each for each in order[order.index(key) :] if each in listed]
            if following:
                return following + keys
        return keys

    def unreviewedAfter(self, key: str) -> str:
        """The next image without a verdict of the reader, from the beginning after the end; "" of none."""
        waiting = (
            each
            for each in (*self._ahead(key, 1), *self.model.keys)
            if each != key and self.model.rows[each].status in (UNLABELLED, AUTO)
        )
        return next(waiting, "")

    def _showColumns(self) -> None:
        for column in (CHECK, AGREEMENT, TIME):  # hidden if they are empty
            self.view.setColumnHidden(column, self.model.isEmpty(column))
        self._fitColumns()

    def _showCount(self) -> None:
        counts = Counter(row.status for row in self.model.rows.values())  # including filtered rows
        parts = [f"{statusName(status)}: {counts[status]}" for status in SYMBOLS if status in counts]
        parts = [part.replace(" ", "\u00a0") for part in parts]  # lines break between them
        total = len(self.model.rows)
        readable = {"shown": len(self.model.radiographs), "total": total - counts[UNREADABLE]}
        first = _("Images: {shown} of {total}").format(**readable)
        if seconds := sum(row.seconds for row in self.model.rows.values()):
            parts.append(_("Your time: {time}").format(time=durationText(seconds)).replace(" ", "\u00a0"))
        ui.setText(self.count, "   ".join([first, *parts]) if total else "")

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

    def _onMenu(self, place) -> None:
        key = self.model.keyAt(self.view.indexAt(place).row())
        if not key:
            return
        menu = qt.QMenu(self.view)
        for text, act in self._menu(key):
            menu.addAction(text).connect("triggered()", act)
        menu.connect("aboutToHide()", menu.deleteLater)
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _onIndex(self, index) -> None:
        key = self.model.keyAt(index.row())
        if key:
            self._onChosen(key)
