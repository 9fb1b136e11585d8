"""What a round does, for whoever looks at its folder: `round.json`; and the file `stop`, which pauses it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from .. import CxradainError
from ..file_lock import taken
from ..files import replace_atomically

State = Literal["preparing", "training", "comparing", "finished", "stopped", "failed"]
STOP = "stop"
EVERY = 5.0  # seconds between two signs of life
LOCK, PATIENCE = "lock", 10.0  # seconds that a killed round's own processes may still hold it
BEGUN = ("data", "readers", "references")  # facts that a round goes on with as it began


class RoundBusy(CxradainError):
    """Another process is at work on the round; the message says which and what to do."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the one process at work in a round's folder, which is made where it is missing. The lock ends with
    the process. Raises RoundBusy and OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + PATIENCE
        while not taken(descriptor):
            if time.monotonic() > until:
                pid = read_status(folder).get("pid", "of another computer")
                raise RoundBusy(
                    f"{folder}: another process ({pid}) is at work on this round. Wait for its end, or put a "
                    f"file named {STOP} there to pause it."
                )
            time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


class RoundStatus:
    """Writes `round.json` in a round's folder: state, a word on it, process, time, and what it began with.

    Args:
        folder: the round's; made where it is missing.
        resume: keep what the file says of the beginning: when, which versions are used, and BEGUN.
        facts: what else it says: session, base, used versions, command, and BEGUN.
    """

    def __init__(self, folder: Path, resume: bool = False, **facts: Any):
        self.folder = folder
        self._state: State = "preparing"
        self._text, self._written = "", 0.0
        self._facts = {"started": time.time(), **facts}
        if resume:
            kept = ("started", "used", *BEGUN)
            self._facts |= {k: v for k, v in read_status(folder).items() if k in kept}
        (folder / STOP).unlink(missing_ok=True)

    def say(self, state: State, text: str = "") -> None:
        """Change state or text."""
        self._state, self._text = state, text
        self._write()

    def alive(self, text: str | None = None) -> None:
        """A sign of life, written now and then; `text` is the newest word."""
        self._text = self._text if text is None else text
        if time.monotonic() - self._written > EVERY:
            self._write()

    def stop_asked(self) -> bool:
        """Whether the file that asks for a pause is there; also a sign of life."""
        self.alive()
        return (self.folder / STOP).exists()

    def _write(self) -> None:
        self._written = time.monotonic()
        told = {"state": self._state, "text": self._text, "pid": os.getpid(), "time": time.time()}
        text = json.dumps({**self._facts, **told}, indent=1) + "\n"
        replace_atomically(self.folder / ROUND, lambda part: part.write_text(text, encoding="utf-8"))


def read_status(folder: Path) -> dict[str, Any]:
    """What `round.json` says; empty where there is none that can be read."""
    try:
        found = json.loads((folder / ROUND).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


ROUNDS = "rounds"  # folder of a session in which the panel keeps its rounds, one folder each
ROUND = "round.json"  # in a round's folder: what it does or did


def _used_last(session: Path) -> frozenset[str]:
    """Ids of the versions that the newest finished round was trained on."""
    found: dict = {}
    for path in session.glob(f"{ROUNDS}/*/{ROUND}"):
        try:
            told = json.loads(path.read_bytes())
            if told["state"] == "finished" and told["started"] > found.get("started", 0.0):
                found = told
        except (OSError, ValueError, TypeError, KeyError):
            continue  # a round that cannot be read has used nothing
    return frozenset(found.get("used", ()))
