"""Values of DICOM attributes from possibly damaged headers: a default instead of an exception."""

from __future__ import annotations

import logging
import math
import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Attributes(Protocol):
    """A pydicom Dataset, or a dictionary of values by attribute keyword."""

    def get(self, key: str, /) -> Any:
        """The value, or None."""


LETTERS = str.maketrans(
    {"Ł": "L", "Ø": "O", "Æ": "AE", "Đ": "D", "İ": "I"}
)  # which Unicode does not decompose


@contextmanager
def without_remarks() -> Iterator[None]:
    """Silence pydicom's warnings: they quote header values, which may name the patient."""
    logger = logging.getLogger("pydicom")
    before = logger.disabled
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.disabled = True
        try:
            yield
        finally:
            logger.disabled = before


def values_of(dataset: Attributes, name: str) -> list[Any]:
    """All values of an attribute; [] if it is absent, empty or damaged."""
    try:
        value = dataset.get(name)
    except Exception:  # pydicom converts values on access; damaged ones may raise anything
        return []
    if value is None or isinstance(value, str | bytes):
        return [value] if value else []
    return list(value) if hasattr(value, "__iter__") else [value]


def number_of(dataset: Attributes, name: str, default: float) -> float:
    """The first value as a finite number, or else the default."""
    value = as_float(next(iter(values_of(dataset, name)), None))
    return value if math.isfinite(value) else default


def as_float(value: Any) -> float:
    """The value as a number, NaN if it is not one."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def text_of(dataset: Attributes, name: str) -> str:
    """The first value as text in capitals without padding, "" if there is none."""
    return str(next(iter(values_of(dataset, name)), "")).strip(" \0\t\r\n").upper()


def words_in(value: Any) -> set[str]:
    """The words of a text, in capitals without accents; "p.a." is one word."""
    plain = unicodedata.normalize("NFKD", str(value).upper().translate(LETTERS))
    plain = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", plain)
    letters = (c for c in plain if not unicodedata.combining(c))
    return set("".join(c if c.isalnum() else " " for c in letters).split())
