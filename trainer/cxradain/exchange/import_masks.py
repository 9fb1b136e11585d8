"""Masks from elsewhere: PNG, TIFF, BMP, NIfTI, NRRD (also Slicer's .seg.nrrd), MetaImage and DICOM SEG."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..imaging.decoder import Decoded, decode
from ..imaging.dicom_attributes import number_of, text_of, values_of
from ..imaging.file_formats import VOLUME_EXTENSIONS, FileFormat, stem
from ..imaging.image_data import LARGEST, ImageFault, check_size
from ..imaging.image_files import usable_format
from ..imaging.itk_files import volume_reader
from ..imaging.lungs import LEFT, RIGHT, lung_named_in
from ..imaging.orientation import orientation_along, turn_to_display
from ..imaging.scratch import scratch_folder
from ..sessions.deidentify import read_header
from ..sessions.records import (
    CORRECTED,
    NotCorrected,
    Origin,
    SessionError,
    SessionImage,
    Version,
    shown_name,
)
from ..sessions.store import Session
from .archives import is_archive, unpack
from .export import IMAGE_KEY, MANIFEST, case_name, stable_uid

if TYPE_CHECKING:
    import SimpleITK
    from pydicom import Dataset

READER = "cxradain.exchange.import_masks:decoded_mask"
MASK_EXTENSIONS = (*(".png", ".tif", ".tiff", ".bmp"), *VOLUME_EXTENSIONS, ".dcm")
PICTURES = ("PNG", "TIFF", "BMP")
MASK_FOLDERS = ("masks", "labelsTr", "segmentations")  # of exports; the manifest is beside them
NOT_LABELS = "holds other values than 0 (background), 1 (right lung) and 2 (left lung). Export it as labels."
NO_LUNG = "names no segment of the right or left lung."


class MaskError(SessionError):
    """A file that is no mask of an image of the session; the message names it and says what to do."""


@contextmanager
def mask_files(path: Path) -> Iterator[list[Path]]:
    """The mask files that a file, a folder or an archive stands for; an archive is unpacked into a temporary
    folder, which is deleted on exit. Raises MaskError where there are none, and ArchiveError."""
    with scratch_folder() as folder:
        if is_archive(path):
            files = unpack(path, folder)
        elif path.is_dir():
            files = [file for file in path.rglob("*") if file.is_file()]
        elif path.is_file():
            yield [path]
            return
        else:
            raise MaskError(f"{path}: there is no such file.")
        masks = [f for f in files if f.name.lower().endswith(MASK_EXTENSIONS) and not f.name.startswith(".")]
        if not masks:
            raise MaskError(f"{path}: holds no masks.")
        yield sorted(masks)


def import_mask(
    session: Session, path: Path, reader: str, status: str = CORRECTED, image: SessionImage | None = None
) -> tuple[SessionImage, Version]:
    """Add a file's mask to a session, as `reader`'s; returns the image that it is of, and the new version.

    `image` as in `read_mask`. Raises MaskError and NotSaved.
    """
    image, labels = read_mask(session, path, image)
    newest = session.newest(image.key)
    origin = Origin(base=newest.id if newest else None, tools=("import",))
    try:
        return image, session.add_mask(image.key, labels, reader, status, origin)
    except NotCorrected as error:
        raise MaskError(f"{path}: {error}") from error


def read_mask(
    session: Session, path: Path, image: SessionImage | None = None
) -> tuple[SessionImage, np.ndarray]:
    """The image that a file is a mask of, and its labels, (H, W) uint8 of 0, 1 and 2.

    Where no image is given it is the one that a DICOM segmentation refers to, or that the manifest of an
    export names. Only a mask that has neither goes by its file's name: the image's, that of an export, or the
    first digits (at least 8) of its key. Raises MaskError, also where the image referred to is not in the
    session.
    """
    try:
        header, arrays = decode(READER, path)
    except ImageFault as fault:
        raise MaskError(f"{path}: {fault}") from fault
    image = image or _image_of(session, path, set(header["references"]))
    labels = _on_grid_of(image, path, arrays["labels"], arrays.get("place"))
    if labels.shape != tuple(image.shape):
        sizes = [" x ".join(map(str, shape[::-1])) for shape in (labels.shape, image.shape)]
        raise MaskError(
            f"{path}: is {sizes[0]} pixels, but {image.name} is {sizes[1]}. Export it at full size."
        )
    if not np.isin(labels, (0, RIGHT, LEFT)).all():
        raise MaskError(f"{path}: {NOT_LABELS}")
    return image, labels.astype(np.uint8)


def decoded_mask(path: Path) -> Decoded:
    """A file's labels with their place (`_place`) and the images that it refers to, where it has any, as the
    decoder sends them. Raises ImageFault; a damaged file may raise anything."""
    file_format = usable_format(path)
    if file_format is FileFormat.RASTER:
        return {"references": []}, {"labels": _read_picture(path)}
    if file_format is FileFormat.VOLUME:
        labels, place = _read_volume(path)
        return {"references": []}, {"labels": labels, "place": place}
    labels, references = read_segmentation(path)
    return {"references": sorted(references)}, {"labels": labels}


def _read_picture(path: Path) -> np.ndarray:
    from PIL import Image

    with Image.open(path, formats=(*PICTURES, "JPEG", "WEBP")) as picture:
        if picture.format not in PICTURES:
            raise ImageFault(
                f"is {picture.format}, which does not keep labels. Export {', '.join(PICTURES)} or a volume."
            )
        check_size(*picture.size, path.stat().st_size)
        if picture.mode not in ("L", "P", "I", "I;16"):
            raise ImageFault("is a color picture. Export the labels, not their colors.")
        return np.array(picture)


def _read_volume(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The labels, (H, W), and their place as `_place` has it."""
    import SimpleITK as sitk

    reader, file_size = volume_reader(path)
    size = [length for length in reader.GetSize() if length != 1]
    if len(size) != 2 or np.prod(size) * reader.GetNumberOfComponents() > LARGEST:
        raise ImageFault("is not a mask of one image: " + " x ".join(map(str, reader.GetSize())) + " voxels.")
    check_size(size[0], size[1], file_size)
    segments = _segments(reader)
    pixels = sitk.GetArrayFromImage(reader.Execute())
    return _merged(pixels, segments, reader) if segments else np.squeeze(pixels), _place_of_file(reader)


