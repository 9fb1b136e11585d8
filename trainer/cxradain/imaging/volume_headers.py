"""Checking the headers of NRRD, NIfTI and MetaImage files before ITK reads them.

ITK's readers trust these headers: an invalid number of axes, file name pattern or scale crashes or hangs the
process, and a header may name any of the user's files as its pixels. Accepted are 1 to 4 axes of plausible
length, finite numbers, and pixels in the same file or in a regular file beside it.
"""

from __future__ import annotations

import gzip
import math
import re
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .image_data import LARGEST, ImageFault

LARGEST_HEADER = 1 << 20  # bytes; segmentations have some hundred per segment
MOST_AXES = 4
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
WHOLE = re.compile(r"\d{1,12}")
NRRD_TYPES = {
    *("signed char", "int8", "int8_t", "uchar", "unsigned char", "uint8", "uint8_t", "short", "short int"),
    *("signed short", "signed short int", "int16", "int16_t", "ushort", "unsigned short", "uint16"),
    *("unsigned short int", "uint16_t", "int", "signed int", "int32", "int32_t", "uint", "unsigned int"),
    *("uint32", "uint32_t", "longlong", "long long", "long long int", "signed long long", "int64", "int64_t"),
    *("signed long long int", "ulonglong", "unsigned long long", "unsigned long long int", "uint64"),
    *("uint64_t", "float", "double"),
}
NRRD_ENCODINGS = {"raw", "txt", "text", "ascii", "hex", "gz", "gzip", "bz2", "bzip2"}
NRRD_NUMBERS = {"spacings", "thicknesses", "axismins", "axismaxs", "oldmin", "oldmax", "min", "max"}
META_NAMES = "CHAR UCHAR SHORT USHORT INT UINT LONG ULONG LONG_LONG ULONG_LONG FLOAT DOUBLE"
META_TYPES = {f"MET_{name}{array}" for name in META_NAMES.split() for array in ("", "_ARRAY")}
# The count of numbers in each field, for n axes.
META_NUMBERS = {
    **dict.fromkeys(("transformmatrix", "rotation", "orientation"), lambda n: n * n),
    **dict.fromkeys(("offset", "position", "origin", "centerofrotation"), lambda n: n),
    **dict.fromkeys(("elementspacing", "elementsize"), lambda n: n),
}
# Bits per value by datatype code of nifti1.h; complex and long double are not supported.
NIFTI_BITS = {2: 8, 4: 16, 8: 32, 16: 32, 64: 64, 128: 24, 256: 8, 512: 16, 768: 32}
NIFTI_BITS |= {1024: 64, 1280: 64, 2304: 32}
NIFTI_COLORS = (128, 2304)


@dataclass(frozen=True)
class NiftiHeader:
    """The part of a NIfTI header that is needed to read its values without ITK.

    order: byte order, "<" or ">". code: datatype code (nifti1.h). start, size: of the values, in bytes.
    """

    order: str
    code: int
    start: int
    size: int


def check_nrrd(path: Path) -> Path:
    """Check a NRRD header (http://teem.sourceforge.net/nrrd/format.html); returns the file with the pixels,
    which differs for a detached header. Raises ImageFault."""
    text = _start(path)
    header, _, _ = text.replace("\r\n", "\n").partition("\n\n")
    lines = header.split("\n")
    if not re.fullmatch(r"NRRD000[1-5]", lines[0]):
        raise _damaged("no NRRD")
    if "\r" in header:  # ITK ends a line there, also in a comment
        raise _damaged("a line that does not end")
    fields: dict[str, str] = {}
    for number, line in enumerate(lines[1:], 2):
        name, colon, value = line.partition(":")
        if line.startswith("#") or not line.strip() or (colon and value.startswith("=")):
            continue
        name = name.replace(" ", "").lower()
        if not colon or name in fields:
            raise _damaged(f"line {number}")
        fields[name] = value.strip()
    axes = _axes(fields.get("dimension", ""))
    _sizes(fields.get("sizes", "").split(), axes)
    if fields.get("type", "").lower() not in NRRD_TYPES:
        raise _damaged("no known type")
    if fields.get("encoding", "").lower() not in NRRD_ENCODINGS:
        raise _damaged("no known encoding")
    space = len(_vectors(fields["spaceorigin"])[0] or ()) if "spaceorigin" in fields else None
    if "spacedirections" in fields:
        vectors = _vectors(fields["spacedirections"])
        lengths = {len(vector) for vector in vectors if vector is not None} | ({space} if space else set())
        if len(vectors) != axes or len(lengths) != 1 or not lengths <= {1, 2, 3, 4}:
            raise _damaged("space directions that do not fit its axes")
    if "measurementframe" in fields:
        _vectors(fields["measurementframe"])
    for name in NRRD_NUMBERS & fields.keys():
        _numbers((v for v in fields[name].split() if v.lower() not in ("nan", "none")), None)
    for name in {"lineskip", "byteskip"} & fields.keys():
        if not WHOLE.fullmatch(fields[name]) and fields[name] != "-1":
            raise _damaged(f"no number as {name}")
    return _beside(path, fields["datafile"]) if "datafile" in fields else path


