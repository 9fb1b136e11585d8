"""The lungs of a DICOM segmentation of one radiograph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..imaging.dicom_attributes import many, number, text
from ..imaging.image_data import ImageFault, check_size
from ..imaging.lungs import LEFT, RIGHT

if TYPE_CHECKING:
    from pydicom import Dataset

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
