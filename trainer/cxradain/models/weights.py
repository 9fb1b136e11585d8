"""Reading a model's weights from safetensors into numpy, after checking the file's header. No torch.

The format: the header's length in eight bytes, the header in JSON, then the tensors, contiguous
(https://github.com/huggingface/safetensors). A tensor of 8-bit integers, `name`, is multiplied by the tensor
`name.scale`, with one number for each index of its first dimension, the output channel.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from ..files import MALFORMED, open_plain
from .folders import CARD, WEIGHTS, ModelError

Weights = dict[str, np.ndarray]
Shapes = Mapping[str, tuple[int, ...]]

LARGEST_WEIGHTS = 1 << 30  # bytes; the paper's model has 134 MB in single precision
LARGEST_HEADER = 1 << 20
# By their names in safetensors; numpy has no bfloat16, which is the upper half of a float32.
TYPES: dict[str, np.dtype[Any]] = {
    "I8": np.dtype("i1"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
}
SCALE = ".scale"
AGAIN = "copy the model again"


def read_weights(path: Path, expected: Shapes, configured_in: str) -> Weights:
    """Read the tensors of a safetensors file, by name, in float32.

    expected: the names and shapes of all tensors, compared with the file's header before memory is allocated.
        configured_in: where these shapes come from, for the message.

    Raises ModelError, naming the file, unless it holds exactly these tensors, of finite numbers, complete and
    without overlap.
    """
    try:
        with open_plain(path) as file:
            tensors = _read_header(file)
            shapes = {name: tensor.shape for name, tensor in tensors.items()}
            integers = [name for name in expected if name in tensors and tensors[name].type == "I8"]
            expected = {**expected, **{name + SCALE: expected[name][:1] for name in integers}}
            names = shapes.keys() | expected.keys()
            wrong = sorted(name for name in names if shapes.get(name) != expected.get(name))
            weights = {} if wrong else {name: _read(file, tensor) for name, tensor in tensors.items()}
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such file; a model is a folder with {WEIGHTS} and {CARD}") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error}); {AGAIN}") from error
    except (*MALFORMED, struct.error) as error:
        reason = str(error) if type(error) is ValueError else "its header is damaged"
        raise ModelError(f"{path}: not readable as safetensors ({reason}); {AGAIN}") from error
    if wrong:
        first = ", ".join(name[:60] for name in wrong[:3]) + (", ..." if len(wrong) > 3 else "")
        raise ModelError(f"{path}: does not fit {configured_in} ({len(wrong)} tensors: {first})")
    for name in integers:
        scale = weights.pop(name + SCALE)
        weights[name] *= scale.reshape(scale.shape + (1,) * (weights[name].ndim - scale.ndim))
    # With such weights, the network would find no lung in any image.
    if not all(np.isfinite(value).all() for value in weights.values()):
        raise ModelError(f"{path}: holds NaN or infinite weights; {AGAIN}")
    return weights


def model_id(card: Mapping[str, Any], weights: Mapping[str, np.ndarray]) -> str:
    """How to cite a model: its card's name and version, or 12 digits of the SHA-256 of its weights."""
    name, version = (str(card.get(key) or "") for key in ("name", "version"))
    if name and version:
        return f"{name} {version}"
    digest = hashlib.sha256()
    for key, value in sorted(weights.items()):
        digest.update(key.encode())
        digest.update(value.tobytes())
    return f"{name} {digest.hexdigest()[:12]}".strip()


class _Tensor(NamedTuple):
    """A tensor's position, in bytes after the header, its shape and its type."""

    begin: int
    end: int
    shape: tuple[int, ...]
    type: str


def _read_header(file: BinaryIO) -> dict[str, _Tensor]:
    """The tensors by name, in the order of the file, which is left at the first of them. Raises ValueError,
    and MALFORMED for damaged JSON."""
    size = os.fstat(file.fileno()).st_size
    if size > LARGEST_WEIGHTS:
        raise ValueError(f"it is no file of at most {LARGEST_WEIGHTS >> 20} MB")
    (length,) = struct.unpack("<Q", file.read(8))
    if length > min(LARGEST_HEADER, size - 8):
        raise ValueError("its header is longer than the file")
    header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    entries = [(str(name), _tensor(entry)) for name, entry in header.items()]
    tensors = dict(sorted(entries, key=lambda each: each[1]))
    end = 0
    for tensor in tensors.values():
        if tensor.begin != end:
            raise ValueError("its tensors overlap, or there is something between them")
        end = tensor.end
    if end != size - 8 - length:
        raise ValueError("its tensors are cut short, or something follows them")
    return tensors


def _tensor(entry: dict[str, Any]) -> _Tensor:
    kind, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
    if kind not in TYPES:
        raise ValueError("it holds tensors of another type than floating point or 8-bit integers")
    if not all(type(n) is int and 0 <= n <= LARGEST_WEIGHTS for n in (*shape, begin, end)) or len(shape) > 8:
        raise ValueError("its tensors have impossible sizes")
    if end - begin != math.prod(shape) * TYPES[kind].itemsize:
        raise ValueError("its tensors have other sizes than their places")
    return _Tensor(begin, end, shape, kind)


def _read(file: BinaryIO, tensor: _Tensor) -> np.ndarray:
    """Read the tensor at the file's position."""
    values = np.frombuffer(file.read(tensor.end - tensor.begin), TYPES[tensor.type])
    if tensor.type == "BF16":
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32).reshape(tensor.shape)
