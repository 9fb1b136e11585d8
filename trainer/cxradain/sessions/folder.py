"""The layout of a session's folder, and reading it without the index.

    session.json                      what the session is; written again when its format is updated
    images/KEY.json, KEY.nrrd         an image's record, and its copy in a session of copies
    masks/KEY/NUMBER-ID.json, .nrrd   a version's record and its mask; written once
    hearts/KEY.json                   the heart's width as readers have marked it (`hearts`)
    rounds/NAME/                      rounds of training (`rounds.folder`)
    lost/                             pixels and masks without a record
    removed/KEY.json, .nrrd           images that were taken out of the session; their masks stay
    index.sqlite, lock/, thumbnails/  made anew when missing

A record is written after the file that it names, so whatever has a record is complete. Links are refused: in
a session from elsewhere they could lead out of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from ..files import MALFORMED, TEMPORARY, make_folder, read_limited, reason_of, sync_folder, write_durably
from ..imaging.radiograph import Radiograph, RadiographError, read_radiograph
from . import nrrd
from .hearts import HEARTS
from .records import (
    Record,
    RecordError,
    SessionError,
    SessionImage,
    Version,
    pixel_key,
    read_record,
    translate_storage_errors,
)

FORMAT, FORMAT_VERSION = "cxradain-session", 4
COPIES, REFERENCES = "copies", "references"
SESSION, IMAGES, MASKS, INDEX = "session.json", "images", "masks", "index.sqlite"
LOST, REMOVED, THUMBNAILS, LOCK, ROUNDS = "lost", "removed", "thumbnails", "lock", "rounds"
OWNER = f"{LOCK}/owner.sqlite"
BESIDE_DATABASE = ("-wal", "-shm", "-journal")  # suffixes of the files that SQLite keeps beside its own


@dataclass(frozen=True)
class Description:
    """The content of `session.json`.

    images: COPIES (de-identified) or REFERENCES to the originals.
    secret: key of the patient hashes, 64 hexadecimal digits; it is not exported.
    """

    id: str
    images: str
    created: str
    secret: str
    format: str = FORMAT
    version: int = FORMAT_VERSION


def make(folder: Path, images: str, created: str, shared: bool = False) -> None:
    """Create an empty session that only the user can open; `shared` lets the user's group read it.

    Raises SessionError if the folder is not empty, and NotSaved.
    """
    if (folder.is_dir() and any(folder.iterdir())) or folder.is_file():
        raise SessionError(f"{folder}: already exists and is not empty. Choose a new folder.")
    made = Description(secrets.token_hex(16), images, created, secrets.token_hex(32))
    with translate_storage_errors("The session"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o750 if shared else 0o700)
            make_folder(folder / IMAGES)
            make_folder(folder / MASKS)
            _write(folder, made)
        except BaseException:
            unmake(folder)
            raise


def unmake(folder: Path) -> None:
    """Remove an unusable session that `make` has just created, as far as possible."""
    for name in (IMAGES, MASKS, LOCK):
        shutil.rmtree(folder / name, ignore_errors=True)
    with suppress(OSError):
        for name in (SESSION, INDEX, *(INDEX + ending for ending in BESIDE_DATABASE)):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def check_places(folder: Path) -> None:
    """Raise SessionError if a file or folder of the session is a link or of the wrong kind.

    A folder in place of the index is accepted: the index is rebuilt.
    """
    for name in (IMAGES, MASKS, LOST, REMOVED, THUMBNAILS, LOCK, ROUNDS, HEARTS):
        _check_place(folder / name, stat.S_ISDIR)
    beside = [name + ending for name in (OWNER, INDEX) for ending in BESIDE_DATABASE]
    for name in (SESSION, OWNER, *beside):
        _check_place(folder / name, stat.S_ISREG)
    _check_place(folder / INDEX, lambda mode: stat.S_ISREG(mode) or stat.S_ISDIR(mode))
    inside = [entry for place in (MASKS, LOST, REMOVED) for entry in entries(folder / place)]
    inside += entries(folder / LOST / MASKS)
    for entry in inside:
        if entry.is_symlink():
            _check_place(Path(entry.path), stat.S_ISDIR)


def _check_place(path: Path, is_kind: Callable[[int], bool]) -> None:
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise SessionError(f"{path}: cannot be looked at ({error.strerror or error}).") from error
    # A junction on Windows is a link to a folder.
    junction = getattr(status, "st_reparse_tag", 0) == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)
    if junction or not is_kind(status.st_mode):
        what = "is a link" if junction or stat.S_ISLNK(status.st_mode) else "is of another kind"
        raise SessionError(
            f"{path}: {what}; a session's own files and folders are real ones. Remove it, and copy what it "
            "leads to there if it is the session's."
        )


def identity(folder: Path, token: str) -> tuple[tuple[int, int], ...]:
    """Tells this session's folder, while the owner with this token has it open, from a copy in its place:
    device and inode of the owner's file and of the index. Raises OSError."""
    found = [os.lstat(path) for path in (alive_file(folder, token), folder / INDEX)]
    return tuple((status.st_dev, status.st_ino) for status in found)


