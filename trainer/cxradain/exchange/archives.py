"""Files of a ZIP or TAR archive, into an empty folder and nowhere else."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ..imaging.image_data import brief
from ..sessions.records import SessionError

ARCHIVE_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")
LARGEST_MEMBER = 512 << 20  # bytes, unpacked
LARGEST_TOTAL = 8 << 30
MOST_MEMBERS = 100_000
CHUNK = 1 << 20


class ArchiveError(SessionError):
    """An archive that is not unpacked; the message says why."""


def is_archive(path: Path) -> bool:
    return path.name.lower().endswith(ARCHIVE_ENDINGS)


def unpack(archive: Path, folder: Path) -> list[Path]:
    """Write the archive's files below the folder; returns them.

    A path that leads out of the folder, a link, a device, or more than the limits stops it: such an archive
    was not made by accident. Sizes are counted as they are unpacked, whatever the archive claims. Nothing
    in it is run or unpickled. Raises ArchiveError.
    """
    written: list[Path] = []
    total = 0
    try:
        for name, source in _members(archive):
            target = folder.joinpath(*_inside(archive, name))
            if len(written) >= MOST_MEMBERS:
                raise ArchiveError(f"{archive}: holds over {MOST_MEMBERS} files.")
            target.parent.mkdir(parents=True, exist_ok=True)
            size = 0
            with source, target.open("xb") as out:
                while chunk := source.read(CHUNK):
                    size += len(chunk)
                    total += len(chunk)
                    if size > LARGEST_MEMBER or total > LARGEST_TOTAL:
                        raise ArchiveError(f"{archive}: unpacks to more than is reasonable for masks.")
                    out.write(chunk)
            written.append(target)
    except ArchiveError:
        raise
    except OSError as error:
        raise ArchiveError(f"{archive}: cannot be unpacked ({error}).") from error
    except Exception as error:  # of a damaged archive each decoder raises what it likes
        raise ArchiveError(
            f"{archive}: is damaged, encrypted or no archive ({brief(error)}). Pack it again."
        ) from error
    return written


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Names and contents of an archive's files."""
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist():
                kind = stat.S_IFMT(entry.external_attr >> 16)
                if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise ArchiveError(f"{archive}: holds a link or a device ({entry.filename!r}).")
                if not entry.is_dir():
                    yield entry.filename, opened.open(entry)
        return
    with tarfile.open(archive, "r:*") as opened:
        for member in opened:
            if not (member.isfile() or member.isdir()):
                raise ArchiveError(f"{archive}: holds a link or a device ({member.name!r}).")
            if (file := opened.extractfile(member)) is not None:
                yield member.name, file


def _inside(archive: Path, name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or name.startswith(("/", "\\")) or any(p == ".." or ":" in p or "\0" in p for p in parts):
        raise ArchiveError(f"{archive}: holds a path that leads elsewhere ({name!r}).")
    return parts
