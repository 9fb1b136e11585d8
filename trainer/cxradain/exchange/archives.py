"""Unpacking ZIP and TAR archives into an empty folder, within limits; paths that lead out of it are
refused."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ..files import reason_of
from ..imaging.image_data import brief
from ..sessions.records import SessionError

ARCHIVE_EXTENSIONS = (".zip", ".tar", ".tar.gz", ".tgz")
MAX_MEMBER_BYTES = 512 << 20  # unpacked
MAX_TOTAL_BYTES = 8 << 30
MAX_MEMBERS = 100_000  # including folders and anything else
MAX_DEPTH = 16  # of nested folders
MAX_NAME = 1000  # characters of a path
COMPRESSIONS: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}  # by a file's first bytes
CHUNK = 1 << 20


class ArchiveError(SessionError):
    """An archive is refused; the message says why."""


def is_archive(path: Path) -> bool:
    """Whether a file has the extension of an archive."""
    return path.name.lower().endswith(ARCHIVE_EXTENSIONS)


def unpack(archive: Path, folder: Path) -> list[Path]:
    """Unpack an archive's files into a folder; returns their paths.

    Sizes are counted while unpacking, whatever the archive claims. Raises ArchiveError for a damaged archive,
    a path that leads out of the folder, a link, a device, or more than the limits.
    """
    written: list[Path] = []
    total = 0
    try:
        for name, source in _members(archive):
            target = folder.joinpath(*_safe_parts(archive, name))
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
        raise ArchiveError(f"{archive}: cannot be unpacked ({reason_of(error)}).") from error
    except Exception as error:  # a damaged archive may raise anything
        raise ArchiveError(
            f"{archive}: is damaged, encrypted or not an archive ({brief(error)}). Pack it again."
        ) from error
    return written


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """The names and contents of an archive's files."""
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as zipped:
            for number, entry in enumerate(zipped.infolist()):
                _check_count(archive, number)
                kind = stat.S_IFMT(entry.external_attr >> 16)
                if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise ArchiveError(f"{archive}: holds a link or a device ({entry.filename!r}).")
                if not entry.is_dir():
                    yield entry.filename, zipped.open(entry)
        return
    with ExitStack() as stack:
        file = stack.enter_context(archive.open("rb"))
        start = file.read(8)
        file.seek(0)
        unpacking = next((by for magic, by in COMPRESSIONS.items() if start.startswith(magic)), None)
        plain = file if unpacking is None else stack.enter_context(unpacking(file))
        bounded: Any = _Bounded(archive, plain)
        opened: Any = stack.enter_context(tarfile.open(fileobj=bounded, mode="r:"))
        for number, member in enumerate(opened):
            _check_count(archive, number)
            opened.members.clear()  # otherwise it keeps every member
            if not (member.isfile() or member.isdir()):
                raise ArchiveError(f"{archive}: holds a link or a device ({member.name!r}).")
            if (content := opened.extractfile(member)) is not None:
                yield member.name, content


class _Bounded:
    """A TAR stream of limited size, read in chunks: its headers may also claim any length, and a name of some
    GB compresses to some MB."""

    def __init__(self, archive: Path, stream: Any) -> None:
        self._archive, self._stream = archive, stream

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= CHUNK or self._stream.tell() + size > MAX_TOTAL_BYTES + CHUNK:
            raise ArchiveError(
                f"{self._archive}: holds a header, or in all, more than is reasonable for masks."
            )
        return self._stream.read(size)

    def seek(self, place: int) -> int:
        if not 0 <= place <= MAX_TOTAL_BYTES + CHUNK:
            raise ArchiveError(f"{self._archive}: unpacks to more than is reasonable for masks.")
        return self._stream.seek(place)

    def tell(self) -> int:
        return self._stream.tell()


def _check_count(archive: Path, number: int) -> None:
    if number >= MAX_MEMBERS:
        raise ArchiveError(f"{archive}: holds over {MAX_MEMBERS} files and folders.")


def _safe_parts(archive: Path, name: str) -> tuple[str, ...]:
    """The parts of a member's path. Raises ArchiveError for a path that leads out of the folder."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or name.startswith(("/", "\\")) or any(p == ".." or ":" in p or "\0" in p for p in parts):
        raise ArchiveError(f"{archive}: holds a path that leads elsewhere ({name[:80]!r}).")
    if len(parts) > MAX_DEPTH or len(name) > MAX_NAME:
        raise ArchiveError(f"{archive}: holds a path of {len(parts)} parts and {len(name)} characters.")
    return parts
