"""Radiographs in 3D Slicer's DICOM database: how they are offered for loading, and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import slicer
from cxradain.exchange.export import MANUFACTURER
from cxradain.imaging.dicom_attributes import number_of, values_of
from cxradain.imaging.dicom_checks import LATERAL, NOT_CHEST, RAW, header_warnings
from slicer.i18n import tr as _

from .Display import setUpWindow
from .VolumeImages import INSTANCES

# CR (PS3.3 A.2), and DX for presentation and for processing (A.26).
RADIOGRAPHS = (
    "1.2.840.10008.5.1.4.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1",
    "1.2.840.10008.5.1.4.1.1.1.1.1",
)
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"  # A.51
# Slicer's scalar volume plugin, which stacks a series, has 0.5; it is preferred for other body parts.
CONFIDENCE, OF_ANOTHER_PART = 0.9, 0.3
OF_MASKS = 0.96  # Slicer's segmentation plugin has 0.95, and cannot read masks of projection images
UNKNOWN_TO_THE_MODEL = (LATERAL, NOT_CHEST, RAW)

NUMBERS = "DICOM.instanceNumbers"  # attribute of volume nodes, as Slicer's plugins set it

Header = Mapping[str, Sequence[str]]  # an attribute's values by its DICOM keyword


@dataclass(frozen=True)
class Description:
    """How an image is offered. warning: why the model does not suit it, or "". confidence: 0..1."""

    name: str
    tooltip: str
    warning: str
    confidence: float


def describe(header: Header) -> Description | None:
    """How an image is offered; None if it is neither a radiograph nor a segmentation saved by this module."""
    if isSegmentation(header) and _first(header, "Manufacturer") == MANUFACTURER:
        name = _first(header, "SeriesDescription") or _("Lungs")
        return Description(_withoutSeparators(name), _("Masks of a radiograph"), "", OF_MASKS)
    if _first(header, "SOPClassUID") not in RADIOGRAPHS or number_of(header, "NumberOfFrames", 1) > 1:
        return None
    warnings = header_warnings(header)
    view = _first(header, "ViewPosition") or (_("lateral") if LATERAL in warnings else "")
    series, study = (_first(header, name) for name in ("SeriesDescription", "StudyDescription"))
    described = dict.fromkeys(filter(None, (view or series, study or series)))
    return Description(
        name=_withoutSeparators(", ".join(described) or _("Radiograph")),
        tooltip="\n".join([_("A radiograph by itself"), *filter(None, (_date(header),)), *warnings]),
        warning=" ".join(warning for warning in warnings if warning in UNKNOWN_TO_THE_MODEL),
        confidence=OF_ANOTHER_PART if NOT_CHEST in warnings else CONFIDENCE,
    )


def isSegmentation(header: Header) -> bool:
    """Whether the header is that of a DICOM SEG."""
    return _first(header, "SOPClassUID") == SEGMENTATION


def number(header: Header) -> float:
    """The image's Instance Number; 0 if it has none."""
    return number_of(header, "InstanceNumber", 0)


def keepInstance(volume, uid: str, instanceNumber: str) -> None:
    """Record on a volume node which image of the database it is."""
    volume.SetAttribute(INSTANCES, uid)
    volume.SetAttribute(NUMBERS, instanceNumber or "?")


def show(volume, behind: bool = False) -> None:
    """Show an image in the views, with its own window. behind: not if another volume is shown."""
    setUpWindow(volume)
    logic = slicer.app.applicationLogic()
    selection = logic.GetSelectionNode()
    if not (behind and selection.GetActiveVolumeID()):
        selection.SetActiveVolumeID(volume.GetID())
        logic.PropagateVolumeSelection()


def _first(header: Header, name: str) -> str:
    return str(next(iter(values_of(header, name)), "")).strip()


def _date(header: Header) -> str:
    date = _first(header, "StudyDate")
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else ""


def _withoutSeparators(name: str) -> str:
    """A node name without the characters that Slicer's own plugins also replace."""
    return name.translate(str.maketrans("|/\\*", "----"))
