"""A program run in the background: its output line by line, how it ended, and a way to cancel it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import qt
from slicer.i18n import tr as _

from .ChildProcess import ChildProcess, Command, Lines

COMMAND = "cxradain: "  # prefix of the command line's own messages


def lastJson(output: str) -> Any:
    """The JSON object in the last line of a program's output that starts with "{"; None if there is none."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    try:
        return json.loads(lines[-1]) if lines else None
    except ValueError:
        return None


def cancelledText() -> str:
    """The reason passed to `onEnd` when a job was cancelled."""
    return _("Cancelled.")


def cancellingText() -> str:
    """The message from the click on Cancel until the program has ended, which may take seconds."""
    return _("Cancelling...")


def lastMessage(lines: list[str]) -> str:
    """The command line's last message, without its prefix; "" if the lines are only logs."""
    messages = [line.removeprefix(COMMAND) for line in lines if line.startswith(COMMAND)]
    return messages[-1] if messages else ""


class BackgroundJob(ChildProcess):
    """Runs a program. onLine(text): it printed a line. onEnd(succeeded, reason, output): it ended.

    Cancelling closes the program's standard input, then kills it; the reason says that it was cancelled.
    `output` is its complete standard output.
    """

    def __init__(
        self, command: Command, onLine: Callable[[str], None], onEnd: Callable[[bool, str, str], None]
    ):
        self._onLine, self._report = onLine, onEnd
        self._output, self._lines = b"", Lines()
        self._cancelled = False
        super().__init__(command)

    def cancel(self) -> None:
        """Cancel the program; onEnd is called."""
        if not self._ended and not self._cancelled:
            self._cancelled = True
            self._closeInput()

    def _onOutput(self, data: bytes) -> None:
        self._output += data
        for line in self._lines.add(data):
            self._onLine(line)

    def _onErrorLine(self, line: str) -> None:
        self._onLine(line)

    def _endReason(self) -> str:
        for line in self._lines.last():
            self._onLine(line)
        code = self._process.exitCode()
        failed = code != 0 or self._process.exitStatus() == qt.QProcess.CrashExit
        return _("It ended with exit code {code}.").format(code=code) if failed else ""

    def _onEnd(self, reason: str) -> None:
        if self._cancelled:
            reason = cancelledText()
        else:
            self._process.deleteLater()
        self._report(not reason, reason, self._output.decode("utf-8", "replace"))
