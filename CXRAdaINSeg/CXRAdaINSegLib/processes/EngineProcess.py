"""The engine as a child process of the application: requests go out and answers come in by Qt's event loop.

Nothing here waits. The engine is started at the first request, told to end by closing its input, and ends
with the application in any case.
"""

from __future__ import annotations

import atexit
import itertools
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import qt
from cxradain.engine.protocol import Decoder, Message, ProtocolError, encode
from slicer.i18n import tr as _

from ..Signal import Signal

STUCK = 20_000  # ms within which a request that was cancelled has to end
OFF, STARTING, READY, BUSY, FAILED = "off", "starting", "ready", "busy", "failed"

OnResult = Callable[[dict[str, Any], dict[str, np.ndarray]], None]
OnProgress = Callable[[float, str], None]
OnError = Callable[[str, str], None]


@dataclass
class _Request:
    """A request and whom to tell."""

    parts: list
    onResult: OnResult | None
    onProgress: OnProgress | None
    onError: OnError | None
    sent: bool = False
    cancelled: bool = False


class EngineProcess:
    """The engine, started when it is first needed.

    :param command: gives program, arguments and environment; asked at each start, so that a change of the
        settings holds from the next start on.

    `state` is "off", "starting", "ready", "busy" or "failed", and `text` says it in words; `info` is what the
    engine told of itself, {} before. All callbacks run on the main thread, from Qt's event loop, never from
    within `request`.
    """

    def __init__(self, command: Callable[[], tuple[str, list[str], dict[str, str]]]):
        self.command = command
        self.state, self.text = OFF, _("The engine is not running.")
        self.info: dict[str, Any] = {}
        self.stateChanged = Signal()  # (state, text)
        self._identities = itertools.count(1)
        self._requests: dict[int, _Request] = {}
        self._run: EngineRun | None = None

    def start(self) -> None:
        """Start the engine, if it does not run."""
        if self._run is not None:
            return
        self.info = {}
        self._setState(STARTING, _("The engine is starting."))
        self._run = EngineRun(self._handle, self._failed)
        try:
            self._run.start(*self.command())
        except (OSError, ValueError) as error:  # the settings lead nowhere
            self._run.failSoon(str(error))

    def request(
        self,
        do: str,
        arrays: Mapping[str, np.ndarray] | None = None,
        onResult: OnResult | None = None,
        onProgress: OnProgress | None = None,
        onError: OnError | None = None,
        **fields: Any,
    ) -> int:
        """Ask, and start the engine where needed; returns the request's id.

        One of onResult(header, arrays) and onError(text, code) is called in the end, unless `stop` comes
        first. The code is one of the engine's ("model", "device", "radiograph", "unknown_image", "internal"),
        "cancelled", or "gone" where the engine ended. onProgress(done, text) may come before, done in 0..1.
        Raises ProtocolError, ValueError or TypeError for what cannot be sent.
        """
        identity = next(self._identities)
        parts = encode({**fields, "id": identity, "do": do}, arrays)
        self._requests[identity] = _Request(parts, onResult, onProgress, onError)
        self.start()
        self._sendWaiting()
        return identity

    def cancel(self, identity: int) -> None:
        """Want a request no more: its onError is told so, and whatever the engine still says of it is not."""
        request = self._requests.get(identity)
        if request is None or request.cancelled:
            return
        request.cancelled = True
        if not request.sent:
            del self._requests[identity]
        elif self._run is not None:
            self._run.write(encode({"do": "cancel", "of": identity}))
            qt.QTimer.singleShot(STUCK, partial(self._endIfStuck, identity))
        soon(lambda: _tell(request.onError, _("Cancelled."), "cancelled"))

    def stop(self) -> None:
        """End the engine and forget all requests, telling nobody."""
        self._requests.clear()
        self._retire()
        self._setState(OFF, _("The engine is not running."))

    def restart(self) -> None:
        """End the engine, fail what waits for it, and start it anew."""
        self._retire()
        self._failRequests(_("The engine was restarted."))
        self.start()

    # Called by the run.

    def _handle(self, message: Message) -> None:
        header = message.header
        identity, kind = header.get("id"), header.get("kind")
        if identity == 0:
            if kind == "ready":
                self.info = header
                self._settle()
                self._sendWaiting()
            else:
                self._failed(str(header.get("text")))
            return
        request = self._requests.get(identity)
        if request is None:
            return
        if kind == "progress":
            if not request.cancelled:
                _tell(request.onProgress, header["done"], header["text"])
            return
        del self._requests[identity]
        self._settle()
        if request.cancelled:
            return
        if kind == "result":
            _tell(request.onResult, header, message.arrays)
        elif kind == "cancelled":
            _tell(request.onError, _("Cancelled."), "cancelled")
        else:
            _tell(request.onError, str(header.get("text")), str(header.get("code")))

    def _failed(self, reason: str) -> None:
        """The engine ended, or must: tell everybody why. The next request starts another one."""
        self._retire()
        logging.error("CXRAdaINSeg: %s", reason)
        self._setState(FAILED, reason)
        self._failRequests(reason)

    def _endIfStuck(self, identity: int) -> None:
        """All later requests would wait behind one that does not end. (A request is of one run only.)"""
        if identity in self._requests:
            self._failed(_("The engine did not stop what was cancelled, so it was ended."))

    def _failRequests(self, reason: str) -> None:
        requests, self._requests = self._requests, {}
        for request in requests.values():
            if not request.cancelled:
                soon(partial(_tell, request.onError, reason, "gone"))

    def _sendWaiting(self) -> None:
        if not self.info or self._run is None:
            return
        for request in self._requests.values():
            if not request.sent:
                request.sent = True
                self._run.write(request.parts)
                request.parts = []
        self._settle()

    def _settle(self) -> None:
        """Ready or busy, as requests have it."""
        if self._requests:
            self._setState(BUSY, _("The engine is at work."))
        else:
            self._setState(READY, _("The engine is ready."))

    def _retire(self) -> None:
        run, self._run = self._run, None
        self.info = {}
        if run is not None:
            run.retire()

    def _setState(self, state: str, text: str) -> None:
        if (state, text) == (self.state, self.text):
            return
        self.state, self.text = state, text
        self.stateChanged.emit(state, text)


def _tell(callback: Callable | None, *arguments: Any) -> None:
    if callback is not None:
        callback(*arguments)


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
