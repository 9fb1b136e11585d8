"""De-identification: what a session keeps of a DICOM header, and whether there is likely text in the pixels.

Kept is how the image was taken, and nothing of the patient, people, places or dates. Everything else is left
behind, so what nobody thought of is, too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..imaging.body_words import CHEST_TERMS, LATERAL_TERMS, OTHER_TERMS
from ..imaging.dicom_attributes import text_of, without_remarks, words_in
from ..imaging.file_formats import FileFormat, detect_format

if TYPE_CHECKING:
    from pydicom import Dataset

# Codes and numbers alone: free text, such as a description, may say anything.
ORIENTATION = ("PatientOrientation", "ImageLaterality", "Laterality")
CR_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "PixelSpacingCalibrationType")
SPACINGS = (*CR_SPACINGS, "NominalScannedPixelSpacing")
# Attributes of computed radiography's own modules (PS3.3 A.2.3), which a Secondary Capture (A.8) has not.
CR_ONLY = ("KVP", "ExposureTime", "Exposure", "DistanceSourceToDetector", "DistanceSourceToPatient")
UID, DIRECTIONS = "SOPClassUID", "PatientOrientation"
KEPT_ATTRIBUTES = (
    *ORIENTATION,
    *SPACINGS,
    *CR_ONLY,
    UID,
    "Modality",
    "PresentationIntentType",
    "ViewPosition",
    "BodyPartExamined",
    "ImageType",
    "BurnedInAnnotation",
    "EstimatedRadiographicMagnificationFactor",
    "PixelIntensityRelationship",
    "PixelIntensityRelationshipSign",
    "DetectorType",
    "Grid",
)
# Of attributes that hold codes, the terms of PS3.3 (C.7.3.1, C.7.6.1, C.8.1, C.8.7.1, C.8.11) and what
# scanners write for them; whoever types another may have typed a name.
TERMS = {
    "ImageLaterality": {"R", "L", "U", "B"},
    "Laterality": {"R", "L"},
    "PixelSpacingCalibrationType": {"GEOMETRY", "FIDUCIAL"},
    "Modality": {"CR", "DX", "RG", "RF", "XA", "MG", "IO", "PX", "DF", "CT", "MR", "US", "SC", "OT"},
    "PresentationIntentType": {"FOR PRESENTATION", "FOR PROCESSING"},
    "ImageType": {"ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY"},
    "BurnedInAnnotation": {"YES", "NO"},
    "PixelIntensityRelationship": {"LIN", "LOG", "DISP"},
    "DetectorType": {"DIRECT", "SCINTILLATOR", "STORAGE", "FILM"},
    "Grid": {"FIXED", "FOCUSED", "RECIPROCATING", "PARALLEL", "CROSSED", "NONE"},
}
# Of attributes that hold words, these.
WORDS = {
    "ViewPosition": LATERAL_TERMS | words_in("PA AP LLD RLD DECUBITUS SUPINE PRONE ERECT RAO LAO RPO LPO"),
    "BodyPartExamined": CHEST_TERMS | OTHER_TERMS,
}
DIRECTION = re.compile(r"[APRLHF]{0,3}")  # PS3.3 C.7.6.1.1.1
STANDARD_UID = re.compile(r"1\.2\.840\.10008\.[0-9.]+")  # PS3.6; of private ones nobody knows what they say
# Names that stand for any patient: taken for one's, they would make all patients of an archive one.
PLACEHOLDER_NAMES = words_in(
    "anon anonym anonymous anonymized anonymised de-identified deidentified"
) | words_in("no name, none, patient, unknown, x, xx, xxx")
MAX_LENGTH = 64  # characters of a kept text; codes have 16, UIDs 64


@without_remarks()
def read_header(path: Path) -> Dataset | None:
    """The header, without pixels, of a file that `read_radiograph` reads; None where it is no DICOM."""
    import pydicom

    if detect_format(path) is not FileFormat.DICOM:
        return None
    return pydicom.dcmread(path, stop_before_pixels=True, force=True)


@without_remarks()
def technique(header: Dataset) -> dict:
    """DICOM JSON of what is kept. Values that are damaged, empty or far too long are left out, and of codes
    those that the standard does not define."""
    from pydicom import Dataset

    kept = Dataset()
    for name in KEPT_ATTRIBUTES:
        try:
            element = header[name]
            values = [str(v) for v in (element.value if element.VM > 1 else [element.value])]
            if not element.VM or any(len(value) > MAX_LENGTH for value in values):
                continue
            value = element.value
            if name in TERMS or name in WORDS or name in (UID, DIRECTIONS):
                value = _defined(name, values)
            if value is not None:
                one = Dataset()
                setattr(one, name, value)
                json.dumps(one.to_json_dict(), allow_nan=False)
                setattr(kept, name, value)
        except Exception:  # a damaged value raises whatever pydicom runs into; the image is used without it
            continue
    return kept.to_json_dict()


def _defined(name: str, values: list[str]) -> str | list[str] | None:
    """The values in capitals as far as they are defined: of several the first ones; None of none."""
    defined = []
    for value in (value.strip().upper() for value in values):
        if name in TERMS:
            fits = value in TERMS[name]
        elif name in WORDS:
            fits = bool(words := words_in(value)) and words <= WORDS[name]
        else:
            fits = bool((STANDARD_UID if name == UID else DIRECTION).fullmatch(value))
        if not fits:
            break
        defined.append(value)
    if name == DIRECTIONS and len(defined) != 2:
        return None
    return defined[0] if len(defined) == 1 else defined or None


@without_remarks()
def kept_header(kept: dict | None) -> Dataset:
    """The data set of what a record keeps, again as `technique` would keep it: the record may be another
    program's. Empty where it is damaged, or none."""
    from pydicom import Dataset

    try:
        return Dataset.from_json(technique(Dataset.from_json(kept or {})))
    except Exception:  # damaged DICOM JSON raises whatever pydicom runs into
        return Dataset()


