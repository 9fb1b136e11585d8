"""A program run as a child of the application, by way of Qt's event loop; nothing here blocks."""

from __future__ import annotations

import atexit
from abc import ABC, abstractmethod

import qt
from slicer.i18n import tr as _

from ..Timers import callAfter, callLater

Command = tuple[str, list[str], dict[str, str]]  # program, arguments, environment
END_TIMEOUT = 3000  # ms that a program gets to end by itself


class ChildProcess(ABC):
    """A program, started at once; what it prints and how it ends is for derived classes."""

    def __init__(self, command: Command):
        program, arguments, environment = command
        self._ended = self._retired = False
        # Of the application, which so ends it at the latest when it goes itself.
        self._process = qt.QProcess(qt.QCoreApplication.instance())
        self._process.readyReadStandardOutput.connect(self._onReadyOutput)
        self._process.readyReadStandardError.connect(self._onReadyErrorOutput)
        self._process.errorOccurred.connect(self._onError)
        self._process.finished.connect(self._onFinished)
        self._process.setProgram(program)
        self._process.setArguments(arguments)
        self._process.setEnvironment([f"{name}={value}" for name, value in environment.items()])
        atexit.register(self.retire)  # an application that crashes may emit no signal
        self._process.start()

    def retire(self) -> None:
        """End it; nothing of it is read or reported any more.

        Where the application goes first, the process ends while it is being deleted: nothing may touch it.
        """
        if not self._retired:
            self._retired = True
            self._closeInput()

    def _closeInput(self) -> None:
        """End it by closing its input; by force if it does not end in time."""
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
            self._onErrorOutput(bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace"))

    def _onError(self, error: int) -> None:
        if error == qt.QProcess.FailedToStart:  # finished reports a crash
            self._end(_("{program} cannot be started.").format(program=self._process.program()))

    def _onFinished(self) -> None:
        self._onReadyOutput()  # a program that cannot go on says so and ends
        self._onReadyErrorOutput()
        self._end("" if self._retired else self._endReason())

    def _end(self, reason: str) -> None:
        self._ended = True
        atexit.unregister(self.retire)
        if not self._retired:
            # Outside Qt's slot, for what is called may start another process, or delete this one.
            callLater(lambda: self._onEnd(reason))

    @abstractmethod
    def _onOutput(self, data: bytes) -> None:
        """It printed something to its standard output."""

    @abstractmethod
    def _onErrorOutput(self, text: str) -> None:
        """It printed something to its standard error."""

    @abstractmethod
    def _endReason(self) -> str:
        """Why the process, which has ended, did so."""

    @abstractmethod
    def _onEnd(self, reason: str) -> None:
        """It has ended, or could not be started; it may have been retired since."""
