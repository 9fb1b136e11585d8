"""Rebuild the samples: `python make_samples.py SHARED_SAMPLES SHARED_CXR`; the same bytes each time.

SHARED_SAMPLES holds radiographs at their original size and samples.csv, SHARED_CXR manifest.csv and masks/.
The radiographs are copied as they are, but one is made a DICOM file, to have one; the masks are copied. Only
radiographs lie in SampleData, so that the folder can be added as it is: masks and thumbnails lie beside it.
One more is made of the NIH's, half as large and with a pixel spacing that is made up, to have one with sizes
in centimeters; what it measures is of no patient.
Another version of pydicom, OpenJPEG or Pillow may write DICOM and thumbnails otherwise.
"""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    PYDICOM_IMPLEMENTATION_UID,
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    generate_uid,
)

HERE = Path(__file__).parent
RADIOGRAPHS, MASKS, THUMBNAILS = FOLDERS = "SampleData", "SampleMasks", "SampleThumbnails"
MADE_UP = "SampleCalibrated"  # beside the others: nobody who adds their folder has a made-up size among them
SAMPLES = {  # by id, the name on a button in Slicer's Sample Data: short, and each its own
    "nih_normal__00001281_000": "Chest X-ray, no finding",
    "hannover__88859dc1": "Chest X-ray, COVID-19 (DICOM)",
    "v7cohen__53c9be49": "Chest X-ray, COVID-19, supine",
    "kermany_normal__IM-0459-0001": "Chest X-ray, child, normal",
    "kermany_pneumonia__person1565_bacteria_4095": "Chest X-ray, child, pneumonia",
    "with_spacing_made_up__00001281_000": "Chest X-ray, spacing made up (DICOM)",
}
CALIBRATED, ORIGINAL = "with_spacing_made_up__00001281_000", "nih_normal__00001281_000"
SPACING = 0.7  # mm: made up, so that the picture of 512 pixels is 36 cm wide, as large as a detector
THUMBNAIL, SHADES = 160, 32  # the longest side in pixels; gray values
AS_DICOM = "hannover__88859dc1"  # adult, of known view, and a marker on the picture tells left from right
MASKS_BY = "V7 Labs, covid-19-xray-dataset"
LIMIT = 3_000_000  # bytes, all together
UNKNOWN = (  # required by the CR image, if only empty (PS3.3, type 2)
    *("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber"),
    *("ReferringPhysicianName", "Manufacturer"),
)
COLUMNS = (
    *("file", "id", "name", "source", "finding", "view", "licence", "attribution", "mask", "mask_licence"),
    "thumbnail",
)


def main(originals: Path, prepared: Path) -> None:
    """Write the samples and samples.csv here. Raises OSError, KeyError; ValueError if too large or unfree."""
    radiographs = table(originals / "samples.csv")
    manifest = table(prepared / "manifest.csv")
    folder = HERE / RADIOGRAPHS
    for name in (*FOLDERS, MADE_UP):
        (HERE / name).mkdir(exist_ok=True)
    rows = []
    for name, title in SAMPLES.items():
        of = ORIGINAL if name == CALIBRATED else name
        told, known = radiographs[of], manifest[of]
        if known["redistributable"] != "yes":
            raise ValueError(f"{name} may not be redistributed.")
        source = originals / told["file"]
        if name == AS_DICOM:
            file = f"{name}.dcm"
            write_dicom(source, folder / file, name, told["view"])
        elif name == CALIBRATED:
            file = f"../{MADE_UP}/{name}.dcm"
            write_dicom(source, folder / file, name, "", SPACING)
        else:
            file = told["file"]
            shutil.copyfile(source, folder / file)
        mask = known["mask"] == "masks"  # never another annotator's
        if mask:
            shutil.copyfile(prepared / "masks" / f"{name}.png", HERE / MASKS / f"{name}.png")
        write_thumbnail(source, HERE / THUMBNAILS / f"{name}.png")
        attribution = told["attribution"] + (f"; mask: {MASKS_BY}, {known['mask_licence']}" if mask else "")
        of_file = (file, name, title, known["source"], told["finding"], told["view"], told["licence"])
        of_mask = (f"../{MASKS}/{name}.png", known["mask_licence"]) if mask else ("", "")
        rows.append((*of_file, attribution, *of_mask, f"../{THUMBNAILS}/{name}.png"))
    with (folder / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    files = (p for name in (*FOLDERS, MADE_UP) for p in (HERE / name).iterdir())
    size = sum(path.stat().st_size for path in files)
    if size > LIMIT:
        raise ValueError(f"The samples have {size} bytes, more than {LIMIT}.")


def table(path: Path) -> dict[str, dict[str, str]]:
    """A CSV file's rows by their id."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def write_dicom(source: Path, target: Path, name: str, view: str, spacing: float = 0.0) -> None:
    """Write an 8-bit image as a de-identified CR image (PS3.3 A.2), JPEG 2000 lossless.

    A color image becomes its luminance (ITU-R BT.601), a gray one stays as it is. spacing: mm, made up, of an
    image that is made half as large; 0: uncalibrated, at its size.
    """
    with Image.open(source) as image:
        gray = image.convert("L")
        pixels = np.asarray(gray.reduce(2) if spacing else gray)
    dataset = header(name, view, pixels)
    if spacing:
        dataset.PixelSpacing = [spacing, spacing]
        dataset.PixelSpacingCalibrationType = "FIDUCIAL"
        dataset.PixelSpacingCalibrationDescription = "Made up, not measured"
        dataset.ImageComments = "The pixel spacing is made up; sizes are of no patient."
    dataset.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg", generate_instance_uid=False)
    dataset.save_as(target, enforce_file_format=True)


def write_thumbnail(source: Path, target: Path) -> None:
    """Write a small PNG of few shades, from minimum to maximum: what a button shows."""
    with Image.open(source) as image:
        small = ImageOps.autocontrast(image.convert("L"))
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    step = 256 // SHADES
    small.point([value // step * step for value in range(256)]).save(target, "PNG", optimize=True)


def header(name: str, view: str, pixels: np.ndarray) -> Dataset:
    """The uncompressed data set of (H, W) uint8 pixels; UIDs follow from the name alone."""
    instance = generate_uid(entropy_srcs=[name])
    study, series = (generate_uid(entropy_srcs=[name, level]) for level in ("study", "series"))
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = ComputedRadiographyImageStorage, instance
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
    dataset.PatientName, dataset.PatientID = "Sample^Radiograph", "SAMPLE"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Synthetic header around a published image"
    for unknown in UNKNOWN:
        setattr(dataset, unknown, "")
    dataset.PatientOrientation = ["L", "F"]  # rows run to the patient's left, columns to the feet
    dataset.Modality, dataset.BodyPartExamined, dataset.ViewPosition = "CR", "CHEST", view
    dataset.SeriesNumber, dataset.InstanceNumber = 1, 1
    dataset.ImageType, dataset.BurnedInAnnotation = ["DERIVED", "SECONDARY"], "NO"
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PixelData = pixels.tobytes()
    meta = dataset.file_meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, instance
    meta.TransferSyntaxUID, meta.ImplementationClassUID = ExplicitVRLittleEndian, PYDICOM_IMPLEMENTATION_UID
    return dataset


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
