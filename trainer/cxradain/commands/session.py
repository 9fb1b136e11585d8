"""`cxradain session ...`: create, fill, check, import into and export from sessions."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..exchange.archives import ArchiveError, is_archive
from ..exchange.formats import FORMATS, ExportRequest, export_session
from ..exchange.import_masks import ImportedMask, import_masks, mask_files
from ..exchange.mask_reader import MaskError
from ..imaging.folders import MASKS, find_files
from ..imaging.radiograph import Radiograph, RadiographError
from ..imaging.suspicion import BY_CODE
from ..models.folders import weights_hash
from ..models.registry import default_model
from ..sessions.checking import VerifyReport
from ..sessions.folder import COPIES, REFERENCES
from ..sessions.records import (
    APPROVED,
    AUTO,
    CORRECTED,
    FLAGGED,
    Version,
)
from ..sessions.segmenting import images_to_segment, segment
from ..sessions.sources import AddedFile, add_files, by_key
from ..sessions.store import Session
from .batch import SKIPPED, print_line, print_problem, progress_bar, remarks_on
from .options import SKIP, Run, UsageError, add_command, add_flag, add_shared, open_segmenter

if TYPE_CHECKING:
    from ..models.segmenter import Prediction


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "A session is a folder of radiographs and all versions of their masks. "
        "For research, not for diagnosis."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    command = partial(_add_command, commands)

    create = command("create", run_create, "make an empty session")
    add_flag(
        create,
        "--references",
        "keep the images' paths instead of de-identified copies of their pixels",
    )
    add_flag(create, "--shared", "readable by the user's group, too; by default only by the user")
    add = command("add", run_add, "add radiographs", writes=True)
    add.add_argument("inputs", nargs="+", metavar="FILE", type=Path, help="image, or a folder of them")
    add_flag(add, "--keep-names", "keep the files' names, which may identify patients")
    add.add_argument(
        "--patient",
        metavar="PATTERN",
        type=_pattern,
        help="regular expression that finds the patient in a file's name, for files that state none; also "
        "applied to images that were added without",
    )
    segmenting = command("segment", run_segment, "segment the images with a model", writes=True)
    add_shared(segmenting, "--model", "--mode", "--device", "--backend", "--on-suspect")
    add_flag(segmenting, "--again", "also images that have this model's mask")
    add_flag(segmenting, "--fast", "skip the quality score; the worklist cannot be ordered by it then")
    status = command("status", run_status, "count the images by status")
    status.add_argument("--reader", help="count this reader's masks (default: the newest of any reader)")
    status.add_argument("--order", choices=("file", "status", "useful"), default="file")
    add_flag(status, "--list", "also print a line for every image")
    command("verify", run_verify, "read every file and check it against its record")
    configure_export(command("export", run_export, "export radiographs and masks for other programs"))
    configure_import(
        command("import", run_import, "import masks of other programs as new versions", writes=True)
    )
    remove = command("remove", run_remove, "remove images; their masks stay in the folder", writes=True)
    remove.add_argument("images", nargs="+", metavar="KEY", help="an image's key, or its first digits")
    command(
        "mend",
        run_mend,
        "reset masks to auto that are called corrected though nobody changed them",
        writes=True,
    )
    command("rebuild", run_rebuild, "rebuild the index from the folder", writes=True)


def configure_export(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `session export`."""
    parser.add_argument(
        "--format", choices=FORMATS, required=True, help="csv: one table of the whole session"
    )
    parser.add_argument(
        "--output", required=True, metavar="OUT", type=Path, help="a new folder; for csv a file, replaced"
    )
    parser.add_argument(
        "--status",
        action="append",
        choices=(APPROVED, CORRECTED, FLAGGED, AUTO),
        help="masks of this status; may be repeated (default: approved and corrected; for csv all)",
    )
    parser.add_argument(
        "--reader", action="append", help="masks of this reader; may be repeated (default: all)"
    )
    add_flag(
        parser,
        "--identifiers",
        "keep the names of images and readers and, for DICOM, the original files, which may identify "
        "patients; by default they are replaced by numbers and new UIDs",
    )
    add_flag(
        parser,
        "--with-plane",
        "add a plane at the origin to DICOM SEG: a projection has none, but dcmqi, and so 3D Slicer, opens "
        "no segmentation without one",
    )


