"""Masks from elsewhere: PNG, NIfTI, NRRD (also Slicer's segmentations), MetaImage and DICOM SEG."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..imaging.dicom_attributes import many, number, text
from ..imaging.file_names import VOLUME_ENDINGS, stem
from ..imaging.image_data import LARGEST, ImageFault, check_size, remark
from ..imaging.itk_files import itk_reader, volume_io
from ..imaging.lungs import LEFT, RIGHT
from ..imaging.raster_files import bytes_with_data
from ..sessions.deidentify import read_header
from ..sessions.records import CORRECTED, Image, Origin, SessionError, Version, shown_name
from ..sessions.store import Session
from .archives import is_archive, unpack
from .export import MANIFEST, uid
from .manifest import key_beside

if TYPE_CHECKING:
    import SimpleITK
    from pydicom import Dataset

MASK_ENDINGS = (".png", *VOLUME_ENDINGS, ".dcm")
NOT_LABELS = "holds other values than 0 (background), 1 (right lung) and 2 (left lung). Export it as labels."


class MaskError(SessionError):
    """A file that is no mask of an image of the session; the message names it and says what to do."""


@contextmanager
def mask_files(path: Path) -> Iterator[list[Path]]:
    """The mask files that a file, a folder or an archive stands for; an archive is unpacked into a temporary
    folder, which is deleted on exit. Raises MaskError where there are none, and ArchiveError."""
    with tempfile.TemporaryDirectory(prefix="cxradain-") as folder:
        if is_archive(path):
            files = unpack(path, Path(folder))
        elif path.is_dir():
            files = [file for file in path.rglob("*") if file.is_file()]
        elif path.is_file():
            yield [path]
            return
        else:
            raise MaskError(f"{path}: there is no such file.")
        masks = [f for f in files if f.name.lower().endswith(MASK_ENDINGS) and not f.name.startswith(".")]
        if not masks:
            raise MaskError(f"{path}: holds no masks.")
        yield sorted(masks)


def import_mask(
    session: Session, path: Path, reader: str, status: str = CORRECTED, image: Image | None = None
) -> tuple[Image, Version]:
    """Add a file's mask to a session, as `reader`'s; returns the image that it is of, and the new version.

    `image` as in `read`. Raises MaskError and NotSaved.
    """
    image, labels = read(session, path, image)
    newest = session.newest(image.key)
    origin = Origin(base=newest.id if newest else None, tools=("import",))
    return image, session.add_mask(image.key, labels, reader, status, origin)


def read(session: Session, path: Path, image: Image | None = None) -> tuple[Image, np.ndarray]:
    """The image that a file is a mask of, and its labels, (H, W) uint8 of 0, 1 and 2.

    Where no image is given it is the one that a DICOM segmentation refers to, or that the manifest of an
    export names. Only a mask that has neither goes by its file's name: the image's, that of an export, or the
    first digits (at least 8) of its key. Raises MaskError, also where what is referred to is not here.
    """
    referred: set[str] = set()
    axes = None
    try:
        if path.name.lower().endswith(".png"):
            labels = _png(path)
        elif path.name.lower().endswith(VOLUME_ENDINGS):
            labels, axes = _volume(path)
        else:
            labels, referred = read_segmentation(path)
    except ImageFault as fault:
        raise MaskError(f"{path}: {fault}") from fault
    except Exception as error:  # a damaged file makes a decoder raise whatever it runs into
        raise MaskError(f"{path}: cannot be read as a mask{remark(error)}. Export it again.") from error
    image = image or _found(session, path, referred)
    labels = _as_the_image(path, labels, axes, image)
    if labels.shape != tuple(image.shape):
        sizes = [" x ".join(map(str, shape[::-1])) for shape in (labels.shape, image.shape)]
        raise MaskError(
            f"{path}: is {sizes[0]} pixels, but {image.name} is {sizes[1]}. Export it at full size."
        )
    if not np.isin(labels, (0, RIGHT, LEFT)).all():
        raise MaskError(f"{path}: {NOT_LABELS}")
    return image, labels.astype(np.uint8)


def _png(path: Path) -> np.ndarray:
    from PIL import Image as Pictures

    with Pictures.open(path, formats=("PNG",)) as picture:
        check_size(*picture.size, path.stat().st_size)
        if picture.mode not in ("L", "P", "I", "I;16"):
            raise ImageFault("is a color picture. Export the labels, not their colors.")
        return np.array(picture)


def _volume(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """The labels, (H, W), and what `_axes` says."""
    import SimpleITK as sitk

    reader = itk_reader(path, volume_io(path))
    reader.ReadImageInformation()
    size = [length for length in reader.GetSize() if length != 1]
    if len(size) != 2 or np.prod(size) * reader.GetNumberOfComponents() > LARGEST:
        raise ImageFault("is not a mask of one image: " + " x ".join(map(str, reader.GetSize())) + " voxels.")
    check_size(size[0], size[1], bytes_with_data(path))
    segments = _segments(reader)
    pixels = sitk.GetArrayFromImage(reader.Execute())
    return _of_segments(pixels, segments, reader) if segments else np.squeeze(pixels), _axes(reader)


def _axes(reader: SimpleITK.ImageFileReader) -> np.ndarray | None:
    """(2, 3): where a slice's columns and rows count to, LPS; None for an image of two axes, which has no
    place in the patient."""
    if reader.GetDimension() != 3:
        return None
    directions = np.reshape(reader.GetDirection(), (3, 3)).T
    return directions[[length != 1 for length in reader.GetSize()]]


def _as_the_image(path: Path, labels: np.ndarray, axes: np.ndarray | None, image: Image) -> np.ndarray:
    """Labels that a program may have stored in another order than the image's, in the image's.

    Where both are slices with a place in the patient; a picture has none. Raises MaskError for another plane.
    """
    if axes is None or len(image.placement.spacing) != 3:
        return labels
    turn = np.rint(np.reshape(image.placement.direction, (3, 3)).T[:2] @ axes.T).astype(int)
    if np.abs(turn).sum() != 2 or abs(np.linalg.det(turn)) != 1:
        raise MaskError(f"{path}: lies in another plane than {image.name}. Export it on the image's grid.")
    if not turn[0, 0]:
        labels, turn = labels.T, turn[:, ::-1]
    return labels[:: turn[1, 1], :: turn[0, 0]]


def _segments(reader: SimpleITK.ImageFileReader) -> list[tuple[int, int, int]]:
    """Lung, layer and value of the lungs' segments in Slicer's .seg.nrrd; none in other files."""
    known = set(reader.GetMetaDataKeys())
    found = []
    number = 0
    while f"Segment{number}_Name" in known or f"Segment{number}_ID" in known:
        words = " ".join(
            reader.GetMetaData(f"Segment{number}_{name}")
            for name in ("Name", "ID", "Tags")
            if f"Segment{number}_{name}" in known
        )
        value, layer = (
            int(reader.GetMetaData(key)) if (key := f"Segment{number}_{name}") in known else default
            for name, default in (("LabelValue", 1), ("Layer", 0))
        )
        lung = lung_of(words)
        if lung:
            found.append((lung, layer, value))
        number += 1
    if number and {lung for lung, _, _ in found} == set():
        raise ImageFault("names no segment of the right or left lung.")
    return found


def lung_of(words: str) -> int:
    """Which lung a text speaks of, by its code in SNOMED CT or its name; 0 for none or both."""
    lower = words.lower()
    right = "3341006" in lower or ("lung" in lower and "right" in lower)
    left = "44029006" in lower or ("lung" in lower and "left" in lower)
    return 0 if right == left else RIGHT if right else LEFT


def _of_segments(
    pixels: np.ndarray, segments: list[tuple[int, int, int]], reader: SimpleITK.ImageFileReader
) -> np.ndarray:
    layers = pixels if reader.GetNumberOfComponents() > 1 else pixels[..., None]
    layers = layers.reshape(*[n for n in layers.shape[:-1] if n != 1], layers.shape[-1])
    labels = np.zeros(layers.shape[:2], np.uint8)
    for lung, layer, value in segments:
        labels[layers[..., layer] == value] = lung
    return labels


def _found(session: Session, path: Path, referred: set[str]) -> Image:
    """The image that a mask is of. A name says least: `case-00001` is another image in each session."""
    found = _by_reference(session, referred) if referred else []
    key = key_beside(path)
    if not found and key is not None:
        found = [image for image in session.images() if image.key == key]
    if len(found) == 1:
        return found[0]
    if referred or key is not None:
        what = f"{len(found)} images of the session" if found else "an image that the session has not"
        says = "it" if referred else MANIFEST
        raise MaskError(
            f"{path}: is, as {says} says, of {what}. If it is of one that is there, name its key."
        )
    return _by_name(session, path)


def _by_reference(session: Session, referred: set[str]) -> list[Image]:
    """The images that have one of the UIDs: exported ones, or the originals of references."""
    found = []
    for image in session.images():
        if uid(session, "image", image.key) in referred:
            found.append(image)
        elif image.reference and image.header is not None and Path(image.reference).is_file():
            header = read_header(Path(image.reference))
            if header is not None and header.get("SOPInstanceUID") in referred:
                found.append(image)
    return found


def _by_name(session: Session, path: Path) -> Image:
    name = stem(shown_name(path)).removesuffix(".seg")
    images = session.images()
    found = [i for i in images if name in (stem(i.name), i.name, f"case-{i.sequence:05d}")]
    if not found and len(name) >= 8:
        found = [image for image in images if image.key.startswith(name)]
    if len(found) != 1:
        raise MaskError(f"{path}: {len(found)} images of the session have this name. Name the image's key.")
    return found[0]


CODES = {"3341006": RIGHT, "44029006": LEFT, "T-28100": RIGHT, "T-28500": LEFT}  # SNOMED CT and RT


def read_segmentation(path: Path) -> tuple[np.ndarray, set[str]]:
    """(H, W) uint8 labels, and the UIDs of the images referred to, one as a rule. Raises ImageFault."""
    import pydicom
    from pydicom.uid import SegmentationStorage

    dataset = pydicom.dcmread(path)
    if dataset.get("SOPClassUID") != SegmentationStorage:
        raise ImageFault("is no DICOM segmentation. Name the mask's file, not the image's.")
    width, height = (int(number(dataset, name, 0)) for name in ("Columns", "Rows"))
    check_size(width, height, len(dataset.get("PixelData", b"")))
    frames = max(1, int(number(dataset, "NumberOfFrames", 1)))
    check_size(width, height * frames, len(dataset.PixelData))
    if text(dataset, "SegmentationType") != "BINARY":
        raise ImageFault("is not of type BINARY. Export it as a binary segmentation.")
    lungs = {int(item.SegmentNumber): _lung(item) for item in dataset.SegmentSequence}
    labels = np.zeros((height, width), np.uint8)
    pixels = dataset.pixel_array.reshape(frames, height, width)
    groups = many(dataset, "PerFrameFunctionalGroupsSequence")
    seen: set[int] = set()
    for frame, group in zip(pixels, groups, strict=True):
        segment = int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber)
        if segment in seen:
            raise ImageFault("holds several frames of a segment: it is of no single radiograph.")
        seen.add(segment)
        if lungs[segment]:
            labels[frame > 0] = lungs[segment]
    if not any(lungs[segment] for segment in seen):
        raise ImageFault("names no segment of the right or left lung.")
    return labels, _referred(dataset)


def _lung(segment: Dataset) -> int:
    """Which lung a segment is, by its code, else by its label; 0 where it is neither."""
    code = many(segment, "SegmentedPropertyTypeCodeSequence")
    if code and text(code[0], "CodeValue") in CODES:
        return CODES[text(code[0], "CodeValue")]
    label = text(segment, "SegmentLabel")
    right, left = ("LUNG" in label and side in label for side in ("RIGHT", "LEFT"))
    return 0 if right == left else RIGHT if right else LEFT


def _referred(dataset: Dataset) -> set[str]:
    """By the series that are referred to, and by the frames' own sources, which some programs name alone."""
    groups = [
        *many(dataset, "SharedFunctionalGroupsSequence"),
        *many(dataset, "PerFrameFunctionalGroupsSequence"),
    ]
    sources = {
        text(instance, "ReferencedSOPInstanceUID")
        for group in groups
        for derivation in many(group, "DerivationImageSequence")
        for instance in many(derivation, "SourceImageSequence")
    }
    found = sources | {
        text(instance, "ReferencedSOPInstanceUID")
        for series in many(dataset, "ReferencedSeriesSequence")
        for instance in many(series, "ReferencedInstanceSequence")
    }
    return found - {""}
