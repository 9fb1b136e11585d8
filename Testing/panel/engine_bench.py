"""An engine process for tests: the stand-in engine, Qt's event loop, and a record of the callbacks' calls."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAND_IN = str(HERE / "stand_in_engine.py")
PATIENCE = 60  # seconds


class Told:
    """What a request's callbacks were called with."""

    def __init__(self):
        self.results, self.progress, self.errors = [], [], []
        self.callbacks = {
            "onResult": lambda header, arrays: self.results.append((header, arrays)),
            "onProgress": lambda done, text: self.progress.append((done, text)),
            "onError": lambda text, code: self.errors.append((text, code)),
        }

    @property
    def ended(self) -> bool:
        return bool(self.results or self.errors)


class Bench:
    """An engine process and Qt's event loop, whose longest pause is kept."""

    def __init__(self, arguments: list[str]):
        import qt
        from CXRAdaINSegLib.processes.EngineProcess import EngineProcess

        self.loop = qt.QEventLoop()  # its static sister loses references to None in PySide6 6.12
        self.program, self.arguments = sys.executable, arguments
        self.states: list[str] = []
        self.engine = EngineProcess(self.command)
        self.engine.stateChanged.connect(lambda state, text: self.states.append(state))

    def command(self) -> tuple[str, list[str], dict[str, str]]:
        return self.program, self.arguments, {**os.environ, "PYTHONPATH": str(HERE.parents[1] / "trainer")}

    def ask(self, do: str, arrays=None, **fields) -> tuple[int, Told]:
        told = Told()
        return self.engine.request(do, arrays, **told.callbacks, **fields), told

    def wait(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"in vain; states {self.states}, {self.engine.text}"
            self.loop.processEvents()
            time.sleep(0.001)

    def result(self, do: str, arrays=None, **fields):
        told = self.ask(do, arrays, **fields)[1]
        self.wait(lambda: told.ended)
        assert not told.errors
        return told.results[0]


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True
