"""The header of a safetensors file, checked before anything is allocated for it. No torch.

Eight bytes of its length, JSON, and the tensors one after the other (https://github.com/huggingface/safetensors).
"""

from __future__ import annotations

import json
import math
import os
import stat
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..files import PLAIN
from .folders import ModelError

LARGEST_WEIGHTS = 1 << 30  # bytes; the paper's model has 134 MB in single precision
LARGEST_HEADER = 1 << 20
BYTES = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8}
AGAIN = "copy the model again"


def check_weights(path: Path, expected: Mapping[str, tuple[int, ...]], configured_in: str) -> None:
    """Raise ModelError, naming the file, unless it holds floating-point tensors of just these names and
    shapes, whole and each in a place of its own. `configured_in`: whose sizes these are, for the message."""
    shapes = {name: shape for name, (shape, _) in _header(path).items()}
    wrong = sorted(name for name in shapes.keys() | expected.keys() if shapes.get(name) != expected.get(name))
    if wrong:
        names = ", ".join(name[:60] for name in wrong[:3]) + (", ..." if len(wrong) > 3 else "")
        raise ModelError(f"{path}: does not fit {configured_in} ({len(wrong)} tensors: {names})")


def _header(path: Path) -> dict[str, tuple[tuple[int, ...], str]]:
    """Shapes and types by the tensors' names. Raises ModelError."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | PLAIN), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_WEIGHTS:
                raise ModelError(f"{path}: is no file of at most {LARGEST_WEIGHTS >> 20} MB; {AGAIN}")
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(LARGEST_HEADER, status.st_size - 8):
                raise ValueError("its header is longer than the file")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        tensors = {str(name): _tensor(entry) for name, entry in header.items()}
        end = 0
        for begin, stop in sorted((begin, stop) for _, _, begin, stop in tensors.values()):
            if begin != end:
                raise ValueError("its tensors overlap, or there is something between them")
            end = stop
        if end != status.st_size - 8 - length:
            raise ValueError("its tensors are cut short, or something follows them")
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error}); {AGAIN}") from error
    except (ValueError, TypeError, KeyError, AttributeError, struct.error, RecursionError) as error:
        reason = str(error) if type(error) is ValueError else "its header is damaged"
        raise ModelError(f"{path}: not readable as safetensors ({reason}); {AGAIN}") from error
    return {name: (shape, kind) for name, (shape, kind, _, _) in tensors.items()}


def _tensor(entry: dict[str, Any]) -> tuple[tuple[int, ...], str, int, int]:
    kind, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
    if kind not in BYTES:
        raise ValueError("it holds tensors of another type than floating point")
    if not all(type(n) is int and 0 <= n <= LARGEST_WEIGHTS for n in (*shape, begin, end)) or len(shape) > 8:
        raise ValueError("its tensors have impossible sizes")
    if end - begin != math.prod(shape) * BYTES[kind]:
        raise ValueError("its tensors have other sizes than their places")
    return shape, kind, begin, end
