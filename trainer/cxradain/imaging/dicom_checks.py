"""What a DICOM header says that makes an image unfit for lung segmentation, in words without patient data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dicom_attributes import many, text, words

if TYPE_CHECKING:
    from pydicom import Dataset

LATERAL = (
    "The header names a lateral view. The model knows frontal radiographs alone: do not rely on the result."
)
NOT_CHEST = "The header names another body part than the chest: do not rely on the result."
MIRRORED = "The header says that the image is mirrored: right and left lung may be exchanged."
TURNED = "The header says that the patient does not stand upright in the image. Turn it before segmenting."
CONTRADICTION = "The header contradicts itself on what is bright. If the lungs look bright, invert the image."

LATERAL_WORDS = {
    *("LL", "RL", "LLO", "RLO"),  # PS3.3 C.8.1.1, obliques among them
    *("LAT", "LLAT", "RLAT", "LATL", "LATR", "XTLAT", "LATERAL", "LLATERAL", "RLATERAL"),
}
CHEST_WORDS = {
    *("CHEST", "THORAX", "THX", "LUNG", "LUNGS", "TORAX", "THORACIC", "RIB", "RIBS", "CXR", "CHESTABDOMEN"),
}
OTHER_PARTS = {
    *(
        "ABDOMEN",
        "ANKLE",
        "ARM",
        "BREAST",
        "CALCANEUS",
        "CLAVICLE",
        "CSPINE",
        "ELBOW",
        "FEMUR",
        "FIBULA",
        "FINGER",
    ),
    *(
        "FOOT",
        "FOREARM",
        "HAND",
        "HEAD",
        "HIP",
        "HUMERUS",
        "KNEE",
        "LEG",
        "LSPINE",
        "NECK",
        "PELVIS",
        "SHOULDER",
    ),
    *("SKULL", "SPINE", "TIBIA", "TOE", "WRIST"),
}
DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "StudyDescription")


def header_warnings(dataset: Dataset) -> tuple[str, ...]:
    """Warnings for a radiograph's header: view, body part, orientation (PS3.3 C.8.1, C.8.11, C.7.6.1.1.1)."""
    row, column = ([str(v).strip().upper() for v in many(dataset, "PatientOrientation")] + ["", ""])[:2]
    contradiction = (
        text(dataset, "PresentationLUTShape") == "INVERSE"
        and text(dataset, "PhotometricInterpretation") == "MONOCHROME2"
    )
    found = {
        LATERAL: row[:1] in ("A", "P") or _lateral(dataset),
        NOT_CHEST: _another_part(dataset),
        # FieldOfViewHorizontalFlip tells nothing: PA images are flipped to be shown the usual way.
        MIRRORED: row.startswith("R"),
        TURNED: row[:1] in ("H", "F") or column[:1] in ("H", "L", "R"),
        CONTRADICTION: contradiction,
    }
    return tuple(warning for warning, holds in found.items() if holds)


def _lateral(dataset: Dataset) -> bool:
    view = words(text(dataset, "ViewPosition"))
    if not view:
        view = _meanings(dataset, "ViewCodeSequence") or words(text(dataset, "SeriesDescription"))
    # A decubitus image is taken of a patient who lies on a side, and is frontal.
    return bool(view & LATERAL_WORDS) and not view & {"DECUBITUS", "PA", "AP", "LLD", "RLD"}


def _another_part(dataset: Dataset) -> bool:
    part = words(text(dataset, "BodyPartExamined")) or _meanings(dataset, "AnatomicRegionSequence")
    if part:
        return not part & CHEST_WORDS
    described = set().union(*(words(text(dataset, name)) for name in DESCRIPTIONS))
    return bool(described & OTHER_PARTS) and not described & CHEST_WORDS


def _meanings(dataset: Dataset, sequence: str) -> set[str]:
    """The words of a code sequence's meanings."""
    return set().union(*(words(text(item, "CodeMeaning")) for item in many(dataset, sequence)))
