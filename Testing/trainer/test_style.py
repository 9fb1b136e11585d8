"""Ruff, its formatter and mypy find nothing, by the settings in pyproject.toml."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "words", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)], ids=lambda words: "-".join(words)
)
def test_nothing_is_found(words: tuple[str, ...], tmp_path: Path) -> None:
    if importlib.util.find_spec(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    cache = ["--cache-dir", str(tmp_path)]
    ended = subprocess.run(
        [sys.executable, "-m", *words, *cache], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_pre_commit_brings_the_ruff_of_the_tests() -> None:
    pins = (ROOT / "requirements" / "test.txt").read_text(encoding="utf-8").splitlines()
    (ruff,) = (line for line in pins if line.startswith("ruff=="))
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"ruff==[^\]]+", hooks) == [ruff, ruff]
    assert "-k mypy" in hooks, "test_nothing_is_found[mypy]"
