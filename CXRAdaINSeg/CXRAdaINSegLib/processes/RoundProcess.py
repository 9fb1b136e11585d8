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

_children: dict[Path, Popen] = {}  # that this application has started, by the round's folder
_begun: dict[Path, float] = {}  # when it has


def start(folder: RoundFolder, words: list[str], resume: bool = False) -> None:
    """Start the trainer of a round, or resume it. Raises OSError, and ValueError of the settings.

    words: the arguments of `cxradain train`, kept in the folder so that a later application can resume.
    """
    program, arguments, environment = trainCommand([*words, *(["--resume"] if resume else [])])
    folder.add_notes(words=words)
    folder.withdraw_stop()
    _begun[folder.path] = time.time()
    with folder.log.open("ab") as log:
        _children[folder.path] = Popen(
            [program, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **_apart(),
        )


def resume(folder: RoundFolder) -> None:
    """Go on with a round as it was started. Raises as `start` does."""
    start(folder, [str(word) for word in folder.read_notes().get("words", ())], resume=True)


def standing(folder: RoundFolder) -> str:
    """How a round stands, as of `RoundFolder.observed_state`, knowing the processes of this application."""
    child = _children.get(folder.path)
    ended = None if child is None else child.poll() is not None and not _signal(child, 0)
    return folder.observed_state(ended, _begun.get(folder.path, 0.0))


def end(folder: RoundFolder, atOnce: bool = False) -> bool:
    """End the round's processes, checkpoint or not; False where another application started them."""
    child = _children.get(folder.path)
    if child is None:
        return False
    if os.name == "nt":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(child.pid)], check=False, **_apart())
    else:
        _signal(child, signal.SIGKILL if atOnce else signal.SIGTERM)
    return True


def _signal(child: Popen, number: int) -> bool:
    """Send a signal (0: none) to all that a child has started; whether anything of it is there.

    A child may be but a launcher, as 3D Slicer's Python has one, that the trainer outlives.
    """
    if os.name == "nt":
        return False
    try:
        os.killpg(child.pid, number)  # its group's number is its own, for it leads a session
    except (ProcessLookupError, PermissionError):  # of a group of zombies, some systems say the latter
        return False
    return True


def _apart() -> dict[str, Any]:
    """What keeps a child from ending with its parent, or with its parent's terminal."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
