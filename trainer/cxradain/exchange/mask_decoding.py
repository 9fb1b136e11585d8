"""Decoding masks from elsewhere, in the decoder's process: pictures, volumes, Slicer's segmentations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..imaging.decoder import Decoded
from ..imaging.file_formats import FileFormat
from ..imaging.image_data import LARGEST, ImageFault, check_size
from ..imaging.image_files import usable_format
from ..imaging.itk_files import volume_reader
from ..imaging.lungs import BACKGROUND, LEFT, RIGHT
from .segment_codes import Code, SegmentNames
from .segmentation_objects import CONTRADICTION, NO_LUNG, read_segmentation

if TYPE_CHECKING:
    import SimpleITK

COLORS = (
    "has colors, which do not say which lung is which. Save the labels as gray: 0 background, 1 right lung, "
    "2 left lung."
)
# The colors that most programs give to labels 0, 1 and 2, from the Pascal VOC challenge.
VOC_COLORS = {(0, 0, 0): BACKGROUND, (128, 0, 0): RIGHT, (0, 128, 0): LEFT}
UNKNOWN = 255
TERMS = "TerminologyEntry:"


def decoded_mask(path: Path) -> Decoded:
    """Decode a mask file: its values (H, W) and other information, as the decoder sends them.

    The header has "references" (SOP Instance UIDs of images), "remarks" (for people) and, for a cropped
    segmentation, the "offset" (row, column) of its first pixel. The arrays of a volume include its "place"
    (`place_of`). Raises ImageFault; a damaged file may raise anything.
    """
    if path.suffix.lower() == ".bmp" and path.is_file():
        return {"references": [], "remarks": []}, {"labels": _read_picture(path)}
    file_format = usable_format(path)
    if file_format is FileFormat.RASTER:
        return {"references": [], "remarks": []}, {"labels": _read_picture(path)}
    if file_format is FileFormat.VOLUME:
        return _read_volume(path)
    found = read_segmentation(path)
    return {"references": sorted(found.images), "remarks": list(found.remarks)}, {"labels": found.labels}


def _read_picture(path: Path) -> np.ndarray:
    from PIL import Image

    with path.open("rb") as file:
        if file.read(3) == b"\xff\xd8\xff":
            raise ImageFault("is a JPEG, which changes labels. Save the mask as PNG, TIFF or BMP.")
        with Image.open(file, formats=("PNG", "TIFF", "BMP")) as picture:
            check_size(*picture.size, path.stat().st_size)
            if getattr(picture, "n_frames", 1) > 1:
                raise ImageFault("holds several pictures. Save one mask a file.")
            if picture.mode == "P":
                indices = np.array(picture)
                used = np.unique(indices)
                palette = np.array(picture.getpalette("RGB"), np.uint8).reshape(-1, 3)
                values = np.zeros(256, np.uint8)
                values[used] = _values_of_colors(palette[used])
                return values[indices]
            if picture.mode in ("L", "I", "I;16", "I;16B", "F"):
                return np.array(picture)
            if picture.mode in ("1", "LA", "La"):
                return np.array(picture.convert("L"))
            return _values_of_colors(np.array(picture.convert("RGB")))


def _values_of_colors(colors: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 colors -> (...) values: the gray level, or the label with this usual color. Raises
    ImageFault for other colors."""
    if (colors == colors[..., :1]).all():
        return colors[..., 0].copy()
    flat = colors.reshape(-1, 3)
    labels = np.full(len(flat), UNKNOWN, np.uint8)
    for color, label in VOC_COLORS.items():
        labels[(flat == color).all(1)] = label
    if (labels == UNKNOWN).any():
        raise ImageFault(COLORS)
    return labels.reshape(colors.shape[:-1])


