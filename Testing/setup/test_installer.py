"""A Python without ensurepip, pip's progress, and requirements that agree with the package."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cxradain.setup import PYTHON, SetupError, installer
from cxradain.setup.environment import SETS, Environment
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def test_missing_ensurepip_is_reported_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SetupError, match=f"sudo apt-get install python{PYTHON}-venv"):
        installer.make_venv(Path("nowhere"))
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.delenv("CI")
    with pytest.raises(SetupError, match=f"\n    apt-get install python{PYTHON}-venv"):
        installer.make_venv(Path("nowhere"))
    monkeypatch.setattr(sys, "base_prefix", "/opt/python")
    with pytest.raises(SetupError, match=r"a complete Python 3\.12"):
        installer.make_venv(Path("nowhere"))


def test_root_in_ci_installs_ensurepip_and_reports_it(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setenv("CI", "true")
    calls: list[list[str]] = []
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda words, **_: calls.append(words) or subprocess.CompletedProcess(words, 0, b""),
    )
    installer.mend_ensurepip()
    assert [words[:2] for words in calls] == [["apt-get", "update"], ["apt-get", "install"]]
    assert calls[1][-1] == f"python{PYTHON}-venv" in capsys.readouterr().out
    monkeypatch.setattr(subprocess, "run", lambda words, **_: subprocess.CompletedProcess(words, 100, b""))
    with pytest.raises(SetupError, match="exit code 100"):
        installer.mend_ensurepip()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "  Downloading torch-2.13.0%2Bcpu-cp311-cp311-linux.whl (191.6 MB)",
            "fetching torch 2.13.0+cpu (191.6 MB)",
        ),
        ("Using cached rich-15.0.0-py3-none-any.whl (310 kB)", "have rich 15.0.0 (310 kB)"),
        (
            "Processing /a b/numpy-2.4.6-cp311-cp311-linux.whl (from -r /c/run.txt (line 2))",
            "have numpy 2.4.6",
        ),
        (
            "  Downloading http://mirror/x/monai-1.6.1-py3-none-any.whl (1.4 MB)",
            "fetching monai 1.6.1 (1.4 MB)",
        ),
        ("Downloading old-1.0.tar.gz (12 kB)", "fetching old 1.0 (12 kB)"),
        ("Using cached numpy-2.4.6-cp311-cp311-linux.whl.metadata (62 kB)", None),
        ("Requirement already satisfied: numpy in ./lib (2.4.6)", None),
        ("Installing collected packages: rich", "installing 1 package (a minute or so)"),
    ],
)
def test_progress_of_pip_is_described(line: str, said: str | None) -> None:
    assert installer.describe_progress(line) == said


def named(lines: list[str]) -> dict[str, Requirement]:
    """Requirements by their name, in small letters."""
    return {Requirement(line).name.lower(): Requirement(line) for line in lines}


def held(name: str) -> set[str]:
    """A file of requirements, by its name without .txt, with those that pip would read by its -r lines."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    others = [line.removeprefix("-r ").removesuffix(".txt") for line in lines if line.startswith("-r ")]
    return {name}.union(*map(held, others))


def test_requirements_are_pinned_include_one_another_and_agree_with_the_package(tmp_path: Path) -> None:
    environment = Environment(tmp_path / "none", ROOT / "requirements")
    for line in environment.lines("test"):
        assert re.fullmatch(r"[\w-]+==[\w.]+( ; .+)?", line), line
    for name, parts in SETS.items():
        assert held(name) == set(parts) and parts[-1] == name
    window = named((ROOT / "requirements" / "desktop.txt").read_text().splitlines()[3:])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ranges = named(project["dependencies"])
    pins = named(environment.lines("run"))
    assert pins.keys() == ranges.keys()
    extra = project["optional-dependencies"]
    trained = named([*project["dependencies"], *extra["train"]])
    assert named(environment.lines("train")).keys() == trained.keys()
    tested = named([line for line in extra["test"] if not line.startswith("cxradain")])
    assert named(environment.lines("test")).keys() == (trained | tested | window).keys()
    for name, pin in named(environment.lines("test")).items():
        if name in window:  # of the application, which is no part of the package
            continue
        version = str(pin.specifier).removeprefix("==")
        assert (trained | tested)[name].specifier.contains(version), f"{pin} is out of the package's range"
    assert str(trained["torch"].specifier) in ("<3,>=2.11", ">=2.11,<3")


def test_all_but_torch_is_locked_with_hashes_in_the_versions_that_are_pinned(tmp_path: Path) -> None:
    environment = Environment(tmp_path / "none", ROOT / "requirements")
    for name in SETS:
        text = "\n".join(environment.locked(name))
        blocks = re.split(r"\n(?=[\w.-]+==)", text)
        for block in blocks:
            first, *hashes = block.split(" \\\n    ")
            assert Requirement(first).specifier, first
            assert hashes and all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes)
        locked = named([block.partition(" \\")[0] for block in blocks])
        assert not {each for each in locked if each.startswith(("torch", "nvidia", "triton"))}
        for asked, pin in named(environment.lines(name)).items():
            assert asked == "torch" or locked[asked].specifier == pin.specifier, f"run lock.py: {asked}"
