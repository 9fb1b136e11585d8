"""One process of the engine, from its start to its end, by Qt's event loop."""

from __future__ import annotations

import atexit
import logging
from collections import deque
from collections.abc import Callable

import qt
from cxradain.engine.protocol import Decoder, Message, ProtocolError
from slicer.i18n import tr as _

PATIENCE = 3000  # ms that an engine gets to end by itself
KILLED = 9  # Unix's number for it; where memory runs out, the system does it


class EngineRun:
    """onMessage(message): the engine said something. onFailed(reason): it ended, or makes no sense.

    Neither is called from within a method, nor after `retire`.
    """

    retiring: set[EngineRun] = set()  # noqa: RUF012 - those told to end, kept until they have

    def __init__(self, onMessage: Callable[[Message], None], onFailed: Callable[[str], None]):
        self._onMessage, self._onFailed = onMessage, onFailed
        self._retired = False
        self._ended = True  # also before it starts
        self._decoder = Decoder()
        self._inbox: deque[Message] = deque()
        self._said: deque[str] = deque(maxlen=12)
        # Of the application, which so ends it at the latest when it goes itself.
        self._process = qt.QProcess(qt.QCoreApplication.instance())
        self._process.readyReadStandardOutput.connect(self._onOutput)
        self._process.readyReadStandardError.connect(self._onErrorOutput)
        self._process.errorOccurred.connect(self._onError)
        self._process.finished.connect(self._onFinished)

    def start(self, program: str, arguments: list[str], environment: dict[str, str]) -> None:
        """Returns at once."""
        self._process.setProgram(program)
        self._process.setArguments(arguments)
        self._process.setEnvironment([f"{name}={value}" for name, value in environment.items()])
        self._ended = False
        atexit.register(self.retire)  # an application that fails may tell nobody that it goes
        self._process.start()

    def write(self, parts: list) -> None:
        """Qt keeps the bytes and writes them as the engine takes them."""
        for part in () if self._ended else parts:
            # In PythonQt, bytes could be taken for text that ends at the first zero; a QByteArray cannot.
            self._process.write(qt.QByteArray(bytes(part)))

    def failSoon(self, reason: str) -> None:
        """Tell why it cannot go on, from the event loop."""
        soon(lambda: self._onFailed(reason) if not self._retired else None)

    def retire(self) -> None:
        """Tell it to end, by closing its input; by force if it does not."""
        if self._retired:
            return
        self._retired = True
        self._inbox.clear()
        if self._ended:
            self._process.deleteLater()
            return
        EngineRun.retiring.add(self)
        # Where the application goes first, the process ends while it is being deleted: nothing may touch it.
        self._process.readyReadStandardOutput.disconnect(self._onOutput)
        self._process.readyReadStandardError.disconnect(self._onErrorOutput)
        self._process.finished.disconnect(self._onFinished)
        self._process.finished.connect(self._end)
        self._process.closeWriteChannel()
        qt.QTimer.singleShot(PATIENCE, self._reap)

    def _reap(self) -> None:
        """Its time is over: by force where it has not ended, and let go of it where it has."""
        if self._ended:
            self._process.deleteLater()
            return
        self._process.kill()
        qt.QTimer.singleShot(PATIENCE, self._reap)

    def _end(self) -> None:
        self._ended = True
        atexit.unregister(self.retire)
        EngineRun.retiring.discard(self)

    def _onOutput(self) -> None:
        try:
            messages = self._decoder.feed(bytes(self._process.readAllStandardOutput().data()))
        except ProtocolError as error:
            self.failSoon(_("The engine's answers make no sense: {error}").format(error=error))
            return
        for message in messages:
            self._inbox.append(message)
            # Outside this slot, for what is called may stop this process, and one that fails stops no other.
            soon(self._deliver)

    def _deliver(self) -> None:
        if self._inbox:
            self._onMessage(self._inbox.popleft())

    def _onErrorOutput(self) -> None:
        text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        for line in text.splitlines():
            logging.debug("CXRAdaINSeg engine: %s", line)
            self._said.append(line)

    def _onError(self, error: int) -> None:
        if error != qt.QProcess.FailedToStart:
            return  # a crash is told by finished
        program = self._process.program()
        self._end()
        self.failSoon(_("{program} cannot be started.").format(program=program))

    def _onFinished(self) -> None:
        self._onOutput()  # an engine that cannot start says so and ends
        self._onErrorOutput()
        code = self._process.exitCode()
        killed = self._process.exitStatus() == qt.QProcess.CrashExit and code == KILLED
        self._end()
        if killed:
            reason = _("The engine was killed; the system does that when memory runs out.")
        else:
            reason = _("The engine ended unexpectedly (exit code {code}).").format(code=code)
        self.failSoon("\n".join([reason, *self._said]))


def soon(callback: Callable[[], object]) -> None:
    """Call from the event loop, outside whatever runs now."""
    qt.QTimer.singleShot(0, callback)
