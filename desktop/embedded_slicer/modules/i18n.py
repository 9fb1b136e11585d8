"""slicer.i18n: translation of texts. There are no translations here: each text is its own."""

from __future__ import annotations


def translate(context: str, text: str) -> str:
    return text


def tr(text: str) -> str:
    return text
