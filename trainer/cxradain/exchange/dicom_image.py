"""The DICOM image to which a segmentation refers: the original, or a new one without identifiers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import DISCLAIMER, __version__
from ..imaging.dicom_attributes import values_of, without_remarks
from ..imaging.image_data import usable_spacing
from ..imaging.radiograph import Radiograph
from ..sessions.deidentify import CR_ONLY, CR_SPACINGS, ORIENTATION, SPACINGS, kept_header
from ..sessions.store import Session
from .export import MANUFACTURER, ExportItem, likely_shows_text, stable_uid

if TYPE_CHECKING:
    from pydicom import Dataset

COMMON = (*ORIENTATION, "BurnedInAnnotation")
# Type 2 attributes (PS3.5 7.4.3): required, but may be empty.
TYPE_2 = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"),
)

DEIDENTIFICATION = "New header; technique and pixels kept"  # LO (PS3.3 C.7.1.1)


@without_remarks()
def read_original(path: Path) -> Dataset | None:
    """Read a DICOM image; None if the file is not one, or lacks the UIDs that a segmentation must
    reference."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        dataset = pydicom.dcmread(path)
    except (InvalidDicomError, OSError):
        return None
    needed = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PixelData")
    if not all(dataset.get(name) for name in needed):
        return None
    for name in TYPE_2:
        if name not in dataset:
            setattr(dataset, name, "")
    return dataset


@without_remarks()
def deidentified_image(session: Session, item: ExportItem, image: Radiograph) -> Dataset:
    """A new image with the same pixels: CR if the source was CR or DX, otherwise Secondary Capture. It has
    new UIDs, a pseudonym for the patient, the `deidentify.KEPT_ATTRIBUTES`, and no dates, people or
    places."""
    from pydicom import Dataset
    from pydicom.uid import ComputedRadiographyImageStorage, SecondaryCaptureImageStorage

    key = item.image.key
    kept = kept_header(item.image.header)
    radiography = kept.get("Modality") in ("CR", "DX")
    dataset = Dataset()
    dataset.SOPClassUID = ComputedRadiographyImageStorage if radiography else SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = stable_uid(session, "image", key)
    dataset.StudyInstanceUID = stable_uid(session, "study", key)
    dataset.SeriesInstanceUID = stable_uid(session, "series", key)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.Modality = "CR" if radiography else "OT"
    dataset.Manufacturer = dataset.ManufacturerModelName = MANUFACTURER
    dataset.SoftwareVersions = __version__
    dataset.SeriesDescription = DISCLAIMER
    for name in TYPE_2:
        setattr(dataset, name, "")
    number = session.keyed_hash("patient number", item.image.patient or key)[:12]
    dataset.PatientName, dataset.PatientID = f"Anonymous^{number}", number
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = DEIDENTIFICATION
    dataset.SeriesNumber = dataset.InstanceNumber = 1
    dataset.PatientOrientation = list(image.facts.orientation or "")
    if radiography:
        dataset.BodyPartExamined = kept.get("BodyPartExamined", "")
        dataset.ViewPosition = kept.get("ViewPosition", "")
    else:
        dataset.ConversionType, dataset.Laterality = "WSD", ""
    for name in (*COMMON, *(CR_ONLY if radiography else ()), *(CR_SPACINGS if radiography else SPACINGS)):
        # Some scanners write spacings of zero.
        if name in kept and not (name.endswith("Spacing") and usable_spacing(values_of(kept, name)) is None):
            setattr(dataset, name, kept[name].value)
    if image.spacing and not any(name in dataset for name in SPACINGS):
        name = "ImagerPixelSpacing" if radiography else "NominalScannedPixelSpacing"
        setattr(dataset, name, [f"{mm:.6g}" for mm in image.spacing])
    if image.facts.pixel_aspect != 1 and not any(name in dataset for name in SPACINGS):
        ratio = Fraction(image.facts.pixel_aspect).limit_denominator(1000)
        dataset.PixelAspectRatio = [ratio.numerator, ratio.denominator]
    if likely_shows_text(item, image):
        dataset.BurnedInAnnotation = "YES"
    _set_pixels(dataset, image)
    return dataset


def _set_pixels(dataset: Dataset, image: Radiograph) -> None:
    """Set the pixels: integers of 8 and 16 bits unchanged, others in 65,536 steps, with the rescale that
    restores them."""
    from pydicom.valuerep import format_number_as_ds

    pixels = image.pixels
    if pixels.dtype.kind not in "iu" or pixels.itemsize > 2:
        low, high = float(pixels.min()), float(pixels.max())
        step = (high - low) / 65535
        pixels = np.rint((pixels.astype(np.float64) - low) / step).astype(np.uint16)
        dataset.RescaleSlope, dataset.RescaleIntercept = format_number_as_ds(step), format_number_as_ds(low)
        dataset.RescaleType = "US"
    elif image.facts.center_width:
        dataset.WindowCenter, dataset.WindowWidth = map(format_number_as_ds, image.facts.center_width)
        dataset.VOILUTFunction = "LINEAR_EXACT"
    if pixels.dtype == np.int8:
        pixels = pixels.astype(np.int16)
    dataset.set_pixel_data(
        pixels.astype(pixels.dtype.newbyteorder("<"), copy=False),
        "MONOCHROME1" if image.inverted else "MONOCHROME2",
        8 * pixels.itemsize,
        generate_instance_uid=False,
    )
