"""One application at a time writes to a session: a lock with an owner, which another may take over.

The owner's name is a row in a small SQLite file, whose transactions every platform has. A write holds such a
transaction from the look at the row to its end, so an application that was taken over writes nothing more.
An owner also holds a lock of the operating system on a file of its own: that one ends with the process, and
so tells a crashed owner, whose place is free, from a living one.
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

PATIENCE = 30.0  # seconds that a write waits for another's to end


@dataclass(frozen=True)
class Owner:
    """Who has a session open for writing."""

    token: str
    program: str
    user: str
    host: str
    process: int
    since: str

    def __str__(self) -> str:
        return f"{self.program} (user {self.user}, computer {self.host}) since {self._local_since()}"

    def _local_since(self) -> str:
        """The time here, with the day unless it is today."""
        try:
            since = datetime.fromisoformat(self.since).astimezone()
        except (TypeError, ValueError):
            return str(self.since)
        return since.strftime("%H:%M" if since.date() == datetime.now().date() else "%Y-%m-%d %H:%M")


class SessionLocked(SessionError):
    """Another application has the session open; `owner` is who."""

    def __init__(self, owner: Owner):
        super().__init__(f"The session is open in {owner}. Close it there, or take it over.")
        self.owner = owner


class SessionTaken(SessionError):
    """Another application has taken the session over; this one can write to it no more."""


class WriterLock:
    """The right to write, as long as the owner with the token has it."""

    def __init__(self, folder: Path, token: str):
        self._folder = folder
        (folder / LOCK).mkdir(exist_ok=True)
        self.token = token
        self._database: Any = _open(folder / OWNER)

    @contextmanager
    def owned(self) -> Iterator[None]:
        """While inside, nobody takes the session over. Raises SessionTaken where somebody has."""
        with self._transaction():
            present = self._present()
            if present is None or present.token != self.token:
                raise SessionTaken(
                    f"The session was taken over by {present or 'another application'}; nothing was saved. "
                    "Open it again to go on here."
                )
            yield

    def release(self) -> None:
        """Write no more."""
        if self._database is not None:
            self._database.close()
            self._database = None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(transaction(self._database))
            except sqlite3.OperationalError as error:
                if "full" in str(error):  # the disk: said by who asked
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
            return None  # of no program that could be asked


class OwnerLock(WriterLock):
    """Becomes the owner. Raises SessionLocked where another is and is not to be taken over."""

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
        """Be the owner no more."""
        if self._database is None:
            return
        with suppress(sqlite3.Error, SessionError), self._transaction():
            present = self._present()
            if present and present.token == self.owner.token:
                self._database.execute("DELETE FROM owner")
        self._let_go()

    def _may_live(self, owner: Owner) -> bool:
        """Whether the owner's process may still be there; of another computer's that cannot be told."""
        return owner.host != self.owner.host or _is_locked(alive_file(self._folder, owner.token))

    def _let_go(self) -> None:
        super().release()
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
            with suppress(OSError):  # of a folder that has gone
                alive_file(self._folder, self.owner.token).unlink(missing_ok=True)


def _is_locked(file: Path) -> bool:
    """Whether a living process holds the lock on the file."""
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return False
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> sqlite3.Connection:
    """The lock's database; a damaged one says nothing of an owner and is made anew."""
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
        database.execute("PRAGMA synchronous = OFF")  # after a power cut there is no owner
        database.execute("CREATE TABLE IF NOT EXISTS owner (owner TEXT NOT NULL)")
        database.execute("SELECT owner FROM owner").fetchone()
    except sqlite3.Error:
        database.close()
        raise
    return database


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        return "unknown"
