"""The records of a session, of images and of mask versions, to JSON and back; and a session's errors.

Formats 1 to 4 are read, format 4 is written (Docs/session-format.md).
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .. import CxradainError
from ..files import MALFORMED
from ..imaging.image_facts import ImageFacts
from ..imaging.orientation import usable_orientation
from ..imaging.quality import MaskQuality
from ..imaging.turn import Turn

AUTO, CORRECTED, APPROVED, FLAGGED = STATUSES = ("auto", "corrected", "approved", "flagged")
PREFERENCE = (FLAGGED, AUTO, CORRECTED, APPROVED)  # the last one among an image's versions represents it
UNLABELLED, UNREADABLE = "unlabelled", "unreadable"  # statuses of images, never of masks
MODEL = ""  # the reader of a model's mask that nobody has reviewed

KEY = re.compile(r"[0-9a-f]{32}")
VERSION = re.compile(r"[0-9a-f]{16}")
PATIENT_ORIENTATION = "00200020"  # in DICOM JSON
LARGEST_RECORD = 16 << 20  # bytes of JSON
LARGEST_NUMBER = 1 << 53  # which the index can hold, and JSON of all programs
LONGEST_TEXT = 200  # characters of a reader's or an image's name


class SessionError(CxradainError):
    """The session cannot do what was requested; the message says why and what to do."""


class NoSuchImage(SessionError):
    """The session has no image with the key, for example because it was removed."""


class NotSaved(SessionError):
    """A failed write, which left everything as it was before."""


class TurnedMeanwhile(SessionError):
    """The image was turned after its mask was computed: its right and left may be exchanged."""


class NotCorrected(SessionError):
    """A mask that was to be saved as corrected is identical to a model's."""


class RecordError(SessionError):
    """A record that is damaged or not of this program; the message continues the file's name."""