def _read_volume(path: Path) -> Decoded:
    import SimpleITK as sitk

    reader, file_size = volume_reader(path)
    used = [axis for axis, length in enumerate(reader.GetSize()) if length != 1]
    size = [reader.GetSize()[axis] for axis in used]
    if len(size) != 2 or np.prod(size) * reader.GetNumberOfComponents() > LARGEST:
        raise ImageFault("is not a mask of one image: " + " x ".join(map(str, reader.GetSize())) + " voxels.")
    check_size(size[0], size[1], file_size)
    fields = {key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}
    segments, remarks = _segments(fields)
    pixels = sitk.GetArrayFromImage(reader.Execute())
    labels = _merged(pixels, segments, reader) if segments else np.squeeze(pixels)
    header: dict[str, Any] = {"references": [], "remarks": remarks}
    # https://slicer.readthedocs.io/en/latest/developer_guide/modules/segmentations.html
    offset = fields.get("Segmentation_ReferenceImageExtentOffset", "").split()
    if len(offset) == reader.GetDimension():
        header["offset"] = [int(offset[axis]) for axis in reversed(used)]
    place = place_of(reader.GetOrigin(), reader.GetSpacing(), reader.GetDirection(), used)
    return header, {"labels": labels, "place": place}


def place_of(
    origin: Sequence[float], spacing: Sequence[float], direction: Sequence[float], axes: Sequence[int]
) -> np.ndarray:
    """(3, 3): the position of the first pixel, the step to the next column and to the next row; mm, LPS.
    Two-dimensional files lie where ITK and 3D Slicer show them, as an axial slice."""
    steps = np.reshape(direction, (len(spacing), len(spacing))).T * np.reshape(spacing, (-1, 1))
    lines = np.stack([np.asarray(origin), *steps[list(axes)]])[:, :3]
    return np.pad(lines, ((0, 0), (0, 3 - lines.shape[1])))


def _segments(fields: dict[str, str]) -> tuple[list[tuple[int, int, int]], list[str]]:
    """(lung, layer, value) of the lung segments in Slicer's .seg.nrrd, and remarks; ([], []) for other files.
    Raises ImageFault if no segment is a lung."""
    segments, remarks = [], []
    number = 0
    while f"Segment{number}_Name" in fields or f"Segment{number}_ID" in fields:
        prefix = f"Segment{number}_"
        names = _names(*(fields.get(prefix + name, "") for name in ("Name", "ID", "Tags")))
        if names.contradicts_itself:
            remarks.append(CONTRADICTION.format(names.label.strip()))
        if names.lung:
            layer, value = fields.get(prefix + "Layer", 0), fields.get(prefix + "LabelValue", 1)
            segments.append((names.lung, int(layer), int(value)))
        number += 1
    if number and not segments:
        raise ImageFault(NO_LUNG)
    return segments, remarks


def _names(name: str, id: str, tags: str) -> SegmentNames:
    """What a segment says of itself. In its tags the entry of a terminology is context~category~type~modifier
    ~context~region~modifier|, each a scheme^value^meaning."""
    entry = next((tag.strip() for tag in tags.split("|") if tag.strip().startswith(TERMS)), "")
    parts = entry.removeprefix(TERMS).split("~")
    codes = []
    for term in [*parts, *[""] * 7][:7]:
        scheme, value, meaning = [*term.split("^"), "", "", ""][:3]
        codes.append(Code(value, scheme, meaning))
    _, _, type, modifier, _, region, region_modifier = codes
    return SegmentNames(type, (modifier.value,), region, (region_modifier.value,), f"{name} {id}")


def _merged(
    pixels: np.ndarray, segments: list[tuple[int, int, int]], reader: SimpleITK.ImageFileReader
) -> np.ndarray:
    """(H, W) labels of a .seg.nrrd, in which overlapping segments are in separate layers."""
    layers = pixels if reader.GetNumberOfComponents() > 1 else pixels[..., None]
    layers = layers.reshape(*[n for n in layers.shape[:-1] if n != 1], layers.shape[-1])
    labels = np.zeros(layers.shape[:2], np.uint8)
    for lung, layer, value in segments:
        labels[layers[..., layer] == value] = lung
    return labels
