"""The folder of a round of training: written by the trainer, read by whoever watches it. No torch.

    round.json                  what the round does or did (`RoundStatus`), rewritten every few seconds
    progress.jsonl              losses and validation, a JSON object a line
    canvases/, canvases.json    the images as they are trained on, and their list
    checkpoint.safetensors      where the training goes on from
    model/                      the new model
    gate.json, gate.html        its comparison with the model that the round began with
    stop                        its presence asks the round to write a checkpoint and end
    lock                        held by the one process that is at work
    log.txt, panel.json         kept by the window that started the round: the trainer's output; its arguments
                                (`words`) and what the user decided (`decision`)

A session's rounds are in its folder `rounds`, each named by its starting time, UTC.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from .. import CxradainError
from ..file_lock import lock_within
from ..files import open_plain, read_limited, write_text
from ..models.registry import GATE
from ..sessions.folder import ROUNDS
from ..training import MODEL, PROGRESS
from . import contents

ROUND, REPORT, LOG, PANEL = "round.json", "gate.html", "log.txt", "panel.json"
CANVASES, IMAGE_LIST = "canvases", "canvases.json"
STOP, LOCK = "stop", "lock"

BETTER, NO_BETTER, WORSE, TOO_FEW = ("better", "no better", "worse", "too few to tell")  # verdicts
SESSION = "session"  # the name of the session's own images in a comparison

State = Literal["preparing", "training", "comparing", "finished", "stopped", "failed", "unreadable"]
AT_WORK = ("preparing", "training", "comparing")
STARTING, RUNNING, SILENT, GONE = "starting", "running", "silent", "gone"
UNREADABLE: Literal["unreadable"] = "unreadable"  # `round.json` is not a round's status
ACTIVE = (STARTING, RUNNING, SILENT)

HEARTBEAT = 5.0  # seconds between two writes of round.json
HANGS_AFTER = 600.0  # seconds without a sign of work after which it is no longer written
GONE_AFTER = 30.0  # seconds after the last write when the process is looked for
SILENT_AFTER = 120.0  # seconds after the last write when the round may hang
LOCK_PATIENCE = 10.0  # seconds for which processes of a killed round may still hold its lock
MOST = 1 << 20  # bytes of a status, and of progress read at a time
LARGEST = 64 << 20  # bytes of a comparison, which lists every image
TAIL = 1 << 14  # bytes of the log's end that are read


class RoundError(CxradainError):
    """A round cannot be run or planned as requested; the message says why and what to do."""


class RoundBusy(RoundError):
    """Another process is working on the round; the message says which and what to do."""


@contextmanager
def exclusive_round(folder: Path) -> Iterator[None]:
    """Be the only process working in a round's folder, which is created if missing. The lock ends with the
    process. Raises RoundBusy and OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with lock_within(folder / LOCK, LOCK_PATIENCE) as held:
        if not held:
            pid = read_status(folder).pid or "of another computer"
            raise RoundBusy(
                f"{folder}: another process ({pid}) is working on this round. Wait for it to end, or pause "
                f"it with a file named {STOP} there."
            )
        yield


@dataclass(frozen=True)
class RoundStatus:
    """The content of `round.json`.

    state: what the round does or how it ended, "" before it starts; "unreadable" if the file is damaged.
    text: the latest message, in English.
    pid, time: the process that wrote the file, and when (Unix time).
    started: when the round was started (Unix time).
    session, base: folders of the session and of the base model.
    used: ids of the labelled versions on which it trains.
    left_out: how many images it cannot use, such as unreadable ones; the log names them.
    data, readers, references: as in `RoundRequest`. Older versions did not write these; `references` is then
        None.
    command: the arguments of `cxradain`.
    """

    state: State | Literal[""] = ""
    text: str = ""
    pid: int | None = None
    time: float = 0.0
    started: float = 0.0
    session: str = ""
    base: str = ""
    used: list[str] = field(default_factory=list)
    left_out: int = 0
    data: str | None = None
    readers: Sequence[str] | None = None
    references: list[str] | None = None
    command: list[str] = field(default_factory=list)


