"""Decoding image files in a separate process, so that a file that crashes the decoder crashes nothing else.

A damaged or malicious file can crash the process that decodes it, hang it, or fill the memory. The decoder is
started for the first file, stays warm, and is restarted after it has died.

    request  {"reader": "module:function", "path": "..."}     a line of JSON
    reply    {"header": {...}} and the arrays                 a frame (`cxradain.frames`)
             {"fault": "...", "kind": "ImageFault"}

A reader takes a path and returns a JSON-serializable header and arrays; it raises ImageFault.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from .. import CxradainError
from ..files import MALFORMED
from ..frames import FrameReader, Message, encode
from .image_data import ImageFault, LateFault, MaskFault, NotReadFault, remark
from .scratch import scratch_folder

PATIENCE = 120  # seconds for a file; the largest take ten
LARGEST_MEMORY = 8 << 30  # bytes of address space, on POSIX; the largest images need half of it
PIECE = 1 << 16  # bytes read at once: a pipe holds no more
INTERRUPTED = "was not read: that was cancelled."
HIDDEN = 0
if sys.platform == "win32":
    HIDDEN = subprocess.CREATE_NO_WINDOW
FAULTS = {kind.__name__: kind for kind in (ImageFault, MaskFault)}

Decoded = tuple[dict[str, Any], dict[str, np.ndarray]]
Reader = Callable[[Path], Decoded]


class DecoderError(CxradainError, OSError):
    """The decoder cannot be started; the message names the Python interpreter."""


def decode(reader: str, path: Path, patience: float | None = None) -> Decoded:
    """Decode a file with the reader "module:function"; returns its header and arrays.

    Calls from several threads take turns. `patience` (seconds) limits the wait, including that for another
    file. Raises ImageFault, also if the file crashes the decoder, takes longer than PATIENCE, or is
    interrupted; NotReadFault if another file is being read; DecoderError if the decoder cannot be started.
    """
    global _running
    if not _guard.acquire(timeout=-1 if patience is None else patience):
        raise NotReadFault("was not read: another file is being read. Try again.")
    try:
        if _running is None or _running.ended:
            _running = _Decoder()
        try:
            return _running.decode(reader, path, PATIENCE if patience is None else patience)
        except ImageFault:
            raise
        except BaseException:  # the rest of the reply would be taken for the next one
            _running.end()
            raise
    finally:
        _guard.release()


def interrupt() -> None:
    """Give up the file that another thread is decoding, if any: its `decode` raises ImageFault at once. So
    that none is missed that is about to begin, set the event of that thread's `cancelled_by` before."""
    running = _running
    if running is not None:
        running.interrupt()


@contextmanager
def cancelled_by(event: threading.Event) -> Iterator[None]:
    """This thread's `decode` raises ImageFault while `event` is set."""
    token = _cancelled.set(event)
    try:
        yield
    finally:
        _cancelled.reset(token)


def warm_up() -> None:
    """Start the decoder without waiting for it; a failure is reported with the first file."""
    global _running
    with _guard, suppress(DecoderError):
        if _running is None or _running.ended:
            _running = _Decoder()


