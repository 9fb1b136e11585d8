"""Ruff, its formatter, mypy and import-linter find nothing, by the settings in pyproject.toml."""

from __future__ import annotations

import ast
import importlib.util
import os
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


def test_imports_keep_their_contracts() -> None:
    """Rooms import from those below alone, in no circle, and the application process never reaches torch."""
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("trainer", "CXRAdaINSeg"))
    code = "from importlinter.cli import lint_imports_command as main; main(['--no-cache', '--no-logo'])"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_what_the_module_imports_needs_no_more_than_slicer_bundles() -> None:
    """At once, that is; import-linter also counts what is imported later, to read pictures."""
    files = [
        ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py",
        *(ROOT / "CXRAdaINSeg" / "CXRAdaINSegLib").rglob("*.py"),
    ]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    ours = sorted(name for name in imported if name.split(".")[0] == "cxradain")
    assert {"cxradain.engine.protocol", "cxradain.sessions.store"} <= set(ours)
    code = (
        "import sys; before = set(sys.modules)\n"
        f"import {', '.join(ours)}\n"
        "new = [sys.modules[name] for name in set(sys.modules) - before if '.' not in name]\n"
        "print(*(m.__name__ for m in new if 'site-packages' in (getattr(m, '__file__', None) or '')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "trainer")}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    packages = {name.split(".")[0] for name in ended.stdout.split()}
    assert packages <= {"numpy", "scipy", "SimpleITK", "pydicom"}


def test_pre_commit_brings_the_ruff_of_the_tests() -> None:
    pins = (ROOT / "requirements" / "test.txt").read_text(encoding="utf-8").splitlines()
    (ruff,) = (line for line in pins if line.startswith("ruff=="))
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"ruff==[^\]]+", hooks) == [ruff, ruff]
    assert "-k mypy" in hooks, "test_nothing_is_found[mypy]"
    assert "-k imports" in hooks, "test_imports_keep_their_contracts"
