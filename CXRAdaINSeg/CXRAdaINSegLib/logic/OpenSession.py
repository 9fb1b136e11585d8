"""The session that the window has open, and who has it instead. No widgets."""

from __future__ import annotations

from pathlib import Path

import slicer
from cxradain.sessions.folder import SESSION
from cxradain.sessions.lock import Owner, SessionLocked
from cxradain.sessions.store import Session, token_of

from ..processes.SessionWorker import SessionWorker
from ..Signal import Signal


class OpenSession:
    """`session` is the one that is open, or None; `owner` who has the one that could not be opened.

    Signal: changed(), another one was opened, or it was closed.
    """

    def __init__(self):
        self.session: Session | None = None
        self.owner: Owner | None = None
        self.worker = SessionWorker(lambda: self.session)
        self.changed = Signal()

    @property
    def onlyReads(self) -> bool:
        """Whether a session is open that is only read."""
        return self.session is not None and not token_of(self.session)

    def open(self, path: str | Path, takeOver: bool = False, write: bool = True) -> None:
        """Open a session's folder. Raises SessionError; for one in use SessionLocked, and keeps its owner."""
        self.owner = None
        try:
            program = slicer.app.applicationName
            opened = Session(path, write=write, take_over=takeOver, program=program)
        except SessionLocked as locked:
            self.owner = locked.owner
            raise
        self._set(opened)

    def create(self, path: str | Path, images: str) -> None:
        """Make an empty session of copies or references. Raises SessionError."""
        self.owner = None
        self._set(Session.create(path, images, program=slicer.app.applicationName))

    def close(self) -> None:
        """Close it, and end what works for it."""
        if self.session is not None:
            self._set(None)

    def _set(self, session: Session | None) -> None:
        self.worker.stop()
        before, self.session = self.session, session
        if before is not None:
            before.close()
        self.changed.emit()


def isSession(path: str) -> bool:
    """Whether a folder is a session's."""
    return bool(path) and (Path(path) / SESSION).is_file()


def canBecomeSession(path: str) -> bool:
    """Whether a session can be made there: a new or an empty folder."""
    folder = Path(path)
    if not path or not folder.is_absolute() or folder.is_file():
        return False
    return not folder.is_dir() or not any(folder.iterdir())
