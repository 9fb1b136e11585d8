"""XXX"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from .records import (
    APPROVED,
    AUTO,
    CORRECTED,
    FLAGGED,
    MODEL,
    SessionError,
    Version,
    newest,
)
from .store import Session

if TYPE_CHECKING:
    pass

PREFERENCE = (APPROVED, CORRECTED, AUTO, FLAGGED)


def check_readers(session: Session, readers: Collection[str] | None) -> None:
    """Raise SessionError where a reader is named who has made nothing, which is likely a slip of the pen.
    `MODEL` is no reader, and always there."""
    there = session.readers()
    for name in readers or ():
        if name not in (MODEL, *there):
            known = ", ".join(there) or "none yet"
            raise SessionError(f"The session has no reader {name!r}. Its readers are: {known}.")


def preferred_version(
    versions: list[Version], statuses: Collection[str], readers: Collection[str] | None = None
) -> Version | None:
    """The version that stands for an image; None where no reader's newest one has such a status."""
    last: dict[str, Version] = {}
    for version in versions:
        if version.reader == MODEL or readers is None or version.reader in readers:
            held = last.get(version.reader)
            last[version.reader] = version if held is None else max(held, version, key=lambda v: v.order)
    for status in PREFERENCE:
        found = newest(v for v in last.values() if v.status == status and status in statuses)
        if found is not None:
            return found
    return None
