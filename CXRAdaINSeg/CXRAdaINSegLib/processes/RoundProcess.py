"""The trainer as a process that outlives the panel and the application: only the round's folder ties them.

Qt's own detached processes will not do: of QProcess.startDetached, PythonQt offers but the static function,
which takes no environment and tells the process's id by a pointer.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import Popen
from typing import Any

from cxradain.rounds.folder import RoundFolder

from .Environments import trainCommand

# What keeps a child from ending with its parent, or with its parent's terminal.
DETACHED: dict[str, Any] = {"start_new_session": True}
if sys.platform == "win32":
    DETACHED = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}

processes: dict[Path, Popen] = {}  # that this application has started, by the round's folder
_startTimes: dict[Path, float] = {}


def start(folder: RoundFolder, arguments: list[str], resume: bool = False) -> None:
    """Start the trainer of a round, or resume it. Raises OSError, and ValueError of the settings.

    arguments: of `cxradain train`, kept in the folder so that a later application can resume.
    """
    program, options, environment = trainCommand([*arguments, "--resume"] if resume else arguments)
    folder.add_notes(words=arguments)
    folder.withdraw_stop()
    _startTimes[folder.path] = time.time()
    with folder.log.open("ab") as log:
        processes[folder.path] = Popen(
            [program, *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **DETACHED,
        )


def resume(folder: RoundFolder) -> None:
    """Go on with a round as it was started. Raises as `start` does."""
    start(folder, [str(word) for word in folder.read_notes().get("words", ())], resume=True)


def standing(folder: RoundFolder) -> str:
    """How a round stands, as of `RoundFolder.observed_state`, knowing the processes of this application."""
    process = processes.get(folder.path)
    ended = None if process is None else process.poll() is not None and not _signal(process, 0)
    return folder.observed_state(ended, _startTimes.get(folder.path, 0.0))


def end(folder: RoundFolder, atOnce: bool = False) -> bool:
    """End the round's processes, checkpoint or not; False where another application started them."""
    process = processes.get(folder.path)
    if process is None:
        return False
    if os.name == "nt":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], check=False, **DETACHED)
    else:
        _signal(process, signal.SIGKILL if atOnce else signal.SIGTERM)
    return True


def _signal(process: Popen, number: int) -> bool:
    """Send a signal (0: none) to all that a process has started; whether anything of it is there.

    It may be but a launcher, as 3D Slicer's Python has one, that the trainer outlives.
    """
    if os.name == "nt":
        return False
    try:
        os.killpg(process.pid, number)  # its group's number is its own, for it leads a session
    except (ProcessLookupError, PermissionError):  # of a group of zombies, some systems say the latter
        return False
    return True
