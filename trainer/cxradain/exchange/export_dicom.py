"""A session as DICOM Segmentation (PS3.3 A.51): right and left lung, in SNOMED CT, referring to the image."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..imaging.lungs import LEFT, RIGHT
from ..sessions.deidentify import likely_burned_in, text_is_likely
from ..sessions.folder import COPIES
from ..sessions.records import AUTO, SessionError, Version
from .dicom_image import deidentified, original
from .export import MAKER, NOTE, Case, Export, facts, uid

if TYPE_CHECKING:
    from highdicom.seg import SegmentDescription
    from pydicom import Dataset

LUNGS = {RIGHT: ("3341006", "Right lung"), LEFT: ("44029006", "Left lung")}  # SNOMED CT


def dicom_seg(export: Export, cases: list[Case]) -> int:
    """`images/ID.dcm` and `segmentations/ID.dcm`; returns how many were written.

    De-identified, the image is new and so are all UIDs, alike in both. With identifiers it is the original
    DICOM file, or for a picture a Secondary Capture. Masks without any lung are told of and left out.
    Raises SessionError where highdicom is missing, or identifiers are asked of a session that has none.
    """
    try:
        import highdicom  # noqa: F401  (the module that does the work says the same less plainly)
    except ImportError as error:
        raise SessionError("DICOM SEG needs highdicom. Install it: pip install highdicom") from error
    if export.identifiers and export.session.description.images == COPIES:
        raise SessionError("The session keeps de-identified copies, so there are no identifiers to export.")
    rows = []
    for case, found, labels in export.pixels(cases):
        if not labels.any():
            export.failed += 1
            export.complain(case.name, "the mask holds no lung; a DICOM segmentation cannot be empty.")
            continue
        image_path = export.output / "images" / f"{case.name}.dcm"
        image_path.parent.mkdir(exist_ok=True)
        reference = Path(case.image.reference or "")
        source = original(reference) if export.identifiers else None
        if source is not None:
            shutil.copyfile(reference, image_path)
        else:
            burned_in = likely_burned_in(case.image.header) or text_is_likely(found.pixels)
            source = deidentified(export.session, case, found, burned_in)
            if export.identifiers:
                source.PatientName, source.PatientID = "", case.name
                source.PatientIdentityRemoved = "NO"
                del source.DeidentificationMethod
            export.write(f"images/{case.name}.dcm", _file(source))
        made = segmentation(export, case, source, labels)
        export.write(f"segmentations/{case.name}.dcm", _file(made))
        rows.append(facts(case) | {"mask": "segmentations"})
    export.finish("DICOM segmentations, and beside each the image that it refers to.", rows)
    return len(rows)


def segmentation(export: Export, case: Case, source: Dataset, labels: np.ndarray) -> Dataset:
    """The segmentation of (H, W) labels that refers to a source image. A lung that is not there has no
    segment."""
    from highdicom.seg import Segmentation

    present = [lung for lung in LUNGS if (labels == lung).any()]
    named: Any = {"content_creator_name": _person(case.reader)} if export.identifiers and case.reader else {}
    made = Segmentation(
        source_images=[source],
        pixel_array=np.stack([labels == lung for lung in present], axis=-1)[None],
        segmentation_type="BINARY",
        segment_descriptions=[
            description(export, case.version, number, lung) for number, lung in enumerate(present, 1)
        ],
        series_instance_uid=uid(export.session, "segmentation series", case.version.id),
        series_number=100,
        sop_instance_uid=uid(export.session, "segmentation", case.version.id),
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name=MAKER,
        software_versions=__version__,
        device_serial_number="1",
        content_label="LUNGS",
        content_description=f"Lungs. {NOTE}",
        **named,
    )
    shared = made.SharedFunctionalGroupsSequence[0]
    if "PixelMeasuresSequence" in shared and "SliceThickness" not in shared.PixelMeasuresSequence[0]:
        # A projection has no thickness, and without it readers refuse the whole; the image has the spacing.
        del shared.PixelMeasuresSequence
    made.PatientOrientation = source.get("PatientOrientation", "")  # of what has no place in the patient
    made.SeriesDescription = f"Lungs, {case.version.status}. {NOTE}"
    if not export.identifiers:
        made.PatientIdentityRemoved = "YES"
        made.DeidentificationMethod = "New header; technique and pixels kept"
    return made


def description(export: Export, version: Version, number: int, lung: int) -> SegmentDescription:
    """A lung's segment: automatic as a model left it, semiautomatic once a reader had it, manual without."""
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription
    from pydicom.sr.codedict import codes
    from pydicom.sr.coding import Code

    code, meaning = LUNGS[lung]
    algorithm = None
    kind = "MANUAL"
    if version.model_id:
        kind = "AUTOMATIC" if version.status == AUTO else "SEMIAUTOMATIC"
        parameters = {"mode": version.mode or "", "weights SHA-256": version.model_hash or ""}
        algorithm = AlgorithmIdentificationSequence(
            name=version.model_id[:64],
            family=codes.cid7162.ArtificialIntelligence,
            version=(version.model_hash or version.model_id)[:64],
            source=MAKER,
            parameters={name: value for name, value in parameters.items() if value},
        )
    return SegmentDescription(
        segment_number=number,
        segment_label=meaning,
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=Code(code, "SCT", meaning),
        algorithm_type=kind,
        algorithm_identification=algorithm,
        tracking_uid=uid(export.session, f"lung {lung}", version.image),
        tracking_id=meaning,
    )


def _person(name: str) -> str:
    """A name as PN; one without components is the family's, so that nobody guesses."""
    return name if "^" in name else f"{name}^"


def _file(dataset: Dataset) -> bytes:
    import pydicom

    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()
