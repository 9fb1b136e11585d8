"""Decoding DICOM segmentations (PS3.3 A.51, label maps A.101) of one radiograph, in the decoder's process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..imaging.dicom_attributes import number_of, text_of, values_of
from ..imaging.image_data import ImageFault, check_size
from .segment_codes import Code, SegmentNames

if TYPE_CHECKING:
    from pydicom import Dataset

LABEL_MAP_STORAGE = "1.2.840.10008.5.1.4.1.1.66.7"
NO_LUNG = "names no segment of the right or left lung."
CONTRADICTION = "the label {!r} names the other lung than the segment's code does. The code is taken."


@dataclass(frozen=True)
class Segmentation:
    """(H, W) uint8 labels, the SOP Instance UIDs of the referenced images (usually one), and remarks."""

    labels: np.ndarray
    images: set[str]
    remarks: tuple[str, ...]


def read_segmentation(path: Path) -> Segmentation:
    """Read the lungs from a DICOM file's binary or label map segmentation. Raises ImageFault; a damaged file
    may raise anything."""
    import pydicom
    from pydicom.uid import SegmentationStorage

    dataset = pydicom.dcmread(path)
    if dataset.get("SOPClassUID") not in (SegmentationStorage, LABEL_MAP_STORAGE):
        raise ImageFault("is no DICOM segmentation. Name the mask's file, not the image's.")
    width, height = (int(number_of(dataset, name, 0)) for name in ("Columns", "Rows"))
    frames = max(1, int(number_of(dataset, "NumberOfFrames", 1)))
    data = len(dataset.get("PixelData", b""))
    check_size(width, height, data)
    check_size(width, height * frames, data)
    kind = text_of(dataset, "SegmentationType")
    if kind not in ("BINARY", "LABELMAP"):
        raise ImageFault(f"is of type {kind[:20]}. Export it as a binary segmentation or a label map.")
    names = {int(item.SegmentNumber): _names(item) for item in dataset.SegmentSequence}
    remarks = [CONTRADICTION.format(n.label[:64]) for n in names.values() if n.contradicts_itself]
    pixels = dataset.pixel_array.reshape(frames, height, width)
    if kind == "LABELMAP":
        if frames != 1:
            raise ImageFault(f"holds {frames} frames: it is of no single radiograph.")
        masks = {number: pixels[0] == number for number in names}
    else:
        masks = _binary_masks(dataset, pixels)
    labels = np.zeros((height, width), np.uint8)
    shared = 0
    for number, mask in masks.items():
        if lung := names[number].lung:
            shared += int(np.count_nonzero(mask & (labels != 0) & (labels != lung)))
            labels[mask] = lung
    if not any(names[number].lung for number in masks):
        raise ImageFault(NO_LUNG)
    if shared:
        remarks.append(f"{shared} pixels are in both lungs; the segment that comes last has them.")
    return Segmentation(labels, _referenced_images(dataset), tuple(remarks))


def _binary_masks(dataset: Dataset, pixels: np.ndarray) -> dict[int, np.ndarray]:
    """By segment number, the (H, W) mask of each segment with a frame. The segment number may be in the
    shared functional groups (PS3.3 C.7.6.16)."""
    shared = values_of(dataset, "SharedFunctionalGroupsSequence")
    groups = values_of(dataset, "PerFrameFunctionalGroupsSequence")
    masks: dict[int, np.ndarray] = {}
    for frame, group in zip(pixels, groups, strict=True):
        items = [
            item for each in (group, *shared) for item in values_of(each, "SegmentIdentificationSequence")
        ]
        segment = int(items[0].ReferencedSegmentNumber)
        if segment in masks:
            raise ImageFault("holds several frames of a segment: it is of no single radiograph.")
        masks[segment] = frame > 0
    return masks


def _names(segment: Dataset) -> SegmentNames:
    """The codes and label of an item of the Segment Sequence (PS3.3 C.8.20.2)."""
    types = values_of(segment, "SegmentedPropertyTypeCodeSequence")
    regions = values_of(segment, "AnatomicRegionSequence")
    return SegmentNames(
        _code(types),
        _modifiers([segment, *types], "SegmentedPropertyTypeModifierCodeSequence"),
        _code(regions),
        _modifiers([segment, *regions], "AnatomicRegionModifierSequence"),
        str(segment.get("SegmentLabel", "")),
    )


def _code(items: list[Dataset]) -> Code:
    if not items:
        return Code()
    texts = (text_of(items[0], name) for name in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning"))
    return Code(*texts)


def _modifiers(owners: list[Dataset], name: str) -> tuple[str, ...]:
    """The code values that modify a type or a region; they are in its item, or beside it."""
    return tuple(text_of(code, "CodeValue") for owner in owners for code in values_of(owner, name))


def _referenced_images(dataset: Dataset) -> set[str]:
    """SOP Instance UIDs in the referenced series (PS3.3 C.12.2) and in the frames' source images
    (C.7.6.16.2.6), as some programs write only the latter."""
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