def read_status(folder: Path) -> RoundStatus:
    """Read a round's `round.json`. Missing fields, or all of them without the file, have their defaults; for
    a damaged file the state is UNREADABLE."""
    try:
        content = contents.parsed(read_limited(folder / ROUND, MOST))
    except FileNotFoundError:
        return RoundStatus()
    except (OSError, ValueError):
        content = {}
    if not content or not contents.fits(content, contents.STATUS):
        return RoundStatus(UNREADABLE)
    return RoundStatus(
        **{name: content[name] for name in RoundStatus.__dataclass_fields__ if name in content}
    )


class StatusWriter:
    """Keeps a round's `round.json` up to date while the round runs.

    Args:
        folder: the round's; made where it is missing.
        begun_with: session, base, used, data, readers, references and command.
        resume: keep `started`, `used`, `left_out`, `data`, `readers` and `references` of the existing file.

    An old request to stop is withdrawn. The methods raise OSError.
    """

    def __init__(self, folder: Path, begun_with: RoundStatus, resume: bool = False):
        self.folder = folder
        self._status = replace(begun_with, state="preparing", started=time.time())
        self._written = self._worked = 0.0
        self._lock = threading.Lock()
        before = vars(read_status(folder)) if resume else {}
        if before.get("started"):
            kept = ["started", "used", "left_out"]
            kept += ["data", "readers", "references"] if before["references"] is not None else []
            self._status = replace(self._status, **{name: before[name] for name in kept})
        (folder / STOP).unlink(missing_ok=True)

    def set_state(self, state: State, text: str = "") -> None:
        """Write a new state and message."""
        with self._lock:
            self._worked = time.monotonic()
            self._status = replace(self._status, state=state, text=text)
            self._write()

    def set_used(self, used: list[str], left_out: int) -> None:
        """Note what the round trains on, to be written with the next state."""
        with self._lock:
            self._status = replace(self._status, used=used, left_out=left_out)

    def heartbeat(self, text: str | None = None) -> None:
        """Show that the work goes on, and its latest message; written at most every HEARTBEAT seconds."""
        with self._lock:
            self._worked = time.monotonic()
            self._status = replace(self._status, text=self._status.text if text is None else text)
            if time.monotonic() - self._written > HEARTBEAT:
                self._write()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Rewrite the file every HEARTBEAT seconds, however long a step or an image takes; no longer once
        the work has shown no sign for HANGS_AFTER seconds, so that a round that hangs is noticed."""
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(HEARTBEAT):
                with self._lock, suppress(OSError):  # the next change of state raises it
                    if self._written and time.monotonic() - self._worked < HANGS_AFTER:
                        self._write()

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def stop_requested(self) -> bool:
        """Whether the round is asked to stop; also a heartbeat."""
        self.heartbeat()
        return (self.folder / STOP).exists()

    def _write(self) -> None:
        self._written = time.monotonic()
        self._status = replace(self._status, pid=os.getpid(), time=time.time())
        _write(self.folder / ROUND, asdict(self._status))


class RoundFolder:
    """A round, running or not, as whoever watches it sees it; `path` is its folder."""

    def __init__(self, path: Path):
        self.path = path
        self.model, self.report, self.log = path / MODEL, path / REPORT, path / LOG
        self._read, self._rest = 0, b""

    @classmethod
    def new(cls, session: Path) -> RoundFolder:
        """Create the folder of a session's next round. Raises OSError."""
        stamp, number = datetime.now(UTC).strftime("%Y%m%d-%H%M%SZ"), 1
        path = session / ROUNDS / stamp
        while path.exists():
            number += 1
            path = path.with_name(f"{stamp}-{number}")
        path.mkdir(parents=True)
        return cls(path)

    @classmethod
    def newest(cls, session: Path) -> RoundFolder | None:
        """A session's latest round, by its starting time; None without any."""
        folders = (path for path in (session / ROUNDS).glob("*") if path.is_dir())
        newest = max(folders, key=lambda path: (_begun(path), path.name), default=None)
        return cls(newest) if newest else None

    # --- watching ---

    def read_status(self) -> RoundStatus:
        """The status that the trainer last wrote."""
        return read_status(self.path)

    def observed_state(self, process_ended: bool | None = None, started: float = 0.0) -> str:
        """One of ACTIVE, GONE, "finished", "stopped", "failed" or UNREADABLE.

        Args:
            process_ended: whether the trainer's process has ended; None if the caller does not know.
            started: when that process was started (Unix time); older statuses are of an earlier process.
        """
        status = self.read_status()
        if status.state == UNREADABLE:
            return UNREADABLE
        if status.time < started:
            status = RoundStatus(time=started)
        if status.state and status.state not in AT_WORK:
            return status.state
        age = time.time() - (status.time or _changed(self.path))
        if process_ended or (process_ended is None and age > GONE_AFTER and not _is_alive(status.pid)):
            return GONE
        if age > SILENT_AFTER:
            return SILENT
        return RUNNING if status.state else STARTING

    def minutes_silent(self) -> int:
        """Whole minutes since `round.json` was last written."""
        return int((time.time() - (self.read_status().time or _changed(self.path))) // 60)

    def new_events(self) -> list[dict[str, Any]]:
        """The valid lines of progress since the last call, at most MOST bytes of them."""
        try:
            with open_plain(self.path / PROGRESS) as file:
                file.seek(self._read)
                data = file.read(MOST)
        except OSError:
            return []
        self._read += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        events = map(contents.parsed, lines)
        return [event for event in events if event and contents.fits(event, contents.EVENT)]

    def last_log_lines(self, count: int = 200) -> list[str]:
        """The end of the trainer's output."""
        try:
            with open_plain(self.log) as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL))
                text = file.read(TAIL).decode("utf-8", "replace")
        except OSError:
            return []
        return text.splitlines()[-count:]

    def read_gate(self) -> dict[str, Any]:
        """The comparison of the new model with its base; empty before it is finished."""
        return _read(self.path / GATE, contents.GATE)

    def size(self) -> int:
        """The folder's size on disk, in bytes."""
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())

    # --- control ---

    def request_stop(self) -> None:
        """Ask the trainer to write a checkpoint and stop. Raises OSError."""
        (self.path / STOP).touch()

    def withdraw_stop(self) -> None:
        """Withdraw the request to stop. Raises OSError."""
        (self.path / STOP).unlink(missing_ok=True)

    def read_notes(self) -> dict[str, Any]:
        """The notes of the window that started the round: `words` and `decision`."""
        return _read(self.path / PANEL, contents.NOTES)

    def add_notes(self, **notes: Any) -> None:
        """Add to these notes. Raises OSError."""
        _write(self.path / PANEL, self.read_notes() | notes)

    def delete(self) -> None:
        """Delete the folder. Raises OSError, and ValueError for a folder that is not in a session."""
        if self.path.parent.name != ROUNDS:
            raise ValueError(self.path)
        shutil.rmtree(self.path)


