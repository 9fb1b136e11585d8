"""Writing files so that a reader sees the old one or the whole new one; reading plain ones; JSON and tables.

Standard library only: `setup/` imports it before numpy is installed.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import math
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any, BinaryIO

# What Python raises on content of the wrong type; OverflowError for an integer too large for a float.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)
TEMPORARY = re.compile(r"\.[0-9a-f]{8}\..+|\.tmp\w{6}")  # of `replace_atomically`, and of safetensors
MB, GB = 10**6, 10**9
LONGEST_END = 40  # characters of a name that its temporary file keeps, extension included
LARGEST_FILE = 1 << 30  # bytes
# Open flags for plain files; Windows has neither of the first two.
PLAIN = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


def replace_atomically(path: str | Path, write: Callable[[Path], object], parents: bool = True) -> Path:
    """Let `write(temporary)` write a file, then move it to `path` in one step; returns `path`.

    The temporary file is in the same folder and has the extension of `path`, from which writers infer the
    format. `parents` creates the folder if it is missing. If `write` raises, `path` is unchanged.
    """
    path = Path(path)
    if parents:
        path.parent.mkdir(parents=True, exist_ok=True)
    # No longer than the name, which may be as long as the file system takes.
    temporary = path.with_name(f".{secrets.token_hex(4)}.{path.name[-LONGEST_END:]}")
    try:
        write(temporary)
        # Flushed before it replaces the old file, so that a power cut leaves one of the two intact.
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        # Some writers create files that only the owner can read. Give it the permissions of any new file,
        # limited by those of the folder.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask & (path.parent.stat().st_mode | 0o600))
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def remove_temporaries(folder: Path) -> None:
    """Delete the half-written files that a killed process left below a folder. Raises OSError."""
    for place, _, names in os.walk(folder):
        for name in filter(TEMPORARY.fullmatch, names):
            Path(place, name).unlink(missing_ok=True)


def write_bytes(path: str | Path, data: bytes) -> Path:
    """Write a file atomically; returns its path. Raises OSError."""
    return replace_atomically(path, lambda temporary: temporary.write_bytes(data))


def read_limited(path: Path, limit: int = LARGEST_FILE) -> bytes:
    """The bytes of a regular file. Raises OSError, also for a link or a pipe, and ValueError above the
    limit."""
    with open_plain(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"{path}: is too large")
    return data


def open_plain(path: Path) -> BinaryIO:
    """Open a regular file for reading. Raises OSError, also for a link, a device or a pipe, without waiting
    for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | PLAIN)
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "is missing", str(path)) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "is a link", str(path)) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "is no file", str(path))
    return os.fdopen(descriptor, "rb")


def write_text(path: str | Path, text: str) -> Path:
    """Write UTF-8 text with \\n line ends atomically; returns the path. Raises OSError."""
    return write_bytes(path, text.encode("utf-8"))


def write_json(path: str | Path, results: dict[str, Any]) -> Path:
    """Write results as strict JSON (`to_json`) atomically; returns the path. Raises OSError."""
    return write_text(path, to_json(results) + "\n")


def write_durably(path: Path, data: bytes) -> None:
    """Write a file and flush it and its folder's entry to the disk. Raises OSError, also if the folder is
    missing: one that disappeared with its disk is not created again."""
    replace_atomically(path, lambda temporary: temporary.write_bytes(data), parents=False)
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Create a folder if it is missing, with the permissions of its parent, and flush its entry to the disk.
    Raises OSError."""
    if not path.is_dir():
        path.mkdir(path.parent.stat().st_mode & 0o777, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Flush a folder's entries to the disk. Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def to_json(results: dict[str, Any]) -> str:
    """Strict JSON (RFC 8259), with nan and infinity as null."""
    return json.dumps(_without_nan(results), indent=1, allow_nan=False, ensure_ascii=False)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    # numpy's floats are registered as Real and become Python floats.
    if isinstance(value, Real) and not isinstance(value, Integral):
        return float(value) if math.isfinite(value) else None
    return value


def table_cell(value: Any) -> Any:
    """A value for a cell of a CSV file; text that a spreadsheet would take for a formula gets an
    apostrophe."""
    computed = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    if not computed:
        return value
    try:
        float(value)
        return value
    except ValueError:
        return f"'{value}"


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A CSV table, a row's missing cells empty (`table_cell`). Raises ValueError for a cell without a
    column."""
    table = io.StringIO()
    writer = csv.DictWriter(table, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: table_cell(value) for name, value in row.items()} for row in rows)
    return table.getvalue()


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table of rows with a cell for each column."""
    lines = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (columns, ["---"] * len(columns), *lines))


def reason_of(error: Exception) -> str:
    """What an exception says; of an OSError without its number and path, for messages that name the file."""
    return str(getattr(error, "strerror", None) or error)


def size_in_units(size: int) -> tuple[float, str]:
    """A size in bytes as a number and its unit, "MB" or "GB"."""
    return (size / GB, "GB") if size >= GB else (size / MB, "MB")


def size_text(size: int) -> str:
    """A size in bytes as text, such as "9.3 MB"."""
    number, unit = size_in_units(size)
    return f"{number:.1f} {unit}"
