"""Settings kept in the application's QSettings; they never name patients or files."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

import qt
import slicer

PREFIX = "CXRAdaINSeg/"
DEFAULTS = {
    "device": "auto",  # auto, cpu, cuda, cuda:N, mps
    "mode": "student",  # student, teacher, direct
    "model": "",  # a model's folder; empty: the one in use
    "reader": "",  # who corrects; empty: the name of the user account
    "fillOpacity": 0.3,
    "outline": True,
    "drawMeasurements": False,
    "keepView": False,  # whether window, inversion and 1:1 carry over to the next radiograph
    # JSON: values by a hash of the session's folder, the most recent last
    "orders": "",  # how the worklist is sorted
    "lastImages": "",  # the key of the image that was shown last
}
MOST_SESSIONS = 20


def setting(name: str):
    """Read a setting, converted to the type of its default."""
    default = DEFAULTS[name]
    converter = slicer.util.toBool if isinstance(default, bool) else type(default)
    try:
        return slicer.util.settingsValue(PREFIX + name, default, converter=converter)
    except (TypeError, ValueError):  # written by another version, or edited by hand
        return default


def remember(name: str, value) -> None:
    """Store a setting. Raises KeyError for an unknown name."""
    if name not in DEFAULTS:
        raise KeyError(name)
    qt.QSettings().setValue(PREFIX + name, value)


def sessionSetting(name: str, session: Path) -> str:
    """Read what was stored for a session by `rememberForSession`; "" if unknown."""
    return _bySession(name).get(_hashed(session), "")


def rememberForSession(name: str, session: Path, value: str) -> None:
    """Store a setting of one session, for the last `MOST_SESSIONS` sessions."""
    values = _bySession(name)
    values.pop(_hashed(session), None)
    values[_hashed(session)] = value
    remember(name, json.dumps(dict(list(values.items())[-MOST_SESSIONS:])))


def _bySession(name: str) -> dict[str, str]:
    with suppress(ValueError):
        kept = json.loads(setting(name) or "{}")
        return {str(key): str(value) for key, value in kept.items()} if isinstance(kept, dict) else {}
    return {}


def _hashed(session: Path) -> str:
    return hashlib.sha256(str(session).encode("utf-8", "surrogateescape")).hexdigest()[:16]
