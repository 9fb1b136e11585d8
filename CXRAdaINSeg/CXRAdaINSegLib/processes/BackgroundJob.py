"""A program run beside the window: its lines as they come, how it ended, and a way to cancel it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from .ChildProcess import ChildProcess, Command

COMMAND = "cxradain: "  # begins the command line's own messages


def lastJson(output: str) -> Any:
    """The last line of a program's output that begins as a JSON object does; None where it is none."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    try:
        return json.loads(lines[-1]) if lines else None
    except ValueError:
        return None


def cancelledText() -> str:
    """The reason that `onEnd` is given of a job that was cancelled."""
    return _("Cancelled.")


def ownWords(lines: list[str]) -> list[str]:
    """What the command line has said last of what went wrong, without its name; nothing of logs."""
    said = [line.removeprefix(COMMAND) for line in lines if line.startswith(COMMAND)]
    return said[-1:]


class BackgroundJob(ChildProcess):
    """Runs one program; onLine(text) for each line it prints, then onEnd(succeeded, reason, output), once.

    Cancelling closes the program's standard input, then kills it; the reason then says so. `output` is all
    that it printed to its standard output.
    """

    def __init__(
        self, command: Command, onLine: Callable[[str], None], onEnd: Callable[[bool, str, str], None]
    ):
        self._onLine, self._report = onLine, onEnd
        self._output, self._rest = "", ""
        self._cancelled = False
        super().__init__(command)

    def cancel(self) -> None:
        """End it; onEnd follows."""
        if not self._ended and not self._cancelled:
            self._cancelled = True
            self._closeInput()

    def _onOutput(self, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        self._output += text
        self._onErrorOutput(text)

    def _onErrorOutput(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._onLine(line.rstrip())

    def _endReason(self) -> str:
        if self._rest:
            self._onErrorOutput("\n")
        code = self._process.exitCode()
        failed = code != 0 or self._process.exitStatus() == qt.QProcess.CrashExit
        return _("It ended with exit code {code}.").format(code=code) if failed else ""

    def _onEnd(self, reason: str) -> None:
        if self._cancelled:
            reason = cancelledText()
        else:
            self._process.deleteLater()
        self._report(not reason, reason, self._output)
