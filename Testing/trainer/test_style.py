"""Ruff, its formatter, mypy and import-linter find nothing, by the settings in pyproject.toml, and the tests
use public names alone."""

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
def test_checker_finds_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
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


def test_imports_of_the_module_need_no_more_than_slicer_bundles() -> None:
    """At once, that is; import-linter also counts what is imported later, to read pictures."""
    files = [
        ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py",
        *(ROOT / "CXRAdaINSeg" / "CXRAdaINSegLib").rglob("*.py"),
    ]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    ours = sorted(name for name in imported if name.split(".")[0] == "cxradain")
    assert {"cxradain.frames", "cxradain.sessions.store"} <= set(ours)
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
    assert "-k mypy" in hooks, "test_checker_finds_nothing[mypy]"
    assert "-k imports" in hooks, "test_imports_keep_their_contracts"


REPLACING = ("getattr", "setattr", "delattr", "object", "patch")  # of builtins, monkeypatch and unittest.mock
OWN = ("self", "cls", "os", "sys")


def private_names(code: str) -> list[tuple[int, str]]:
    """The lines that reach, import or replace a name with a leading underscore, and their code."""
    uses = []
    for node in ast.walk(ast.parse(code)):
        names: list[str] = []
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) not in OWN:
            names = [node.attr]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in REPLACING:
            texts = [word.value for word in node.args[:2] if isinstance(word, ast.Constant)]
            names = [str(text).split(".")[-1] for text in texts if ast.unparse(node.args[0]) not in OWN]
        if any(re.match("_[^_]", name) for name in names):
            uses.append((node.lineno, ast.unparse(node)))
    return uses


def test_tests_and_benchmarks_use_public_names_alone() -> None:
    """So that what is inside a file can change without them. `self` and `cls` are the test's own, and
    `os._exit` and the like are documented in spite of their names."""
    uses = [
        f"{path.relative_to(ROOT).as_posix()}:{line}: {use}"
        for path in sorted((ROOT / "Testing").rglob("*.py"))
        for line, use in private_names(path.read_text(encoding="utf-8"))
    ]
    assert not uses, "\n".join(uses)


@pytest.mark.parametrize(
    "code",
    [
        "session._index",
        "Session(folder)._lock.release()",
        "from cxradain.sessions.lock import _open",
        "monkeypatch.setattr(lock, '_open', None)",
        "monkeypatch.setattr('cxradain.sessions.lock._open', None)",
        "patch.object(lock, '_open')",
    ],
)
def test_a_private_name_is_noticed_however_it_is_reached(code: str) -> None:
    assert private_names(code)


@pytest.mark.parametrize(
    "code",
    ["self._own", "os._exit(1)", "getattr(sys, '_base_executable')", "module.__name__", "session.index"],
)
def test_a_public_or_own_name_is_allowed(code: str) -> None:
    assert not private_names(code)
