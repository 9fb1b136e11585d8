"""De-identification: the DICOM attributes that a session keeps, and a check for text in the pixels.

Only attributes on a list are kept, which describe the technique, and none about patients, people, places or
dates; so whatever nobody thought of is dropped, too.
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

# Codes and numbers only: free text, such as a description, may contain anything.
ORIENTATION = ("PatientOrientation", "ImageLaterality", "Laterality")
CR_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "PixelSpacingCalibrationType")
SPACINGS = (*CR_SPACINGS, "NominalScannedPixelSpacing")
# Attributes of the CR modules (PS3.3 A.2.3), which a Secondary Capture (A.8) lacks.
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
# Allowed values of coded attributes: the terms of PS3.3 (C.7.3.1, C.7.6.1, C.8.1, C.8.7.1, C.8.11) and what
# scanners write for them; any other value may be a typed name.
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
# Allowed words of attributes that hold words.
WORDS = {
    "ViewPosition": LATERAL_TERMS | words_in("PA AP LLD RLD DECUBITUS SUPINE PRONE ERECT RAO LAO RPO LPO"),
    "BodyPartExamined": CHEST_TERMS | OTHER_TERMS,
}
DIRECTION = re.compile(r"[APRLHF]{0,3}")  # PS3.3 C.7.6.1.1.1
STANDARD_UID = re.compile(r"1\.2\.840\.10008\.[0-9.]+")  # PS3.6; private UIDs may identify anything
# Names that stand for any patient: taken literally, they would merge all patients of an archive.
PLACEHOLDER_NAMES = words_in(
    "anon anonym anonymous anonymized anonymised de-identified deidentified"
) | words_in("no name, none, patient, unknown, x, xx, xxx")
MAX_LENGTH = 64  # characters of a kept value; codes have 16, UIDs 64


@without_remarks()
def read_header(path: Path) -> Dataset | None:
    """The DICOM header, without pixels, of a file that `read_radiograph` reads; None for other formats."""
    import pydicom

    if detect_format(path) is not FileFormat.DICOM:
        return None
    return pydicom.dcmread(path, stop_before_pixels=True, force=True)


@without_remarks()
def technique(header: Dataset) -> dict:
    """The kept attributes as DICOM JSON, without damaged, empty or overlong values and undefined codes."""
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
        except Exception:  # damaged values may raise anything; the image is used without them
            continue
    return kept.to_json_dict()


def _defined(name: str, values: list[str]) -> str | list[str] | None:
    """The leading values that are defined, in capitals; None without any."""
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
    """The data set of a record's header, filtered again by `technique`, as another program may have written
    the record. Empty if it is damaged or missing."""
    from pydicom import Dataset

    try:
        return Dataset.from_json(technique(Dataset.from_json(kept or {})))
    except Exception:  # damaged DICOM JSON may raise anything
        return Dataset()


@without_remarks()
def patient(header: Dataset) -> str:
    """What identifies the patient, to be hashed: the ID with its issuer, or else the name; "" without
    either."""
    number = text_of(header, "PatientID")
    if number:
        return f"{number}\\{text_of(header, 'IssuerOfPatientID')}"
    try:
        name = str(header.get("PatientName") or "").strip("^= ").upper()
    except Exception:  # damaged values may raise anything
        return ""
    return f"\\{name}" if words_in(name) - PLACEHOLDER_NAMES else ""  # no ID begins with a backslash


def likely_burned_in(kept: dict | None) -> bool:
    """Whether a kept header declares text in the pixels, or a screen capture."""
    if kept is None:
        return False
    header = kept_header(kept)
    return text_of(header, "BurnedInAnnotation") == "YES" or text_of(header, "Modality") in ("SC", "OT")


HEIGHTS = (0.006, 0.05)  # of a glyph, as shares of the image's height
LEAST_GLYPHS = 6  # in a line; side markers have one to three
EDGE = 0.02  # share of the range of values: text has the greatest or the least value


def text_is_likely(pixels: np.ndarray) -> bool:
    """Whether (H, W) pixels contain a line of glyphs of equal height in their greatest or least value. This
    finds plain text overlays, not handwriting or photographed labels."""
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
