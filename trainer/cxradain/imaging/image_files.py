"""Reading radiographs of all formats, in the decoder's process (`decoder`)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..files import LARGEST_FILE
from .decoder import Decoded
from .dicom import read_dicom
from .file_formats import FileFormat, detect_format
from .image_data import (
    LARGEST_VALUE,
    LEAST_RANGE,
    NO_CONTRAST,
    ImageData,
    ImageFault,
    MaskFault,
    values_of_mask,
)
from .itk_files import read_volume
from .radiograph import SMALLEST, Radiograph
from .raster_files import read_raster

READ = "DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD, NIfTI and MetaImage"
READERS = {FileFormat.DICOM: read_dicom, FileFormat.RASTER: read_raster, FileFormat.VOLUME: read_volume}


def decoded_radiograph(path: Path) -> Decoded:
    """A file's radiograph without its name, as the decoder sends it. Raises ImageFault, and MaskFault."""
    data = read_image_file(path)
    return Radiograph(name="", **vars(data)).to_json(), {"pixels": data.pixels}


def read_image_file(path: Path) -> ImageData:
    """Read a file of one frontal radiograph, with the turn to radiological display that it states. Raises
    ImageFault, and MaskFault if it has no more values than a mask; a damaged file may raise anything."""
    data = READERS[usable_format(path)](path)
    if min(data.pixels.shape) < SMALLEST:
        height, width = data.pixels.shape
        raise ImageFault(f"is only {width} x {height} pixels, too small for a radiograph.")
    # A single NaN makes both NaN, which fails every comparison.
    low, high = float(data.pixels.min()), float(data.pixels.max())
    if not (low > -LARGEST_VALUE and high < LARGEST_VALUE):
        raise ImageFault("holds values that are no numbers (NaN, infinite or beyond 1e30). Export it again.")
    if not high - low > LEAST_RANGE:
        raise ImageFault(NO_CONTRAST)
    if values := values_of_mask(data.pixels):
        raise MaskFault(f"looks like a mask, not a radiograph: it holds only {values} values.")
    return replace(data, facts=replace(data.facts, turn=data.facts.stated_turn))


def usable_format(path: Path) -> FileFormat:
    """A file's format. Raises ImageFault unless it is a regular file of usable size and known format."""
    if path.is_dir():
        raise ImageFault("is a folder; name the files in it, or the folder where a list is taken.")
    if path.exists() and not path.is_file():
        raise ImageFault("is no file but a pipe or a device. Copy the image into a file.")
    try:
        file_format = detect_format(path)
        size = path.stat().st_size
    except OSError as error:
        raise ImageFault(f"cannot be opened ({error.strerror or error}). Check the name.") from error
    if size == 0:
        raise ImageFault("is empty (0 bytes). Copy it again.")
    if size > LARGEST_FILE:
        raise ImageFault("is over 1 GB; no radiograph is that large. Export one image.")
    if file_format is None:
        raise ImageFault(f"cannot be read as an image. {READ} can.")
    return file_format
