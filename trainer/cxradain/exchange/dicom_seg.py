"""Right and left lung as a DICOM Segmentation (PS3.3 A.51) of an image, coded in SNOMED CT."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import DISCLAIMER, CxradainError, __version__
from ..files import write_bytes
from ..imaging.dicom import pixel_spacing
from ..imaging.dicom_attributes import without_remarks
from ..imaging.lungs import LUNG_NAMES
from ..sessions.records import Origin
from .dicom_image import read_original
from .export import MANUFACTURER

if TYPE_CHECKING:
    from highdicom.seg import SegmentDescription
    from pydicom import Dataset


class SegmentationError(CxradainError, ValueError):
    """A segmentation cannot be written; the message says why and what to do."""


@dataclass(frozen=True)
class SegmentationUids:
    """The UIDs of a segmentation's series and instance, and the tracking UID of each lung (PS3.3
    C.8.20.2)."""

    series: str
    instance: str
    lungs: Mapping[int, str]

    @classmethod
    def new(cls) -> SegmentationUids:
        """New, unique UIDs (PS3.5 B.2)."""
        from pydicom.uid import generate_uid

        return cls(
            generate_uid(prefix=None),
            generate_uid(prefix=None),
            {lung: generate_uid(prefix=None) for lung in LUNG_NAMES},
        )


def check_highdicom() -> None:
    """Raise SegmentationError if highdicom is missing."""
    try:
        import highdicom  # noqa: F401  (for a clearer message than an ImportError)
    except ImportError as error:
        raise SegmentationError("DICOM SEG needs highdicom. Install it: pip install highdicom") from error


@without_remarks()
def write_segmentation(
    image: Path,
    labels: np.ndarray,
    output: Path,
    origins: Mapping[int, Origin],
    edited: Collection[int],
    status: str,
) -> str:
    """Write a segmentation of a DICOM image, with its patient and study, for 3D Slicer's database, in the
    plane that Slicer's reader requires; returns its SOP Instance UID.

    The other arguments are those of `segmentation`. Raises SegmentationError, and OSError.
    """
    check_highdicom()
    source = read_original(image)
    if source is None:
        raise SegmentationError(f"{image}: is not a DICOM image to which a segmentation can refer.")
    if labels.shape != (source.Rows, source.Columns):
        raise SegmentationError(
            f"{image}: is {source.Columns} x {source.Rows} pixels, the mask is not. Load the image again."
        )
    if not labels.any():
        raise SegmentationError("The mask holds no lung; a DICOM segmentation cannot be empty.")
    uids = SegmentationUids.new()
    made = segmentation(source, labels, uids, origins=origins, edited=edited, status=status)
    put_into_plane(made, pixel_spacing(source), SegmentationUids.new().instance)
    write_bytes(output, file_bytes(made))
    return uids.instance


def segmentation(
    source: Dataset,
    labels: np.ndarray,
    uids: SegmentationUids,
    *,
    origins: Mapping[int, Origin],
    edited: Collection[int],
    status: str,
    creator: str | None = None,
) -> Dataset:
    """A segmentation of (H, W) labels that refers to a source image; an absent lung has no segment.

    origins: by lung, the model that made its first mask. edited: the lungs that a reader has changed. status:
        of the mask, for the series description. creator: the reader's name (PN, PS3.5 6.2.1).
    """
    from highdicom.seg import Segmentation

    present = [lung for lung in LUNG_NAMES if (labels == lung).any()]
    made = Segmentation(
        source_images=[source],
        pixel_array=np.stack([labels == lung for lung in present], axis=-1)[None],
        segmentation_type="BINARY",
        segment_descriptions=[
            _segment_description(number, lung, origins[lung], lung in edited, uids.lungs[lung])
            for number, lung in enumerate(present, 1)
        ],
        series_instance_uid=uids.series,
        series_number=100,
        sop_instance_uid=uids.instance,
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MANUFACTURER,
        software_versions=__version__,
        device_serial_number="1",
        content_label="LUNGS",
        content_description=f"Lungs. {DISCLAIMER}",
        content_creator_name=creator,
    )
    shared = made.SharedFunctionalGroupsSequence[0]
    if "PixelMeasuresSequence" in shared and "SliceThickness" not in shared.PixelMeasuresSequence[0]:
        # A projection has no slice thickness, without which readers refuse the item; the image has the
        # spacing.
        del shared.PixelMeasuresSequence
    # All that a projection can say of its position in the patient.
    made.PatientOrientation = source.get("PatientOrientation", "")
    made.SeriesDescription = f"Lungs, {status}. {DISCLAIMER}"
    return made


def _segment_description(
    number: int, lung: int, origin: Origin, edited: bool, tracking_uid: str
) -> SegmentDescription:
    """A lung's segment (PS3.3 C.8.20.4): AUTOMATIC if made by a model, SEMIAUTOMATIC once a reader edited it,
    MANUAL without a model."""
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    name = LUNG_NAMES[lung]
    meaning = name.english.capitalize()
    algorithm = None
    algorithm_type = "MANUAL"
    if origin.model_id:
        algorithm_type = "SEMIAUTOMATIC" if edited else "AUTOMATIC"
        parameters = {"mode": origin.mode or "", "weights SHA-256": origin.model_hash or ""}
        algorithm = AlgorithmIdentificationSequence(
            name=origin.model_id[:64],
            family=codes.cid7162.ArtificialIntelligence,
            version=(origin.model_hash or origin.model_id)[:64],
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
        tracking_uid=tracking_uid,
        tracking_id=meaning,
    )


def put_into_plane(seg: Dataset, spacing: tuple[float, float] | None, frame_of_reference: str) -> None:
    """Put a segmentation into the plane in which 3D Slicer shows radiographs: the first pixel at the origin,
    columns to the left, rows to the back, with 1 mm if no spacing (row, column) is known.

    A projection has no position in the patient, and its segmentation needs none (PS3.3 A.51.5.1 allows one).
    dcmqi, with which 3D Slicer reads segmentations, refuses those without.
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


def file_bytes(dataset: Dataset) -> bytes:
    """A data set as the bytes of a DICOM file (PS3.10)."""
    import pydicom

    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()