class _Decoder:
    """The decoder's process, in its parent."""

    def __init__(self) -> None:
        """Start the process. Raises DecoderError."""
        package = str(Path(__file__).resolve().parents[2])
        paths = filter(None, (package, os.environ.get("PYTHONPATH")))
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # where libraries may print names of files and patients
                env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
                creationflags=HIDDEN,
            )
        except OSError as error:
            raise DecoderError(_not_started(error.strerror or str(error))) from error
        assert self.process.stdin is not None and self.process.stdout is not None
        self._requests, self._replies = self.process.stdin, self.process.stdout
        self._ready = self._busy = self._interrupted = False

    def interrupt(self) -> None:
        """Kill the process if it is decoding."""
        if self._busy:
            self._interrupted = True
            self.process.kill()

    @property
    def ended(self) -> bool:
        """Whether the process has ended, for whatever reason."""
        return self.process.poll() is not None

    def decode(self, reader: str, path: Path, patience: float) -> Decoded:
        """`decode` in this process."""
        self._busy = True
        cancelled = _cancelled.get()
        try:
            if cancelled is not None and cancelled.is_set():
                raise NotReadFault(INTERRUPTED)
            return self._decoded(reader, path, patience)
        finally:
            self._busy = False

    def _decoded(self, reader: str, path: Path, patience: float) -> Decoded:
        if not self._ready and self._replies.readline(len(READY)) != READY:
            if self._interrupted:
                raise NotReadFault(INTERRUPTED)
            raise DecoderError(_not_started("it ended at once"))
        self._ready = True
        late = threading.Event()

        def stop() -> None:
            late.set()
            self.process.kill()

        timer = threading.Timer(patience, stop)
        timer.daemon = True
        timer.start()
        try:
            request = {"reader": reader, "path": str(path.absolute())}
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
            return self._reply()
        except (BrokenPipeError, EOFError):
            self.end()
            if self._interrupted:
                raise NotReadFault(INTERRUPTED) from None
            if late.is_set() and patience < PATIENCE:
                raise LateFault(f"was not read within {patience:g} s. Try again.") from None
            if late.is_set() or self.process.returncode == -_alarm():
                raise ImageFault(f"takes more than {patience:g} s to decode. Export it again.") from None
            raise ImageFault(
                "cannot be decoded: it ended the process that tried. It is damaged, or made to do so. "
                "Export it again."
            ) from None
        finally:
            timer.cancel()

    def _reply(self) -> Decoded:
        """The next reply. Raises ImageFault, and EOFError if the process ends, or sends something else."""
        frames = FrameReader()
        replies: list[Message] = []
        try:
            while not replies:
                data = self._replies.read1(PIECE)  # type: ignore[attr-defined]
                if not data:
                    raise EOFError
                replies = frames.feed(data)
            (reply,) = replies
            if "fault" in reply.header:
                raise FAULTS.get(reply.header["kind"], ImageFault)(str(reply.header["fault"]))
            return dict(reply.header["header"]), reply.arrays
        except ImageFault:
            raise
        except MALFORMED:  # the reply of a decoder that a file has taken over
            raise EOFError from None

    def end(self, patience: float = 0.0) -> None:
        """End the process, by force after `patience` seconds."""
        with suppress(OSError):
            self._requests.close()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with suppress(OSError):
            self._replies.close()


_guard = threading.Lock()
_running: _Decoder | None = None
_cancelled: ContextVar[threading.Event | None] = ContextVar("cancelled", default=None)  # by thread


def _forget() -> None:
    """Forget the decoder in a forked child: it is the parent's."""
    global _guard, _running
    _guard, _running = threading.Lock(), None


def process_id() -> int | None:
    """The decoder's process id; None if it was not started or has ended."""
    return None if _running is None or _running.ended else _running.process.pid


def stop() -> None:
    """End the decoder; the next file starts a new one."""
    if _running is not None:
        _running.end(patience=2.0)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
atexit.register(stop)


def _not_started(reason: str) -> str:
    return f"The process that decodes images could not be started with {sys.executable} ({reason})."


def _alarm() -> int:
    return getattr(signal, "SIGALRM", 0)


# --- in the decoder -----------------------------------------------------------------------------------------

READY = b"ready\n"


def serve() -> None:
    """Answer requests on the standard streams until the input ends; temporary files of libraries are
    deleted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # so that no library's print breaks the stream
    warnings.simplefilter("ignore")
    logging.disable()
    _limit_memory()
    for library in ("pydicom", "SimpleITK"):  # before the first file needs them; a PNG needs neither
        with suppress(ImportError):
            import_module(library)
    replies.write(READY)
    replies.flush()
    with scratch_folder() as scratch, suppress(BrokenPipeError):
        tempfile.tempdir = str(scratch)
        for line in sys.stdin.buffer:
            request = json.loads(line)
            if _alarm():
                signal.alarm(PATIENCE + 5)  # also ends C code, and a decoder whose parent is gone
            _answer(replies, pkgutil.resolve_name(request["reader"]), Path(request["path"]))
            if _alarm():
                signal.alarm(0)
    os._exit(0)  # skip the exit handlers of libraries


def _answer(replies: BinaryIO, reader: Reader, path: Path) -> None:
    try:
        header, arrays = reader(path)
        frame = encode({"header": header}, arrays)
    except ImageFault as fault:
        frame = _fault(str(fault), type(fault).__name__)
    except MemoryError:
        frame = _fault("needs more memory than there is for an image. Export it smaller.")
    except ImportError as error:
        frame = _fault(f"needs {error.name}, which is not installed. Install it in the setup.")
    except Exception as error:  # a damaged file may raise anything
        frame = _fault(f"is damaged or incomplete{remark(error)}. Copy or export it again.")
    replies.writelines(frame)
    replies.flush()


def _fault(text: str, kind: str = "") -> list[bytes | memoryview]:
    return encode({"fault": text, "kind": kind})


def _limit_memory() -> None:
    """If the system can: limit the memory, be the first process to end when memory runs out, and disable core
    dumps, which would contain images."""
    with suppress(OSError), Path("/proc/self/oom_score_adj").open("r+") as score:  # proc(5)
        score.write("1000")
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))