@dataclass(frozen=True)
class Placement:
    """The position of the pixels in ITK's convention: axes (column, row) or (column, row, slice), mm, LPS.

    `direction` is row by row, 4 or 9 numbers. Most radiographs have only two axes and a spacing.
    """

    spacing: tuple[float, ...] = (1.0, 1.0)
    origin: tuple[float, ...] = (0.0, 0.0)
    direction: tuple[float, ...] = (1.0, 0.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        axes = len(self.spacing)
        numbers = (*self.spacing, *self.origin, *self.direction)
        fits = axes in (2, 3) and len(self.origin) == axes and len(self.direction) == axes * axes
        if not fits or not all(math.isfinite(n) for n in numbers) or min(self.spacing) <= 0:
            raise RecordError("has a placement that is none. Restore the file from a copy.")


@dataclass(frozen=True)
class SessionImage:
    """A radiograph of the session.

    key: its identifier in the session: `pixel_hash`, except for a second patient's image with the same
        pixels, whose key is derived from the hash and the patient.
    name: for people. In a session of references the file's name; in one of copies "image-0001", as file names
        often contain the patient's name.
    shape: rows and columns; (0, 0) if it could not be read.
    dtype: in numpy's notation, e.g. "<u2".
    facts: polarity, window, spacing and turn, as in Radiograph.
    patient: keyed hash, the same for all images of a patient; "" if unknown.
    held_out: held out, with all images of its patient, although the patient was not drawn: because it was
        held out before its patient was known, or an image with the same pixels is held out.
    file: path of the copy, relative to the session's folder.
    reference: path of the original, in a session of references; otherwise None.
    header: the kept DICOM attributes (`deidentify.technique`) as DICOM JSON; None for other formats.
    fault: why it could not be read, without its path; "" if it could.
    pixel_hash: `pixel_key` of its pixels; for an unreadable file a hash of its bytes.
    """

    key: str
    name: str
    shape: tuple[int, int]
    dtype: str
    added: str
    sequence: int
    facts: ImageFacts = field(default_factory=ImageFacts)
    placement: Placement = field(default_factory=Placement)
    patient: str = ""
    held_out: bool = False
    file: str | None = None
    reference: str | None = None
    header: dict | None = None
    warnings: tuple[str, ...] = ()
    fault: str = ""
    pixel_hash: str = ""

    def __post_init__(self) -> None:
        if not self.pixel_hash:  # all images but a second patient's
            object.__setattr__(self, "pixel_hash", self.key)


@dataclass(frozen=True)
class Origin:
    """How a mask was made.

    base: id of the version from which it was made.
    model_id, model_hash, mode: of the model whose mask it was at first; None if drawn from scratch.
    clicks: JSON objects, as recorded by the panel.
    tools: names of the tools used.
    seconds: time spent on it.
    flags: codes of `suspicion.BY_CODE`, about the image; older records also have codes about the mask.
    disagreement: of teacher and student, 0..1.
    quality: of the model's mask; orders the worklist.
    """

    base: str | None = None
    model_id: str | None = None
    model_hash: str | None = None
    mode: str | None = None
    clicks: tuple[dict, ...] = ()
    tools: tuple[str, ...] = ()
    seconds: float = 0.0
    flags: tuple[str, ...] = ()
    disagreement: float | None = None
    quality: MaskQuality | None = None
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Version(Origin):
    """One version of an image's mask, never overwritten.

    id: 16 hexadecimal digits, unique over all sessions.
    number: 1, 2, 3 ... within an image; two copies of a session may give the same number.
    reader: who made it; `MODEL` for a model's mask that nobody has reviewed.
    time: ISO 8601, UTC.
    file, sha256: the mask's file beside the record, and the hash of its bytes.
    turn: how the image was turned when the mask was made; None in records of older formats. Read masks by
        `Session.mask`, which exchanges right and left if the image has been flipped since.
    """

    id: str
    image: str
    number: int
    reader: str
    time: str
    status: str
    file: str
    sha256: str
    shape: tuple[int, int]
    turn: Turn | None = None

    def continued(self, comment: str, seconds: float = 0.0) -> Origin:
        """The origin of a version that is made from this one, in so many seconds."""
        kept = {name: getattr(self, name) for name in Origin.__dataclass_fields__}
        return Origin(**kept | {"base": self.id, "seconds": seconds, "comment": comment})

    @property
    def order(self) -> tuple[int, str, str]:
        """Sorts an image's versions from the oldest to the newest."""
        return self.number, self.time, self.id


Record = TypeVar("Record", SessionImage, Version)


def pixel_key(pixels: np.ndarray) -> str:
    """32 hexadecimal digits of the SHA-256 of an array's type, shape and values, independent of byte
    order."""
    little = pixels.dtype.newbyteorder("<")
    digest = hashlib.sha256(json.dumps([little.str, list(pixels.shape)]).encode())
    digest.update(np.ascontiguousarray(pixels, little).data)
    return digest.hexdigest()[:32]


def to_bytes(record: SessionImage | Version, indent: int | None = 1) -> bytes:
    """The record as JSON, indented unless `indent` is None. Raises ValueError or TypeError for values that
    JSON cannot hold, including NaN."""
    own = {name: getattr(record, name) for name in type(record).__annotations__}
    plain = own | vars(record)  # a version's own fields come before those of its origin
    if isinstance(record, SessionImage):
        plain |= {"placement": vars(record.placement), "facts": record.facts.to_json()}
    else:
        plain |= {name: value.to_json() for name in ("quality", "turn") if (value := plain[name]) is not None}
    return (json.dumps(plain, allow_nan=False, indent=indent) + "\n").encode()


def from_bytes(kind: type[Record], data: bytes) -> Record:
    """Parse a record; unknown fields, of later versions, are ignored. Raises RecordError."""
    try:
        content = json.loads(data, parse_constant=_no_number)
        if kind is SessionImage and "facts" not in content:
            content = _from_format_1(content)
        known = {f.name for f in fields(kind)}
        record = kind(**{name: _frozen(name, value) for name, value in content.items() if name in known})
        _check(record)
    except RecordError:
        raise
    except MALFORMED as error:
        raise RecordError(
            "is damaged. Restore it from a copy, or remove it and rebuild; nothing else is deleted."
        ) from error
    return record


def read_record(kind: type[Record], path: Path) -> Record:
    """Read a record's file. Raises RecordError, naming the file."""
    try:
        if path.stat().st_size > LARGEST_RECORD:
            raise RecordError("is far too large for a record. Restore it from a copy.")
        record = from_bytes(kind, path.read_bytes())
        own = record.key if isinstance(record, SessionImage) else f"{record.number:04d}-{record.id}"
        if path.stem != own:
            raise RecordError("has a name that is not its own. Give it back its name, or remove it.")
        if isinstance(record, Version) and record.image != path.parent.name:
            raise RecordError("is a mask of another image. Move it to that one's folder.")
        return record
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror or error}).") from error
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from error


def shown_name(path: Path) -> str:
    """A file's name for people: unprintable characters become spaces, and a long name keeps its end."""
    return "".join(c if c.isprintable() else " " for c in path.name)[-LONGEST_TEXT:]


def clean_text(text: str, what: str) -> str:
    """A name without surrounding spaces. Raises SessionError if it has control characters or is too long."""
    text = text.strip()
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise SessionError(f"{what} may have {LONGEST_TEXT} printable characters at most.")
    return text


