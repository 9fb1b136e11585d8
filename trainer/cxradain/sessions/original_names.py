"""The original file names of a session's de-identified copies.

They are kept only on this computer, in the program's own folder, so they are neither in the session nor in
its exports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..files import read_limited, write_json
from ..models.registry import home
from .store import Session

FOLDER = "names"


def names_folder() -> Path:
    """The folder with the file names of all sessions."""
    return home() / FOLDER


def original_names(session: Session) -> dict[str, str]:
    """The file names by image key, as far as this computer knows them; of identical files all, separated by
    commas."""
    return {key: ", ".join(names) for key, names in _read(session).items()}


def keep_names(session: Session, names: Iterable[tuple[str, str]]) -> None:
    """Remember pairs of an image key and a file name, beside those that are known. Raises OSError."""
    before, known = _read(session), _read(session)
    for key, name in names:
        if name not in known.setdefault(key, []):
            known[key].append(name)
    if known != before:
        names_folder().mkdir(mode=0o700, parents=True, exist_ok=True)  # its files inherit these permissions
        write_json(_path(session), known)


def _read(session: Session) -> dict[str, list[str]]:
    try:
        kept = json.loads(read_limited(_path(session)))
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict):
        return {}
    # Older versions kept one name, not a list.
    lists = {key: [names] if isinstance(names, str) else names for key, names in kept.items()}
    return {key: list(map(str, names)) for key, names in lists.items() if isinstance(names, list)}


def _path(session: Session) -> Path:
    """The session's file, named by its secret, which copies of the session share."""
    return names_folder() / f"{session.keyed_hash('names', '')[:32]}.json"
