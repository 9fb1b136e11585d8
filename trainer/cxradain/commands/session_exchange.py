"""`cxradain session export | import`: masks out of a session and into it."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from .options import UsageError

FORMATS = ("png", "nifti", "nnunet", "coco", "dicom-seg")
STATUSES = ("approved", "corrected", "flagged", "auto")


def add_export(parser: argparse.ArgumentParser) -> None:
    """Options of `session export`."""
    parser.add_argument("--format", choices=FORMATS, required=True)
    parser.add_argument("--output", required=True, metavar="OUT", type=Path, help="a new folder")
    parser.add_argument(
        "--status",
        action="append",
        choices=STATUSES,
        help="masks of this status; may be repeated (default: approved and corrected)",
    )
    parser.add_argument(
        "--reader", action="append", help="masks of this reader; may be repeated (default: all)"
    )
    parser.add_argument(
        "--identifiers",
        action="store_true",
        help="with the images' names, the readers' names and, for DICOM, the original files, which may tell "
        "who the patients are; by default numbers and new UIDs stand for them",
    )


def add_import(parser: argparse.ArgumentParser) -> None:
    """Options of `session import`."""
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="FILE",
        type=Path,
        help="PNG, NIfTI, NRRD, MetaImage or DICOM SEG, a folder of them, or a ZIP or TAR archive",
    )
    parser.add_argument("--reader", required=True, help="who made the masks")
    parser.add_argument("--status", choices=("corrected", "approved", "flagged"), default="corrected")
    parser.add_argument("--image", metavar="KEY", help="the image that the one file is a mask of")


def run_export(options: argparse.Namespace) -> int:
    """Export; returns how many images failed."""
    from ..exchange import export_coco, export_dicom, export_files
    from ..exchange.export import DEFAULT_STATUSES, Export, choose
    from ..sessions.records import translate_storage_errors
    from .batch import complain
    from .options import opened

    write = {
        "png": export_files.png,
        "nifti": export_files.nifti,
        "nnunet": export_files.nnunet,
        "coco": export_coco.coco,
        "dicom-seg": export_dicom.dicom_seg,
    }[options.format]
    with (
        opened(options, write=False) as session,
        translate_storage_errors(f"The export to {options.output}", again="export"),
    ):
        cases = choose(session, options.status or DEFAULT_STATUSES, options.reader, options.identifiers)
        if not cases:
            raise UsageError("no image has such a mask; --status auto would take the models'")
        export = Export(
            session, options.output, options.identifiers, lambda name, text: complain(Path(name), text)
        )
        export.begin()
        written = write(export, cases)
    print(f"{options.output}: {written} radiographs with masks. For research, not for diagnosis.")
    return export.failed


def run_import(options: argparse.Namespace) -> int:
    """Import; returns how many files failed."""
    from ..exchange.archives import ArchiveError
    from ..exchange.import_masks import MaskError, read
    from ..sessions.records import Origin
    from ..sessions.sources import by_key
    from .batch import complain
    from .options import opened

    failed = 0
    with opened(options) as session, ExitStack() as folders:
        image = by_key(session, options.image) if options.image else None
        for given in options.inputs:
            try:
                paths = list(_files(given, folders))
                if not paths:
                    raise MaskError(f"{given}: holds no masks.")
                if image and (len(paths) > 1 or len(options.inputs) > 1):
                    raise UsageError("--image stands for one file")
            except (ArchiveError, MaskError) as error:
                failed += 1
                complain(given, error)
                continue
            for path in paths:
                try:
                    found, labels = read(session, path, image)
                except MaskError as error:
                    failed += 1
                    complain(path, error)
                    continue
                newest = session.newest(found.key)
                origin = Origin(base=newest.id if newest else None, tools=("import",))
                made = session.add_mask(found.key, labels, options.reader, options.status, origin)
                print(f"{path.name}: version {made.number} of {found.name}", flush=True)
    return failed


def _files(given: Path, folders: ExitStack) -> Iterator[Path]:
    """The mask files that an input stands for."""
    from ..exchange.archives import is_archive, unpack
    from ..exchange.import_masks import MASK_ENDINGS, MaskError

    if is_archive(given):
        temporary = Path(folders.enter_context(tempfile.TemporaryDirectory(prefix="cxradain-")))
        found = unpack(given, temporary)
    elif given.is_dir():
        found = [path for path in given.rglob("*") if path.is_file()]
    elif given.is_file():
        yield given
        return
    else:
        raise MaskError(f"{given}: there is no such file.")
    yield from sorted(
        p for p in found if p.name.lower().endswith(MASK_ENDINGS) and not p.name.startswith(".")
    )
