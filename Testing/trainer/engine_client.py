"""An engine as a subprocess, used from any thread, for tests and benchmarks; the panel has its own client."""

from __future__ import annotations

import itertools
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import cxradain
import numpy as np
from cxradain import CxradainError
from cxradain.frames import FrameError, FrameReader, Message, encode

CHUNK = 1 << 20  # bytes a read
PATIENCE = 5.0  # seconds that an engine gets to end by itself
PACKAGE_PARENT = Path(cxradain.__file__).resolve().parents[1]

Progress = Callable[[float, str], None]


class EngineError(CxradainError):
    """A request failed: str() says what happened, `code` which kind it is ("gone": the engine ended)."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code


class Engine:
    """A running engine; a context manager that stops it.

    Args:
        command: how to start it; None: this Python's.

    `info` is the header of its first message, `process` the subprocess. Raises EngineError where it does not
    start.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        environment = dict(os.environ)
        paths = [str(PACKAGE_PARENT), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        arguments = list(command or (sys.executable, "-m", "cxradain.engine"))
        try:
            self.process: Any = subprocess.Popen(
                arguments,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise EngineError(
                f"{arguments[0]} cannot be started: {error.strerror or error}", "gone"
            ) from error
        self._identities = itertools.count(1)
        self._replies: dict[int, queue.SimpleQueue[Message | None]] = {0: queue.SimpleQueue()}
        self._last_lines: deque[str] = deque(maxlen=20)
        self._sending, self._guard = threading.Lock(), threading.Lock()
        self._ended = False
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._listen)]
        for thread in self._threads:
            thread.start()
        try:
            self.info: dict[str, Any] = self.wait(0).header
        except EngineError:
            self.stop()
            raise

    def request(
        self,
        do: str,
        arrays: Mapping[str, np.ndarray] | None = None,
        on_progress: Progress | None = None,
        **fields: Any,
    ) -> Message:
        """Ask, and wait for the result. Raises EngineError."""
        return self.wait(self.send(do, arrays, **fields), on_progress)

    def send(self, do: str, arrays: Mapping[str, np.ndarray] | None = None, **fields: Any) -> int:
        """Ask; returns the request's id, for `wait` and `cancel`. Raises EngineError."""
        identity = next(self._identities)
        with self._guard:
            if self._ended:
                raise self._gone()
            self._replies[identity] = queue.SimpleQueue()
        self._write(encode({"id": identity, "do": do, **fields}, arrays))
        return identity

    def wait(self, identity: int, on_progress: Progress | None = None) -> Message:
        """The result of a request. Raises EngineError; its code is "cancelled" for one that was."""
        replies = self._replies[identity]
        while (message := replies.get()) is not None:
            header = message.header
            if header["kind"] == "progress":
                if on_progress is not None:
                    on_progress(header["done"], header["text"])
                continue
            del self._replies[identity]
            if header["kind"] == "error":
                raise EngineError(header["text"], header["code"])
            if header["kind"] == "cancelled":
                raise EngineError("The request was cancelled.", "cancelled")
            return message
        raise self._gone()

    def cancel(self, identity: int) -> None:
        """Cancel a request; its `wait` then ends. Too late is no error."""
        self._write(encode({"do": "cancel", "of": identity}))

    def stop(self) -> None:
        """End the engine, by force where it must be."""
        process = self.process
        try:
            process.stdin.close()
        except OSError:
            process.kill()  # it is gone with half a request in the pipe
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join()
        process.stdout.close()
        process.stderr.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _write(self, parts: Sequence[bytes | memoryview]) -> None:
        try:
            with self._sending:
                for part in parts:
                    self.process.stdin.write(part)
                self.process.stdin.flush()
        except (OSError, ValueError) as error:
            raise self._gone() from error

    def _read(self) -> None:
        frames = FrameReader()
        try:
            while data := os.read(self.process.stdout.fileno(), CHUNK):
                for message in frames.feed(data):
                    replies = self._replies.get(message.header.get("id", -1))
                    if replies is not None:
                        replies.put(message)
        except FrameError as error:
            self._last_lines.append(str(error))
            self.process.kill()
        with self._guard:
            self._ended = True
            for replies in self._replies.values():
                replies.put(None)

    def _listen(self) -> None:
        for line in self.process.stderr:
            self._last_lines.append(line.decode("utf-8", "replace").rstrip())

    def _gone(self) -> EngineError:
        try:
            code = self.process.wait(PATIENCE)
            self._threads[1].join(PATIENCE)
        except subprocess.TimeoutExpired:
            code = None
        last = "\n".join(self._last_lines)
        return EngineError(f"The engine ended (exit code {code}). Its last words:\n{last}".strip(), "gone")
