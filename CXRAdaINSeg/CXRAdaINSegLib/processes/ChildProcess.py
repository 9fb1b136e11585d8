"""A child process of the application, handled by Qt's event loop; nothing here blocks."""

from __future__ import annotations

import atexit
from abc import ABC, abstractmethod

import qt
from slicer.i18n import tr as _

from ..Timers import callAfter, callLater

Command = tuple[str, list[str], dict[str, str]]  # program, arguments, environment
END_TIMEOUT = 3000  # ms before a program that does not end by itself is killed


class Lines:
    """The lines of a stream whose data arrives in pieces, which may end within a line or a letter."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, data: bytes) -> list[str]:
        """The lines that are complete with this data."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line.decode("utf-8", "replace").rstrip() for line in lines]

    def last(self) -> list[str]:
        """The last line, if the stream ended without a line feed, as a list."""
        return self.add(b"\n") if self._rest else []


class ChildProcess(ABC):
    """Starts a program at once; subclasses handle its output and its end."""

    def __init__(self, command: Command):
        program, arguments, environment = command
        self._ended = self._retired = False
        self._errorLines = Lines()
        # A child of the application object, so that the process ends with the application at the latest.
        self._process = qt.QProcess(qt.QCoreApplication.instance())
        self._process.readyReadStandardOutput.connect(self._onReadyOutput)
        self._process.readyReadStandardError.connect(self._onReadyErrorOutput)
        self._process.errorOccurred.connect(self._onError)
        self._process.finished.connect(self._onFinished)
        self._process.setProgram(program)
        self._process.setArguments(arguments)
        self._process.setEnvironment([f"{name}={value}" for name, value in environment.items()])
        atexit.register(self.retire)  # for an application that quits without Qt's signals
        self._process.start()

    def retire(self) -> None:
        """End the process without reading or reporting anything more.

        If the application quits first, the process ends while its QProcess is being deleted, and must not be
        used any more.
        """
        if not self._retired:
            self._retired = True
            self._closeInput()

    def _closeInput(self) -> None:
        """Close the process's standard input, and kill it if it does not end in time."""
        self._process.closeWriteChannel()
        self._reapLater()

    def _reapLater(self) -> None:
        callAfter(END_TIMEOUT, self._reap)

    def _reap(self) -> None:
        if not self._ended:
            self._process.kill()
            self._reapLater()
        else:
            self._process.deleteLater()

    def _onReadyOutput(self) -> None:
        if not self._retired:
            self._onOutput(bytes(self._process.readAllStandardOutput().data()))

    def _onReadyErrorOutput(self) -> None:
        if not self._retired:
            for line in self._errorLines.add(bytes(self._process.readAllStandardError().data())):
                self._onErrorLine(line)

    def _onError(self, error: int) -> None:
        if error == qt.QProcess.FailedToStart:  # `finished` reports a crash
            self._end(_("{program} cannot be started.").format(program=self._process.program()))

    def _onFinished(self) -> None:
        self._onReadyOutput()  # first: a program that fails prints why before it ends
        self._onReadyErrorOutput()
        for line in () if self._retired else self._errorLines.last():
            self._onErrorLine(line)
        self._end("" if self._retired else self._endReason())

    def _end(self, reason: str) -> None:
        self._ended = True
        atexit.unregister(self.retire)
        if not self._retired:
            # Outside Qt's slot, because the callback may start another process, or delete this one.
            callLater(lambda: self._onEnd(reason))

    @abstractmethod
    def _onOutput(self, data: bytes) -> None:
        """Handle data from standard output."""

    @abstractmethod
    def _onErrorLine(self, line: str) -> None:
        """Handle a line from standard error."""

    @abstractmethod
    def _endReason(self) -> str:
        """Return why the process ended; "" for success."""

    @abstractmethod
    def _onEnd(self, reason: str) -> None:
        """Handle the end of the process, or that it could not start; it may have been retired since."""
