"""The original file names of a session's de-identified copies.

They are kept only on this computer, in the program's own folder, so they are neither in the session nor in
its exports.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ..files import read_limited, write_json
from ..models.registry import home
from .store import Session

FOLDER = "names"


def names_folder() -> Path:
    """The folder with the file names of all sessions."""
    return home() / FOLDER


def original_names(session: Session) -> dict[str, str]:
    """The file names by image key, as far as this computer knows them."""
    try:
        kept = json.loads(read_limited(_path(session)))
    except (OSError, ValueError):
        return {}
    return {str(key): str(name) for key, name in kept.items()} if isinstance(kept, dict) else {}


def keep_names(session: Session, names: Mapping[str, str]) -> None:
    """Remember file names by image key; an image keeps its first name. Raises OSError."""
    known = original_names(session)
    if names.keys() - known.keys():
        names_folder().mkdir(mode=0o700, parents=True, exist_ok=True)  # its files inherit these permissions
        write_json(_path(session), {**names, **known})


def _path(session: Session) -> Path:
    """The session's file, named by its secret, which copies of the session share."""
    return names_folder() / f"{session.keyed_hash('names', '')[:32]}.json"
