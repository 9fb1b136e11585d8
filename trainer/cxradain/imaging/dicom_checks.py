"""Warnings about DICOM headers of images unfit for lung segmentation; without patient data."""

from __future__ import annotations

from . import body_words as words
from .dicom_attributes import Attributes, text_of, values_of, words_in

LATERAL = (
    "The header names a lateral view. The model knows only frontal radiographs: do not rely on the result."
)
NOT_CHEST = "The header names another body part than the chest: do not rely on the result."
CONTRADICTION = "The header contradicts itself on what is bright. If the lungs look bright, invert the image."
RAW = "The header says that the image is raw data (FOR PROCESSING): do not rely on the result."
MORE_BITS = "The header says fewer bits than the pixels have (BitsStored). Check how the image is shown."
FOR_PROCESSING = "FOR PROCESSING"  # PresentationIntentType, PS3.3 C.8.11.1

DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "StudyDescription")
VIEWS = (
    *("SeriesDescription", "ProtocolName"),
    *("AcquisitionDeviceProcessingDescription", "PerformedProcedureStepDescription"),
)


def header_warnings(dataset: Attributes) -> tuple[str, ...]:
    """The warnings about a header: view, body part, raw data, polarity (PS3.3 C.8.1, C.8.11, C.7.6.1.1.1)."""
    row = text_of(dataset, "PatientOrientation")
    brightness = text_of(dataset, "PresentationLUTShape"), text_of(dataset, "PhotometricInterpretation")
    checks = {
        LATERAL: row[:1] in ("A", "P") or _lateral(dataset),
        NOT_CHEST: _another_part(dataset),
        RAW: text_of(dataset, "PresentationIntentType") == FOR_PROCESSING,
        CONTRADICTION: brightness == ("INVERSE", "MONOCHROME2"),
    }
    return tuple(warning for warning, applies in checks.items() if applies)


def _lateral(dataset: Attributes) -> bool:
    """Whether the view is lateral, by the most specific attribute that says anything."""
    stated = [words_in(text_of(dataset, "ViewPosition")) or _meanings(dataset, "ViewCodeSequence")]
    if not stated[0]:
        stated = [words_in(text_of(dataset, name)) for name in VIEWS]
    view = next((said for said in stated if said & (words.LATERAL | words.FRONTAL)), set())
    return bool(view & words.LATERAL) and not view & words.FRONTAL


def _another_part(dataset: Attributes) -> bool:
    part = words_in(text_of(dataset, "BodyPartExamined")) or _meanings(dataset, "AnatomicRegionSequence")
    if part & (words.OTHER_PARTS | words.CHEST):
        return not part & words.CHEST
    described = set().union(*(words_in(text_of(dataset, name)) for name in DESCRIPTIONS))
    return bool(described & words.OTHER_PARTS) and not described & words.CHEST


def _meanings(dataset: Attributes, sequence: str) -> set[str]:
    """The words in the code meanings of a code sequence."""
    return set().union(*(words_in(text_of(item, "CodeMeaning")) for item in values_of(dataset, sequence)))
