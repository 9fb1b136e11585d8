"""Which session is open and who reads: rows of the worklist's section."""

from __future__ import annotations

import getpass
from collections.abc import Callable

import ctk
import qt
import slicer
from cxradain.sessions.records import LONGEST_TEXT
from cxradain.sessions.store import COPIES, REFERENCES, SessionError
from slicer.i18n import tr as _

from ..logic.Cases import Cases
from ..logic.OpenSession import canBecomeSession, isSession
from ..Settings import remember, setting
from ..Widgets import pushButton, textLabel


class SessionRows:
    """Opens, makes, takes over and closes the session of `cases`. say(text): what went wrong."""

    def __init__(self, cases: Cases, say: Callable[[str], None]):
        self._cases, self._say = cases, say
        self._warned = False
        self.path = ctk.ctkPathLineEdit()
        self.path.objectName = "SessionPath"
        self.path.filters = ctk.ctkPathLineEdit.Dirs
        self.path.toolTip = _(
            "A folder that holds radiographs and every version of their masks. A new or empty one is made a "
            "session."
        )
        self.path.connect("currentPathChanged(QString)", self._onPath)
        self.openButton = pushButton("OpenSessionButton", _("Open"), self._onOpen)
        self.openButton.toolTip = _("Open that folder's session or make one there; once open, close it.")
        self.takeButton = pushButton("TakeOverButton", _("Take over"), self._onTakeOver)
        self.takeButton.toolTip = _("Write here from now on; the other application can then save no more.")
        self.kindBox = qt.QComboBox()
        self.kindBox.objectName = "SessionKind"
        self.kindBox.toolTip = _("Whether a new session holds the images or only names their files.")
        self.kindBox.addItem(_("Copies of the images"), COPIES)
        self.kindBox.addItem(_("References to the files"), REFERENCES)
        self.kindBox.connect("currentIndexChanged(int)", self._onKind)
        self.kindText = textLabel("SessionKindText")
        self.readerEdit = qt.QLineEdit()
        self.readerEdit.objectName = "ReaderEdit"
        self.readerEdit.setMaxLength(LONGEST_TEXT)
        self.readerEdit.toolTip = _(
            "Whose corrections these are. Several readers of an image are kept apart."
        )
        self.readerEdit.text = setting("reader") or accountName()
        self.readerEdit.connect("editingFinished()", self._onReader)
        cases.setReader(self.readerEdit.text)
        self.form = qt.QFormLayout()
        self.form.addRow(_("Session:"), _row((self.path, 1), (self.openButton, 0)))
        self.newRow = qt.QWidget()
        new = qt.QVBoxLayout(self.newRow)
        new.setContentsMargins(0, 0, 0, 0)
        new.addWidget(self.kindBox)
        new.addWidget(self.kindText)
        self.form.addRow(self.newRow)
        self.form.addRow(self.takeButton)
        self.form.addRow(_("Reader:"), self.readerEdit)
        self._onKind(0)
        self.update()

    def update(self) -> None:
        """Follow what is open, and what the path names."""
        isOpen, path = self._cases.session is not None, self.path.currentPath
        makes = not isOpen and not isSession(path) and canBecomeSession(path)
        self.path.enabled = not isOpen
        self.openButton.text = _("Close") if isOpen else _("Create") if makes else _("Open")
        self.openButton.enabled = isOpen or makes or isSession(path)
        self.newRow.visible = makes
        self.takeButton.visible = self._cases.opened.owner is not None or self._cases.lost

    def open(self, takeOver: bool = False) -> None:
        """Open what the path names, or make it; what is against it is said."""
        path = self.path.currentPath
        try:
            with slicer.util.WaitCursor(True):  # after a crash, all of a large session is looked through
                if isSession(path):
                    self._cases.open(path, takeOver)
                else:
                    self._cases.create(path, self.kindBox.itemData(self.kindBox.currentIndex))
        except SessionError as error:
            self._say(str(error))
        self.update()

    def _onOpen(self) -> None:
        self._say("")
        if self._cases.session is None:
            self.open()
            return
        # Closed without its mask only by whoever presses again.
        if not self._warned and not self._cases.save():
            self._warned = True
            self._say(
                _("The mask was not saved. Close again to close the session; the mask stays in the scene.")
            )
            return
        self._warned = False
        self._cases.close()
        self.update()

    def _onTakeOver(self) -> None:
        self._say("")
        self.open(takeOver=True)

    def _onPath(self, _path: str) -> None:
        self._cases.opened.owner = None
        self.update()

    def _onKind(self, _index: int) -> None:
        copies = self.kindBox.itemData(self.kindBox.currentIndex) == COPIES
        self.kindText.text = copiesText() if copies else referencesText()

    def _onReader(self) -> None:
        name = self.readerEdit.text.strip() or accountName()
        if not self._cases.setReader(name):
            self.readerEdit.text = self._cases.reader
            return
        self.readerEdit.text = name
        remember("reader", name)


def copiesText() -> str:
    """What copies hold, and what not."""
    return _(
        "De-identified: the session holds the pixels, and of a DICOM header only what describes the "
        "technique; no name, date, number or place. Images are numbered. What is written in the pixels stays."
    )


def referencesText() -> str:
    """What references mean."""
    return _(
        "Not de-identified: the session holds the files' names and folders, which may tell patients', and "
        "small pictures of them. The files must stay where they are."
    )


def accountName() -> str:
    """What the system calls whoever is at work."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        return _("reader")


def _row(*widgets):
    row = qt.QHBoxLayout()
    for widget, stretch in widgets:
        row.addWidget(widget, stretch)
    return row
