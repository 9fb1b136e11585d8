"""A list of radiographs, processed one by one: read ahead, with a progress bar; one failure stops no
other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..imaging.folders import MASKS, FoundFiles, find_files
from ..imaging.lungs import FLAG_TEXT
from ..imaging.quality import MaskQuality
from ..imaging.radiograph import LooksLikeMask, Radiograph, RadiographError, read_ahead, read_radiograph
from ..imaging.suspicion import suspicions
from .process import message_of, terminal_console

SKIPPED = "skipped, as --on-suspect asks."


def find_inputs(inputs: Iterable[Path]) -> tuple[FoundFiles, int]:
    """The radiographs' files in the inputs (files, folders, DICOMDIRs), and how many inputs hold none.

    Inputs without radiographs, and files that were passed over, are reported on standard error.
    """
    failed = 0
    found = FoundFiles()
    for input_path in inputs:
        try:
            files = find_files([input_path])
            if remark := files.remark:
                print_problem(input_path, remark)
            if not files.files:
                raise RadiographError(input_path, "holds no radiographs.")
            found.files += files.files
            found.inside |= files.inside
        except (RadiographError, OSError) as error:
            failed += 1
            print_problem(input_path, error)
    return found, failed


def process(found: FoundFiles, work: Callable[[int, Radiograph], None], skip_suspects: bool = False) -> int:
    """Call `work` with the index and radiograph of each file; returns how many failed.

    Failures (RadiographError, OSError), warnings and suspicions are each reported on standard error, in a
    line that names the file, and the rest is processed. A suspect radiograph that is skipped is not a
    failure, nor is a mask found inside a folder.
    """
    failed = 0
    with progress_bar(len(found.files)) as advance:
        for index, (path, reading) in enumerate(read_ahead(found.files, read_radiograph)):
            try:
                radiograph = reading.result()
                doubts = suspicions(radiograph)
                for warning in dict.fromkeys((*radiograph.warnings, *(doubt.text for doubt in doubts))):
                    print_problem(path, f"warning: {warning}")
                if doubts and skip_suspects:
                    print_problem(path, SKIPPED)
                else:
                    work(index, radiograph)
            except BrokenPipeError:  # of standard output, not of the radiograph
                raise
            except (RadiographError, OSError) as error:
                if isinstance(error, LooksLikeMask) and path in found.inside:
                    found.passed_over[MASKS] += 1
                else:
                    failed += 1
                    print_problem(path, error)
            advance(index + 1)
    if remark := found.remark:
        print(remark, file=sys.stderr)
    if found.files and found.passed_over[MASKS] == len(found.files):
        failed += 1
        print("No radiograph was found, only masks.", file=sys.stderr)
    return failed


def remarks_on(quality: MaskQuality | None) -> list[str]:
    """What to print about a mask: how likely the worse lung is right, and what to check."""
    if quality is None:
        return ["segmented."]
    return [f"{quality.worse.text}.", *(FLAG_TEXT[flag] for flag in quality.flags)]


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, if that is a terminal; yields a function to call with the number done."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=terminal_console(),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


def print_line(text: str) -> None:
    """Print one line of a file or an image, whose name may have two."""
    print(text.replace("\n", "\\n"), flush=True)


def print_problem(path: Path | str, message: object) -> None:
    """Print one line on standard error that names the file."""
    text = message_of(message) if isinstance(message, Exception) else str(message)
    text = text if str(path) in text else f"{path}: {text}"
    print(text.replace("\n", "\\n"), file=sys.stderr)
