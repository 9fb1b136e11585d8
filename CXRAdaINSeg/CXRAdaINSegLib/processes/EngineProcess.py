"""The engine as a child process of the application; requests and replies pass through Qt's event loop.

Nothing here blocks. The engine starts with the first request and ends when its standard input is closed, at
the latest with the application.
"""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import qt
from cxradain.frames import FrameError, FrameReader, Message, encode
from slicer.i18n import tr as _

from ..Signal import Signal
from ..Timers import callAfter, callLater
from .ChildProcess import ChildProcess, Command

CANCEL_TIMEOUT = 20_000  # ms for a cancelled request to end
SIGKILL = 9  # its number on Unix; the system sends it when memory runs out
MAX_LAST_LINES = 12  # lines of standard error that are shown after a failure
OFF, STARTING, READY, BUSY, FAILED = "off", "starting", "ready", "busy", "failed"

OnResult = Callable[[dict[str, Any], dict[str, np.ndarray]], None]
OnProgress = Callable[[float, str], None]
OnError = Callable[[str, str], None]


@dataclass
class _Request:
    """A pending request and its callbacks."""

    parts: list
    onResult: OnResult
    onProgress: OnProgress
    onError: OnError
    sent: bool = False
    cancelled: bool = False


class EngineProcess:
    """The engine, started when it is first needed.

    command: returns program, arguments and environment. It is called at each start, so that changed settings
    take effect at the next start.

    `state` is "off", "starting", "ready", "busy" or "failed", `text` the same in the user's language; `info`
    is the engine's "ready" message, {} before. All callbacks run on the main thread, from Qt's event loop,
    never within `request`.
    """

    def __init__(self, command: Callable[[], Command]):
        self.command = command
        self.state, self.text = OFF, _("The engine is not running.")
        self.info: dict[str, Any] = {}
        self.stateChanged = Signal()  # (state, text)
        self._identities = itertools.count(1)
        self._requests: dict[int, _Request] = {}
        self._run: EngineRun | None = None

    def start(self) -> None:
        """Start the engine, if it is not running."""
        if self._run is not None:
            return
        self.info = {}
        self._setState(STARTING, _("The engine is starting."))
        try:
            self._run = EngineRun(self.command(), self._handle, self._failed)
        except (OSError, ValueError) as error:  # the settings name no usable Python
            reason = str(error)
            callLater(lambda: self._failed(reason) if self._run is None and self.state == STARTING else None)

    def request(
        self,
        do: str,
        arrays: Mapping[str, np.ndarray] | None = None,
        onResult: OnResult | None = None,
        onProgress: OnProgress | None = None,
        onError: OnError | None = None,
        **fields: Any,
    ) -> int:
        """Send a request, starting the engine if needed; returns the request's id.

        Calls either onResult(header, arrays) or onError(text, code), unless `stop` is called first. The code
        is one of the engine's ("model", "device", "radiograph", "unknown_image", "internal"), "cancelled", or
        "gone" if the engine ended. onProgress(done, text) may be called before, with done in 0..1.
        Raises FrameError, ValueError or TypeError if the request cannot be encoded.
        """
        identity = next(self._identities)
        parts = encode({**fields, "id": identity, "do": do}, arrays)
        self._requests[identity] = _Request(
            parts, onResult or _ignore, onProgress or _ignore, onError or _ignore
        )
        self.start()
        self._sendWaiting()
        return identity

    def cancel(self, identity: int) -> None:
        """Cancel a request: onError is called with "cancelled", and no other callback after that."""
        request = self._requests.get(identity)
        if request is None or request.cancelled:
            return
        request.cancelled = True
        if not request.sent:
            del self._requests[identity]
        else:
            self._run.write(encode({"do": "cancel", "of": identity}))
            callAfter(CANCEL_TIMEOUT, partial(self._endIfStuck, identity))
        callLater(lambda: request.onError(_("Cancelled."), "cancelled"))

    def stop(self) -> None:
        """Stop the engine and drop all requests without calling back."""
        self._requests.clear()
        self._retire()
        self._setState(OFF, _("The engine is not running."))

    def restart(self) -> None:
        """Restart the engine; pending requests fail."""
        self._retire()
        self._failRequests(_("The engine was restarted."))
        self.start()

    # Called by EngineRun.

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
                request.onProgress(header["done"], header["text"])
            return
        del self._requests[identity]
        self._settle()
        if request.cancelled:
            return
        if kind == "result":
            request.onResult(header, message.arrays)
        else:
            request.onError(str(header.get("text")), str(header.get("code")))

    def _failed(self, reason: str) -> None:
        """The engine ended, or must be ended: fail all requests. The next request starts a new one."""
        self._retire()
        logging.error("CXRAdaINSeg: %s", reason)
        self._setState(FAILED, reason)
        self._failRequests(reason)

    def _endIfStuck(self, identity: int) -> None:
        """Fail the run if a cancelled request is still pending, because it blocks all later ones."""
        if identity in self._requests:
            self._failed(_("The engine did not stop what was cancelled, so it was ended."))

    def _failRequests(self, reason: str) -> None:
        requests, self._requests = self._requests, {}
        for request in requests.values():
            if not request.cancelled:
                callLater(partial(request.onError, reason, "gone"))

    def _sendWaiting(self) -> None:
        if not self.info:
            return
        for request in self._requests.values():
            if not request.sent:
                request.sent = True
                self._run.write(request.parts)
                request.parts = []
        self._settle()

    def _settle(self) -> None:
        """Set the state to ready or busy."""
        if self._requests:
            self._setState(BUSY, _("The engine is at work."))
        else:
            self._setState(READY, _("The engine is ready."))

    def _retire(self) -> None:
        if self._run is not None:
            self._run.retire()
        self._run, self.info = None, {}

    def _setState(self, state: str, text: str) -> None:
        if (state, text) == (self.state, self.text):
            return
        self.state, self.text = state, text
        self.stateChanged.emit(state, text)


