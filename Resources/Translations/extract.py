"""Bring the .ts files beside this one up to date with the texts in the module's code.

    python Resources/Translations/extract.py          write them; translations there are kept
    python Resources/Translations/extract.py --check  write nothing; exit with 1 where one is not up to date

A context is named as 3D Slicer's `slicer.i18n.tr` names it: by the file, and the package that it is in.
"""

from __future__ import annotations

import argparse
import ast
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
CODE = HERE.parents[1] / "CXRAdaINSeg"
QUOTES = {'"': "&quot;", "'": "&apos;"}

Texts = dict[str, list[str]]
"""By context, in the order of the code."""
Translations = dict[tuple[str, str], str]
"""By context and text."""


def contextOf(path: Path) -> str:
    """The context of the texts in a file."""
    inPackage = (path.parent / "__init__.py").is_file()
    return f"{path.parent.name}.{path.stem}" if inPackage else path.stem


def textsIn(code: Path = CODE) -> Texts:
    """All texts given to `_` or `translate`. Raises ValueError where one is put together at run time."""
    found: Texts = {}
    for path in sorted(code.rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            if name not in ("_", "translate"):
                continue
            values = [part.value if isinstance(part, ast.Constant) else None for part in call.args]
            if None in values or len(values) != (1 if name == "_" else 2):
                raise ValueError(f"{path.name}:{call.lineno}: not a text that can be looked up")
            context = contextOf(path) if name == "_" else values[0]
            texts = found.setdefault(context, [])
            if values[-1] not in texts:
                texts.append(values[-1])
    return found


def translationsIn(path: Path) -> Translations:
    """What a .ts file has translated."""
    found: Translations = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translated = message.findtext("translation") or ""
            if translated:
                found[context.findtext("name") or "", message.findtext("source") or ""] = translated
    return found


def written(language: str, texts: Texts, translations: Translations) -> str:
    """A .ts file as Qt's lupdate writes it without places in the code; `language` such as "de"."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>"]
    lines.append(f'<TS version="2.1" language="{language.replace("-", "_")}">')
    for context in sorted(texts):
        lines += ["<context>", f"    <name>{escape(context)}</name>"]
        for text in texts[context]:
            known = translations.get((context, text), "")
            kind = "" if known else ' type="unfinished"'
            lines += [
                "    <message>",
                f"        <source>{escape(text, QUOTES)}</source>",
                f"        <translation{kind}>{escape(known, QUOTES)}</translation>",
                "    </message>",
            ]
        lines.append("</context>")
    return "\n".join([*lines, "</TS>", ""])


def fresh(path: Path, texts: Texts) -> str:
    """What a .ts file should hold now."""
    return written(path.stem.split("_", 1)[1], texts, translationsIn(path))


def main(arguments: list[str] | None = None) -> int:
    """Write, or check; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check, texts, changed = parser.parse_args(arguments).check, textsIn(), False
    for path in sorted(HERE.glob("CXRAdaINSeg_*.ts")):
        content = fresh(path, texts)
        if content != path.read_text("utf-8"):
            changed = True
            if not check:
                path.write_text(content, "utf-8", newline="\n")
    return int(check and changed)


if __name__ == "__main__":
    sys.exit(main())
