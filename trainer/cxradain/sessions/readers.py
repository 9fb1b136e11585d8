"""Readers' names: one reader is not two by capitals or blanks, and none is called as the model is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from .records import MODEL, SessionError, clean_text

MODELS_NAME = "model"  # how tables name a mask that only a model made


def is_same_name(one: str, other: str) -> bool:
    """Whether two names differ at most by capitals and blanks."""
    return _plain(one) == _plain(other)


def reader_named(name: str, known: Iterable[str]) -> str:
    """The one of the known readers who has this name, apart from capitals and blanks, or else the name
    without needless blanks; `MODEL` for "".

    Raises SessionError for a name that is too long or has control characters, and for `MODELS_NAME`.
    """
    name = clean_text(" ".join(name.split()), "A reader's name")
    readers = list(known)
    if name == MODEL or name in readers:
        return name
    if is_same_name(name, MODELS_NAME):
        raise SessionError(f"A reader cannot be called {name!r}: the model is. Give another name.")
    return next((reader for reader in readers if is_same_name(reader, name)), name)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
