"""A session as DICOM Segmentation (PS3.3 A.51): right and left lung, in SNOMED CT, referring to the image."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import DISCLAIMER, __version__
from ..imaging.lungs import LUNG_NAMES
from ..sessions.folder import COPIES
from ..sessions.records import AUTO, SessionError, Version
from .dicom_image import deidentified_image, read_original
from .export import MANUFACTURER, ExportItem, SessionExport, manifest_row, stable_uid

if TYPE_CHECKING:
    from highdicom.seg import SegmentDescription
    from pydicom import Dataset


def export_dicom_seg(export: SessionExport, items: list[ExportItem]) -> int:
    """`images/ID.dcm` and `segmentations/ID.dcm`; returns how many were written.

    De-identified, the image is new and so are all UIDs, alike in both. With identifiers it is the original
    DICOM file, or for a picture a Secondary Capture. Masks without any lung are warned of and left out.
    Raises SessionError where highdicom is missing, or identifiers are asked of a session that has none.
    """
    try:
        import highdicom  # noqa: F401  (for a plainer message than that of its first use)
    except ImportError as error:
        raise SessionError("DICOM SEG needs highdicom. Install it: pip install highdicom") from error
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
            image_bytes = _file_bytes(source)
        export.write(f"images/{item.name}.dcm", image_bytes)
        seg = segmentation(export, item, source, labels)
        export.write(f"segmentations/{item.name}.dcm", _file_bytes(seg))
        rows.append(manifest_row(item) | {"mask": "segmentations"})
    return export.finish("DICOM segmentations, and beside each the image that it refers to.", rows)


def segmentation(export: SessionExport, item: ExportItem, source: Dataset, labels: np.ndarray) -> Dataset:
    """The segmentation of (H, W) labels that refers to a source image; an absent lung has no segment."""
    from highdicom.seg import Segmentation

    present = [lung for lung in LUNG_NAMES if (labels == lung).any()]
    creator = None
    if export.identifiers and item.reader:  # PN (PS3.5 6.2.1): without components it is the family name
        creator = item.reader if "^" in item.reader else f"{item.reader}^"
    seg = Segmentation(
        source_images=[source],
        pixel_array=np.stack([labels == lung for lung in present], axis=-1)[None],
        segmentation_type="BINARY",
        segment_descriptions=[
            segment_description(export, item.version, number, lung) for number, lung in enumerate(present, 1)
        ],
        series_instance_uid=stable_uid(export.session, "segmentation series", item.version.id),
        series_number=100,
        sop_instance_uid=stable_uid(export.session, "segmentation", item.version.id),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MANUFACTURER,
        software_versions=__version__,
        device_serial_number="1",
        content_label="LUNGS",
        content_description=f"Lungs. {DISCLAIMER}",
        content_creator_name=creator,
    )
    shared = seg.SharedFunctionalGroupsSequence[0]
    if "PixelMeasuresSequence" in shared and "SliceThickness" not in shared.PixelMeasuresSequence[0]:
        # A projection has no slice thickness, and readers refuse the item without; the image has the spacing.
        del shared.PixelMeasuresSequence
    seg.PatientOrientation = source.get("PatientOrientation", "")  # a projection has no place in the patient
    if export.with_plane:
        put_into_plane(seg, item.image.facts.spacing, stable_uid(export.session, "plane", item.image.key))
    seg.SeriesDescription = f"Lungs, {item.version.status}. {DISCLAIMER}"
    if not export.identifiers:
        seg.PatientIdentityRemoved = "YES"
        seg.DeidentificationMethod = "New header; technique and pixels kept"
    return seg


def put_into_plane(seg: Dataset, spacing: tuple[float, float] | None, frame_of_reference: str) -> None:
    """Give a segmentation the plane that 3D Slicer gives to a radiograph: the first pixel at the origin,
    columns to the left, rows to the back, and 1 mm where no spacing (row, column) is known.

    A projection has no place in the patient, and a segmentation that refers to its image needs none (PS3.3
    A.51.5.1 lets it have one). dcmqi, by which 3D Slicer reads segmentations, refuses those without.
    """
    from pydicom import Dataset, Sequence

    def group(**values: Any) -> Sequence:
        made = Dataset()
        for name, value in values.items():
            setattr(made, name, value)
        return Sequence([made])

    seg.FrameOfReferenceUID, seg.PositionReferenceIndicator = frame_of_reference, ""
    shared = seg.SharedFunctionalGroupsSequence[0]
    shared.PlaneOrientationSequence = group(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    row, column = spacing or (1.0, 1.0)
    shared.PixelMeasuresSequence = group(PixelSpacing=[f"{row:.6g}", f"{column:.6g}"], SliceThickness=1)
    for frame in seg.PerFrameFunctionalGroupsSequence:
        frame.PlanePositionSequence = group(ImagePositionPatient=[0, 0, 0])


def segment_description(
    export: SessionExport, version: Version, number: int, lung: int
) -> SegmentDescription:
    """A lung's segment (PS3.3 C.8.20.4): AUTOMATIC as a model made it, SEMIAUTOMATIC once a reader edited it,
    MANUAL without a model."""
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    name = LUNG_NAMES[lung]
    meaning = name.english.capitalize()
    algorithm = None
    algorithm_type = "MANUAL"
    if version.model_id:
        algorithm_type = "AUTOMATIC" if version.status == AUTO else "SEMIAUTOMATIC"
        parameters = {"mode": version.mode or "", "weights SHA-256": version.model_hash or ""}
        algorithm = AlgorithmIdentificationSequence(
            name=version.model_id[:64],
            family=codes.cid7162.ArtificialIntelligence,
            version=(version.model_hash or version.model_id)[:64],
            source=MANUFACTURER,
            parameters={key: value for key, value in parameters.items() if value},
        )
    return SegmentDescription(
        segment_number=number,
        segment_label=meaning,
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=Code(name.snomed_ct, "SCT", meaning),
        algorithm_type=algorithm_type,
        algorithm_identification=algorithm,
        tracking_uid=stable_uid(export.session, f"lung {lung}", version.image),
        tracking_id=meaning,
    )


def _file_bytes(dataset: Dataset) -> bytes:
    import pydicom

    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()
