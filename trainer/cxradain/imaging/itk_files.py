"""Files as SimpleITK takes them: by a path in UTF-8 and with a reader that is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .image_data import ImageFault

if TYPE_CHECKING:
    import SimpleITK
import gzip
import math
import struct

import numpy as np


def itk_path(path: Path) -> str:
    """The path as SimpleITK takes it. Raises ImageFault for one that would end the process."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        raise ImageFault("has a name, or a folder's, that is not in UTF-8. Rename it.") from None
    return str(path)


def itk_reader(path: Path, kind: str) -> SimpleITK.ImageFileReader:
    """A reader of a file by ITK's `kind`; named, for left to choose ITK may try others on a damaged one.

    Raises ImageFault as `itk_path`.
    """
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetImageIO(kind)
    reader.SetFileName(itk_path(path))
    return reader


def volume_io(path: Path) -> str:
    """ITK's name for the reader of a NRRD, NIfTI or MetaImage file; of one without an ending, NRRD's."""
    name = path.name.lower()
    if name.endswith((".nii", ".nii.gz")):
        return "NiftiImageIO"
    return "MetaImageIO" if name.endswith((".mha", ".mhd")) else "NrrdImageIO"


FLOATS = {16: "f4", 64: "f8"}  # datatype codes of nifti1.h


def check_values(path: Path) -> None:
    """Raise ImageFault where a NIfTI-1 or NIfTI-2 file is short of values or has any that is no number.

    Call it after the size in the header has been found to be sensible. A damaged compressed file raises
    EOFError, OSError or zlib.error.
    """
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        header = file.read(348)
        order = "<" if header[:4] in (struct.pack("<i", 348), struct.pack("<i", 540)) else ">"
        if header[4:7] == b"n+2":
            kind, bits = struct.unpack_from(order + "2h", header, 12)
            size = struct.unpack_from(order + "8q", header, 16)
            (start,) = struct.unpack_from(order + "q", header, 168)
        elif header[344:347] == b"n+1":
            size = struct.unpack_from(order + "8h", header, 40)
            kind, bits = struct.unpack_from(order + "2h", header, 70)
            (start,) = struct.unpack_from(order + "f", header, 108)
        else:
            raise ImageFault("has no NIfTI header with its pixels in the same file. Export it again.")
        need = math.prod(max(1, n) for n in size[1 : 1 + size[0]]) * bits // 8
        file.seek(int(start))
        values = file.read(need)
    if len(values) < need:
        raise ImageFault(f"is cut short: {len(values)} of {need} bytes of pixels. Copy it again.")
    if kind in FLOATS and not np.isfinite(np.frombuffer(values, order + FLOATS[kind])).all():
        raise ImageFault("holds values that are no numbers (NaN or infinite). Export it again.")
