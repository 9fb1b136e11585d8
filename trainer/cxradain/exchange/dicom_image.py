"""The DICOM image that a segmentation refers to: the original, or one without identifiers made for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import __version__
from ..imaging.dicom_attributes import many
from ..imaging.image_data import usable_spacing
from ..imaging.radiograph import Radiograph
from ..sessions.store import Session
from .export import NOTE, Case

if TYPE_CHECKING:
    from pydicom import Dataset
from .export import MAKER, uid

# What belongs to computed radiography's own modules; a Secondary Capture has none of it.
CR_ONLY = ("KVP", "ExposureTime", "Exposure", "DistanceSourceToDetector", "DistanceSourceToPatient")
COMMON = ("PatientOrientation", "Laterality", "ImageLaterality", "BurnedInAnnotation")
SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "PixelSpacingCalibrationType", "NominalScannedPixelSpacing")
CR_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "PixelSpacingCalibrationType")

MAY_BE_EMPTY = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)


def original(path: Path) -> Dataset | None:
    """The file as it is; None where it is no DICOM image with the UIDs that a segmentation must name."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        dataset = pydicom.dcmread(path)
    except (InvalidDicomError, OSError):
        return None
    needed = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PixelData")
    if not all(dataset.get(name) for name in needed):
        return None
    for name in MAY_BE_EMPTY:  # files leave these out, though they must be there, if empty
        if name not in dataset:
            setattr(dataset, name, "")
    return dataset


def deidentified(session: Session, case: Case, found: Radiograph, burned_in: bool) -> Dataset:
    """A new image of the same pixels: of computed radiography where the source was CR or DX, else a Secondary
    Capture. It has new UIDs, a number for the patient, of the technique what `technique.KEPT` names, and no
    dates, people or places."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import (
        ComputedRadiographyImageStorage,
        ExplicitVRLittleEndian,
        SecondaryCaptureImageStorage,
    )

    key = case.image.key
    kept = Dataset.from_json(case.image.header or {})
    radiography = kept.get("Modality") in ("CR", "DX")
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = ComputedRadiographyImageStorage if radiography else SecondaryCaptureImageStorage
    made.SOPInstanceUID = uid(session, "image", key)
    made.StudyInstanceUID, made.SeriesInstanceUID = uid(session, "study", key), uid(session, "series", key)
    made.SpecificCharacterSet = "ISO_IR 192"
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.Modality = "CR" if radiography else "OT"
    made.Manufacturer, made.ManufacturerModelName, made.SoftwareVersions = MAKER, MAKER, __version__
    made.SeriesDescription = NOTE
    number = session.keyed_hash("patient number", case.image.patient or key)[:12]
    made.PatientName, made.PatientID = f"Anonymous^{number}", number
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = "New header; technique and pixels kept"
    for name in MAY_BE_EMPTY[2:]:
        setattr(made, name, "")
    made.SeriesNumber = made.InstanceNumber = 1
    made.PatientOrientation = ""
    if radiography:
        made.BodyPartExamined, made.ViewPosition = (
            kept.get("BodyPartExamined", ""),
            kept.get("ViewPosition", ""),
        )
    else:
        made.ConversionType, made.Laterality = "WSD", ""
    for name in (*COMMON, *(CR_ONLY if radiography else ()), *(CR_SPACINGS if radiography else SPACINGS)):
        if _usable(kept, name):
            setattr(made, name, kept[name].value)
    if found.spacing and not any(name in made for name in SPACINGS):
        name = "ImagerPixelSpacing" if radiography else "NominalScannedPixelSpacing"
        setattr(made, name, [f"{mm:.6g}" for mm in found.spacing])
    if burned_in:
        made.BurnedInAnnotation = "YES"
    _set_pixels(made, found)
    return made


def _usable(kept: Dataset, name: str) -> bool:
    """Whether an attribute is there; a spacing must be of positive numbers, as some scanners write zeros."""
    if name not in kept:
        return False
    return not name.endswith("Spacing") or usable_spacing(many(kept, name)) is not None


def _set_pixels(made: Dataset, found: Radiograph) -> None:
    """Integers of 8 and 16 bits as they are; others in 65,536 steps, with the rescale that leads back."""
    pixels = found.pixels
    if pixels.dtype.kind not in "iu" or pixels.itemsize > 2:
        low, high = float(pixels.min()), float(pixels.max())
        step = (high - low) / 65535
        pixels = np.rint((pixels.astype(np.float64) - low) / step).astype(np.uint16)
        made.RescaleSlope, made.RescaleIntercept, made.RescaleType = _decimal(step), _decimal(low), "US"
    elif pixels.dtype == np.int8:
        pixels = pixels.astype(np.int16)
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME1" if found.inverted else "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated = made.BitsStored = 8 * pixels.itemsize
    made.HighBit = made.BitsStored - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    if found.facts.center_width and "RescaleSlope" not in made:
        made.WindowCenter, made.WindowWidth = map(_decimal, found.facts.center_width)
        made.VOILUTFunction = "LINEAR_EXACT"
    data = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes()
    made.PixelData = data + b"\0" * (len(data) % 2)
    made["PixelData"].VR = "OB" if pixels.itemsize == 1 else "OW"


def _decimal(value: float) -> str:
    """A decimal string of 16 characters at most (PS3.5, DS)."""
    return next(text for digits in range(16, 0, -1) if len(text := f"{value:.{digits}g}") <= 16)