@without_remarks()
def patient(header: Dataset) -> str:
    """What tells a patient from others, to be hashed: the ID, else the name; "" where there is neither."""
    number = text_of(header, "PatientID")
    if number:
        return f"{number}\\{text_of(header, 'IssuerOfPatientID')}"
    try:
        name = str(header.get("PatientName") or "").strip("^= ").upper()
    except Exception:  # a damaged value raises whatever pydicom runs into
        return ""
    return f"\\{name}" if words_in(name) - PLACEHOLDER_NAMES else ""  # no ID begins with a backslash


def likely_burned_in(kept: dict | None) -> bool:
    """Whether a kept header says that there is text in the pixels, or that the image is a screen's copy."""
    if kept is None:
        return False
    header = kept_header(kept)
    return text_of(header, "BurnedInAnnotation") == "YES" or text_of(header, "Modality") in ("SC", "OT")


HEIGHTS = (0.006, 0.05)  # of a glyph, as a share of the image's rows
LEAST_GLYPHS = 6  # in a line; side markers have one to three
EDGE = 0.02  # of the range of values: text is written in the lightest or the darkest value


def text_is_likely(pixels: np.ndarray) -> bool:
    """Whether there is a line of glyphs of one height, written in the greatest or the least value of (H, W)
    pixels. It finds plain overlays of text, not handwriting or photographed labels."""
    low, high = float(pixels.min()), float(pixels.max())
    edge = EDGE * (high - low)
    return _has_line(pixels >= high - edge) or _has_line(pixels <= low + edge)


def _has_line(marked: np.ndarray) -> bool:
    from scipy import ndimage

    least, most = (max(4.0, share * marked.shape[0]) for share in HEIGHTS)
    numbered, _ = ndimage.label(marked, np.ones((3, 3), bool))
    glyphs: list[tuple[int, int, int]] = []  # bottom, height, left
    for rows, columns in ndimage.find_objects(numbered):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if least <= height <= most and width <= 1.5 * height:
            glyphs.append((rows.stop, height, columns.start))
    for bottom, height, left in glyphs:
        beside = [
            g
            for g in glyphs
            if abs(g[0] - bottom) <= 0.2 * height
            and abs(g[1] - height) <= 0.4 * height
            and 0 <= g[2] - left <= 2 * LEAST_GLYPHS * height
        ]
        if len(beside) >= LEAST_GLYPHS:
            return True
    return False