def _place_of_file(reader: SimpleITK.ImageFileReader) -> np.ndarray:
    used = [axis for axis, length in enumerate(reader.GetSize()) if length != 1]
    return _place(reader.GetOrigin(), reader.GetSpacing(), reader.GetDirection(), used)


def _place(
    origin: Sequence[float], spacing: Sequence[float], direction: Sequence[float], axes: Sequence[int]
) -> np.ndarray:
    """(3, 3): where the first pixel lies, the step to the next column and to the next row; mm, LPS. What has
    two axes lies where ITK and 3D Slicer show it, as a slice across the body."""
    steps = np.reshape(direction, (len(spacing), len(spacing))).T * np.reshape(spacing, (-1, 1))
    lines = np.stack([np.asarray(origin), *steps[list(axes)]])[:, :3]
    return np.pad(lines, ((0, 0), (0, 3 - lines.shape[1])))


def _on_grid_of(image: SessionImage, path: Path, labels: np.ndarray, place: np.ndarray | None) -> np.ndarray:
    """The labels with their axes in the image's order and direction, which another program may have changed.

    They are turned where they then lie on the image, pixel by pixel. Raises MaskError for a mask in another
    plane, and where its header turns it but has it lie elsewhere: it may be upside down, or not.
    """
    if place is None:
        return labels
    where = image.placement
    ours = _place(where.origin, where.spacing, where.direction, (0, 1))
    directions = [lines[1:] / np.linalg.norm(lines[1:], axis=1, keepdims=True) for lines in (ours, place)]
    turn = np.rint(directions[0] @ directions[1].T).astype(int)
    if np.abs(turn).sum() != 2 or abs(np.linalg.det(turn)) != 1:
        # A picture is in no plane of the patient, and neither is a file of two axes that says nothing.
        unplaced = len(where.spacing) == 2 and not turn_to_display(orientation_along(directions[1]))
        if unplaced or np.array_equal(directions[1], np.eye(2, 3)):
            return labels
        raise MaskError(f"{path}: lies in another plane than {image.name}. Export it on the image's grid.")
    if (turn == np.eye(2)).all():
        return labels
    first, across, down = place
    if not turn[0, 0]:
        labels, turn, (across, down) = labels.T, turn[:, ::-1], (down, across)
    last = [side - 1 if step < 0 else 0 for side, step in zip(labels.shape[::-1], np.diag(turn), strict=True)]
    start = first + last[0] * across + last[1] * down
    if np.linalg.norm(start - ours[0]) > np.linalg.norm(ours[1:], axis=1).max():
        raise MaskError(
            f"{path}: its header turns it against {image.name} and has it lie elsewhere, so it may be upside "
            "down or not. Export it on the image's grid."
        )
    return labels[:: turn[1, 1], :: turn[0, 0]]


