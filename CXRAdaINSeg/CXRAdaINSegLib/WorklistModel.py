"""The worklist's rows for a table view, which asks for those alone that it paints."""

from __future__ import annotations

from dataclasses import replace

import qt
from cxradain.sessions.index import Row
from cxradain.sessions.records import (
    APPROVED,
    AUTO,
    CORRECTED,
    FLAGGED,
    MODEL,
    UNLABELLED,
    UNREADABLE,
)
from slicer.i18n import tr as _

NAME, STATUS, DISAGREEMENT, READER = range(4)
SYMBOLS = {
    UNLABELLED: "○",
    AUTO: "◐",
    CORRECTED: "✎",
    APPROVED: "✔",
    FLAGGED: "⚑",
    UNREADABLE: "✖",
}


def statusName(status: str) -> str:
    """A status in the user's language, with its symbol."""
    words = {
        UNLABELLED: _("unlabelled"),
        AUTO: _("auto"),
        CORRECTED: _("corrected"),
        APPROVED: _("approved"),
        FLAGGED: _("flagged"),
        UNREADABLE: _("unreadable"),
    }
    return f"{SYMBOLS[status]} {words[status]}"


class WorklistModel(qt.QAbstractTableModel):
    """Rows as the session's worklist gives them, those that pass a filter; `picture(key)` gives icons."""

    def __init__(self, picture, parent=None):
        super().__init__(parent)
        self._picture = picture
        self._titles = (_("Image"), _("Status"), _("Disagreement"), _("Reader"))
        self._hints = (
            _("The image's name in the session."),
            _("How far the image is: from unlabelled to approved."),
            _("How much teacher and student differ: 0 not at all, 1 wholly."),
            _("Whose mask it is."),
        )
        self._all: list[Row] = []
        self._shown: list[Row] = []
        self._places: dict[str, int] = {}

    # --- for Qt -------------------------------------------------------------------------------------------

    def rowCount(self, parent=None):
        """How many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent=None):
        """Image, status, disagreement, reader."""
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
        row, column = self._shown[index.row()], index.column()
        if role in (qt.Qt.DisplayRole, qt.Qt.ToolTipRole):  # what is cut off can be read in full
            return self._text(row, column)
        if role == qt.Qt.DecorationRole and column == NAME and row.status != UNREADABLE:
            return self._picture(row.key)
        return None

    def _text(self, row: Row, column: int) -> str:
        if column == NAME:
            return row.name
        if column == STATUS:
            return statusName(row.status)
        if column == DISAGREEMENT:
            return "" if row.disagreement is None else f"{row.disagreement:.3f}"
        return _("model") if row.reader == MODEL else (row.reader or "")

    # --- for the section ----------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """How many rows there are with those that the filter hides."""
        return len(self._all)

    def setRows(self, rows: list[Row], status: str, text: str) -> None:
        """Show those of the rows that have a status ("": any) and a text in the name or reader."""
        self.beginResetModel()
        self._all = rows
        self._shown = [row for row in rows if passes(row, status, text.strip().casefold())]
        self._places = {row.key: place for place, row in enumerate(self._shown)}
        self.endResetModel()

    def setFilter(self, status: str, text: str) -> None:
        """Another filter for the same rows."""
        self.setRows(self._all, status, text)

    def update(self, key: str, **changes) -> None:
        """What of an image's row has changed; it stays in its place, whatever order and filter say."""
        place = self._places.get(key)
        if place is not None:
            self._shown[place] = replace(self._shown[place], **changes)
        for number, row in enumerate(self._all):
            if row.key == key:
                self._all[number] = replace(row, **changes)
                break

    def row(self, key: str) -> Row | None:
        """An image's row, where it is shown."""
        place = self._places.get(key)
        return None if place is None else self._shown[place]

    def place(self, key: str) -> int:
        """The number of an image's row; -1 where it is not shown."""
        return self._places.get(key, -1)

    def keyAt(self, place: int) -> str:
        """The key of a row's image; "" where there is no such row."""
        return self._shown[place].key if 0 <= place < len(self._shown) else ""

    def counts(self) -> dict[str, int]:
        """How many images have which status, those that the filter hides too."""
        found: dict[str, int] = {}
        for row in self._all:
            found[row.status] = found.get(row.status, 0) + 1
        return found


def passes(row: Row, status: str, text: str) -> bool:
    """Whether a row has the status, and the text in its name or reader."""
    if status and row.status != status:
        return False
    return not text or text in row.name.casefold() or text in (row.reader or "").casefold()