def _from_format_1(content: dict[str, Any]) -> dict[str, Any]:
    """An image's record of format 1 with the fields of later formats."""
    header = content.get("header")
    facts = ImageFacts.from_center_width(
        content.get("window"),
        inverted=content.get("inverted", False),
        spacing=content.get("calibrated"),
        source="" if header is None else "DICOM",
    )
    stated = (header or {}).get(PATIENT_ORIENTATION, {}).get("Value", [])
    facts = replace(facts, orientation=usable_orientation(stated))
    return content | {"facts": facts.to_json(), "held_out": content.get("apart", False)}


def _no_number(name: str) -> None:
    raise ValueError(name)


def _frozen(name: str, value: Any) -> Any:
    if name == "facts":
        return ImageFacts.from_json(value)
    if name == "quality":
        return MaskQuality.from_json(value) if value is not None else None
    if name == "turn":
        return Turn.from_json(value) if value is not None else None
    if name == "placement":
        return Placement(**{axis: tuple(float(n) for n in numbers) for axis, numbers in value.items()})
    return tuple(value) if isinstance(value, list) else value


def _check(record: SessionImage | Version) -> None:
    """Raise ValueError or TypeError unless every field has a valid type and value."""
    _need(all(type(side) is int and 0 <= side < 1 << 20 for side in record.shape) and len(record.shape) == 2)
    if isinstance(record, SessionImage):
        _need(KEY.fullmatch(record.key) and KEY.fullmatch(record.pixel_hash))
        _need(type(record.sequence) is int and 0 <= record.sequence < LARGEST_NUMBER)
        _texts(record.name, record.dtype, record.added, record.patient, record.fault, *record.warnings)
        _texts(*(text for text in (record.file, record.reference) if text is not None))
        _need(type(record.held_out) is bool)
        _need(record.file is None or record.file == f"images/{record.key}.nrrd")
        _need(record.header is None or isinstance(record.header, dict))
        return
    _need(VERSION.fullmatch(record.id) and KEY.fullmatch(record.image) and record.status in STATUSES)
    _need(type(record.number) is int and 0 < record.number < 1 << 31)
    _need(record.file == f"{record.number:04d}-{record.id}.nrrd")
    _texts(record.reader, record.time, record.sha256, record.comment, *record.tools, *record.flags)
    _texts(*(t for t in (record.base, record.model_id, record.model_hash, record.mode) if t is not None))
    _need(all(isinstance(click, dict) for click in record.clicks))
    _need(0 <= record.seconds < LARGEST_NUMBER)
    _need(record.disagreement is None or abs(record.disagreement) < LARGEST_NUMBER)


def _need(holds: object) -> None:
    if not holds:
        raise ValueError


def _texts(*values: Any) -> None:
    """Raise ValueError unless all are text that a database, a file name and a table can hold. A lone
    surrogate raises UnicodeEncodeError, unless it stands for a byte of a file name that is not UTF-8."""
    _need(all(isinstance(value, str) and b"\0" not in os.fsencode(value) for value in values))


def preferred_version(
    versions: Iterable[Version], statuses: Collection[str], readers: Collection[str] | None = None
) -> Version | None:
    """The version that represents an image: of the readers' newest ones that with the last status in
    `PREFERENCE`, the newest of several. None if no reader's newest one has one of these statuses.

    readers: whose versions count, besides the model's; None for all.
    """
    newest_of = {version.reader: version for version in sorted(versions, key=lambda version: version.order)}
    chosen = [
        version
        for reader, version in newest_of.items()
        if version.status in statuses and (reader == MODEL or readers is None or reader in readers)
    ]
    return max(chosen, key=lambda version: (PREFERENCE.index(version.status), version.order), default=None)


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def translate_storage_errors(what: str, done: str = "saved", again: str = "save") -> Iterator[None]:
    """Turn an OSError or sqlite3.OperationalError into NotSaved. `what` begins the message, e.g. "The mask";
    `done` says what was not done, and `again` what to do next."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        if isinstance(error, OSError):
            reason, full = error.strerror or str(error), error.errno in FULL
            problem = f": {reason}. Check the folder and {again} again."
        else:
            reason, full = str(error), "full" in str(error)
            advice = "Try again." if "locked" in reason else f"Check the folder and {again} again."
            problem = f": its database says {reason}. {advice}"
        if full:
            problem = f": the disk is full ({reason}). Free some space and {again} again."
        raise NotSaved(f"{what} was not {done}{problem}") from error
