"""Index and folder brought into agreement, and every file of a session looked at."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import folder as files
from . import nrrd
from .folder import lost_problems, tidy
from .index import Index
from .records import Record, RecordError, SessionImage, Version, pixel_key

HAS_NOT = "the session has not. Add the image again, or restore its record from a copy and rebuild."
ANOTHER = "holds another image than when it was added. Put the old one back, or add this one."


@dataclass(frozen=True)
class VerifyReport:
    """How many images and versions there are, and what is wrong, a sentence each."""

    images: int
    versions: int
    problems: tuple[str, ...] = ()


def reconciled(folder: Path) -> Index:
    """The index of a session that is about to be written, in agreement with the folder.

    Where the last writer closed it properly it already is. Raises SessionError, OSError and
    sqlite3.OperationalError.
    """
    path = folder / files.INDEX
    try:
        index = Index(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return rebuilt(folder)[0]
    try:
        if index.recall("closed") != "1":
            tidy(folder)
            _update(index, folder)
        index.remember("closed", "0")
    except sqlite3.OperationalError:
        index.close()
        raise
    except (sqlite3.DatabaseError, RecordError):
        index.close()
        return rebuilt(folder)[0]
    return index


def for_reading(folder: Path) -> Index:
    """The index as it is, or one in memory where it is damaged, old or cannot be opened."""
    path = folder / files.INDEX
    with suppress(sqlite3.DatabaseError):
        if path.is_file() and path.stat().st_size and Index.is_current(path):
            return Index(path)
    return rebuilt(folder, in_memory=True)[0]


def rebuilt(folder: Path, in_memory: bool = False) -> tuple[Index, VerifyReport]:
    """A new index from the folder's records, in place of the old one unless in memory, and what is wrong."""
    path = None if in_memory else folder / files.INDEX
    if path:
        tidy(folder)
        for ending in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    index = Index(path)
    problems = [*_update(index, folder), *lost_problems(folder)]
    index.remember("closed", "0")
    return index, VerifyReport(len(index.keys()), len(index.version_ids()), tuple(problems))


def _update(index: Index, folder: Path) -> list[str]:
    """Put into the index what only the folder has, take out what it has no more, and return what is wrong."""
    problems: list[str] = []
    keys: set[str] = set()
    with index.transaction():
        for image in files.images(folder):
            if isinstance(image, RecordError):
                problems.append(str(image))
                continue
            keys.add(image.key)
            index.put_image(image)
        known, records = index.version_ids(), files.mask_records(folder)
        for version in files.versions(records, known):
            if isinstance(version, RecordError):
                problems.append(str(version))
            else:
                index.put_version(version)
        index.forget(set(index.keys()) - keys, known - set(map(files.version_id, records)))
    for key, count in index.without_image():
        problems.append(f"{files.mask_folder(folder, key)}: {count} masks of an image that {HAS_NOT}")
    return problems


def check(folder: Path, index: Index) -> VerifyReport:
    """Read all files and compare: copies with their keys, masks with their hashes, the index with both."""
    problems: list[str] = []
    images = {image.key: image for image in _good(files.images(folder), problems)}
    versions = {
        version.id: version for version in _good(files.versions(files.mask_records(folder)), problems)
    }
    for image in images.values():
        problems += copy_problems(folder, image)
    for version in versions.values():
        problems += _mask_problems(folder, version, images.get(version.image))
    indexed = set(index.keys())
    problems += [f"{images[key].name}: is not in the index. Rebuild it." for key in images.keys() - indexed]
    problems += [f"{key}: is in the index alone; its record is gone." for key in indexed - images.keys()]
    if index.images() != sorted(images.values(), key=lambda i: (i.sequence, i.key)) or any(
        versions.get(version.id, version) != version for version in index.versions()
    ):
        problems.append("The index does not say what the records say. Rebuild it.")
    missing = len(versions.keys() - index.version_ids())
    gone = len(index.version_ids() - versions.keys())
    if missing:
        problems.append(f"{missing} versions are not in the index. Rebuild it.")
    if gone:
        problems.append(f"{gone} versions are in the index alone; their records are gone.")
    return VerifyReport(len(images), len(versions), tuple(problems))


def _good(records: Iterable[Record | RecordError], problems: list[str]) -> Iterator[Record]:
    """The records that could be read; what is wrong with the others goes to the problems."""
    for record in records:
        if isinstance(record, RecordError):
            problems.append(str(record))
        else:
            yield record


def copy_problems(folder: Path, image: SessionImage) -> list[str]:
    """What is wrong with an image's pixels, in the folder or where they are referred to."""
    path = files.file_path(folder, image)
    if path is None:
        return _original_problems(Path(image.reference), image) if image.reference and not image.fault else []
    try:
        pixels = nrrd.decode(files.read_limited(path))
    except (OSError, ValueError, RecordError) as error:
        return [f"{path}: cannot be read ({error})"]
    return [] if pixel_key(pixels) == image.pixel_hash else [f"{path}: holds other pixels than were saved."]


def _original_problems(path: Path, image: SessionImage) -> list[str]:
    from ..imaging.radiograph import RadiographError, read_radiograph

    if not path.is_file():
        return [f"{path}: is gone. Put it back, or add it from its new place."]
    try:
        pixels = read_radiograph(path).pixels
    except RadiographError as error:
        return [str(error)]
    return [] if pixel_key(pixels) == image.pixel_hash else [f"{path}: {ANOTHER}"]


def _mask_problems(folder: Path, version: Version, image: SessionImage | None) -> list[str]:
    path = files.file_path(folder, version)
    if image is None:
        return [f"{path}: is a mask of an image that {HAS_NOT}"]
    try:
        labels = nrrd.decode(files.checked_bytes(folder, version))
    except RecordError as error:
        return [str(error) if str(path) in str(error) else f"{path}: {error}"]
    fits = labels.shape == tuple(version.shape) == tuple(image.shape) and labels.max() <= 2
    return [] if fits else [f"{path}: does not fit its image or record."]
