"""The export formats, and the call that exports a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..sessions.records import SessionError, translate_storage_errors
from ..sessions.store import Session
from .export import DEFAULT_STATUSES, Exported, ExportItem, Report, SessionExport, Warn, select_items
from .export_coco import export_coco
from .export_dicom import export_dicom_seg
from .export_files import export_nifti, export_nnunet, export_png
from .session_table import write_session_table

CSV = "csv"
WRITERS: dict[str, Callable[[SessionExport, list[ExportItem]], int]] = {
    "png": export_png,
    "nifti": export_nifti,
    "nnunet": export_nnunet,
    "coco": export_coco,
    "dicom-seg": export_dicom_seg,
}
FORMATS = (*WRITERS, CSV)


@dataclass(frozen=True)
class ExportRequest:
    """What to export, and how.

    format: one of FORMATS.
    output: a new folder; for CSV a file, which is replaced. Not in the session's folder.
    statuses: of the masks; () for approved and corrected ones, for CSV all.
    readers: whose masks; () for all.
    identifiers: include names and, for DICOM, the original files, which may identify patients.
    with_plane: write DICOM segmentations with a plane (`dicom_seg.put_into_plane`).
    """

    format: str
    output: Path
    statuses: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    identifiers: bool = False
    with_plane: bool = False


def export_session(
    session: Session,
    request: ExportRequest,
    warn: Warn = lambda name, message: None,
    report: Report = lambda done, text: None,
) -> Exported:
    """Export a session.

    warn: called with an image's name in the export and its problem. report: called with 0..1 and a text
        before each image; raising ends the export and leaves nothing of it.

    Raises SessionError if there is nothing to export, and for a non-empty folder, one in the session's own,
    an unknown reader, or a missing package; and NotSaved for a full or read-only disk.
    """
    readers, output = request.readers or None, request.output
    if _is_inside(output, session.path):
        raise SessionError(
            f"{output}: is in the session's own folder, {session.path}, which holds nothing but the session. "
            "Choose a place outside it."
        )
    with translate_storage_errors(f"The export to {output}", again="export"):
        if request.format == CSV:
            return write_session_table(
                session, output, request.statuses or None, readers, request.identifiers, warn, report
            )
        items = select_items(session, request.statuses or DEFAULT_STATUSES, readers, request.identifiers)
        if not items:
            raise SessionError(
                "No image has such a mask. To export the models' masks, too, choose them "
                "(on the command line: --status auto)."
            )
        export = SessionExport(session, output, request.identifiers, request.with_plane, warn, report)
        with export.in_new_folder():
            written = WRITERS[request.format](export, items)
            return Exported(written, export.failed)


def _is_inside(path: Path, folder: Path) -> bool:
    """Whether a path, which may not exist yet, is a folder or lies in it, by whatever name or link."""
    path = path.resolve()
    return any(each.exists() and each.samefile(folder) for each in (path, *path.parents))
