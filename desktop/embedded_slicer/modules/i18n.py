"""slicer.i18n: translation of texts, by the .ts files of the modules' repository. In English each text is its
own."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

_files: dict[str, Path] = {}  # by the language's code
_texts: dict[tuple[str, str], str] = {}  # by context and English text
_chosen = "en"


def find(modules: Iterable[Path]) -> None:
    """Look for translations in `Resources/Translations`, beside the folders of modules."""
    _files.clear()
    for module in modules:
        for path in sorted((module.resolve().parents[1] / "Resources" / "Translations").glob("*_??.ts")):
            _files[path.stem[-2:]] = path


def languages() -> tuple[str, ...]:
    """Codes of the languages that there are, besides English."""
    return tuple(_files)


def choose(code: str) -> None:
    """Translate into a language from now on; English where there is none of that code."""
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
    """The language's code."""
    return _chosen


def translate(context: str, text: str) -> str:
    return _texts.get((context, text), text)


def tr(text: str) -> str:
    """The context is that of the calling file, as 3D Slicer names it."""
    return translate(_context(sys._getframe(1).f_code.co_filename), text) if _texts else text


@cache
def _context(file: str) -> str:
    path = Path(file)
    return f"{path.parent.name}.{path.stem}" if (path.parent / "__init__.py").is_file() else path.stem
