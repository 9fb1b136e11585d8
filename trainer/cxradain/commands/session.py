"""`cxradain session ...`: annotated sessions from the command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .options import add_device, add_mode, add_model, open_segmenter
from .session_exchange import add_export, add_import, run_export, run_import

if TYPE_CHECKING:
    from ..imaging.radiograph import Radiograph
    from ..models.segmenter import Segmentation
    from ..sessions.checking import VerifyReport
    from ..sessions.sources import Added
from .options import _explained, opened


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command and its own commands."""
    session = commands.add_parser(
        "session",
        help="keep radiographs with every version of their masks",
        description="A session is a folder of radiographs and all versions of their masks; it can be copied. "
        "For research, not for diagnosis.",
    )
    inner = session.add_subparsers(metavar="COMMAND", required=True)

    create = _command(inner, "create", run_create, "make an empty session")
    create.add_argument(
        "--references",
        action="store_true",
        help="keep the images' paths; by default de-identified copies of their pixels are kept",
    )
    add = _command(inner, "add", run_add, "add radiographs", writes=True)
    add.add_argument("inputs", nargs="+", metavar="FILE", type=Path, help="image, or a folder of them")
    add.add_argument(
        "--keep-names",
        action="store_true",
        help="call copies by their files' names, which may tell patients'",
    )
    add.add_argument(
        "--patient",
        metavar="PATTERN",
        type=_pattern,
        help="regular expression for what in a file's name tells patients apart, where the file does not "
        "say; also for images that were added without",
    )
    segment = _command(inner, "segment", run_segment, "masks of status auto by a model", writes=True)
    add_model(segment)
    add_mode(segment)
    add_device(segment)
    segment.add_argument("--again", action="store_true", help="also where this model's mask is there already")
    segment.add_argument(
        "--fast", action="store_true", help="without the disagreement, by which a worklist can be ordered"
    )
    status = _command(inner, "status", run_status, "how many images have which status, and which")
    status.add_argument("--reader", help="as this reader sees it (default: the newest version of anyone)")
    status.add_argument("--order", choices=("file", "status", "useful"), default="file")
    status.add_argument("--list", action="store_true", help="a line for every image, too")
    _command(inner, "verify", run_verify, "read every file and compare it with what was saved")
    add_export(_command(inner, "export", run_export, "radiographs and masks for other programs"))
    add_import(_command(inner, "import", run_import, "masks of other programs, as new versions", writes=True))
    _command(inner, "rebuild", run_rebuild, "make the index anew from the folder", writes=True)


def run_create(options: argparse.Namespace) -> int:
    """Make a session."""
    from ..sessions.store import COPIES, REFERENCES, Session

    with _explained():
        Session.create(options.session, REFERENCES if options.references else COPIES).close()
    print(f"{options.session}: an empty session.")
    return 0


def run_add(options: argparse.Namespace) -> int:
    """Add files; returns how many failed."""
    from ..imaging.radiograph import find_radiographs
    from ..sessions.sources import add_files
    from .batch import complain, progress_bar

    failed = added = 0
    updated: dict[str, set[str]] = {}  # what of an image, by its key
    unknown: set[str] = set()
    with opened(options) as session:
        for given in options.inputs:
            paths = find_radiographs([given])
            if not paths:
                failed += 1
                complain(given, "holds no radiographs.")
            with progress_bar(len(paths)) as advance:
                files = add_files(
                    session, paths, keep_name=options.keep_names, patient_pattern=options.patient
                )
                for number, file in enumerate(files, 1):
                    if file.fault:
                        failed += 1
                        complain(file.path, file.fault)
                    if (image := file.image) is None:
                        continue
                    added += file.new
                    if file.changes:
                        updated.setdefault(image.key, set()).update(file.changes)
                    if not (image.patient or file.fault):
                        unknown.add(image.key)
                    print(f"{file.path}: {_became(file)} {image.name}", flush=True)
                    advance(number)
    summary = f"{added} added."
    if updated:
        summary += f" {len(updated)} updated: {', '.join(sorted(set().union(*updated.values())))}."
    print(summary)
    if unknown:
        print(f"{without_patient(len(unknown))}: add them again with --patient.")
    return failed


