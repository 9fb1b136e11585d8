"""What processes send each other: a line of JSON, followed by the raw bytes of the arrays that it announces.

Arrays are little-endian in C order; masks may be packed by zlib. The standard library and numpy only, as the
window's process uses it too.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import CxradainError
from .files import MALFORMED

LARGEST_HEADER = 1 << 20  # bytes
LARGEST_ARRAY = 1 << 30  # bytes; as for the largest file that is read as a radiograph
MOST_ARRAYS = 16
MASKS = ("labels", "patch")  # masks compress to a hundredth
# Little-endian numbers; never objects, which numpy would unpickle.
PLAIN_TYPE = re.compile(r"[<|][biuf][1248]")


class FrameError(CxradainError, ValueError):
    """The bytes are not a frame, or beyond the limits; the message shows what came instead."""


@dataclass(frozen=True, eq=False)
class Message:
    """One frame: its header, without the list of arrays, and its arrays by name."""

    header: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def encode(
    message: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray] | None = None,
    packed: Collection[str] = MASKS,
) -> list[bytes | memoryview]:
    """Encode a frame as parts to be written in order; arrays are copied only if they need conversion.

    Args:
        message: JSON-serializable, with finite numbers.
        arrays: of bool, integer or float values, of any shape.
        packed: names of the arrays to compress.

    Raises:
        FrameError: an array of another type, or too large a frame.
        ValueError, TypeError: a header that is not JSON-serializable.
    """
    listed, parts = [], []
    for name, array in (arrays or {}).items():
        array = np.asarray(array)
        plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        if not PLAIN_TYPE.fullmatch(plain.dtype.str) or plain.nbytes > LARGEST_ARRAY:
            raise FrameError(f"{name}: {plain.nbytes} bytes of {array.dtype} cannot be sent")
        data = plain.reshape(-1).view(np.uint8).data
        part = zlib.compress(data, 1) if name in packed else data
        entry = {"name": name, "dtype": plain.dtype.str, "shape": array.shape, "bytes": len(part)}
        listed.append(entry | {"packed": name in packed})
        parts.append(part)
    line = json.dumps({**message, "arrays": listed}, allow_nan=False, default=_number).encode() + b"\n"
    if len(line) > LARGEST_HEADER or len(listed) > MOST_ARRAYS:
        raise FrameError(f"a header of {len(line)} bytes with {len(listed)} arrays is too large to send")
    return [line, *parts]


class FrameReader:
    """Assembles frames from pieces of any size. After a FrameError it accepts nothing more."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._header: dict[str, Any] | None = None
        self._waiting: list[_IncomingArray] = []
        self._arrays: dict[str, np.ndarray] = {}
        self._broken: FrameError | None = None

    def feed(self, data: bytes | bytearray | memoryview) -> list[Message]:
        """The messages that these bytes complete. Raises FrameError."""
        if self._broken is not None:
            raise self._broken
        try:
            return self._read(memoryview(data))
        except FrameError as error:
            self._broken = error
            raise

    def _read(self, data: memoryview) -> list[Message]:
        messages = []
        while len(data):
            data = self._read_line(data) if self._header is None else self._waiting[0].take(data)
            while self._waiting and self._waiting[0].complete:
                incoming = self._waiting.pop(0)
                self._arrays[incoming.name] = incoming.array()
            if self._header is not None and not self._waiting:
                messages.append(Message(self._header, self._arrays))
                self._header, self._arrays = None, {}
        return messages

    def _read_line(self, data: memoryview) -> memoryview:
        """Consume up to the end of the line; returns the rest."""
        piece = bytes(data[:LARGEST_HEADER])
        end = piece.find(b"\n")
        self._line += piece if end < 0 else piece[:end]
        if self._line[:1] not in (b"{", b"") or len(self._line) >= LARGEST_HEADER:
            raise FrameError(f"what came is no frame: {_excerpt(self._line)}")
        if end < 0:
            return data[len(piece) :]
        line, self._line = self._line, bytearray()
        try:
            header = json.loads(line)
            listed = header.pop("arrays", [])
            if len(listed) > MOST_ARRAYS:
                raise FrameError("a frame with too many arrays")
            self._waiting = [_IncomingArray(entry) for entry in listed]
        except (*MALFORMED, MemoryError) as error:
            raise FrameError(f"what came is no frame: {_excerpt(line)}") from error
        if len({incoming.name for incoming in self._waiting}) != len(listed):
            raise FrameError("a frame with two arrays of one name")
        self._header = header
        return data[end + 1 :]


class _IncomingArray:
    """An array whose bytes are still arriving."""

    def __init__(self, entry: dict[str, Any]) -> None:
        """From its entry in a header. Raises FrameError, or MALFORMED for a malformed entry."""
        self.name, dtype, size = str(entry["name"]), entry["dtype"], int(entry["bytes"])
        self._shape = shape = tuple(int(side) for side in entry["shape"])
        if not PLAIN_TYPE.fullmatch(dtype) or min(shape, default=0) < 0 or len(shape) > 8:
            raise FrameError(f"{self.name[:40]}: an array of {str(dtype)[:20]} and {len(shape)} axes")
        self._dtype, self._packed = np.dtype(dtype), bool(entry.get("packed"))
        self._size = plain = self._dtype.itemsize * math.prod(shape)
        if plain > LARGEST_ARRAY or not 0 <= size <= LARGEST_ARRAY or (size != plain and not self._packed):
            raise FrameError(f"{self.name[:40]}: {size} bytes announced for an array of {plain}")
        self._data = np.empty(size, np.uint8)
        self._filled = 0

    @property
    def complete(self) -> bool:
        """Whether all bytes have arrived."""
        return self._filled == len(self._data)

    def take(self, data: memoryview) -> memoryview:
        """Consume the array's bytes; returns the rest."""
        count = min(len(data), len(self._data) - self._filled)
        self._data[self._filled : self._filled + count] = data[:count]
        self._filled += count
        return data[count:]

    def array(self) -> np.ndarray:
        """The unpacked array. Raises FrameError if its bytes are not as announced."""
        plain = self._unpacked() if self._packed else self._data
        if self._dtype.kind == "b":  # numpy's bool must be 0 or 1
            plain = plain != 0
        return plain.view(self._dtype).reshape(self._shape)

    def _unpacked(self) -> np.ndarray:
        unpacker = zlib.decompressobj()
        try:
            # Limited to one byte more than announced, so that no stream can grow beyond it.
            plain = bytearray(unpacker.decompress(self._data.data, self._size + 1))
        except (zlib.error, MemoryError) as error:
            raise FrameError(f"{self.name[:40]}: cannot be unpacked ({error})") from error
        if len(plain) != self._size or not unpacker.eof:
            raise FrameError(f"{self.name[:40]}: unpacks to another size than announced")
        return np.frombuffer(plain, np.uint8)


def _number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a header cannot hold {type(value).__name__}")


def _excerpt(line: bytearray) -> str:
    return repr(bytes(line[:80]).decode("utf-8", "replace"))