def _segments(reader: SimpleITK.ImageFileReader) -> list[tuple[int, int, int]]:
    """Lung, layer and value of the lungs' segments in Slicer's .seg.nrrd; [] for other files.

    https://slicer.readthedocs.io/en/latest/developer_guide/modules/segmentations.html
    """
    fields = {key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}
    segments = []
    number = 0
    while f"Segment{number}_Name" in fields or f"Segment{number}_ID" in fields:
        prefix = f"Segment{number}_"
        lung = lung_named_in(" ".join(fields.get(prefix + name, "") for name in ("Name", "ID", "Tags")))
        if lung:
            layer, value = fields.get(prefix + "Layer", 0), fields.get(prefix + "LabelValue", 1)
            segments.append((lung, int(layer), int(value)))
        number += 1
    if number and not segments:
        raise ImageFault(NO_LUNG)
    return segments


def _merged(
    pixels: np.ndarray, segments: list[tuple[int, int, int]], reader: SimpleITK.ImageFileReader
) -> np.ndarray:
    """(H, W) labels of a .seg.nrrd, whose overlapping segments lie in several layers."""
    layers = pixels if reader.GetNumberOfComponents() > 1 else pixels[..., None]
    layers = layers.reshape(*[n for n in layers.shape[:-1] if n != 1], layers.shape[-1])
    labels = np.zeros(layers.shape[:2], np.uint8)
    for lung, layer, value in segments:
        labels[layers[..., layer] == value] = lung
    return labels


def _image_of(session: Session, path: Path, references: set[str]) -> SessionImage:
    """The image that a mask is of: a file's name counts least, as every session has a `case-00001`."""
    images = _images_referred_to(session, references) if references else []
    key = _key_in_manifest(path)
    if not images and key is not None:
        images = [image for image in session.images() if image.key == key]
    if len(images) == 1:
        return images[0]
    if references or key is not None:
        what = f"{len(images)} images of the session" if images else "an image that the session has not"
        source = "it" if references else MANIFEST
        raise MaskError(
            f"{path}: is, as {source} says, of {what}. If it is of one that is there, name its key."
        )
    return _image_named(session, path)


def _images_referred_to(session: Session, references: set[str]) -> list[SessionImage]:
    """The images that have one of the SOP Instance UIDs: exported ones, or the originals of references."""
    images = []
    for image in session.images():
        if stable_uid(session, "image", image.key) in references:
            images.append(image)
        elif image.reference and image.header is not None and Path(image.reference).is_file():
            header = read_header(Path(image.reference))
            if header is not None and header.get("SOPInstanceUID") in references:
                images.append(image)
    return images


def _image_named(session: Session, path: Path) -> SessionImage:
    name = stem(shown_name(path)).removesuffix(".seg")
    images = session.images()
    named = [i for i in images if name in (stem(i.name), i.name, case_name(i))]
    if not named and len(name) >= 8:
        named = [image for image in images if image.key.startswith(name)]
    if len(named) != 1:
        raise MaskError(f"{path}: {len(named)} images of the session have this name. Name the image's key.")
    return named[0]


