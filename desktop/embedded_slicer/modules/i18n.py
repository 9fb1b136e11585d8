"""slicer.i18n: translates texts with the .ts files in the modules' repository."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

_files: dict[str, Path] = {}  # by language code
_texts: dict[tuple[str, str], str] = {}  # by context and English text
_chosen = "en"


def find(modules: Iterable[Path]) -> None:
    """Find the translation files in `Resources/Translations`, beside the modules' folders."""
    _files.clear()
    for module in modules:
        for path in sorted((module.resolve().parents[1] / "Resources" / "Translations").glob("*_??.ts")):
            _files[path.stem[-2:]] = path


def languages() -> tuple[str, ...]:
    """Codes of the available languages other than English."""
    return tuple(_files)


def choose(code: str) -> None:
    """Set the language by its code; English if it is not available."""
    global _chosen
    _texts.clear()
    _chosen = code if code in _files else "en"
    if _chosen in _files:
        for context in ElementTree.parse(_files[_chosen]).getroot().iter("context"):
            name = context.findtext("name", "")
            for message in context.iter("message"):
                if text := message.findtext("translation"):
                    _texts[name, message.findtext("source", "")] = text


def chosen() -> str:
    """The code of the chosen language."""
    return _chosen


def translate(context: str, text: str) -> str:
    return _texts.get((context, text), text)


def tr(text: str) -> str:
    """Translate a text in the context of the calling file, which is named as in 3D Slicer."""
    return translate(_context(sys._getframe(1).f_code.co_filename), text) if _texts else text


@cache
def _context(file: str) -> str:
    path = Path(file)
    return f"{path.parent.name}.{path.stem}" if (path.parent / "__init__.py").is_file() else path.stem