def versions_used_last(session: Path) -> frozenset[str]:
    """Ids of the labelled versions on which a session's latest finished round was trained."""
    status = latest_finished(session)
    return frozenset() if status is None else frozenset(status.used)


def latest_finished(session: Path) -> RoundStatus | None:
    """The status of a session's latest finished round; None without any."""
    statuses = [read_status(path.parent) for path in session.glob(f"{ROUNDS}/*/{ROUND}")]
    finished = (status for status in statuses if status.state == "finished")
    return max(finished, key=lambda status: status.started, default=None)


def _read(path: Path, kinds: Mapping[str, contents.Kind]) -> dict[str, Any]:
    """Read a JSON object; empty if it is missing, or its fields are not of these kinds."""
    try:
        content = contents.parsed(read_limited(path, LARGEST))
    except (OSError, ValueError):
        return {}
    return content if contents.fits(content, kinds) else {}


def _write(path: Path, values: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(values, indent=1) + "\n")


def _begun(path: Path) -> float:
    """When a round was started (Unix time): by its name; if that is in local time (without a Z, older
    versions), by its status, or else by when its folder last changed."""
    try:
        return datetime.strptime(path.name[:16], "%Y%m%d-%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return read_status(path).started or _changed(path)


def _changed(path: Path) -> float:
    """When a folder or the log in it was last modified (Unix time)."""
    return max((place.stat().st_mtime for place in (path, path / LOG) if place.exists()), default=0.0)


def _is_alive(process: int | None) -> bool:
    """Whether a process of this computer is alive; True on Windows, where asking would end it."""
    if process is None or process <= 0:
        return False
    if os.name == "nt":  # os.kill would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