def _key_in_manifest(mask: Path) -> str | None:
    """The key of the image that an exported mask is of, by the manifest beside it or its folder; None where
    there is no such manifest, or it has no such column or mask."""
    folders = [mask.parent, *([mask.parent.parent] if mask.parent.name in MASK_FOLDERS else [])]
    for folder in folders:
        try:
            changed = (folder / MANIFEST).stat().st_mtime_ns
            return _manifest_keys(folder / MANIFEST, changed)[stem(mask).removesuffix(".seg")]
        except (OSError, ValueError, csv.Error, KeyError):
            continue  # another program's, or none
    return None


@lru_cache(maxsize=4)
def _manifest_keys(manifest: Path, changed: int) -> dict[str, str]:
    """Image keys by the masks' names; `changed` is in the cache's key, as the file may be written anew."""
    with manifest.open(newline="", encoding="utf-8-sig") as file:
        return {row["id"]: row[IMAGE_KEY] for row in csv.DictReader(file)}


def read_segmentation(path: Path) -> tuple[np.ndarray, set[str]]:
    """(H, W) uint8 labels of a DICOM segmentation (PS3.3 A.51), and the SOP Instance UIDs of the images that
    it refers to, one as a rule. Raises ImageFault."""
    import pydicom
    from pydicom.uid import SegmentationStorage

    dataset = pydicom.dcmread(path)
    if dataset.get("SOPClassUID") != SegmentationStorage:
        raise ImageFault("is no DICOM segmentation. Name the mask's file, not the image's.")
    width, height = (int(number_of(dataset, name, 0)) for name in ("Columns", "Rows"))
    check_size(width, height, len(dataset.get("PixelData", b"")))
    frames = max(1, int(number_of(dataset, "NumberOfFrames", 1)))
    check_size(width, height * frames, len(dataset.PixelData))
    if text_of(dataset, "SegmentationType") != "BINARY":
        raise ImageFault("is not of type BINARY. Export it as a binary segmentation.")
    lungs = {int(item.SegmentNumber): _lung_of_segment(item) for item in dataset.SegmentSequence}
    labels = np.zeros((height, width), np.uint8)
    pixels = dataset.pixel_array.reshape(frames, height, width)
    groups = values_of(dataset, "PerFrameFunctionalGroupsSequence")
    seen: set[int] = set()
    for frame, group in zip(pixels, groups, strict=True):
        segment = int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        if segment in seen:
            raise ImageFault("holds several frames of a segment: it is of no single radiograph.")
        seen.add(segment)
        if lungs[segment]:
            labels[frame > 0] = lungs[segment]
    if not any(lungs[segment] for segment in seen):
        raise ImageFault(NO_LUNG)
    return labels, _referenced_images(dataset)


def _lung_of_segment(segment: Dataset) -> int:
    """Which lung a segment is, by its code (PS3.3 C.8.20.4), else by its label; 0 where it is neither."""
    codes = [text_of(code, "CodeValue") for code in values_of(segment, "SegmentedPropertyTypeCodeSequence")]
    return lung_named_in("".join(codes[:1])) or lung_named_in(text_of(segment, "SegmentLabel"))


def _referenced_images(dataset: Dataset) -> set[str]:
    """The images of the referenced series (PS3.3 C.12.2) and, as some programs write no other, the frames'
    sources (C.7.6.16.2.6)."""
    groups = [
        *values_of(dataset, "SharedFunctionalGroupsSequence"),
        *values_of(dataset, "PerFrameFunctionalGroupsSequence"),
    ]
    sources = {
        text_of(instance, "ReferencedSOPInstanceUID")
        for group in groups
        for derivation in values_of(group, "DerivationImageSequence")
        for instance in values_of(derivation, "SourceImageSequence")
    }
    listed = {
        text_of(instance, "ReferencedSOPInstanceUID")
        for series in values_of(dataset, "ReferencedSeriesSequence")
        for instance in values_of(series, "ReferencedInstanceSequence")
    }
    return (sources | listed) - {""}
