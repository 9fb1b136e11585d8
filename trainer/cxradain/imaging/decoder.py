"""Image files decoded in a process of their own, so that a file which ends a decoder ends no more than that.

A damaged or made-up file can end the process that decodes it by a signal, keep it busy for ever, or fill the
memory. The decoder is started for the first file, stays warm, and is started anew after it has died.

    request  {"reader": "module:function", "path": "..."}                    a line of JSON
    reply    {"header": {...}, "arrays": [[name, dtype, shape], ...]}        a line, then the arrays' bytes
             {"fault": "...", "kind": "ImageFault"}

A reader takes a path, and returns a header that JSON can hold, with arrays; it raises ImageFault.
"""

from __future__ import annotations

import atexit
import json
import logging
import math
import os
import pkgutil
import re
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from .. import CxradainError
from ..files import MALFORMED
from .image_data import ImageFault, LateFault, MaskFault, NotReadFault, remark
from .scratch import scratch_folder

PATIENCE = 120  # seconds for a file; the largest take ten
LARGEST_MEMORY = 8 << 30  # bytes of addresses, on POSIX; the largest images need four
LARGEST_HEADER, LARGEST_ARRAY = 1 << 20, 1 << 30  # bytes
INTERRUPTED = "was not read: that was cancelled."
HIDDEN = 0
if sys.platform == "win32":
    HIDDEN = subprocess.CREATE_NO_WINDOW
NUMBERS = re.compile(r"[<|][biuf][1248]")  # little-endian numbers; nothing that numpy would unpickle
FAULTS = {kind.__name__: kind for kind in (ImageFault, MaskFault)}

Decoded = tuple[dict[str, Any], dict[str, np.ndarray]]
Reader = Callable[[Path], Decoded]


class DecoderError(CxradainError, OSError):
    """The decoder cannot be started; the message says in which Python."""


def decode(reader: str, path: Path, patience: float | None = None) -> Decoded:
    """The header and arrays of a file, read by the reader named "module:function" in the decoder.

    Raises ImageFault, also where the file ends the decoder or keeps it for longer than PATIENCE, or where it
    is interrupted; DecoderError where there is no decoder. From several threads, one after the other. With a
    `patience` (s) of its own, a file is not waited for longer, be it because of another one.
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
        except BaseException:  # an interrupted reply would be taken for the next one's
            _running.end()
            raise
    finally:
        _guard.release()


def interrupt() -> None:
    """Give up the file that another thread has decoded, if any: its `decode` raises ImageFault at once."""
    running = _running
    if running is not None:
        running.interrupt()


def warm_up() -> None:
    """Have the decoder started, without waiting for it; where that fails, the first file will say so."""
    global _running
    with _guard, suppress(DecoderError):
        if _running is None or _running.ended:
            _running = _Decoder()


class _Decoder:
    """The process, as its parent sees it."""

    def __init__(self) -> None:
        """Start it. Raises DecoderError."""
        package = str(Path(__file__).resolve().parents[2])
        paths = filter(None, (package, os.environ.get("PYTHONPATH")))
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # where libraries name files, and patients
                env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
                creationflags=HIDDEN,
            )
        except OSError as error:
            raise DecoderError(_not_started(error.strerror or str(error))) from error
        assert self.process.stdin is not None and self.process.stdout is not None
        self._requests, self._replies = self.process.stdin, self.process.stdout
        self._ready = self._busy = self._interrupted = False

    def interrupt(self) -> None:
        """End the process, if it is at work."""
        if self._busy:
            self._interrupted = True
            self.process.kill()

    @property
    def ended(self) -> bool:
        """Whether it has ended, by itself or killed by the system."""
        return self.process.poll() is not None

    def decode(self, reader: str, path: Path, patience: float) -> Decoded:
        """As the function."""
        self._busy = True
        try:
            return self._decoded(reader, path, patience)
        finally:
            self._busy = False

    def _decoded(self, reader: str, path: Path, patience: float) -> Decoded:
        if not self._ready and self._replies.readline(LARGEST_HEADER) != READY:
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
        line = self._replies.readline(LARGEST_HEADER)
        if not line.endswith(b"\n"):
            raise EOFError
        try:
            reply = json.loads(line)
            if "fault" in reply:
                raise FAULTS.get(reply["kind"], ImageFault)(str(reply["fault"]))
            arrays = {}
            for name, kind, shape in reply["arrays"]:
                sides = [int(side) for side in shape]
                if not NUMBERS.fullmatch(kind) or min(sides, default=0) < 0:
                    raise EOFError
                if math.prod(sides) * np.dtype(kind).itemsize > LARGEST_ARRAY:
                    raise EOFError
                arrays[name] = array = np.empty(sides, kind)
                view = array.reshape(-1).view(np.uint8).data
                if self._replies.readinto(view) < array.nbytes:  # type: ignore[attr-defined]
                    raise EOFError
            return dict(reply["header"]), arrays
        except ImageFault:
            raise
        except MALFORMED:  # a decoder that a file has made its own
            raise EOFError from None

    def end(self, patience: float = 0.0) -> None:
        """End it, by force where it does not end by itself in so many seconds."""
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


def _forget() -> None:
    """In a fork: the decoder is the parent's."""
    global _guard, _running
    _guard, _running = threading.Lock(), None


