"""The names of the files that a session's de-identified copies came from.

They are kept on this computer alone, in the program's own folder and not in the session's, so whoever is
given the session or an export of it does not get them.
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
    """Where the names of all sessions' files are."""
    return home() / FOLDER


def original_names(session: Session) -> dict[str, str]:
    """The files' names by their images' keys, as far as this computer knows them."""
    try:
        kept = json.loads(read_limited(_path(session)))
    except (OSError, ValueError):
        return {}
    return {str(key): str(name) for key, name in kept.items()} if isinstance(kept, dict) else {}


def keep_names(session: Session, names: Mapping[str, str]) -> None:
    """Remember files' names by their images' keys; an image's first one stays. Raises OSError."""
    known = original_names(session)
    if names.keys() - known.keys():
        names_folder().mkdir(mode=0o700, parents=True, exist_ok=True)  # and its files are its owner's alone
        write_json(_path(session), {**names, **known})


def _path(session: Session) -> Path:
    """By the session's secret, which a copy of it has, too."""
    return names_folder() / f"{session.keyed_hash('names', '')[:32]}.json"
