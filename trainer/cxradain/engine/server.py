"""The loop of a child process: one thread reads requests, the main thread answers them one by one.

Frames go through private copies of standard input and output; the originals are redirected, so that no
library's print can break the stream. The process ends when its input does: pipes close even if the parent is
killed.
"""

from __future__ import annotations

import contextlib
import os
import pkgutil
import queue
import sys
import threading
import time
import traceback
from typing import Any

import numpy as np

from .. import CxradainError
from ..frames import FrameReader, Message, encode
from .protocol import Cancelled, RequestError, Service

INFERENCE = "cxradain.engine.inference_service:InferenceService"
SESSIONS = "cxradain.engine.session_service:SessionService"
CHUNK = 1 << 20  # bytes per read
LONGEST_ID, LONGEST_FAULT = 100, 10_000  # characters
PATIENCE = 2.0  # seconds for which a request may continue after the input has ended


class Server:
    """Serves the requests on descriptor `incoming`, answering on `outgoing`.

    `service` is the "module:class" of a `protocol.Service`, imported after the streams are redirected and
    created with `arguments`.
    """

    def __init__(self, incoming: int, outgoing: int, service: str = INFERENCE, *arguments: str) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._service, self._arguments = service, arguments
        self._waiting: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._cancelled: set[Any] = set()
        self._left = False  # the input has ended, so nobody waits for an answer
        self._writing = threading.Lock()

    def serve(self) -> int:
        """Report that the service is ready, then answer until the input ends or `stop`; returns the exit
        code."""
        threading.Thread(target=self._listen, name="requests", daemon=True).start()
        try:
            service = pkgutil.resolve_name(self._service)(*self._arguments)
            self._send({"id": 0, "kind": "ready", **service.info()})
        except Exception as error:  # a package may be missing, damaged or incompatible with the driver
            traceback.print_exc()
            self._send({"id": 0, "kind": "error", "code": "internal", "text": _not_started(error)})
            return 1
        while (message := self._waiting.get()) is not None:
            if not self.answer(service, message):
                break
        return 0

    def _listen(self) -> None:
        """Queue requests, in a thread beside the main one, so that `cancel` is noticed during a request."""
        frames = FrameReader()
        try:
            while data := os.read(self._incoming, CHUNK):
                for message in frames.feed(data):
                    if message.header.get("do") == "cancel":
                        self._cancelled.add(_identity(message.header.get("of")))
                    else:
                        self._waiting.put(message)
        except BaseException as error:  # whatever it is, nothing more can be read
            with contextlib.suppress(Exception):
                print(f"cxradain.engine: the requests cannot be read: {error!r}", file=sys.stderr, flush=True)
        # Nobody is left to read an answer: drop what waits and cancel what runs.
        self._left = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()
        self._waiting.put(None)
        time.sleep(PATIENCE)
        os._exit(0)

    def answer(self, service: Service, message: Message) -> bool:
        """Answer one request, and never fail at it; returns whether to continue."""
        header = message.header
        identity, name = _identity(header.get("id")), header.get("do")

        def report(done: float, text: str) -> None:
            if self._left or identity in self._cancelled:
                raise Cancelled
            self._send({"id": identity, "kind": "progress", "done": done, "text": text})

        arrays: dict[str, np.ndarray] = {}
        try:
            if identity in self._cancelled:
                raise Cancelled
            if name == "stop":
                reply: dict[str, Any] = {"kind": "result"}
            else:
                started = time.perf_counter()
                result, arrays = service.do(message, report)
                reply = {"kind": "result", **result, "seconds": time.perf_counter() - started}
            if identity in self._cancelled:
                raise Cancelled
        except Cancelled:
            reply, arrays = {"kind": "cancelled"}, {}
        except RequestError as error:
            reply = {"kind": "error", "code": error.code, "text": str(error)}
        except Exception as error:  # a bug: reported, and the next request may succeed
            traceback.print_exc()
            reply, arrays = _fault(error), {}
        try:
            self._send({"id": identity, **reply}, arrays)
        except (ValueError, TypeError, MemoryError, RecursionError) as error:
            # Too large, or not serializable.
            self._send({"id": identity, **_fault(error)})
        self._cancelled.discard(identity)
        return name != "stop"

    def _send(self, header: dict[str, Any], arrays: dict[str, np.ndarray] | None = None) -> None:
        parts = encode(header, arrays)
        with self._writing:
            for part in parts:
                view = memoryview(part)
                while view:
                    view = view[os.write(self._outgoing, view) :]


def _identity(value: Any) -> int | str | None:
    """A request's id, None for anything that no window would send."""
    whole = type(value) is int and abs(value) < 1 << 53
    return value if whole or (isinstance(value, str) and len(value) <= LONGEST_ID) else None


def _fault(error: BaseException) -> dict[str, Any]:
    return {"kind": "error", "code": "internal", "text": f"{type(error).__name__}: {error}"[:LONGEST_FAULT]}


def private_streams() -> tuple[int, int]:
    """Private copies of standard input and output for frames, binary and not inherited; afterwards descriptor
    0 reads nothing, and 1 writes to standard error."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (incoming, outgoing):
            msvcrt.setmode(descriptor, os.O_BINARY)
    return incoming, outgoing


def _not_started(error: Exception) -> str:
    if isinstance(error, CxradainError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return (
            f"The engine's Python ({sys.executable}) lacks the package {error.name}. "
            "Install it, or choose another Python in the setup."
        )
    return f"The engine did not start in {sys.executable}: {type(error).__name__}: {error}"


def main(service: str = INFERENCE, *arguments: str) -> int:
    """Serve on this process's standard streams with `service` (see Server); returns the exit code."""
    server = Server(*private_streams(), service, *arguments)
    try:
        return server.serve()
    except (BrokenPipeError, KeyboardInterrupt):
        return 0  # nobody is left to answer
