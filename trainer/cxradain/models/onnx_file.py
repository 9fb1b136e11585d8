"""Writing an ONNX model, as bytes, by its published format: protocol buffers (onnx/onnx.proto3).

The few messages that a network of ours needs are written here, for the package `onnx` is larger than the
runtime that reads them, and would have to be installed wherever lungs are segmented.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import numpy as np

OPSET, IR_VERSION = 17, 8  # of ONNX 1.12; every runtime since reads them
FLOAT = 1  # TensorProto.DataType
# AttributeProto: for a value of each kind the field that holds it, and its AttributeType.
ATTRIBUTES = {float: (2, 1), int: (3, 2), str: (4, 3), tuple: (8, 7)}

Attribute = float | int | str | tuple[int, ...]
Value = int | float | str | bytes


class GraphWriter:
    """A graph in the making. Tensors are known by names, which the methods give."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def constant(self, value: np.ndarray | Sequence[float]) -> str:
        """A tensor of numbers, kept in float32."""
        array = np.ascontiguousarray(value, np.float32)
        name = f"c{len(self._constants)}"
        dims = ((1, size) for size in array.shape)
        self._constants.append(message(*dims, (2, FLOAT), (8, name), (9, array.astype("<f4").tobytes())))
        return name

    def add(self, operation: str, *inputs: str, **attributes: Attribute) -> str:
        """The output of an operation of ONNX's own set; "" is an input that is left out."""
        name = f"t{len(self._nodes)}"
        fields = ((5, _attribute(key, value)) for key, value in attributes.items())
        self._nodes.append(
            message(*((1, each) for each in inputs), (2, name), (3, name), (4, operation), *fields)
        )
        return name

    def model(
        self, source: str, source_shape: Sequence[int | str], result: str, result_shape: Sequence[int | str]
    ) -> bytes:
        """The model from the tensor called `source` to that called `result`, both float32.

        A side given by a name, as "batch", may be of any length.
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
    """A protocol buffers message: each field's number and value; those that repeat come one by one."""
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
    """A whole number from 0 on, seven bits a byte, the lowest first."""
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
    """A ValueInfoProto of a float32 tensor."""
    dims = (message((2 if isinstance(side, str) else 1, side)) for side in shape)
    sides = message(*((1, dim) for dim in dims))
    return message((1, name), (2, message((1, message((1, FLOAT), (2, sides))))))
