"""Writing files so that a reader sees the old one or the whole new one, and naming outputs after inputs."""

from __future__ import annotations

import json
import math
import os
import secrets
from collections.abc import Callable
from numbers import Integral, Real
from pathlib import Path
from typing import Any


def replace_atomically(path: str | Path, write: Callable[[Path], object]) -> Path:
    """Let `write(temporary)` make the file, then put it in the place of `path` in one step; returns `path`.

    The temporary file is in the same folder and ends like `path`, as writers choose the format by the ending.
    The folder is made where it is missing. Whatever `write` raises is passed on, and `path` is as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        write(temporary)
        # On the disk before it takes the old one's place: a power cut leaves one of the two whole.
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        # Some writers make files that only their owner can read; this one is to be like any other new file.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def write_json(path: str | Path, results: dict[str, Any]) -> None:
    """Write results as strict JSON (`to_json`), replacing a file in one step."""
    write_text(path, to_json(results) + "\n")


def to_json(results: dict[str, Any]) -> str:
    """Strict JSON, with nan and infinity as null."""
    return json.dumps(_without_nan(results), indent=1, allow_nan=False, ensure_ascii=False)


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text so that a reader sees the old file or the whole new one, never a part."""
    replace_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    if isinstance(value, Real) and not isinstance(value, Integral):  # numpy's numbers, too
        return float(value) if math.isfinite(value) else None
    return value


MB, GB = 10**6, 10**9


def scaled(count: int) -> tuple[float, str]:
    """Bytes as a number and its unit, "MB" or "GB"."""
    return (count / GB, "GB") if count >= GB else (count / MB, "MB")


def size_text(count: int) -> str:
    """The same in English."""
    size, unit = scaled(count)
    return f"{size:.1f} {unit}"


def write_durably(path: Path, data: bytes) -> None:
    """Write a file and the folder's entry for it through to the disk. Raises OSError."""
    replace_atomically(path, lambda temporary: temporary.write_bytes(data))
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder where it is missing, and put its name on the disk. Raises OSError."""
    if not path.is_dir():
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Put a folder's entries on the disk. Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
