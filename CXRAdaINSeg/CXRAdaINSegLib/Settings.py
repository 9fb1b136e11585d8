"""What is remembered between sessions, in the application's settings. Nothing of patients or files."""

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
    "reader": "",  # who corrects; empty: the account's name
    "fillOpacity": 0.3,
    "outline": True,
    "drawMeasurements": False,
    "keepView": False,  # window, inverted and 1:1 from one radiograph to the next
    "order": "file",  # of the worklist
    "lastImages": "",  # JSON: keys of images by hashes of their sessions' folders, the newest last
}
MOST_SESSIONS = 20


def setting(name: str):
    """A setting, of its default's type."""
    default = DEFAULTS[name]
    converter = slicer.util.toBool if isinstance(default, bool) else type(default)
    try:
        return slicer.util.settingsValue(PREFIX + name, default, converter=converter)
    except (TypeError, ValueError):  # of another version, or edited by hand
        return default


def remember(name: str, value) -> None:
    """Keep a setting."""
    if name not in DEFAULTS:
        raise KeyError(name)
    qt.QSettings().setValue(PREFIX + name, value)


def lastImage(session: Path) -> str:
    """The key of the image that was shown last of a session; "" where that is not known."""
    return _lastImages().get(_hashed(session), "")


def rememberImage(session: Path, key: str) -> None:
    """An image of a session is shown."""
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
