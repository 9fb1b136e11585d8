"""What is remembered between sessions, in the application's settings. Nothing of patients or files."""

from __future__ import annotations

import qt
import slicer

PREFIX = "CXRAdaINSeg/"
DEFAULTS = {
    "device": "auto",  # auto, cpu, cuda, cuda:N, mps
    "mode": "student",  # student, teacher, direct
    "model": "",  # a model's folder; empty: the one that came along
    "reader": "",  # who corrects; empty: the account's name
    "fillOpacity": 0.3,
    "outline": True,
}


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
