"""A session's owner lends its place to a process that works for it: reading, adding and keeping masks.

The window that owns a session hands its token to a child process; both write, one after the other, while the
place is theirs. Once it is given up or taken over, neither writes any more.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from . import folder as files
from .durable import saying_why
from .index import Index
from .lock import Place
from .records import SessionError
from .store import Session


class LentSession(Session):
    """The session of a living owner, opened for writing with that owner's token (`token_of`).

    Raises SessionTaken where the place is another's by now, and SessionError.
    """

    def __init__(self, path: str | Path, token: str):
        self.path = Path(path).absolute()
        self.description = files.describe(self.path)
        self._guard = threading.RLock()
        self._lock = Place(self.path, token)
        try:
            with saying_why("The session"), self._lock.held():
                self._index = Index(self.path / files.INDEX)
        except sqlite3.DatabaseError as error:
            self._lock.release()
            raise SessionError(f"The session's index is damaged ({error}). Rebuild it.") from error
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Let go of the files; the place stays the owner's."""
        with self._guard:
            self._index.close()
            if self._lock is not None:
                self._lock.release()
                self._lock = None


def token_of(session: Session) -> str:
    """What lends a session's place; "" of one that is only read, or closed."""
    return session._lock.token if session._lock is not None else ""