def alive_file(folder: Path, token: str) -> Path:
    """The file on which the session's owner holds a lock."""
    return folder / LOCK / f"{''.join(c for c in token if c.isalnum())}.alive"


def update_format(folder: Path, description: Description) -> Description:
    """Bring `session.json` to the current format, so that older programs refuse the session before anything
    new is in it. Raises OSError."""
    if description.version != FORMAT_VERSION:
        description = replace(description, version=FORMAT_VERSION)
        _write(folder, description)
    return description


def _write(folder: Path, description: Description) -> None:
    write_durably(folder / SESSION, (json.dumps(asdict(description), indent=1) + "\n").encode())


def describe(folder: Path) -> Description:
    """Read `session.json`. Raises SessionError if it is not usable, and as `check_places`."""
    path = folder / SESSION
    check_places(folder)
    try:
        content = json.loads(read_limited(path, 1 << 16))
        if content["format"] != FORMAT:
            raise ValueError
        if int(content["version"]) > FORMAT_VERSION:
            raise SessionError(f"{folder}: was made by a newer version of this program. Update it.")
        description = Description(**{name: content[name] for name in Description.__dataclass_fields__})
        if description.images not in (COPIES, REFERENCES) or not bytes.fromhex(description.secret):
            raise ValueError
    except OSError as error:
        raise SessionError(f"{folder}: is no session ({SESSION}: {error.strerror or error}).") from error
    except MALFORMED as error:
        raise SessionError(f"{path}: is damaged. Restore it from a copy of the session.") from error
    return description


def mask_folder(folder: Path, key: str) -> Path:
    return folder / MASKS / key


def record_path(folder: Path, record: SessionImage | Version) -> Path:
    if isinstance(record, SessionImage):
        return folder / IMAGES / f"{record.key}.json"
    return mask_folder(folder, record.image) / f"{record.number:04d}-{record.id}.json"


def mask_path(folder: Path, version: Version) -> Path:
    return mask_folder(folder, version.image) / version.file


def thumbnail_path(folder: Path, key: str) -> Path:
    """The path of an image's thumbnail."""
    return folder / THUMBNAILS / f"{key}.png"


def file_path(folder: Path, record: SessionImage | Version) -> Path | None:
    """The path of a record's pixels in the folder; None for a reference."""
    if isinstance(record, Version):
        return mask_path(folder, record)
    return folder / record.file if record.file else None


def read_records(kind: type[Record], paths: Iterable[Path], problems: list[str]) -> Iterator[Record]:
    """Read records; messages about unreadable ones are added to `problems`."""
    for path in paths:
        try:
            yield read_record(kind, path)
        except RecordError as error:
            problems.append(str(error))


def image_records(folder: Path) -> list[Path]:
    """The paths of all images' records."""
    return _records(folder / IMAGES)


def removed_records(folder: Path) -> list[Path]:
    """The paths of the records of images that were removed."""
    return _records(folder / REMOVED)


def move_image(folder: Path, image: SessionImage, removed: bool) -> None:
    """Move an image's record and copy into `removed/`, or back. Raises OSError."""
    ends = folder / IMAGES, folder / REMOVED
    source, target = ends if removed else reversed(ends)
    make_folder(target)
    for ending in (".json", ".nrrd"):
        path = source / f"{image.key}{ending}"
        if path.is_file():
            os.replace(path, target / path.name)
    sync_folder(target)
    sync_folder(source)


def mask_records(folder: Path) -> list[Path]:
    """The paths of all versions' records."""
    return [path for masks in mask_folders(folder) for path in _records(masks)]