def check_meta_image(path: Path) -> Path:
    """Check a MetaImage header (https://itk.org/Wiki/ITK/MetaIO/Documentation); returns the file with the
    pixels. Raises ImageFault."""
    fields: dict[str, str] = {}
    for number, line in enumerate(_start(path).split("\n"), 1):
        name, separator, value = line.rstrip("\r").replace(":", "=", 1).partition("=")
        if not line.strip():
            continue
        exact, name = name.strip(), name.strip().lower()
        # The data file may be named only on its own line, however a reader might parse the header.
        hidden = "elementdatafile" in line.lower() and exact != "ElementDataFile"
        if not separator or not name or name in fields or hidden or "\0" in line:
            raise _damaged(f"line {number}")
        fields[name] = value.strip()
        if name == "elementdatafile":
            break
    if "elementdatafile" not in fields:
        raise _damaged("no ElementDataFile")
    if fields.get("objecttype", "Image").lower() != "image":
        raise ImageFault(f"is no image but MetaImage's {fields['objecttype'][:40]!r}. Export the image.")
    axes = _axes(fields.get("ndims", ""))
    _sizes(fields.get("dimsize", "").split(), axes)
    if fields.get("elementtype", "").upper() not in META_TYPES:
        raise _damaged("no known type")
    channels = fields.get("elementnumberofchannels", "1")
    if not WHOLE.fullmatch(channels) or not 1 <= int(channels) <= 64:
        raise _damaged("no number of channels")
    for name, count in META_NUMBERS.items():
        if name in fields:
            _numbers(fields[name].split(), count(axes))
    for name in {"headersize", "compresseddatasize"} & fields.keys():
        if not WHOLE.fullmatch(fields[name]) and fields[name] != "-1":
            raise _damaged(f"no number as {name}")
    data = fields["elementdatafile"]
    return path if data.upper() == "LOCAL" else _beside(path, data)


def check_nifti(path: Path) -> Path:
    """Check the header of a single-file NIfTI-1 or NIfTI-2; returns the file itself. Raises as
    `nifti_header`."""
    with open_nifti(path) as file:
        nifti_header(file)
    return path