def configure_import(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `session import`."""
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="FILE",
        type=Path,
        help="PNG, TIFF, BMP, NIfTI, NRRD, MetaImage or DICOM SEG, a folder of them, or a ZIP or TAR archive",
    )
    parser.add_argument("--reader", required=True, help="who made the masks")
    parser.add_argument("--status", choices=(CORRECTED, APPROVED, FLAGGED), default=CORRECTED)
    parser.add_argument(
        "--image", metavar="KEY", help="the image that the mask belongs to, if there is only one file"
    )
    add_flag(parser, "--replace", "also replace masks that this reader has approved or flagged")


def _add_command(
    commands: Any, name: str, run: Run, help: str, writes: bool = False
) -> argparse.ArgumentParser:
    parser = add_command(commands, name, run, help)
    parser.add_argument("session", metavar="DIR", type=Path, help="the session's folder")
    if writes:
        add_flag(
            parser,
            "--take-over",
            "write although another application has the session open; that one can no longer write then",
        )
    return parser


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"not a regular expression: {error}") from error


def _open(arguments: argparse.Namespace, write: bool = True) -> Session:
    take_over = getattr(arguments, "take_over", False)
    program = "cxradain on the command line"
    return Session(arguments.session, write=write, take_over=take_over, program=program)


def run_create(arguments: argparse.Namespace) -> int:
    """Create a session."""
    images = REFERENCES if arguments.references else COPIES
    Session.create(arguments.session, images, shared=arguments.shared).close()
    print(f"{arguments.session}: an empty session.")
    return 0


def run_add(arguments: argparse.Namespace) -> int:
    """Add files; returns how many failed."""
    failed = added = 0
    updated: dict[str, set[str]] = {}  # image key -> the names of the fields that changed
    unknown: set[str] = set()
    with _open(arguments) as session:
        for input_path in arguments.inputs:
            try:
                found = find_files([input_path])
            except RadiographError as error:
                failed += 1
                print_problem(input_path, error)
                continue
            if not found.files:
                failed += 1
                print_problem(input_path, "holds no radiographs.")
            with progress_bar(len(found.files)) as advance:
                files = add_files(
                    session, found.files, keep_name=arguments.keep_names, patient_pattern=arguments.patient
                )
                for number, file in enumerate(files, 1):
                    if file.is_mask and file.path in found.inside:
                        found.passed_over[MASKS] += 1
                        continue
                    if file.fault:
                        failed += 1
                        print_problem(file.path, file.fault)
                    if (image := file.image) is None:
                        continue
                    added += file.new
                    if file.changes:
                        updated.setdefault(image.key, set()).update(file.changes)
                    if not (image.patient or file.fault):
                        unknown.add(image.key)
                    print_line(f"{file.path}: {_outcome(file)} {image.name}")
                    advance(number)
            if remark := found.remark:
                print_problem(input_path, remark)
    summary = f"{added} added."
    if updated:
        summary += f" {len(updated)} updated: {', '.join(sorted(set().union(*updated.values())))}."
    print(summary)
    if unknown:
        print(f"{_without_patient(len(unknown))}: add them again with --patient.")
    return failed


def _outcome(file: AddedFile) -> str:
    """What adding a file has done; the image's name follows."""
    if file.fault:
        return "listed as unreadable as"
    if file.new:
        twin = file.image is not None and file.image.key != file.image.pixel_hash
        return "has the pixels of another patient's image and is added as" if twin else "added as"
    if not file.changes:
        return "is already in the session as"
    changes = ["its patient is now known" if word == "patient" else word for word in file.changes]
    return f"is already in the session, updated ({', '.join(changes)}), as"


def run_segment(arguments: argparse.Namespace) -> int:
    """Segment all images without a mask of this model; returns how many failed."""
    segmenter = open_segmenter(arguments)
    weights = weights_hash(arguments.model or default_model())
    failed = skipped = 0

    def predict(radiograph: Radiograph) -> Prediction:
        return segmenter.predict(radiograph, arguments.mode, quality=not arguments.fast)

    with _open(arguments) as session:
        images = images_to_segment(session, weights, arguments.mode, again=arguments.again)
        with progress_bar(len(images)) as advance:
            skip = arguments.on_suspect == SKIP
            outcomes = segment(session, images, predict, weights, arguments.mode, skip)
            for number, (image, outcome) in enumerate(outcomes, 1):
                if isinstance(outcome, Version):
                    doubts = [BY_CODE[code].text for code in outcome.flags]
                    print_line(" ".join([f"{image.name}:", *doubts, *remarks_on(outcome.quality)]))
                elif isinstance(outcome, RadiographError):
                    failed += 1
                    print_problem(image.name, outcome)
                else:
                    skipped += 1
                    print_problem(image.name, " ".join([*(doubt.text for doubt in outcome), SKIPPED]))
                advance(number)
    print(f"{len(images) - failed - skipped} segmented.")
    return failed


def run_status(arguments: argparse.Namespace) -> int:
    """Print counts, and with --list every image."""
    with _open(arguments, write=False) as session:
        reader = None if arguments.reader is None else _reader(session, arguments.reader)
        session.check_readers(reader and [reader])
        rows = session.worklist(reader, arguments.order)
        images = [image for image in session.images() if not image.fault]
        print(f"{arguments.session}: {len(images)} images ({session.description.images})")
        for status, count in sorted(Counter(row.status for row in rows).items()):
            print(f"  {status}: {count}")
        print(f"  set aside for validation: {sum(map(session.is_held_out, images))}")
        if unknown := sum(not image.patient for image in images):
            print(f"  {_without_patient(unknown)}")
        print(f"  readers: {', '.join(session.readers()) or 'none yet'}")
        for row in rows if arguments.list else ():
            quality = "" if row.quality is None else f"{row.quality:.3f}"
            print_line("\t".join([row.key[:12], row.name, row.status, row.reader or "", quality]))
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Check all files; returns how many problems there are."""
    with _open(arguments, write=False) as session:
        return _print_report(arguments.session, session.verify())


def run_remove(arguments: argparse.Namespace) -> int:
    """Take images out of the session."""
    with _open(arguments) as session:
        for image in [by_key(session, text) for text in arguments.images]:
            session.remove_image(image.key)
            print(f"{image.name}: removed. Added again, it is back with its masks.")
    return 0


def run_mend(arguments: argparse.Namespace) -> int:
    """Reset to auto the masks that are called corrected without evidence of a correction."""
    with _open(arguments) as session:
        mended = session.mend_statuses()
        for version in mended:
            print(f"{session.image(version.image).name}: version {version.number} is auto.")
    print(f"{arguments.session}: {len(mended)} set back to auto.")
    return 0


def run_rebuild(arguments: argparse.Namespace) -> int:
    """Rebuild the index; returns how many records could not be used."""
    with _open(arguments) as session:
        return _print_report(arguments.session, session.rebuild())


def run_export(arguments: argparse.Namespace) -> int:
    """Export the session; returns how many images failed."""
    request = ExportRequest(
        arguments.format,
        arguments.output,
        tuple(arguments.status or ()),
        tuple(arguments.reader or ()),
        arguments.identifiers,
        arguments.with_plane,
    )
    with _open(arguments, write=False) as session:
        request = replace(request, readers=tuple(_reader(session, name) for name in request.readers))
        written = export_session(session, request, print_problem)
    what = _counted(written.radiographs, "radiograph")
    what += " with masks" if written.rows is None else f", {_counted(written.rows, 'row')}"
    print(f"{request.output}: {what}. For research, not for diagnosis.")
    return written.failed


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def run_import(arguments: argparse.Namespace) -> int:
    """Import masks; returns how many files failed. Raises UsageError."""
    failed = 0
    with _open(arguments) as session, ExitStack() as unpacked:
        reader = _reader(session, arguments.reader)
        image = by_key(session, arguments.image) if arguments.image else None
        paths: list[Path] = []
        shown: dict[Path, str] = {}  # unpacked file -> its archive and name, as printed
        for input_path in arguments.inputs:
            try:
                found = unpacked.enter_context(mask_files(input_path))
                paths += found
                if is_archive(input_path):
                    shown |= {path: f"{input_path}: {path.name}" for path in found}
            except (ArchiveError, MaskError) as error:
                failed += 1
                print_problem(input_path, error)
        if image and (len(paths) > 1 or len(arguments.inputs) > 1):
            raise UsageError("--image stands for one file")
        for path, result in import_masks(session, paths, reader, arguments.status, image, arguments.replace):
            name = shown.get(path, str(path))
            if isinstance(result, ImportedMask):
                for remark in result.remarks:
                    print_problem(name, f"warning: {remark}")
                print_line(f"{path.name}: version {result.version.number} of {result.image.name}")
            else:
                failed += 1
                print_problem(name, str(result).replace(str(path), name))
    return failed


def _reader(session: Session, name: str) -> str:
    """The session's reader of a name; said if it is spelled otherwise. Raises SessionError."""
    reader = session.reader_named(name)
    if reader != name:
        print(f"--reader: {name!r} is taken as {reader!r}.")
    return reader


def _without_patient(count: int) -> str:
    return f"no known patient: {count} (each counts as a patient, in training or in validation)"


def _print_report(path: Path, report: VerifyReport) -> int:
    for problem in report.problems:
        print_problem(path, problem)
    print(f"{path}: {report.images} images, {report.versions} versions, {len(report.problems)} problems.")
    return len(report.problems)
