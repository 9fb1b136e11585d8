"""A list of radiographs, one after the other: read ahead, shown as progress, and failing one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from ..imaging.radiograph import Radiograph, RadiographError, find_radiographs, read_radiograph


def process(
    inputs: Iterable[Path], prepare: Callable[[list[Path]], Callable[[int, Radiograph], None]]
) -> int:
    """Do the same with every radiograph of the inputs; returns how many failed.

    Args:
        inputs: files and folders.
        prepare: told the files that were found, returns what to do with the radiograph of the file at an
            index; that raises RadiographError or OSError to say that this one failed.

    A failure is a line on standard error that names the file, and so is a warning; the rest go on.
    """
    failed = 0
    paths: list[Path] = []
    for given in inputs:
        try:
            found = find_radiographs([given])
            if not found:
                raise RadiographError(given, "holds no radiographs.")
            paths += found
        except (RadiographError, OSError) as error:
            failed += 1
            complain(given, error)
    if not paths:
        return failed
    work = prepare(paths)
    with progress_bar(len(paths)) as advance:
        for index, (path, reading) in enumerate(read_ahead(paths)):
            try:
                radiograph = reading.result()
                for warning in radiograph.warnings:
                    complain(path, f"warning: {warning}")
                work(index, radiograph)
            except BrokenPipeError:  # of what is printed, which is no fault of a radiograph
                raise
            except (RadiographError, OSError) as error:
                failed += 1
                complain(path, error)
            advance(index + 1)
    return failed


def read_ahead(paths: Sequence[Path]) -> Iterator[tuple[Path, Future[Radiograph]]]:
    """Each path with its radiograph, while the next one is being read."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming: Future[Radiograph] | None = None
        for path, following in zip(paths, [*paths[1:], None], strict=True):
            present = coming or reader.submit(read_radiograph, path)
            coming = reader.submit(read_radiograph, following) if following is not None else None
            yield path, present


@contextmanager
def progress_bar(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where that is a terminal; gives what is told how many are done."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


def complain(path: Path, message: object) -> None:
    """One line on standard error that names the file."""
    text = str(message)
    print(text if str(path) in text else f"{path}: {text}", file=sys.stderr)