def process_id() -> int | None:
    """The decoder's process; None where none was started, or it has ended."""
    return None if _running is None or _running.ended else _running.process.pid


def stop() -> None:
    """End the decoder; the next file starts another one."""
    if _running is not None:
        _running.end(patience=2.0)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
atexit.register(stop)


def _not_started(reason: str) -> str:
    return f"No process that decodes images can be started with {sys.executable} ({reason})."


def _alarm() -> int:
    return getattr(signal, "SIGALRM", 0)


# --- in the decoder -----------------------------------------------------------------------------------------

READY = b"ready\n"


def serve() -> None:
    """Answer requests on the standard streams until the input ends; what decoders write into files meanwhile
    is deleted with them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # no library's print breaks the stream
    warnings.simplefilter("ignore")
    logging.disable()
    _limit_memory()
    for library in ("pydicom", "SimpleITK"):  # before the first file asks for them
        import_module(library)
    replies.write(READY)
    replies.flush()
    with scratch_folder() as scratch, suppress(BrokenPipeError):
        tempfile.tempdir = str(scratch)
        for line in sys.stdin.buffer:
            request = json.loads(line)
            if _alarm():
                signal.alarm(PATIENCE + 5)  # ends it also in C code, and when nobody is left to do so
            _answer(replies, pkgutil.resolve_name(request["reader"]), Path(request["path"]))
            if _alarm():
                signal.alarm(0)
    os._exit(0)  # nobody is left to read what else libraries may have to say


def _answer(replies: BinaryIO, reader: Reader, path: Path) -> None:
    arrays: dict[str, np.ndarray] = {}
    try:
        header, read = reader(path)
        # Native byte order is little-endian on all that torch and ITK run on.
        arrays = {
            name: np.ascontiguousarray(array, array.dtype.newbyteorder("<")) for name, array in read.items()
        }
        listed = [(name, array.dtype.str, array.shape) for name, array in arrays.items()]
        reply: dict[str, Any] = {"header": header, "arrays": listed}
    except ImageFault as fault:
        reply = {"fault": str(fault), "kind": type(fault).__name__}
    except MemoryError:
        reply = {"fault": "needs more memory than there is for an image. Export it smaller.", "kind": ""}
    except Exception as error:  # a damaged file makes a decoder raise whatever it runs into
        text = f"is damaged or incomplete{remark(error)}. Copy or export it again."
        reply = {"fault": text, "kind": ""}
    replies.write(json.dumps(reply).encode() + b"\n")
    for array in arrays.values():
        replies.write(array.reshape(-1).view(np.uint8).data)
    replies.flush()


def _limit_memory() -> None:
    """Limit the memory, have this process ended and no other where that is more than there is, and leave no
    image in a core file, where the system can."""
    with suppress(OSError), Path("/proc/self/oom_score_adj").open("r+") as score:  # proc(5)
        score.write("1000")
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))
