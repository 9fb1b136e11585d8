"""Unpacking ZIP and TAR archives into an empty folder, with limits; paths that lead out of it are refused."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ..imaging.image_data import brief
from ..sessions.records import SessionError

ARCHIVE_EXTENSIONS = (".zip", ".tar", ".tar.gz", ".tgz")
MAX_MEMBER_BYTES = 512 << 20  # unpacked
MAX_TOTAL_BYTES = 8 << 30
MAX_MEMBERS = 100_000
CHUNK = 1 << 20


class ArchiveError(SessionError):
    """An archive that is refused; the message says why."""


def is_archive(path: Path) -> bool:
    """Whether a file has an archive's extension."""
    return path.name.lower().endswith(ARCHIVE_EXTENSIONS)


def unpack(archive: Path, folder: Path) -> list[Path]:
    """Write the archive's files below the folder; returns them.

    Sizes are counted as they are unpacked, whatever the archive claims. Raises ArchiveError for a damaged
    archive, a path that leads out of the folder, a link, a device, or more than the limits.
    """
    written: list[Path] = []
    total = 0
    try:
        for name, source in _members(archive):
            target = folder.joinpath(*_safe_parts(archive, name))
            if len(written) >= MAX_MEMBERS:
                raise ArchiveError(f"{archive}: holds over {MAX_MEMBERS} files.")
            target.parent.mkdir(parents=True, exist_ok=True)
            size = 0
            with source, target.open("xb") as out:
                while chunk := source.read(CHUNK):
                    size += len(chunk)
                    total += len(chunk)
                    if size > MAX_MEMBER_BYTES or total > MAX_TOTAL_BYTES:
                        raise ArchiveError(f"{archive}: unpacks to more than is reasonable for masks.")
                    out.write(chunk)
            written.append(target)
    except ArchiveError:
        raise
    except OSError as error:
        raise ArchiveError(f"{archive}: cannot be unpacked ({error}).") from error
    except Exception as error:  # a damaged archive makes a decoder raise anything
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


def _safe_parts(archive: Path, name: str) -> tuple[str, ...]:
    """A member's path, in parts. Raises ArchiveError for one that leads out of the folder."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or name.startswith(("/", "\\")) or any(p == ".." or ":" in p or "\0" in p for p in parts):
        raise ArchiveError(f"{archive}: holds a path that leads elsewhere ({name!r}).")
    return parts
