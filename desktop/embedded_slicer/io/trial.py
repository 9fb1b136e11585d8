"""Loads files in a process of its own first, because some damaged files crash the libraries that read them,
and the window would end with its unsaved work."""

from __future__ import annotations

import faulthandler
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .pictures import is_picture

PATIENCE = 30  # seconds for a file


def crashing(paths: list[Path]) -> list[Path]:
    """Those files whose loading ends its process, or does not end; never pictures, which Pillow reads."""
    found, rest = [], [path for path in paths if not is_picture(path)]
    while rest and (tried := _try(rest)) < len(rest):
        found.append(rest[tried])
        rest = rest[tried + 1 :]
    return found


def _try(paths: list[Path]) -> int:
    """How many files, from the first on, are loaded or refused before the process ends."""
    command, names = [sys.executable, "-m", __name__], [str(path.absolute()) for path in paths]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(
        command,
        input=json.dumps(names).encode(),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.stdout.count(b".")


def _main() -> None:
    """Load the files that standard input names, a list in JSON; write a dot for each that is done."""
    report = os.dup(sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what libraries print is no report
    from ..scene import make
    from .manager import qSlicerCoreIOManager

    with tempfile.TemporaryDirectory() as folder:
        logics = make(folder)
        manager = qSlicerCoreIOManager(logics)
        for path in json.load(sys.stdin):
            faulthandler.dump_traceback_later(PATIENCE, exit=True)
            manager.loadNodes(manager.fileType(path), {"fileName": path, "show": False})
            logics.scene.Clear(0)
            os.write(report, b".")
    os._exit(0)  # what is loaded need not be taken down


if __name__ == "__main__":
    _main()
