"""A Python that can make environments is chosen by its answer, never by its name alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stubs are shell scripts")


@pytest.fixture
def plain(window, monkeypatch, tmp_path):
    """Finds on a path of stubs; `on_windows()` looks as there."""
    from CXRAdaINSegLib.processes import Environments

    def stub(name: str, script: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    return SimpleNamespace(
        stub=stub,
        find=lambda name="PATH": Environments.plainPython({name: str(tmp_path)}),
        on_windows=lambda: monkeypatch.setattr(Environments, "os", SimpleNamespace(name="nt")),
    )


def answer(version: str, program: str, wide: bool = True) -> str:
    return f"printf '{version}\\n{wide}\\n{program}\\n'"


def test_the_first_python_that_answers_is_used(plain):
    assert plain.find() is None
    plain.stub("python3.12", "echo 'pyenv: python3.12: command not found' >&2; exit 127")
    plain.stub("python3.13", answer("3.13", "/c/python"))
    assert plain.find() == "/c/python"
    plain.stub("python3.11", answer("3.11", "/a b/ü/python"))
    assert plain.find() == "/a b/ü/python"


@pytest.mark.parametrize(
    "script",
    [
        "exit 9009",
        "exit 0",
        answer("3.9", "/old"),
        answer("3.12", "/32bit", False),
        answer("3.12", "C:/Program Files/WindowsApps/PythonSoftwareFoundation/python.exe"),
    ],
    ids=["stub", "silent", "old", "narrow", "store"],
)
def test_on_windows_an_unsuitable_python_is_skipped(plain, script):
    plain.stub("python", script)
    plain.stub("py", '[ "$1" = -3.11 ] || exit 103\n' + answer("3.11", "C:/Python311/python.exe"))
    plain.on_windows()
    assert plain.find("Path") == "C:/Python311/python.exe"
    plain.stub("py", "exit 103")
    assert plain.find("Path") is None
    plain.stub("python3", answer("3.12", "D:/python.exe"))
    assert plain.find("Path") == "D:/python.exe"


def test_elsewhere_a_python_without_a_version_is_not_even_started(plain, tmp_path):
    plain.stub("python3", f"touch '{tmp_path}/started'")
    assert plain.find() is None and not (tmp_path / "started").exists()


def test_a_real_python_answers(plain):
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    program = getattr(sys, "_base_executable", sys.executable)
    plain.stub(f"python{version}", f'exec "{program}" "$@"')
    assert Path(plain.find()).exists()