def _became(file: Added) -> str:
    """What adding a file has done, before its image's name."""
    if file.new:
        twin = file.image is not None and file.image.key != file.image.pixel_hash
        return "has the pixels of another patient's image and is added as" if twin else "added as"
    if not file.changes:
        return "is there already as"
    words = ["its patient is now known" if word == "patient" else word for word in file.changes]
    return f"is there already, updated ({', '.join(words)}), as"


def run_segment(options: argparse.Namespace) -> int:
    """Masks for all that lack one; returns how many failed."""
    from ..imaging.lungs import FLAG_TEXT
    from ..models.model import weights_hash
    from ..sessions.records import Version
    from ..sessions.segmenting import lacking, segment
    from .batch import complain, progress_bar

    segmenter = open_segmenter(options)
    weights = weights_hash(options.model)
    failed = 0
    with opened(options) as session:
        images = lacking(session, "" if options.again else weights, options.mode)

        def predict(radiograph: Radiograph) -> Segmentation:
            return segmenter.predict(radiograph, options.mode, reasons=not options.fast)

        with progress_bar(len(images)) as advance:
            for number, (image, became) in enumerate(
                segment(session, images, predict, weights, options.mode), 1
            ):
                if isinstance(became, Version):
                    remarks = [FLAG_TEXT.get(flag, flag) for flag in became.flags]
                    print(" ".join([f"{image.name}:", *(remarks or ["both lungs found."])]), flush=True)
                else:
                    failed += 1
                    complain(Path(image.name), became)
                advance(number)
    print(f"{len(images) - failed} segmented.")
    return failed


def run_status(options: argparse.Namespace) -> int:
    """Print counts, and with --list every image."""
    from collections import Counter

    with opened(options, write=False) as session:
        rows = session.worklist(options.reader, options.order)
        print(f"{options.session}: {len(rows)} images ({session.description.images})")
        for status, count in sorted(Counter(row.status for row in rows).items()):
            print(f"  {status}: {count}")
        images = session.images()
        print(f"  set aside for validation: {sum(map(session.is_held_out, images))}")
        if unknown := sum(not (image.patient or image.fault) for image in images):
            print(f"  {without_patient(unknown)}")
        print(f"  readers: {', '.join(session.readers()) or 'none yet'}")
        for row in rows if options.list else ():
            doubt = "" if row.disagreement is None else f"{row.disagreement:.3f}"
            print("\t".join([row.key[:12], row.name, row.status, row.reader or "", doubt]))
    return 0


def without_patient(count: int) -> str:
    """What it means that of so many images nobody has said the patient."""
    return f"no known patient: {count} (each counts as a patient, in training or in validation)"


def run_verify(options: argparse.Namespace) -> int:
    """Check all files; returns how many problems there are."""
    with opened(options, write=False) as session:
        return _print(options.session, session.verify())


def run_rebuild(options: argparse.Namespace) -> int:
    """Make the index anew; returns how many records could not be used."""
    with opened(options) as session:
        return _print(options.session, session.rebuild())


def _command(
    commands: argparse._SubParsersAction,
    name: str,
    run: Callable[[argparse.Namespace], int],
    help: str,
    writes: bool = False,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
    parser.add_argument("session", metavar="DIR", type=Path, help="the session's folder")
    if writes:
        parser.add_argument(
            "--take-over",
            action="store_true",
            help="write though another application has the session open; that one can then write no more",
        )
    parser.set_defaults(run=run)
    return parser


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"no regular expression: {error}") from error


def _print(path: Path, report: VerifyReport) -> int:
    from .batch import complain

    for problem in report.problems:
        complain(path, problem)
    print(f"{path}: {report.images} images, {report.versions} versions, {len(report.problems)} problems.")
    return len(report.problems)
