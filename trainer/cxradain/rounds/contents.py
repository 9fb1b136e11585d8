"""Validation of the files in a round's folder, which may be damaged, of another version, or from elsewhere.

Whoever watches a round computes with their values, so values of the wrong type are rejected here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

LARGEST = 1e15  # beyond any time or step
Kind = Callable[[Any], bool]


def parsed(data: bytes) -> dict[str, Any]:
    """Parse a JSON object; empty if the bytes are not one."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):  # cut off by a crash
        return {}
    return content if isinstance(content, dict) else {}


def is_text(value: Any) -> bool:
    """Whether it is text that can be encoded, without lone surrogates."""
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)


def is_texts(value: Any) -> bool:
    """Whether it is a list of such texts."""
    return isinstance(value, list) and all(map(is_text, value))


def is_number(value: Any) -> bool:
    """Whether it is a finite number of reasonable size."""
    return type(value) in (int, float) and abs(value) < LARGEST  # false for nan


def is_count(value: Any) -> bool:
    """Whether it is a non-negative integer."""
    return type(value) is int and 0 <= value < LARGEST


def optional(kind: Kind) -> Kind:
    """The kind that also accepts None."""
    return lambda value: value is None or kind(value)


def is_values(value: Any) -> bool:
    """Whether it maps names to numbers; null stands for nan."""
    number = optional(is_number)
    return isinstance(value, dict) and all(is_text(name) and number(each) for name, each in value.items())


def is_number_or_nan(value: Any) -> bool:
    """Whether it is such a number, or none: nan is written as null, and was written as nan before."""
    return value is None or value != value or is_number(value)


def is_mean(value: Any) -> bool:
    """Whether it is a mean with or without an interval (`evaluation.metrics`)."""
    if not isinstance(value, dict):
        return False
    interval = value.get("ci95") or [None, None]
    if not isinstance(interval, list) or len(interval) != 2 or not is_count(value.get("patients", 0)):
        return False
    return all(map(is_number_or_nan, (value.get("mean"), *interval)))


STATUS: dict[str, Kind] = {
    **dict.fromkeys(("state", "text", "session", "base"), is_text),
    **dict.fromkeys(("time", "started"), is_number),
    **dict.fromkeys(("used", "command"), is_texts),
    **dict.fromkeys(("readers", "references"), optional(is_texts)),
    "left_out": is_count,
    "pid": optional(lambda value: is_count(value) and value < 1 << 31),
    "data": optional(is_text),
}
EVENT: dict[str, Kind] = {
    "stage": is_text,
    **dict.fromkeys(("step", "steps"), is_count),
    **dict.fromkeys(("time", "remaining_seconds"), is_number),
    **dict.fromkeys(("loss", "validation"), is_values),
}


def is_sets(value: Any) -> bool:
    """Whether it maps names of sets to their comparisons."""
    of_set = {"n": is_count, "verdict": is_text, "difference": optional(is_mean)}
    return isinstance(value, dict) and all(
        is_text(name) and isinstance(each, dict) and fits(each, of_set) for name, each in value.items()
    )


def is_unedited(value: Any) -> bool:
    """Whether it is the agreement with masks that were approved unchanged; nan without any."""
    return isinstance(value, dict) and fits(value, {"n": is_count, "agreement": is_number_or_nan})


def is_counts(value: Any) -> bool:
    """Whether it maps names to counts."""
    return isinstance(value, dict) and all(is_text(name) and is_count(each) for name, each in value.items())


GATE: dict[str, Kind] = {
    **dict.fromkeys(("verdict", "text", "candidate", "incumbent"), is_text),
    **{"n": is_count, "sets": is_sets, "unedited": is_unedited, "left_out": is_counts},
    **dict.fromkeys(("candidate_dice", "incumbent_dice", "difference"), optional(is_mean)),
}
NOTES: dict[str, Kind] = {"words": is_texts, "decision": is_text}


def fits(content: Mapping[str, Any], kinds: Mapping[str, Kind]) -> bool:
    """Whether the fields that are present are of these kinds; other fields may be anything."""
    return all(kind(content[name]) for name, kind in kinds.items() if name in content)
