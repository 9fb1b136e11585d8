"""run.py: what each subcommand installs and starts, and the message that other Python versions get."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from cxradain.setup import PYTHON, commands
from cxradain.setup.environment import SETS, Environment

ROOT = Path(__file__).parents[2]

posix = pytest.mark.skipif(os.name == "nt", reason="the stubs are shell scripts")


def run_py() -> ModuleType:
    """run.py as a module."""
    spec = importlib.util.spec_from_file_location("run_py", ROOT / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_other_python_versions_can_read_run_py_and_name_the_one_to_use() -> None:
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.AsyncFunctionDef, ast.Starred)
    nodes = list(ast.walk(ast.parse((ROOT / "run.py").read_text())))
    assert not [node for node in nodes if isinstance(node, new)], "Python 2.7 cannot read this"
    assert not [node for node in nodes if getattr(node, "annotation", None) or getattr(node, "returns", None)]
    message = run_py().unsupported_python_message
    assert "this is Python 3.10" in message((3, 10, 1), None)
    assert "Install one" in message((3, 10, 1), None)
    assert "\n    python3.12 " in message((2, 7, 18), ["python3.12"])


@posix
def test_a_python_is_named_only_if_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_py().find_python() is None
    for name, does in (("python3.12", "echo 'command not found' >&2; exit 127"), ("python3.11", "echo 3.11")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    assert run_py().find_python() == ["python3.11"]


@pytest.mark.parametrize(
    ("words", "needed", "started"),
    [
        ("demo --report --no-open", "run", "-m cxradain.commands.demo_page --no-open"),
        ("test -k lungs", "test", "-m pytest -k lungs"),
        ("cxradain", "run", "-m cxradain"),
        ("cxradain segment a.dcm --output o", "run", "-m cxradain segment a.dcm --output o"),
        ("cxradain translate a.dcm", "run", "-m cxradain translate a.dcm"),
        ("cxradain info", "run", "-m cxradain info"),
        ("cxradain info --backend=torch", "train", "-m cxradain info --backend=torch"),
        ("cxradain segment a --device cuda:1", "train", "-m cxradain segment a --device cuda:1"),
        ("cxradain evaluate --data d", "train", "-m cxradain evaluate --data d"),
        ("cxradain train base", "train", "-m cxradain train base"),
        ("cxradain ablation", "train", "-m cxradain ablation"),
        ("cxradain models list", "run", "-m cxradain models list"),
        ("cxradain models compare m", "run", "-m cxradain models compare m"),
        ("cxradain models average m n", "train", "-m cxradain models average m n"),
        ("cxradain models resize m", "train", "-m cxradain models resize m"),
        ("cxradain models compress m", "train", "-m cxradain models compress m"),
        ("cxradain models compress --help", "run", "-m cxradain models compress --help"),
        ("cxradain quality measure --cases c", "run", "-m cxradain quality measure --cases c"),
        ("cxradain quality measure --unets u", "train", "-m cxradain quality measure --unets u"),
        ("cxradain quality fit --unets=u", "train", "-m cxradain quality fit --unets=u"),
        (
            "cxradain session export s --format dicom-seg",
            "train",
            "-m cxradain session export s --format dicom-seg",
        ),
        (
            "cxradain session export s --format=dicom-seg",
            "train",
            "-m cxradain session export s --format=dicom-seg",
        ),
        ("cxradain train --help", "run", "-m cxradain train --help"),
    ],
)
def test_each_subcommand_gets_what_it_needs_and_no_more(words: str, needed: str, started: str) -> None:
    command, *rest = words.split()
    assert commands.plan(command, rest) == (needed, started.split())


def test_benchmarks_are_listed_and_run_as_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(commands, "BENCHMARKS", tmp_path)
    for name in ("training", "inference", "_shared"):
        (tmp_path / f"{name}.py").touch()
    assert commands.main(["bench"]) == 0
    assert capsys.readouterr().out.split() == ["Benchmarks:", "inference", "training"]
    assert commands.plan("bench", ["training", "--steps", "2"]) == (
        "train",
        [str(tmp_path / "training.py"), "--steps", "2"],
    )
    (tmp_path / "panel.py").touch()
    assert commands.plan("bench", ["panel"])[0] == "desktop", "it opens the window"
    (tmp_path / "panel.py").unlink()
    assert commands.main(["bench", "lunch"]) == 2
    assert "no benchmark 'lunch', but inference, training" in capsys.readouterr().err


def test_help_is_shown_alone_and_with_a_wrong_word(capsys) -> None:
    for words in ([], ["help"], ["--help"]):
        assert commands.main(words) == 0
        assert "python3 run.py demo" in capsys.readouterr().out
    assert commands.main(["dmeo"]) == 2
    assert "no subcommand 'dmeo'" in capsys.readouterr().err


@pytest.fixture
def project(tmp_path: Path, stub: Callable[[Path], None]) -> Path:
    """A copy of run.py and its own, with a stub environment that has everything."""
    root = tmp_path / "a project"
    package = Path("trainer") / "cxradain"
    shutil.copytree(ROOT / package / "setup", root / package / "setup")
    for name in ("__init__.py", "file_lock.py"):
        shutil.copy(ROOT / package / name, root / package)
    shutil.copytree(ROOT / "requirements", root / "requirements")
    shutil.copy(ROOT / "run.py", root)
    stub(root / ".venv")
    environment = Environment(root / ".venv", root / "requirements")
    installed = {name: environment.digest(name) for name in SETS}
    environment.write_state({"python": PYTHON, "torch": None, "installed": installed, "busy": False})
    return root


@posix
def test_arguments_folder_and_exit_code_pass_through(project: Path, tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess:
        variables = {**os.environ, "PYTHONPATH": "/elsewhere"}
        command = [sys.executable, str(project / "run.py"), *words]
        return subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True)

    done = run("cxradain", "segment", "a b.png")
    assert done.returncode == 0 and "['-m', 'cxradain', 'segment', 'a b.png']" in done.stdout
    folders = os.pathsep.join([str(project / "trainer"), str(project / "desktop")])
    assert f"PYTHONPATH {folders} PYTHONHOME None" in done.stdout
    assert f"CWD {tmp_path}\n" in done.stdout, "relative paths stay the caller's"
    assert f"CWD {project}\n" in run("test").stdout, "pytest finds its configuration"
    assert run("demo", "--report", "fail").returncode == 7


@posix
def test_ctrl_c_reaches_what_was_started(project: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(project / "run.py"), "demo", "--report", "sleep"],
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        while child.stdout.readline() not in ("asleep\n", ""):
            pass
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=20) == 42


@posix
def test_a_second_run_imports_no_slow_modules(project: Path) -> None:
    check = (
        f"import os, sys; sys.path.insert(0, {str(project)!r}); import run\n"
        "slow = {'subprocess', 'shutil', 'argparse', 'venv', 'dataclasses'}\n"
        "os.execve = lambda *_: sys.exit(str(slow & set(sys.modules)) if slow & set(sys.modules) else 0)\n"
        "sys.argv[1:] = ['demo']; run.main()"
    )
    assert subprocess.run([sys.executable, "-S", "-c", check]).returncode == 0