class EngineRun(ChildProcess):
    """One run of the engine's process.

    onMessage(message): it sent a message. onFailed(reason): it ended, or its output is not a message. Neither
    is called within a method, nor after `retire`.
    """

    def __init__(
        self, command: Command, onMessage: Callable[[Message], None], onFailed: Callable[[str], None]
    ):
        self._onMessage, self._onFailed = onMessage, onFailed
        self._frames = FrameReader()
        self._inbox: deque[Message] = deque()
        self._lastLines: deque[str] = deque(maxlen=MAX_LAST_LINES)
        super().__init__(command)

    def write(self, parts: list) -> None:
        """Write a message's parts, which Qt buffers."""
        for part in () if self._ended else parts:
            # PythonQt may treat bytes as text that ends at the first zero byte; not so a QByteArray.
            self._process.write(qt.QByteArray(bytes(part)))

    def _onOutput(self, data: bytes) -> None:
        try:
            messages = self._frames.feed(data)
        except FrameError as error:
            reason = _("The engine's answers make no sense: {error}").format(error=error)
            callLater(lambda: self._onEnd(reason))
            return
        for message in messages:
            self._inbox.append(message)
            # Outside this slot: a callback may stop this process, and an exception must not stop the others.
            callLater(self._deliver)

    def _deliver(self) -> None:
        message = self._inbox.popleft()
        if not self._retired:
            self._onMessage(message)

    def _onErrorLine(self, line: str) -> None:
        logging.debug("CXRAdaINSeg engine: %s", line)
        self._lastLines.append(line)

    def _endReason(self) -> str:
        code = self._process.exitCode()
        if self._process.exitStatus() == qt.QProcess.CrashExit and code == SIGKILL:
            reason = _("The engine was ended by the system, probably for lack of memory. Try again.")
        else:
            reason = _("The engine ended unexpectedly (exit code {code}).").format(code=code)
        return "\n".join([reason, *self._lastLines])

    def _onEnd(self, reason: str) -> None:
        if not self._retired:
            self._onFailed(reason)


def _ignore(*arguments: object) -> None:
    """Stands in for a callback that was not given."""
