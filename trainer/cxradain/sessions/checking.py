"""Synchronizing a session's index with its folder, and checking every file."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..imaging.radiograph import RadiographError
from . import folder as files
from .folder import lost_problems, tidy
from .index import Index
from .records import RecordError, SessionImage, Version

UNKNOWN_IMAGE = "is not in the session. Add the image again, or restore its record from a copy and rebuild."


@dataclass(frozen=True)
class VerifyReport:
    """The numbers of readable images and of versions, and the problems found, a sentence each."""

    images: int
    versions: int
    problems: tuple[str, ...] = ()


def open_for_writing(folder: Path) -> Index:
    """Open the index of a session for writing, synchronized with the folder.

    Nothing is to be done if the last writer closed the session properly. Raises SessionError, OSError and
    sqlite3.OperationalError.
    """
    index = None
    try:
        index = Index(folder / files.INDEX)
        if index.recall("closed") != "1":
            tidy(folder)
            _synchronize(index, folder)
        index.remember("closed", "0")
        return index
    except (sqlite3.DatabaseError, RecordError) as error:
        if index is not None:
            index.close()
        if isinstance(error, sqlite3.OperationalError) and not _is_none(folder / files.INDEX, error):
            raise
        return rebuild_index(folder)[0]


def _readable(images: Iterable[SessionImage]) -> int:
    return sum(not image.fault for image in images)


def _is_none(index: Path, error: sqlite3.OperationalError) -> bool:
    """Whether an error means that the file is not a usable index, rather than a problem with the disk or
    another application."""
    return index.is_dir() or error.sqlite_errorcode == sqlite3.SQLITE_ERROR


def open_for_reading(folder: Path) -> Index:
    """Open the index for reading; if it is damaged, outdated or cannot be opened, build one in memory."""
    path = folder / files.INDEX
    with suppress(sqlite3.DatabaseError, RecordError):
        if path.is_file() and path.stat().st_size and Index.is_current(path):
            return Index(path)
    return rebuild_index(folder, in_memory=True)[0]


def rebuild_index(folder: Path, in_memory: bool = False) -> tuple[Index, VerifyReport]:
    """Build a new index from the folder's records, replacing the old one unless in memory; also returns the
    problems."""
    path = None if in_memory else folder / files.INDEX
    if path:
        tidy(folder)
        if path.is_dir():
            path.rename(path.with_name(f"{files.LOST}-{files.INDEX}-{secrets.token_hex(4)}"))
        for ending in ("", *files.BESIDE_DATABASE):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    index = Index(path)
    problems = [*_synchronize(index, folder), *lost_problems(folder)]
    index.remember("closed", "0")
    return index, VerifyReport(_readable(index.images()), len(index.version_ids()), tuple(problems))


def _synchronize(index: Index, folder: Path) -> list[str]:
    """Add to the index what only the folder has, remove what the folder no longer has, and return the
    problems."""
    problems: list[str] = []
    images = files.image_records(folder)
    with index.transaction():
        for image in files.read_records(SessionImage, images, problems):
            index.put_image(image)
        known, records = index.version_ids(), files.mask_records(folder)
        added = [path for path in records if files.version_id(path) not in known]
        for version in files.read_records(Version, added, problems):
            index.put_version(version)
        # Records that cannot be read, perhaps only for a moment, keep their rows.
        keys = {path.stem for path in images}
        index.forget(set(index.keys()) - keys, known - set(map(files.version_id, records)))
    removed = {path.stem for path in files.removed_records(folder)}
    for key, count in index.without_image():
        if key in removed:
            continue
        problems.append(f"{files.mask_folder(folder, key)}: {count} masks of an image that {UNKNOWN_IMAGE}")
    return problems


def check(folder: Path, index: Index) -> VerifyReport:
    """Read all files and compare copies with their keys, masks with their hashes, and the index with both."""
    problems: list[str] = []
    image_records = files.read_records(SessionImage, files.image_records(folder), problems)
    images = {image.key: image for image in image_records}
    mask_records = files.read_records(Version, files.mask_records(folder), problems)
    versions = {version.id: version for version in mask_records}
    for image in images.values():
        problems += copy_problems(folder, image)
    removed = {
        image.key: image
        for image in files.read_records(SessionImage, files.removed_records(folder), problems)
    }
    for version in versions.values():
        problems += _mask_problems(folder, version, (removed | images).get(version.image))
    indexed = set(index.keys())
    problems += [f"{images[key].name}: is not in the index. Rebuild it." for key in images.keys() - indexed]
    without_record = indexed - {path.stem for path in files.image_records(folder)}
    problems += [f"{key}: is only in the index; its record is gone." for key in without_record]
    if index.images() != sorted(images.values(), key=lambda i: (i.sequence, i.key)) or any(
        versions.get(version.id, version) != version for version in index.versions()
    ):
        problems.append("The index does not say what the records say. Rebuild it.")
    missing = len(versions.keys() - index.version_ids())
    gone = len(index.version_ids() - versions.keys())
    if missing:
        problems.append(f"{missing} versions are not in the index. Rebuild it.")
    if gone:
        problems.append(f"{gone} versions are only in the index; their records are gone.")
    return VerifyReport(_readable(images.values()), len(versions), tuple(problems))


def copy_problems(folder: Path, image: SessionImage) -> list[str]:
    """The problems with an image's pixels, in the session's folder or in the referenced file."""
    try:
        if not image.fault:
            files.read_image(folder, image)
    except RadiographError as error:
        return [str(error)]
    return []


def _mask_problems(folder: Path, version: Version, image: SessionImage | None) -> list[str]:
    path = files.mask_path(folder, version)
    if image is None:
        return [f"{path}: is a mask of an image that {UNKNOWN_IMAGE}"]
    try:
        labels = files.read_mask(folder, version)
    except RecordError as error:
        return [str(error)]
    return [] if labels.shape == tuple(image.shape) else [f"{path}: does not fit its image."]
