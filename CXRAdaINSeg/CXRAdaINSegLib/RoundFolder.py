"""A round's folder as the panel sees it: what the round does, what its curves and log say. No Qt."""

from __future__ import annotations

import json
import os
import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from cxradain.files import replace_atomically
from cxradain.rounds.folder import ROUND, ROUNDS

STARTING, RUNNING, SILENT, GONE = "starting", "running", "silent", "gone"
ACTIVE = (STARTING, RUNNING, SILENT)
AT_WORK = ("preparing", "training", "comparing")  # the trainer's own words
PATIENCE = 120.0  # seconds without a sign of life
FRESH = 30.0  # seconds: a sign of life comes every ten
PROGRESS, GATE, REPORT, MODEL, STOP = "progress.jsonl", "gate.json", "gate.html", "model", "stop"
LOG, PANEL = "log.txt", "panel.json"  # what the trainer printed, and what the panel keeps beside it
MOST = 1 << 20  # bytes of progress read at a time
TAIL = 1 << 14  # bytes of the log's end that are looked at


class RoundFolder:
    """One round, running or not; `path` is its folder."""

    def __init__(self, path: Path):
        self.path = path
        self._read, self._rest = 0, b""

    @classmethod
    def new(cls, session: Path) -> RoundFolder:
        """Make the folder of a session's next round. Raises OSError."""
        stamp, number = datetime.now().strftime("%Y%m%d-%H%M%S"), 1
        path = session / ROUNDS / stamp
        while path.exists():
            number += 1
            path = path.with_name(f"{stamp}-{number}")
        path.mkdir(parents=True)
        return cls(path)

    @classmethod
    def newest(cls, session: Path) -> RoundFolder | None:
        """A session's latest round, by its name."""
        found = [path for path in (session / ROUNDS).glob("*") if path.is_dir()]
        return cls(max(found)) if found else None

    # --- what it says -------------------------------------------------------------------------------------

    def told(self) -> dict[str, Any]:
        """What the trainer last said of itself; empty before it has."""
        return _read(self.path / ROUND)

    def standing(self, ended: bool | None = None, begun: float = 0.0) -> str:
        """One of ACTIVE, GONE, "finished", "stopped" or "failed".

        ended: whether the process has, where the caller knows. begun: when it was started, in Unix time; what
        was told before is of an earlier one.
        """
        told = self.told()
        if float(told.get("time") or 0.0) < begun:
            told = {"time": begun}
        state = told.get("state")
        if state is not None and state not in AT_WORK:
            return state
        since = time.time() - float(told.get("time") or _changed(self.path))
        if ended or (ended is None and since > FRESH and not _lives(told.get("pid"))):
            return GONE
        if since > PATIENCE:
            return SILENT
        return RUNNING if state is not None else STARTING

    def minutesSilent(self) -> int:
        """Whole minutes since the last sign of life."""
        return int((time.time() - float(self.told().get("time") or _changed(self.path))) // 60)

    def newEvents(self) -> list[dict[str, Any]]:
        """The lines of progress that came since the last call, at most MOST bytes of them."""
        try:
            with (self.path / PROGRESS).open("rb") as file:
                file.seek(self._read)
                data = file.read(MOST)
        except FileNotFoundError:
            return []
        self._read += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [event for event in map(_event, lines) if event is not None]

    def lastLines(self, count: int = 200) -> list[str]:
        """The end of what the trainer printed."""
        try:
            with (self.path / LOG).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL))
                text = file.read(TAIL).decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        return text.splitlines()[-count:]

    def gate(self) -> dict[str, Any]:
        """How the new model compares with the one it began as; empty before that is known."""
        return _read(self.path / GATE)

    def bytes(self) -> int:
        """What the folder takes on the disk."""
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())

    # --- what is asked of it ------------------------------------------------------------------------------

    def pause(self) -> None:
        """Ask the trainer to write a checkpoint and stop. Raises OSError."""
        (self.path / STOP).touch()

    def kept(self) -> dict[str, Any]:
        """What the panel keeps of the round: `words` that it was started with, and the user's `decision`."""
        return _read(self.path / PANEL)

    def keep(self, **facts: Any) -> None:
        """Keep more of it. Raises OSError."""
        text = json.dumps(self.kept() | facts, indent=1) + "\n"
        replace_atomically(self.path / PANEL, lambda part: part.write_text(text, encoding="utf-8"))

    def remove(self) -> None:
        """Delete the folder. Raises OSError."""
        if self.path.parent.name != ROUNDS:
            raise ValueError(self.path)
        shutil.rmtree(self.path)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):  # not there yet
        return {}
    return found if isinstance(found, dict) else {}


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:  # cut off by a crash
        return None
    return found if isinstance(found, dict) else None


def _changed(path: Path) -> float:
    """When anything in a folder was made or renamed last; its log is written to from the start."""
    places = (path, path / LOG)
    return max((place.stat().st_mtime for place in places if place.exists()), default=0.0)


def _lives(process: Any) -> bool:
    """Whether there is such a process here; True where the system cannot be asked without harm."""
    if not isinstance(process, int) or process <= 0:
        return False
    if os.name == "nt":  # there, os.kill would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
