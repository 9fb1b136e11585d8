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
    "model": "",  # a model's folder; empty: the bundled one
    "reader": "",  # who corrects; empty: the name of the user account
    "fillOpacity": 0.3,
    "outline": True,
    "drawMeasurements": False,
    "keepView": False,  # whether window, inversion and 1:1 carry over to the next radiograph
    "order": "file",  # how the worklist is sorted
    "lastImages": "",  # JSON: image key by hash of the session's folder, the most recent last
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


def lastImage(session: Path) -> str:
    """The key of the image of a session that was shown last; "" if unknown."""
    return _lastImages().get(_hashed(session), "")


def rememberImage(session: Path, key: str) -> None:
    """Store the key of the image of a session that is shown."""
    images = _lastImages()
    images.pop(_hashed(session), None)
    images[_hashed(session)] = key
    remember("lastImages", json.dumps(dict(list(images.items())[-MOST_SESSIONS:])))


def _lastImages() -> dict[str, str]:
    with suppress(ValueError):
        kept = json.loads(setting("lastImages") or "{}")
        return {str(name): str(key) for name, key in kept.items()} if isinstance(kept, dict) else {}
    return {}


def _hashed(session: Path) -> str:
    return hashlib.sha256(str(session).encode("utf-8", "surrogateescape")).hexdigest()[:16]
