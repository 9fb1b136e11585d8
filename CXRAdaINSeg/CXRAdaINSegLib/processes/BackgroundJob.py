"""A program run beside the window: its lines as they come, how it ended, and a way to cancel it."""

from __future__ import annotations

import atexit
import json
from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

PATIENCE = 3000  # ms that a cancelled program gets to end by itself


def lastJson(output: str) -> Any:
    """The last line of a program's output that begins as a JSON object does; None where it is none."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    try:
        return json.loads(lines[-1]) if lines else None
    except ValueError:
        return None


class BackgroundJob:
    """Runs one program; onLine(text) for each line it prints, then onEnd(succeeded, reason, output), once.

    Cancelling closes the program's standard input, then kills it; the reason then says so. `output` is all
    that it printed to its standard output.
    """

    def __init__(
        self,
        command: tuple[str, list[str], dict[str, str]],
        onLine: Callable[[str], None],
        onEnd: Callable[[bool, str, str], None],
    ):
        self._onLine, self._onEnd = onLine, onEnd
        self._output, self._rest = "", ""
        self._cancelled = self._ended = False
        program, arguments, environment = command
        # Of the application, which so ends it at the latest when it goes itself.
        self._process = qt.QProcess(qt.QCoreApplication.instance())
        self._process.readyReadStandardOutput.connect(self._onOutput)
        self._process.readyReadStandardError.connect(self._onErrorOutput)
        self._process.errorOccurred.connect(self._onError)
        self._process.finished.connect(self._onFinished)
        self._process.setProgram(program)
        self._process.setArguments(arguments)
        self._process.setEnvironment([f"{name}={value}" for name, value in environment.items()])
        self._process.start()
        atexit.register(self._letGo)

    def cancel(self) -> None:
        """End it; onEnd follows."""
        if self._ended or self._cancelled:
            return
        self._cancelled = True
        self._process.closeWriteChannel()
        qt.QTimer.singleShot(PATIENCE, self._kill)

    def _kill(self) -> None:
        if not self._ended:
            self._process.kill()

    def _letGo(self) -> None:
        """The application goes, and the program with it: nothing may touch it while it is being deleted."""
        self._process.readyReadStandardOutput.disconnect(self._onOutput)
        self._process.readyReadStandardError.disconnect(self._onErrorOutput)
        self._process.errorOccurred.disconnect(self._onError)
        self._process.finished.disconnect(self._onFinished)

    def _onOutput(self) -> None:
        text = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        self._output += text
        self._tell(text)

    def _onErrorOutput(self) -> None:
        self._tell(bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace"))

    def _tell(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._onLine(line.rstrip())

    def _onError(self, error: int) -> None:
        if error == qt.QProcess.FailedToStart:
            program = self._process.program()
            self._end(False, _("{program} cannot be started.").format(program=program))

    def _onFinished(self) -> None:
        self._onOutput()
        self._onErrorOutput()
        if self._rest:
            self._tell("\n")
        code = self._process.exitCode()
        failed = code != 0 or self._process.exitStatus() == qt.QProcess.CrashExit
        self._end(not failed, _("It ended with exit code {code}.").format(code=code) if failed else "")

    def _end(self, succeeded: bool, reason: str) -> None:
        if self._ended:
            return
        self._ended = True
        atexit.unregister(self._letGo)
        self._process.deleteLater()
        if self._cancelled:
            succeeded, reason = False, _("Cancelled.")
        # Outside Qt's slot, for what is called may start the next job.
        qt.QTimer.singleShot(0, lambda: self._onEnd(succeeded, reason, self._output))
