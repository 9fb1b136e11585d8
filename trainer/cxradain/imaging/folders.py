"""Finding the radiographs in folders, by content, and counting the files that are skipped."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .decoder import decode
from .file_formats import OVERLAY, claims_to_be_image, is_of_ours
from .image_data import ImageFault
from .radiograph import RadiographError

DIRECTORY = "DICOMDIR"  # PS3.10 8.6
DIRECTORY_READER = "cxradain.imaging.dicom_directory:decoded_directory"
SESSION = "session.json"  # a session's folder holds its copies, masks and thumbnails (`sessions.folder`)
# Kinds of skipped entries, besides files by their extensions.
NO_ENDING, OURS, SESSIONS, CLOSED, MASKS = "without ending", "overlays", "sessions", "closed folders", "masks"
MOST_KINDS = 6  # kinds that are listed


@dataclass
class FoundFiles:
    """Files that may be radiographs, in order.

    inside: those found in folders, where a mask is no error.
    passed_over: the numbers of skipped files, by extension such as ".txt" or by one of the kinds above.
    """

    files: list[Path] = field(default_factory=list)
    inside: set[Path] = field(default_factory=set)
    passed_over: Counter[str] = field(default_factory=Counter)

    @property
    def remark(self) -> str:
        """A sentence on the files that were skipped; "" for none."""
        return passed_over_text(self.passed_over)


def passed_over_text(counts: Counter[str]) -> str:
    """Such as "passed over 3: .txt (2), .zip (1)."; "" for none."""
    if not counts.total():
        return ""
    named = counts.most_common(MOST_KINDS)
    kinds = [f"{kind} ({count})" for kind, count in named]
    if others := counts.total() - sum(count for _, count in named):
        kinds.append(f"others ({others})")
    return f"passed over {counts.total()}: {', '.join(kinds)}."


def find_files(inputs: Iterable[str | Path]) -> FoundFiles:
    """The files in `inputs`: files as named, the images that a DICOMDIR lists, and every image file below a
    folder, sorted.

    In folders, hidden files, files that are not images by first bytes or extension, sessions, and this
    program's overlays and masks are skipped. Links to folders are followed, each folder once. Raises
    RadiographError for a DICOMDIR that cannot be read or lists no existing image.
    """
    found = FoundFiles()
    for entry in map(Path, inputs):
        if entry.is_dir():
            inside = sorted(_below(entry, set(), found.passed_over))
            found.files += inside
            found.inside |= set(inside)
        elif entry.name.upper() == DIRECTORY and entry.is_file():
            found.files += _listed(entry)
        else:
            found.files.append(entry)
    return found


def _below(folder: Path, seen: set[tuple[int, int]], passed_over: Counter[str]) -> Iterator[Path]:
    try:
        status = folder.stat()
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except OSError:
        passed_over[CLOSED] += 1
        return
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    if SESSION in names and {"images", "masks"} <= set(names):
        passed_over[SESSIONS] += 1
        return
    for path in (folder / name for name in names):
        if path.is_dir():
            yield from _below(path, seen, passed_over)
        elif path.name.upper() == DIRECTORY:
            continue  # its images are found anyway
        elif path.name.lower().endswith(OVERLAY) or is_of_ours(path):
            passed_over[OURS] += 1
        # A broken link is reported when it is read, not skipped; a pipe is never opened.
        elif (path.is_file() or (path.is_symlink() and not path.exists())) and claims_to_be_image(path):
            yield path
        else:
            passed_over[path.suffix.lower() or NO_ENDING] += 1


def _listed(directory: Path) -> list[Path]:
    """The existing images that a DICOMDIR lists."""
    try:
        header, _ = decode(DIRECTORY_READER, directory)
    except ImageFault as fault:
        raise RadiographError(directory, str(fault)) from fault
    files = [directory.parent.joinpath(*parts) for parts in header["files"]]
    files = list(dict.fromkeys(path for path in files if path.is_file()))
    if not files:
        count = len(header["files"])
        raise RadiographError(
            directory, f"lists {count} images, none of which is there. Copy the whole disc."
        )
    return files
