"""The open session, and its owner if another application has it open. No widgets."""

from __future__ import annotations

from pathlib import Path

import slicer
from cxradain.sessions.folder import SESSION
from cxradain.sessions.lock import Owner, SessionLocked
from cxradain.sessions.store import Session
from slicer.i18n import tr as _

from ..processes.SessionWorker import SessionWorker
from ..Signal import Signal


class OpenSession:
    """`session` is the open session, or None; `owner` has the session that could not be opened.

    Signal: changed(), a session was opened or closed.
    """

    def __init__(self):
        self.session: Session | None = None
        self.owner: Owner | None = None
        self.worker = SessionWorker(lambda: self.session)
        self.changed = Signal()

    @property
    def onlyReads(self) -> bool:
        """Whether the open session is read-only."""
        return self.session is not None and not self.session.token

    def open(self, path: str | Path, takeOver: bool = False, write: bool = True) -> None:
        """Open a session's folder. Raises SessionError; SessionLocked, setting `owner`, if it is in use."""
        self.owner = None
        try:
            program = slicer.app.applicationName
            opened = Session(path, write=write, take_over=takeOver, program=program)
        except SessionLocked as locked:
            self.owner = locked.owner
            raise
        self._set(opened)

    def create(self, path: str | Path, images: str) -> None:
        """Create an empty session of copies or of references, as `images` says. Raises SessionError."""
        self.owner = None
        self._set(Session.create(path, images, program=slicer.app.applicationName))

    def close(self) -> None:
        """Close the session and stop its worker."""
        if self.session is not None:
            self._set(None)

    def _set(self, session: Session | None) -> None:
        self.worker.stop()
        before, self.session = self.session, session
        if before is not None:
            before.close()
        self.changed.emit()


def noSessionText() -> str:
    """The message for what needs an open session."""
    return _("Open a session first, or make one: choose a folder.")


def readOnlyText() -> str:
    """The message for what a session that was opened to read does not take."""
    return _("The session was opened to read. Close it, and open it to write.")


def isSession(path: str) -> bool:
    """Whether a folder is a session."""
    return bool(path) and (Path(path) / SESSION).is_file()


def canBecomeSession(path: str) -> bool:
    """Whether a session can be created there: in a new or an empty folder."""
    folder = Path(path)
    if not path or not folder.is_absolute() or folder.is_file():
        return False
    return not folder.is_dir() or not any(folder.iterdir())
