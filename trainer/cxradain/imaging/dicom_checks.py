"""Warnings for a DICOM header of an image that is unfit for lung segmentation; without patient data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dicom_attributes import text_of, values_of, words_in

if TYPE_CHECKING:
    from pydicom import Dataset

LATERAL = (
    "The header names a lateral view. The model knows frontal radiographs alone: do not rely on the result."
)
NOT_CHEST = "The header names another body part than the chest: do not rely on the result."
CONTRADICTION = "The header contradicts itself on what is bright. If the lungs look bright, invert the image."
RAW = "The header says that the image is raw data (FOR PROCESSING): do not rely on the result."
MORE_BITS = "The header says fewer bits than the pixels have (BitsStored). Check how the image is shown."
FOR_PROCESSING = "FOR PROCESSING"  # PresentationIntentType, PS3.3 C.8.11.1

# View positions of PS3.3 C.8.1.1, obliques among them, and what scanners and people write.
LATERAL_WORDS = words_in("LL RL LLO RLO LAT LLAT RLAT LATL LATR XTLAT LATERAL LLATERAL RLATERAL")
CHEST_WORDS = words_in("CHEST THORAX THX LUNG LUNGS TORAX THORACIC RIB RIBS CXR CHESTABDOMEN")
OTHER_PARTS = words_in(
    """ABDOMEN ANKLE ARM BREAST CALCANEUS CLAVICLE CSPINE ELBOW FEMUR FIBULA FINGER FOOT FOREARM HAND HEAD HIP
    HUMERUS KNEE LEG LSPINE NECK PELVIS SHOULDER SKULL SPINE TIBIA TOE WRIST"""
)
DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "StudyDescription")


def header_warnings(dataset: Dataset) -> tuple[str, ...]:
    """Warnings for a radiograph's header: view and body part (PS3.3 C.8.1, C.8.11, C.7.6.1.1.1)."""
    row = text_of(dataset, "PatientOrientation")
    brightness = text_of(dataset, "PresentationLUTShape"), text_of(dataset, "PhotometricInterpretation")
    checks = {
        LATERAL: row[:1] in ("A", "P") or _lateral(dataset),
        NOT_CHEST: _another_part(dataset),
        RAW: text_of(dataset, "PresentationIntentType") == FOR_PROCESSING,
        CONTRADICTION: brightness == ("INVERSE", "MONOCHROME2"),
    }
    return tuple(warning for warning, applies in checks.items() if applies)


def _lateral(dataset: Dataset) -> bool:
    view = words_in(text_of(dataset, "ViewPosition"))
    if not view:
        view = _meanings(dataset, "ViewCodeSequence") or words_in(text_of(dataset, "SeriesDescription"))
    # A decubitus image (of a patient who lies on a side) is frontal.
    return bool(view & LATERAL_WORDS) and not view & {"DECUBITUS", "PA", "AP", "LLD", "RLD"}


def _another_part(dataset: Dataset) -> bool:
    part = words_in(text_of(dataset, "BodyPartExamined")) or _meanings(dataset, "AnatomicRegionSequence")
    if part:
        return not part & CHEST_WORDS
    described = set().union(*(words_in(text_of(dataset, name)) for name in DESCRIPTIONS))
    return bool(described & OTHER_PARTS) and not described & CHEST_WORDS


def _meanings(dataset: Dataset, sequence: str) -> set[str]:
    """The words of a code sequence's meanings."""
    return set().union(*(words_in(text_of(item, "CodeMeaning")) for item in values_of(dataset, sequence)))