def open_nifti(path: Path) -> BinaryIO:
    """Open a NIfTI file, decompressing ".gz"."""
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def nifti_header(file: BinaryIO) -> NiftiHeader:
    """Read and check the header of NIfTI-1 or NIfTI-2 (nifti1.h, nifti2.h).

    Raises ImageFault; a damaged compressed file raises EOFError, OSError or zlib.error.
    """
    header = file.read(544)
    order = "<" if header[:4] in (struct.pack("<i", 348), struct.pack("<i", 540)) else ">"
    try:
        if header[4:7] == b"n+2":
            least, code, bits = 544, *struct.unpack_from(order + "2h", header, 12)
            size = struct.unpack_from(order + "8q", header, 16)
            spacing = struct.unpack_from(order + "8d", header, 104)
            (start,) = struct.unpack_from(order + "q", header, 168)
            scale = struct.unpack_from(order + "2d", header, 176)
            place = struct.unpack_from(order + "18d", header, 352)
            forms = struct.unpack_from(order + "2i", header, 344)
        elif header[344:347] == b"n+1":
            least, code, bits = 352, *struct.unpack_from(order + "2h", header, 70)
            size = struct.unpack_from(order + "8h", header, 40)
            spacing = struct.unpack_from(order + "8f", header, 76)
            (start,) = struct.unpack_from(order + "f", header, 108)
            scale = struct.unpack_from(order + "2f", header, 112)
            place = struct.unpack_from(order + "18f", header, 256)
            forms = struct.unpack_from(order + "2h", header, 252)
        else:
            raise ImageFault("has no NIfTI header with its pixels in the same file. Export it again.")
    except struct.error:
        raise _damaged("fewer bytes than a header has") from None
    axes = size[0]
    if axes == 5 and size[5] in (1, 3, 4) and size[3:5] == (1, 1):  # color as ITK writes it
        axes = 2
    if not 1 <= axes <= 7 or any(length != 1 for length in size[MOST_AXES + 1 : axes + 1]):
        raise _damaged(f"not 1 to {MOST_AXES} axes")
    _sizes(map(str, size[1 : min(axes, MOST_AXES) + 1]), min(axes, MOST_AXES))
    if NIFTI_BITS.get(code) != bits:
        raise _damaged(f"the type {code} of {bits} bits")
    if not (math.isfinite(start) and least <= start <= 1 << 30):
        raise _damaged("its pixels at an impossible place")
    used = [abs(value) for value in (*spacing[: axes + 1], *(place if max(forms) > 0 else ()))]
    if not all(map(math.isfinite, used)) or max(used) > 1e9:
        raise _damaged("a spacing or a place that is none")
    slope, intercept = scale
    if slope and slope == slope and not (abs(slope) < 1e20 and abs(intercept) < 1e20):
        raise _damaged("a scale of its values that is none")
    if (code in NIFTI_COLORS or size[0] == 5) and (slope, intercept) not in ((0.0, 0.0), (1.0, 0.0)):
        raise ImageFault("scales the values of colors, which cannot be read. Export it as gray.")
    values = math.prod(max(1, length) for length in size[1 : size[0] + 1])
    return NiftiHeader(order, code, int(start), values * bits // 8)


def _start(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LARGEST_HEADER).decode("latin-1")


def _damaged(what: str) -> ImageFault:
    return ImageFault(f"is damaged or incomplete ({what} in its header). Copy or export it again.")


def _axes(text: str) -> int:
    if text not in [str(n) for n in range(1, MOST_AXES + 1)]:
        raise _damaged(f"not 1 to {MOST_AXES} axes")
    return int(text)


def _sizes(values: Iterable[str], axes: int) -> None:
    values = list(values)
    if len(values) != axes or not all(WHOLE.fullmatch(v) and int(v) > 0 for v in values):
        raise _damaged("no size")
    if math.prod(map(int, values)) > 64 * LARGEST:
        raise ImageFault(f"claims {' x '.join(values)[:80]} voxels. Copy or export it again.")


def _numbers(values: Iterable[str], count: int | None) -> tuple[float, ...]:
    values = list(values)
    numbers = tuple(float(value) if NUMBER.fullmatch(value) else math.nan for value in values)
    if (count is not None and len(values) != count) or not all(map(math.isfinite, numbers)):
        raise _damaged("something else than numbers")
    return numbers


def _vectors(text: str) -> list[tuple[float, ...] | None]:
    """Parse vectors such as "(1,0,0) none (0,1,0)"; None for `none`."""
    vectors: list[tuple[float, ...] | None] = []
    rest = text.strip()
    while rest:
        match = re.match(r"\(([^()]*)\)\s*|none\s*", rest)
        if match is None:
            raise _damaged("something else than vectors")
        inside = match.group(1)
        vectors.append(None if inside is None else _numbers((v.strip() for v in inside.split(",")), None))
        rest = rest[match.end() :]
    return vectors or [None]


def _beside(header: Path, name: str) -> Path:
    """The pixel file that a detached header names, which must be a regular file in the same folder."""
    name = name.removeprefix("./")
    plain = bool(name) and name not in (".", "..") and not set(name) & set('/\\%:*?<>|"\0')
    data = header.parent / name
    if not plain or name.upper().split()[0] == "LIST":
        raise ImageFault(
            f"names {name[:60]!r} as its pixels. Only a single file in the same folder is read: convert it."
        )
    try:
        regular = stat.S_ISREG(data.lstat().st_mode)
    except (OSError, ValueError):
        raise ImageFault(f"names {name[:60]!r} as its pixels, which is not beside it. Copy both.") from None
    if not regular:
        raise ImageFault(f"names {name[:60]!r} as its pixels, which is no plain file. Copy the file there.")
    return data