def version_id(record: Path) -> str:
    """A version's id, from its record's name."""
    return record.stem.rpartition("-")[2]


def read_image(folder: Path, image: SessionImage) -> Radiograph:
    """The image as it was added. Raises RadiographError if the file is missing, damaged or a different
    image."""
    if image.fault:
        raise RadiographError(image.reference or image.name, image.fault)
    if image.file is None:
        path = Path(image.reference or "")
        if not path.is_file():
            raise RadiographError(path, "is gone. Put it back, or add it from its new place.")
        read = read_radiograph(path)
        read = replace(read, facts=replace(read.facts, turn=image.facts.turn))  # a reader may have set it
        other = "holds another image than when it was added. Put the old one back, or add this one."
    else:
        path = folder / image.file
        try:
            pixels = nrrd.decode(read_limited(path))
        except (OSError, ValueError, RecordError) as error:
            raise RadiographError(path, f"cannot be read ({reason_of(error)}).") from error
        read = Radiograph(pixels, image.name, image.facts, warnings=image.warnings)
        other = "holds other pixels than were saved. Restore it from a copy."
    if pixel_key(read.pixels) != image.pixel_hash:
        raise RadiographError(path, other)
    return read


def read_mask(folder: Path, version: Version) -> np.ndarray:
    """(H, W) uint8 of 0, 1 and 2, with the sides of the turn that it was made for.

    Raises RecordError, naming the file, unless it is what was saved.
    """
    path = mask_path(folder, version)
    try:
        data = read_limited(path)
        if hashlib.sha256(data).hexdigest() != version.sha256:
            raise RecordError("is not what was saved: damaged or changed. Restore it from a copy.")
        labels = nrrd.decode(data)
        if labels.shape != tuple(version.shape) or labels.dtype.str != "|u1" or labels.max() > 2:
            raise RecordError("does not fit its record.")
    except (OSError, ValueError) as error:
        raise RecordError(f"{path}: cannot be read ({reason_of(error)}). Restore it from a copy.") from error
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from error
    return labels


def mask_folders(folder: Path) -> list[Path]:
    """The folders of all images' masks."""
    children = entries(folder / MASKS)
    return [Path(path) for path in sorted(e.path for e in children if e.is_dir(follow_symlinks=False))]


def _records(place: Path) -> list[Path]:
    named = (e for e in entries(place) if e.name.endswith(".json") and not e.name.startswith("."))
    return [Path(path) for path in sorted(e.path for e in named if e.is_file(follow_symlinks=False))]


def entries(place: Path) -> list[os.DirEntry]:
    """The entries of a folder; none if it does not exist."""
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def tidy(folder: Path) -> None:
    """Delete half-written files, move files without a record to `lost/`, and back those that have one again.
    Raises OSError."""
    for place in (folder, folder / IMAGES, *mask_folders(folder)):
        children = entries(place)
        names = {entry.name for entry in children}
        for entry in children:
            if not entry.is_file(follow_symlinks=False):
                continue
            if TEMPORARY.fullmatch(entry.name):
                Path(entry.path).unlink(missing_ok=True)
            elif place != folder and entry.name.endswith(".nrrd") and entry.name[:-5] + ".json" not in names:
                path = Path(entry.path)
                _move(path, folder / LOST / path.relative_to(folder))
    for path in lost(folder):
        place = folder / path.relative_to(folder / LOST)
        if place.with_suffix(".json").is_file() and not place.exists():
            _move(path, place)


def lost(folder: Path) -> list[Path]:
    """The files in `lost/`."""
    return sorted(p for p in (folder / LOST).rglob("*") if p.is_file() and not p.is_symlink())


def lost_problems(folder: Path) -> list[str]:
    """A sentence for each file in `lost/`."""
    advice = "Restore its record from a copy and rebuild, add the image again, or delete the file."
    return [f"{path}: has no record. {advice}" for path in lost(folder)]


def _move(path: Path, target: Path) -> None:
    """Move a file, under a free name if the target exists."""
    target.parent.mkdir(parents=True, exist_ok=True)
    free, number = target, 2
    while free.exists():
        free, number = target.with_suffix(f".{number}.nrrd"), number + 1
    os.replace(path, free)
    sync_folder(free.parent)
    sync_folder(path.parent)
