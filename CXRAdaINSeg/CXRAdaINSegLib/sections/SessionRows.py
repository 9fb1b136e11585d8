"""The rows of the Worklist section that choose the session and the reader."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from contextlib import suppress

import slicer
from cxradain.sessions.folder import COPIES, REFERENCES
from cxradain.sessions.readers import MODELS_NAME, is_same_name, reader_named
from cxradain.sessions.records import LONGEST_TEXT, SessionError
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.OpenSession import canBecomeSession, isSession
from ..logic.OwnerTexts import lockedText
from ..logic.Segmenting import waitingText
from ..logic.Worklist import Worklist
from ..Settings import remember, setting
from .LeavingImage import mayLeave


class SessionRows:
    """Opens, creates, takes over and closes the session of `worklist`. showMessage(text, holds): shows a
    problem, for as long as that holds. onOpened(): a session was opened or created."""

    def __init__(self, worklist: Worklist, showMessage: Callable[..., None], onOpened: Callable[[], None]):
        self._worklist, self._showMessage, self._onOpened = worklist, showMessage, onOpened
        self._refused = False
        self.path = ui.folderEdit("SessionPath", "CXRAdaINSeg/sessions")  # offers recent sessions
        self.path.toolTip = _(
            "A folder that holds radiographs and every version of their masks. A new or empty one is made a "
            "session."
        )
        self.path.connect("currentPathChanged(QString)", self._onPath)
        self.openButton = ui.pushButton("OpenSessionButton", _("Open"), self._onOpen)
        self.openButton.toolTip = _("Open that folder's session or make one there; once open, close it.")
        self.takeButton = ui.pushButton("TakeOverButton", _("Take over"), self._onTakeOver)
        self.takeButton.toolTip = _("Write here from now on; the other application can then save no more.")
        self.readButton = ui.pushButton("OpenToReadButton", _("Open to read"), self._onRead)
        self.readButton.toolTip = _("Look at the session without keeping anything in it.")
        self.readText = ui.textLabel("ReadOnlyText")
        self.readText.text = _("Open to read: no masks, approvals or flags are kept.")
        self.kindBox = ui.comboBox(
            "SessionKind",
            [(_("Copies of the images"), COPIES), (_("References to the files"), REFERENCES)],
            self._onKind,
        )
        self.kindBox.toolTip = _("Whether a new session holds the images or only names their files.")
        self.kindText = ui.textLabel("SessionKindText")
        self.readerEdit = ui.lineEdit("ReaderEdit")
        self.readerEdit.setMaxLength(LONGEST_TEXT)
        self.readerEdit.connect("editingFinished()", self._onReader)
        self.readerBox = ui.editableBox(self.readerEdit, "ReaderBox", self._onReader)
        self.readerBox.toolTip = self.readerEdit.toolTip = _(
            "Whose corrections these are. Several readers of an image are kept apart. The list has the "
            "session's readers."
        )
        self.readerEdit.text = firstReader()
        worklist.setReader(self.readerEdit.text)
        worklist.opened.changed.connect(self._listReaders)
        worklist.readerChanged.connect(self._listReaders)
        self.newRow = ui.holder(ui.column(self.kindBox, self.kindText))
        self.form = ui.form(
            (_("Session:"), ui.row(self.path, self.openButton, stretch=(1, 0))),
            self.newRow,
            (_("Reader:"), ui.row(self.readerBox, self.takeButton, self.readButton, stretch=(1, 0, 0))),
        )
        self._onKind(0)
        self.update()

    def update(self) -> None:
        """Update the controls for the open session and the path."""
        isOpen, path = self._worklist.session is not None, self.path.currentPath
        makes = not isOpen and not isSession(path) and canBecomeSession(path)
        self.path.enabled = not isOpen
        self.openButton.text = _("Close") if isOpen else _("Create") if makes else _("Open")
        self.openButton.enabled = isOpen or makes or isSession(path)
        self.newRow.visible = makes
        self.takeButton.visible = self._worklist.opened.owner is not None or self._worklist.lost
        self.readButton.visible = not isOpen and self._refused and isSession(path)
        self.readText.visible = self._worklist.opened.onlyReads

    def open(self, takeOver: bool = False, write: bool = True) -> None:
        """Open the session at the path, or create it; problems are shown."""
        path, kind = self.path.currentPath, ui.chosenData(self.kindBox)
        with slicer.util.WaitCursor(True):  # after a crash, the whole session is checked
            if isSession(path):
                ui.attempt(lambda: self._worklist.open(path, takeOver, write), self._showProblem)
            else:
                ui.attempt(lambda: self._worklist.create(path, kind), self._showMessage)
        self._refused = self._worklist.session is None
        self.update()
        if self._worklist.session is not None:
            self.path.addCurrentPathToHistory()
            said = self._setReader(self._worklist.reader)
            self._onOpened()
            if said:
                self._showMessage(said)

    def _showProblem(self, text: str) -> None:
        owner = self._worklist.opened.owner
        self._showMessage(text if owner is None else lockedText(owner))

    def _onOpen(self) -> None:
        self._showMessage("")
        if self._worklist.session is None:
            self.open()
        elif self._worklist.segmenting.writing:
            self._showMessage(waitingText())
            self._worklist.whenAnswered(self._close)
        else:
            self._close()

    def _close(self) -> None:
        if self._worklist.session is None:  # pressed twice while the model answered
            return
        if not self._worklist.isFinished() or not mayLeave(self._worklist):
            return
        if self._worklist.save() or ui.confirm(
            _(
                "The last changes could not be saved. Close the session without saving them? They stay in "
                "the scene, and come back when the session is opened again before this window is closed."
            ),
            _("Close without saving?"),
            _("Close without saving"),
            _("Keep open"),
        ):
            self._worklist.close()
        self.update()

    def _onTakeOver(self) -> None:
        self._showMessage("")
        self.open(takeOver=True)

    def _onRead(self) -> None:
        self._showMessage("")
        self.open(write=False)

    def _onPath(self, _path: str) -> None:
        self._worklist.opened.owner, self._refused = None, False
        self.update()

    def _onKind(self, _index: int) -> None:
        self.kindText.text = kindText(ui.chosenData(self.kindBox))

    def _onReader(self) -> None:
        text = self.readerEdit.text
        said = self._setReader(text if text.strip() else firstReader(""))
        if said:
            reader = self._worklist.reader
            self._showMessage(said, lambda: self._worklist.reader == reader)

    def _setReader(self, name: str) -> str:
        """Change the reader to the one of the session who has this name; returns a message, if any."""
        try:
            return self._named(name)
        except SessionError as error:
            return str(error)
        finally:
            self.readerEdit.text = self._worklist.reader
            remember("reader", self._worklist.reader)

    def _named(self, name: str) -> str:
        if isModels(name):
            text = _("A reader cannot be called {name}: the model is. Enter another name.")
            return text.format(name=name.strip())
        readers = self._known()
        known, before = reader_named(name, readers), self._worklist.reader
        if known != before:
            if self._worklist.segmenting.writing:
                self._worklist.whenAnswered(lambda: self._showMessage(self._setReader(known)))
                return waitingText()
            if not mayLeave(self._worklist):
                return ""
        if not self._worklist.setReader(known):
            return ""
        if known != before and readers and known not in readers:
            text = _(
                "{name} is a new reader in this session. If that is a slip, choose your name in the list."
            )
            return text.format(name=known)
        if known == name or known not in readers:
            return ""
        text = _("{name} is one of the session's readers already: your work is kept under that name.")
        return text.format(name=known)

    def _known(self) -> list[str]:
        """The session's readers, as far as they may be chosen."""
        session = self._worklist.session
        return [] if session is None else [each for each in session.readers() if not isModels(each)]

    def _listReaders(self) -> None:
        ui.setItems(self.readerBox, self._known())


def kindText(kind: str) -> str:
    """What a session of copies or of references holds."""
    if kind == COPIES:
        return _(
            "De-identified: the session holds the pixels, and of a DICOM header only what describes the "
            "technique; no name, date, number or place. Images are numbered; their files' names are kept on "
            "this computer only. What is written in the pixels stays."
        )
    return _(
        "Not de-identified: the session holds the files' names and folders, which may tell patients', and "
        "small pictures of them. The files must stay where they are."
    )


def isModels(name: str) -> bool:
    """Whether tables would not tell a reader's name from the model's."""
    return any(is_same_name(name, each) for each in (MODELS_NAME, _("model")))


def firstReader(name: str | None = None) -> str:
    """The reader's name to begin with: by default that of the last time, or else the user account's."""
    name = setting("reader") if name is None else name
    if not name:
        with suppress(OSError, KeyError, ImportError):  # an account without a name
            name = getpass.getuser()
    try:
        name = reader_named(name, ())
    except SessionError:
        name = ""
    return _("reader") if not name or isModels(name) else name
