"""Writing results: whole files or none, and JSON that any reader accepts."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from ..files import replace_atomically


def write_json(path: str | Path, results: dict[str, Any]) -> None:
    """Write results as strict JSON (`to_json`), replacing a file in one step."""
    write_text(path, to_json(results) + "\n")


def to_json(results: dict[str, Any]) -> str:
    """Strict JSON, with nan and infinity as null."""
    return json.dumps(_without_nan(results), indent=1, allow_nan=False, ensure_ascii=False)


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text so that a reader sees the old file or the whole new one, never a part."""
    replace_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value
