"""The trainer as a process that outlives the application; they share only the round's folder.

Qt's detached processes are not used: PythonQt has only the static QProcess.startDetached, which takes no
environment and returns the process ID through a pointer.
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

# Keeps a child from ending with its parent, or with its parent's terminal.
DETACHED: dict[str, Any] = {"start_new_session": True}
if sys.platform == "win32":
    DETACHED = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}

# Those that this application has started, and when (Unix time), by the round's folder.
processes: dict[Path, tuple[Popen, float]] = {}


def start(folder: RoundFolder, arguments: list[str], resume: bool = False) -> None:
    """Start or resume a round's trainer. Raises OSError, and ValueError for the settings.

    arguments: for `cxradain train`; kept in the folder, so that another application can resume the round.
    """
    program, options, environment = trainCommand([*arguments, "--resume"] if resume else arguments)
    folder.add_notes(words=arguments)
    folder.withdraw_stop()
    began = time.time()
    with folder.log.open("ab") as log:
        process = Popen(
            [program, *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **DETACHED,
        )
    processes[folder.path] = process, began


def resume(folder: RoundFolder) -> None:
    """Resume a round with the arguments it was started with. Raises the errors of `start`."""
    start(folder, [str(word) for word in folder.read_notes().get("words", ())], resume=True)


def standing(folder: RoundFolder) -> str:
    """A round's state, as in `RoundFolder.observed_state`, given the processes of this application."""
    if folder.path not in processes:
        return folder.observed_state()
    process, began = processes[folder.path]
    return folder.observed_state(process.poll() is not None and not _signal(process, 0), began)


def end(folder: RoundFolder, atOnce: bool = False) -> bool:
    """Terminate the round's processes, with `atOnce` kill them, even without a checkpoint; False if another
    application started them."""
    if folder.path not in processes:
        return False
    process, _began = processes[folder.path]
    if os.name == "nt":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], check=False, **DETACHED)
    else:
        _signal(process, signal.SIGKILL if atOnce else signal.SIGTERM)
    return True


def _signal(process: Popen, number: int) -> bool:
    """Send a signal (0: none) to a process and its descendants; returns whether any of them exists.

    The process may be only a launcher, like that of 3D Slicer's Python, which the trainer outlives.
    """
    if os.name == "nt":
        return False
    try:
        os.killpg(process.pid, number)  # it leads its session, so its group has its number
    except (ProcessLookupError, PermissionError):  # the latter on some systems, for a group of zombies
        return False
    return True
