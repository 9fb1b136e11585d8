"""The lock that lets one application at a time write to a session; another may take it over.

The owner is a row in a small SQLite file, whose transactions work on every platform. Each write checks the
row and happens within one transaction, so an application that was taken over writes nothing more. The owner
also holds an operating-system lock on a file of its own, which ends with the process and thus tells a crashed
owner, who can be replaced, from a living one.
"""

from __future__ import annotations

import getpass
import json
import os
import secrets
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..file_lock import try_lock
from ..files import MALFORMED
from .folder import LOCK, OWNER, alive_file
from .index import transaction
from .records import SessionError

PATIENCE = 30.0  # seconds for which a write waits for another to end


@dataclass(frozen=True)
class Owner:
    """The application that has a session open for writing."""

    token: str
    program: str
    user: str
    host: str
    process: int
    since: str

    def __str__(self) -> str:
        return f"{self.program} (user {self.user}, computer {self.host}) since {self.local_since()}"

    def local_since(self) -> str:
        """When it opened the session, in the local time zone, with the date unless it is today."""
        try:
            since = datetime.fromisoformat(self.since).astimezone()
        except (TypeError, ValueError):
            return str(self.since)
        return since.strftime("%H:%M" if since.date() == datetime.now().date() else "%Y-%m-%d %H:%M")


class SessionLocked(SessionError):
    """Another application, `owner`, has the session open."""

    def __init__(self, owner: Owner):
        super().__init__(f"The session is open in {owner}. Close it there, or take it over.")
        self.owner = owner


class SessionTaken(SessionError):
    """Another application, `owner` if that is known, has taken the session over; this one can no longer write
    to it."""

    def __init__(self, owner: Owner | None):
        super().__init__(
            f"The session was taken over by {owner or 'another application'}; nothing was saved. "
            "Open it again to go on here."
        )
        self.owner = owner


class WriterLock:
    """The right to write on behalf of the owner with this token, while that is the owner."""

    def __init__(self, folder: Path, token: str):
        self._folder = folder
        (folder / LOCK).mkdir(exist_ok=True)
        self.token = token
        self._database: Any = _open(folder / OWNER)

    @contextmanager
    def owned(self) -> Iterator[None]:
        """While inside, nobody can take the session over. Raises SessionTaken if somebody has."""
        with self._transaction():
            present = self._present()
            if present is None or present.token != self.token:
                raise SessionTaken(present)
            yield

    def release(self) -> None:
        """Give up the right to write."""
        if self._database is not None:
            self._database.close()
            self._database = None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(transaction(self._database))
            except sqlite3.OperationalError as error:
                if "full" in str(error):  # the disk; the caller reports it
                    raise
                raise SessionError(
                    f"The session's lock does not answer ({error}): another application may be writing. Wait."
                ) from error
            yield

    def _present(self) -> Owner | None:
        row = self._database.execute("SELECT owner FROM owner").fetchone()
        try:
            return Owner(**json.loads(row[0])) if row else None
        except MALFORMED:
            return None  # not written by this program


class OwnerLock(WriterLock):
    """Becomes the owner. Raises SessionLocked if another application is, unless `take_over`."""

    def __init__(self, folder: Path, program: str, take_over: bool = False):
        self._alive: int | None = None
        since = datetime.now(UTC).isoformat(timespec="seconds")
        self.owner = Owner(secrets.token_hex(8), program, _user(), socket.gethostname(), os.getpid(), since)
        super().__init__(folder, self.owner.token)
        try:
            with self._transaction():
                present = self._present()
                if present and not take_over and self._may_live(present):
                    raise SessionLocked(present)
                for file in (folder / LOCK).glob("*.alive"):
                    if not _is_locked(file):
                        file.unlink(missing_ok=True)
                file = alive_file(folder, self.owner.token)
                self._alive = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
                try_lock(self._alive)
                self._database.execute("DELETE FROM owner")
                self._database.execute("INSERT INTO owner VALUES (?)", (json.dumps(asdict(self.owner)),))
        except BaseException:
            self._let_go()
            raise

    def release(self) -> None:
        """Give up ownership."""
        if self._database is None:
            return
        with suppress(sqlite3.Error, SessionError), self._transaction():
            present = self._present()
            if present and present.token == self.owner.token:
                self._database.execute("DELETE FROM owner")
        self._let_go()

    def _may_live(self, owner: Owner) -> bool:
        """Whether the owner's process may be alive; True for a process of another computer, which cannot be
        checked."""
        return owner.host != self.owner.host or _is_locked(alive_file(self._folder, owner.token))

    def _let_go(self) -> None:
        super().release()
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
            with suppress(OSError):  # the folder may be gone
                alive_file(self._folder, self.owner.token).unlink(missing_ok=True)


def _is_locked(file: Path) -> bool:
    """Whether a living process holds the lock on a file."""
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return False
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> sqlite3.Connection:
    """Open the lock's database; a damaged one names no owner and is replaced."""
    try:
        return _connected(path)
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise
        raise SessionError(f"{path}: cannot be used ({error}). Try again.") from error
    except sqlite3.DatabaseError:
        path.unlink(missing_ok=True)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA synchronous = OFF")  # there is no owner after a power cut
        database.execute("CREATE TABLE IF NOT EXISTS owner (owner TEXT NOT NULL)")
        database.execute("SELECT owner FROM owner").fetchone()
    except sqlite3.Error:
        database.close()
        raise
    return database


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # the account has no name
        return "unknown"
