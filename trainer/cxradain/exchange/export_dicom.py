"""Export as DICOM Segmentation, with the images to which the segmentations refer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..imaging.lungs import LUNG_NAMES
from ..sessions.folder import COPIES
from ..sessions.records import AUTO, SessionError
from . import dicom_seg
from .dicom_image import DEIDENTIFICATION, deidentified_image, read_original
from .dicom_seg import SegmentationError, SegmentationUids, check_highdicom, file_bytes
from .export import ExportItem, SessionExport, manifest_row, stable_uid

if TYPE_CHECKING:
    from pydicom import Dataset


def export_dicom_seg(export: SessionExport, items: list[ExportItem]) -> int:
    """Write `images/ID.dcm` and `segmentations/ID.dcm`; returns their number.

    De-identified, the image is a new one with new UIDs. With identifiers it is the original DICOM file, or
    for a picture a Secondary Capture. Masks without a lung are left out with a warning. Raises SessionError
    if highdicom is missing, or if identifiers are requested from a session without any.
    """
    try:
        check_highdicom()
    except SegmentationError as error:
        raise SessionError(str(error)) from error
    if export.identifiers and export.session.description.images == COPIES:
        raise SessionError("The session keeps de-identified copies, so there are no identifiers to export.")
    rows = []
    for item, image, labels in export.read(items):
        if not labels.any():
            export.failed += 1
            export.warn(item.name, "the mask holds no lung; a DICOM segmentation cannot be empty.")
            continue
        reference = Path(item.image.reference or "")
        source = read_original(reference) if export.identifiers else None
        if source is not None:
            image_bytes = reference.read_bytes()
        else:
            source = deidentified_image(export.session, item, image)
            if export.identifiers:
                source.PatientName, source.PatientID = "", item.name
                source.PatientIdentityRemoved = "NO"
                del source.DeidentificationMethod
            image_bytes = file_bytes(source)
        export.write(f"images/{item.name}.dcm", image_bytes)
        seg = segmentation(export, item, source, labels)
        export.write(f"segmentations/{item.name}.dcm", file_bytes(seg))
        rows.append(manifest_row(item) | {"mask": "segmentations"})
    return export.finish("DICOM segmentations, and beside each the image that it refers to.", rows)


def segmentation(export: SessionExport, item: ExportItem, source: Dataset, labels: np.ndarray) -> Dataset:
    """The segmentation of an item's (H, W) labels, referring to a source image, with stable UIDs."""
    version = item.version
    creator = None
    if export.identifiers and item.reader:  # PN (PS3.5 6.2.1): a name without components is the family name
        creator = item.reader if "^" in item.reader else f"{item.reader}^"
    uids = SegmentationUids(
        series=stable_uid(export.session, "segmentation series", version.id),
        instance=stable_uid(export.session, "segmentation", version.id),
        lungs={lung: stable_uid(export.session, f"lung {lung}", version.image) for lung in LUNG_NAMES},
    )
    seg = dicom_seg.segmentation(
        source,
        labels,
        uids,
        origins=dict.fromkeys(LUNG_NAMES, version),
        edited=() if version.status == AUTO else tuple(LUNG_NAMES),
        status=version.status,
        creator=creator,
    )
    if export.with_plane:
        dicom_seg.put_into_plane(
            seg, item.image.facts.spacing, stable_uid(export.session, "plane", item.image.key)
        )
    if not export.identifiers:
        seg.PatientIdentityRemoved = "YES"
        seg.DeidentificationMethod = DEIDENTIFICATION
    return seg
