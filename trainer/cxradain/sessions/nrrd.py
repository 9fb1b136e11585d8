"""NRRD files of one slice, gzip-compressed: the subset of the format that sessions need.

Implemented here so that reading survives damaged files: sizes are checked before memory is allocated, and a
file must end where its header says. http://teem.sourceforge.net/nrrd/format.html
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np

from ..imaging.image_data import LARGEST
from .records import Placement, RecordError

INTEGERS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
# numpy's name -> NRRD's.
TYPES = {name: name for name in INTEGERS} | {"float32": "float", "float64": "double"}
LARGEST_HEADER = 1 << 16


def encode(pixels: np.ndarray, placement: Placement, areas: bool = False) -> bytes:
    """Encode (H, W) pixels losslessly as the bytes of a file; `areas` for masks, which compress as runs.

    Raises TypeError for a pixel type that NRRD does not have.
    """
    if pixels.dtype.name not in TYPES:
        raise TypeError(f"pixels of type {pixels.dtype} cannot be stored")
    axes = len(placement.spacing)
    sizes = (pixels.shape[1], pixels.shape[0], 1)[:axes]
    columns = [placement.direction[axis::axes] for axis in range(axes)]
    directions = [
        _vector(step * part for part in c) for c, step in zip(columns, placement.spacing, strict=True)
    ]
    header = [
        "NRRD0004",
        f"type: {TYPES[pixels.dtype.name]}",
        f"dimension: {axes}",
        "space: left-posterior-superior" if axes == 3 else "space dimension: 2",
        "sizes: " + " ".join(map(str, sizes)),
        "space directions: " + " ".join(directions),
        "kinds: " + " ".join(["domain"] * axes),
        "endian: little",
        "encoding: gzip",
        "space origin: " + _vector(placement.origin),
    ]
    # For masks, run-length matching takes a quarter of the time and half of the space.
    strategy = zlib.Z_RLE if areas else zlib.Z_DEFAULT_STRATEGY
    packer = zlib.compressobj(1 if pixels.itemsize > 1 or areas else 6, zlib.DEFLATED, 31, strategy=strategy)
    data = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<"))
    return "\n".join([*header, "", ""]).encode() + packer.compress(data.data) + packer.flush()


def decode(data: bytes) -> np.ndarray:
    """Decode the bytes of such a file to (H, W) pixels. Raises RecordError for other or damaged files."""
    head, blank, packed = data[:LARGEST_HEADER].partition(b"\n\n")
    packed = data[len(head) + len(blank) :]
    try:
        lines = head.decode("ascii").split("\n")
        fields = dict(line.split(": ", 1) for line in lines[1:])
        dtype = np.dtype(next(name for name, written in TYPES.items() if written == fields["type"]))
        width, height = (int(size) for size in fields["sizes"].split()[:2])
        known = lines[0] == "NRRD0004" and fields["encoding"] == "gzip" and fields["endian"] == "little"
        if not known or min(width, height) < 1 or width * height > LARGEST:
            raise ValueError
        wanted = width * height * dtype.itemsize
        unpacker = zlib.decompressobj(wbits=31)
        raw = unpacker.decompress(packed, wanted)
        # The checksum follows the last pixel, so the file must be read to its end.
        rest = unpacker.decompress(unpacker.unconsumed_tail, 1)
        if len(raw) != wanted or rest or not unpacker.eof or unpacker.unused_data:
            raise ValueError
    except (ValueError, KeyError, StopIteration, zlib.error) as error:
        raise RecordError("is damaged or incomplete. Restore it from a copy.") from error
    return np.frombuffer(raw, dtype.newbyteorder("<")).reshape(height, width).astype(dtype)


def _vector(numbers: Iterable[float]) -> str:
    return "(" + ",".join(repr(float(number)) for number in numbers) + ")"
