"""The worklist's Qt model: texts, thumbnails and tooltips of the rows, and a filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

import qt
from cxradain.imaging.lungs import FLAG_TEXT
from cxradain.imaging.quality import Verdict, verdict_of
from cxradain.sessions.index import WorklistRow
from cxradain.sessions.records import APPROVED, AUTO, CORRECTED, FLAGGED, MODEL, UNLABELLED, UNREADABLE
from slicer.i18n import tr as _

from ..logic.Approval import flaggedText
from ..scene.CheckTexts import checkText
from ..Texts import SIGNS, durationText, flagName, numberText, verdictName

NAME, STATUS, QUALITY, CHECK, READER, AGREEMENT, TIME = range(7)
WARNING = "⚠"
SET_ASIDE = "◇"  # also the filter's data: no status
# The roles with data; views ask for many more, for each cell that they draw.
TEXT, HINT, PICTURE, FONT = map(
    int, (qt.Qt.DisplayRole, qt.Qt.ToolTipRole, qt.Qt.DecorationRole, qt.Qt.FontRole)
)
SYMBOLS = {UNLABELLED: "○", AUTO: "◐", CORRECTED: "✎", APPROVED: "✔", FLAGGED: "⚑", UNREADABLE: "✖"}

# Functions, so that a text is translated only when a cell shows it: translating is slow in Slicer.
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


def readerName(reader: str | None) -> str:
    """A reader's name, that of the model in the user's language; "" for None, nobody."""
    return _("model") if reader == MODEL else reader or ""


def qualityText(verdict: Verdict, score: float, short: bool = False) -> str:
    """The verdict on a mask, with `short` only its sign, and the probability that the mask is right."""
    return f"{SIGNS[verdict] if short else verdictName(verdict)} {numberText(score, '.2f')}"


def checksText(names: Iterable[str], short: bool = False) -> str:
    """What to check, with `short` only how many things."""
    each = list(dict.fromkeys(names))
    return f"{WARNING} {len(each)}" if short and each else ", ".join(each)


def _isMended(row: WorklistRow) -> bool:
    """Whether a reader has corrected or approved the mask, so that the model's score no longer applies."""
    return row.status in (CORRECTED, APPROVED)


