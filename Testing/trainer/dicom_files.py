"""DICOM radiographs for tests: real ones of pydicom-data, and ones made for the purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_store
import numpy as np
from cxradain.imaging.radiograph import Radiograph
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

PATIENT = "Doe^Jane"
Make = Callable[..., Radiograph]  # the fixture `make`: DICOM attributes in, what is read of them out


def real_dicom(name: str) -> Path:
    """Path of a file of pydicom-data; a missing package fails the test, for nothing else stands in for it."""
    found = Path(data_store.__file__).parent / "data" / name
    assert found.is_file(), f"pydicom-data has no {name}"
    return found


def drawing(bits: int = 12, height: int = 96, width: int = 80, signed: bool = False) -> np.ndarray:
    """(H, W) that goes from the least to the greatest value of so many bits, in smooth steps."""
    ramp = np.add.outer(np.linspace(0, 0.5, height), np.linspace(0, 0.5, width))
    values = np.rint(ramp * (2**bits - 1)).astype(np.int64) - (2 ** (bits - 1) if signed else 0)
    return values.astype(("i" if signed else "u") + ("1" if bits <= 8 else "2"))


def dataset(pixels: np.ndarray, **attributes: Any) -> Dataset:
    """A CR image of (H, W) or (H, W, 3) or (frames, H, W) pixels, uncompressed; None leaves one out."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = ComputedRadiographyImageStorage, generate_uid()
    made.PatientName, made.PatientID, made.Modality = PATIENT, "4711", "CR"
    color = pixels.ndim == 3 and pixels.shape[2] == 3
    made.Rows, made.Columns = pixels.shape[:2] if color else pixels.shape[-2:]
    made.SamplesPerPixel = 3 if color else 1
    if color:
        made.PlanarConfiguration = 0
    made.PhotometricInterpretation = "RGB" if color else "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 8 * pixels.itemsize
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    made.BodyPartExamined, made.ViewPosition, made.PatientOrientation = "CHEST", "PA", ["L", "F"]
    made.PixelData = pixels.tobytes()
    for name, value in attributes.items():
        if value is None:
            delattr(made, name)
        else:
            setattr(made, name, value)
    if "HighBit" not in attributes:
        made.HighBit = made.BitsStored - 1
    return made


def write(path: Path, pixels: np.ndarray, compress: str | None = None, **attributes: Any) -> Path:
    """Write such an image; `compress`: the UID of a transfer syntax that pydicom can encode."""
    made = dataset(pixels, **attributes)
    if compress:
        made.compress(compress)
    made.save_as(path, enforce_file_format=True)
    return path
