"""Serializing an ONNX model, in its published protocol buffer format (onnx/onnx.proto3).

Only the few messages that our networks need: the package `onnx` is larger than the runtime that reads them,
and every installation that segments would need it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import numpy as np

OPSET, IR_VERSION = 17, 8  # of ONNX 1.12, which every later runtime reads
FLOAT = 1  # TensorProto.DataType
# AttributeProto: Python type -> number of the field that holds the value, and AttributeType.
ATTRIBUTES = {float: (2, 1), int: (3, 2), str: (4, 3), tuple: (8, 7)}

Attribute = float | int | str | tuple[int, ...]
Value = int | float | str | bytes


class GraphWriter:
    """Builds a graph. Tensors are referred to by the names that the methods return."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, value: np.ndarray | Sequence[float]) -> str:
        """Add a constant tensor, in float32; returns its name."""
        array = np.ascontiguousarray(value, np.float32)
        name = f"c{len(self._constants)}"
        dims = ((1, size) for size in array.shape)
        self._constants.append(message(*dims, (2, FLOAT), (8, name), (9, array.astype("<f4").tobytes())))
        return name

    def add(self, operation: str, *inputs: str, **attributes: Attribute) -> str:
        """Add an operation of the default operator set; returns the name of its output. "" stands for an
        omitted input."""
        name = f"t{len(self._nodes)}"
        fields = ((5, _attribute(key, value)) for key, value in attributes.items())
        self._nodes.append(
            message(*((1, each) for each in inputs), (2, name), (3, name), (4, operation), *fields)
        )
        return name

    def model(
        self, source: str, source_shape: Sequence[int | str], result: str, result_shape: Sequence[int | str]
    ) -> bytes:
        """The serialized model from the tensor `source` to the tensor `result`, both float32.

        An axis given by name, such as "batch", may have any length.
        """
        graph = message(
            *((1, node) for node in self._nodes),
            (2, "graph"),
            *((5, constant) for constant in self._constants),
            (11, _described(source, source_shape)),
            (12, _described(result, result_shape)),
        )
        return message((1, IR_VERSION), (2, "cxradain"), (7, graph), (8, message((1, ""), (2, OPSET))))


def message(*fields: tuple[int, Value]) -> bytes:
    """A protocol buffer message of (field number, value) pairs; repeated fields appear several times."""
    return b"".join(part for number, value in fields for part in _field(number, value))


def _field(number: int, value: Value) -> Iterator[bytes]:
    if isinstance(value, int):
        yield _varint(number << 3) + _varint(value)
    elif isinstance(value, float):
        yield _varint(number << 3 | 5) + struct.pack("<f", value)
    else:
        content = value.encode() if isinstance(value, str) else value
        yield _varint(number << 3 | 2) + _varint(len(content))
        yield content


def _varint(value: int) -> bytes:
    """A non-negative integer, seven bits per byte, the lowest first."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _attribute(name: str, value: Attribute) -> bytes:
    field, kind = ATTRIBUTES[type(value)]
    values = value if isinstance(value, tuple) else (value,)
    return message((1, name), *((field, each) for each in values), (20, kind))


def _described(name: str, shape: Sequence[int | str]) -> bytes:
    """The ValueInfoProto of a float32 tensor."""
    dims = (message((2 if isinstance(side, str) else 1, side)) for side in shape)
    sides = message(*((1, dim) for dim in dims))
    return message((1, name), (2, message((1, message((1, FLOAT), (2, sides))))))