class WorklistModel(qt.QAbstractTableModel):
    """The rows of the session's worklist that pass the filter. picture(key): returns an icon.
    agreement(key): returns the readers' Dice.

    `rows` are all rows by image key; `radiographs` the keys of shown images that can be read; `setAside` the
    keys of the images that models are compared on; `files` the original file names of copies, if known on
    this computer; `isNarrow` whether there is only room for signs, which the tooltips explain.
    """

    def __init__(self, picture, agreement):
        super().__init__()
        self._picture, self._agreement = picture, agreement
        self._titles = (
            _("Image"),
            _("Status"),
            _("Quality"),
            _("Check"),
            _("Reader"),
            _("Agreement"),
            _("Time"),
        )
        self._hints = (
            _("The image's name in the session."),
            _("How far the image is: from unlabelled to approved. A flag after it is another reader's."),
            _("Whether the worse lung of the model's mask is likely right, and the probability of that."),
            _("What may be wrong with the image or the model's mask."),
            _("Whose mask it is."),
            _("Where several readers have a mask: their mean Dice of the right and the left lung."),
            _("How long you have worked on the image."),
        )
        self._struckOut = qt.QFont()
        self._struckOut.setStrikeOut(True)
        self.isNarrow = False
        self.files: dict[str, str] = {}
        self.rows: dict[str, WorklistRow] = {}
        self.setAside: frozenset[str] = frozenset()
        self._shown: list[str] = []  # keys
        self.radiographs: list[str] = []

    # --- for Qt -------------------------------------------------------------------------------------------

    def rowCount(self, parent=None):
        """The number of rows that are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent=None):
        """The number of columns."""
        return len(self._titles)

    def headerData(self, section, orientation, role=qt.Qt.DisplayRole):
        """The columns' titles and tooltips."""
        if role == qt.Qt.DisplayRole and orientation == qt.Qt.Horizontal:
            return self._titles[section]
        if role == qt.Qt.ToolTipRole and orientation == qt.Qt.Horizontal:
            return self._hints[section]
        return None

    def data(self, index, role=TEXT):
        """A cell's text, and in the first column the picture."""
        if role not in (TEXT, HINT, PICTURE, FONT):
            return None
        row, column = self.rows[self._shown[index.row()]], index.column()
        if role == PICTURE:
            return self._picture(row.key) if column == NAME and row.status != UNREADABLE else None
        if role == FONT:
            return self._struckOut if column == NAME and row.status == UNREADABLE else None
        isAside = column == NAME and row.key in self.setAside
        if role == HINT and isAside:
            aside = _("Set aside: models are compared on it, and never trained on it.")
            return f"{self._text(row, column)}\n{aside}"
        if role == HINT and row.status == UNREADABLE:
            return _("This file cannot be read and is no radiograph of the session. Click to see why.")
        if role == HINT and column == CHECK:
            return "\n".join(checkText(code) for code in self._checks(row))
        if role == HINT and column == STATUS and row.flagged_by:
            return f"{statusName(row.status)}\n{flaggedText(row.flagged_by)}"
        text = self._text(row, column, self.isNarrow and role == TEXT)  # a hint has what is cut off in full
        return f"{SET_ASIDE} {text}" if isAside else text  # in front: the end of a long name is cut off

    def _text(self, row: WorklistRow, column: int, short: bool = False) -> str:
        if column == NAME:
            return "\n".join(filter(None, (row.name, self.files.get(row.key))))
        if column == STATUS:
            return " ".join([statusName(row.status), *(SYMBOLS[FLAGGED] if row.flagged_by else "")])
        if column == QUALITY:
            scored = row.quality is not None and not _isMended(row)
            return qualityText(verdict_of(row.quality), row.quality, short) if scored else ""
        if column == CHECK:
            return checksText((flagName(code) for code in self._checks(row)), short)
        if column == READER:
            return readerName(row.reader)
        if column == AGREEMENT:
            return self._agreementText(row)
        return durationText(row.seconds) if row.seconds else ""

    def _checks(self, row: WorklistRow) -> list[str]:
        """The codes of what to check."""
        hidden = FLAG_TEXT if _isMended(row) else ()
        return [code for code in row.flags.split() if flagName(code) and code not in hidden]

    def _agreementText(self, row: WorklistRow) -> str:
        dice = self._agreement(row.key) if row.readers > 1 else None
        if dice is None:
            return ""
        return " / ".join("-" if share is None else numberText(share, ".2f") for share in dice[:2])

    @property
    def hasOthersFlags(self) -> bool:
        """Whether another reader has flagged an image."""
        return any(row.flagged_by for row in self.rows.values())

    def isEmpty(self, column: int) -> bool:
        """Whether a column is empty in all rows."""
        rows = self.rows.values()
        if column == CHECK:
            return not any(row.flags for row in rows)
        if column == AGREEMENT:
            return not any(row.readers > 1 for row in rows)
        return column == TIME and not any(row.seconds for row in rows)

    # --- for the section ----------------------------------------------------------------------------------

    def setRows(self, rows: Iterable[WorklistRow], status: str, text: str, mixed: bool = False) -> None:
        """Show the rows with a status ("": any; or SET_ASIDE) and a text in name, file or a reader.

        mixed: put one unreviewed image that is set aside after every two others.
        """
        self.beginResetModel()
        self.rows = {row.key: row for row in rows}
        text = text.strip().casefold()
        shown = [
            row
            for row in self.rows.values()
            if (status in ("", row.status) or (status == SET_ASIDE and row.key in self.setAside))
            and text in self._names(row).casefold()
        ]
        self._shown = [row.key for row in (self._mixed(shown) if mixed else shown)]
        self.radiographs = [key for key in self._shown if self.rows[key].status != UNREADABLE]
        self.endResetModel()

    def _names(self, row: WorklistRow) -> str:
        """What a text is searched in."""
        return "\n".join((row.name, self.files.get(row.key, ""), row.reader or "", row.flagged_by))

    def _mixed(self, rows: list[WorklistRow]) -> list[WorklistRow]:
        waiting = [row for row in rows if row.key in self.setAside and row.status in (UNLABELLED, AUTO)]
        keys = {row.key for row in waiting}
        mixed: list[WorklistRow] = []
        left = iter(waiting)
        for number, row in enumerate((row for row in rows if row.key not in keys), 1):
            mixed.append(row)
            if number % 2 == 0:
                mixed += islice(left, 1)
        return [*mixed, *left]

    def update(self, row: WorklistRow) -> None:
        """Replace an image's row, which keeps its place regardless of order and filter."""
        if row.key in self.rows:
            self.rows[row.key] = row

    def place(self, key: str) -> int:
        """The index of an image's row; -1 if it is not shown."""
        return self._shown.index(key) if key in self._shown else -1

    @property
    def keys(self) -> list[str]:
        """The keys of the shown rows, in order."""
        return self._shown

    def keyAt(self, place: int) -> str:
        """The key of a row's image; "" if there is no such row."""
        return self._shown[place] if 0 <= place < len(self._shown) else ""
