"""The process around a command: exit codes, output streams, and signals that stop it after a step."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from .. import CxradainError

if TYPE_CHECKING:
    from rich.console import Console

EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


class Stopped(Exception):
    """A signal stopped the command; `exit_code` is the shell's for that signal."""

    def __init__(self, message: str, exit_code: int):
        super().__init__(message)
        self.exit_code = exit_code


class StopSignals:
    """A context that records SIGINT and SIGTERM; a second signal raises KeyboardInterrupt at once."""

    received: signal.Signals | None = None

    def __enter__(self) -> StopSignals:
        self._before = {name: signal.signal(name, self._receive) for name in EXIT_CODES}
        return self

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            raise KeyboardInterrupt
        self.received = signal.Signals(number)
        print("cxradain: stopping after this step ...", file=sys.stderr, flush=True)

    def __exit__(self, *error: object) -> None:
        for name, handler in self._before.items():
            signal.signal(name, handler)

    def asked(self) -> bool:
        """Whether a signal was received."""
        return self.received is not None

    def stopped(self, message: str) -> Stopped:
        """The exception to raise once all is saved; SIGTERM's if another process received the signal."""
        return Stopped(message, EXIT_CODES[self.received or signal.SIGTERM])


SUCCESS, SOME_FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
NOBODY_READS = 141  # a shell's exit code for a program killed by SIGPIPE


def message_of(error: Exception) -> str:
    """An exception's message; of the system's own errors with the file first, and what to do."""
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror}. Check the file, its folder and their permissions."
    return str(error)


def run_command(program: str, command: Callable[[], int]) -> int:
    """Call a command, which returns the number of failed inputs; returns the process's exit code.

    Errors are printed as one line on standard error that begins with the program's name.
    """
    try:
        failed = command()
        sys.stdout.flush()
        return SOME_FAILED if failed else SUCCESS
    except BrokenPipeError:
        discard_output()
        return NOBODY_READS
    except (CxradainError, OSError) as error:
        print(f"{program}: {message_of(error)}", file=sys.stderr)
        return WRONG_USE
    except Stopped as stop:
        print(f"{program}: {stop}", file=sys.stderr)
        return stop.exit_code
    except KeyboardInterrupt:
        print(f"{program}: stopped.", file=sys.stderr)
        return INTERRUPTED


# Characters that a terminal obeys instead of showing, or that reorder text: file names may contain them.
# Unicode 15: general category Cc, and the directional formatting characters (section 23.2).
CONTROLS = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
ESCAPED = {code: f"\\x{code:02x}" for code in CONTROLS - {ord("\n"), ord("\t")}}


class PlainStream:
    """Standard output or error, with control characters escaped."""

    def __init__(self, stream: Any):
        self.terminal = stream

    def write(self, text: str) -> int:
        """Write text, escaped; returns the number of characters written."""
        return self.terminal.write(text.translate(ESCAPED))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.terminal, name)


def make_output_plain() -> None:
    """Escape control characters, and characters that the console's encoding lacks, in both output streams."""
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
        if not isinstance(stream, PlainStream):
            setattr(sys, name, PlainStream(stream))


def terminal_console() -> Console:
    """Standard error for a progress bar, whose control characters are to reach the terminal."""
    from rich.console import Console

    return Console(file=getattr(sys.stderr, "terminal", sys.stderr))


def discard_output() -> None:
    """Discard the rest of standard output, whose reader is gone, so that Python reports no error at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
