"""run.py demo: the window where one is possible, and the system's libraries that are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cxradain.setup import SetupError, commands, demo, libraries

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux alone")


@pytest.mark.parametrize(
    ("system", "machine", "window"),
    [
        ("linux", "x86_64", True),
        ("linux", "aarch64", False),
        ("win32", "AMD64", True),
        ("win32", "ARM64", False),
        ("darwin", "arm64", True),
        ("darwin", "x86_64", False),
    ],
)
def test_window_is_available_where_slicer_core_has_wheels(system, machine, window) -> None:
    """And the condition of the requirements says the same, as pip reads it."""
    from packaging.requirements import Requirement

    assert demo.has_window(system, machine) is window
    lines = (ROOT / "requirements" / "desktop.txt").read_text().splitlines()
    pinned = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]
    assert {each.name for each in pinned} == {"slicer-core", "vtk", "PySide6-Essentials"}
    said = {"sys_platform": system, "platform_machine": machine}
    assert all(each.marker.evaluate(said) is window for each in pinned)


def test_the_demo_opens_the_window_with_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "has_window", lambda: True)
    monkeypatch.setattr(libraries, "has_screen", lambda: True)
    needed, words = commands.plan("demo", [])
    assert needed == "desktop"
    assert words == ["-m", "embedded_slicer", "--segment", "--image", str(demo.SAMPLE)]
    assert demo.SAMPLE.exists()
    assert commands.plan("demo", ["--image", "a.dcm"])[1][2:] == ["--segment", "--image", "a.dcm"]


def test_without_a_screen_demo_makes_a_picture_or_a_report(monkeypatch, capsys) -> None:
    monkeypatch.setattr(demo, "has_window", lambda: True)
    monkeypatch.setattr(libraries, "has_screen", lambda: False)
    assert commands.plan("demo", ["--no-open"]) == ("run", ["-m", "cxradain.commands.demo_page", "--no-open"])
    assert "no screen here" in capsys.readouterr().out
    needed, words = commands.plan("demo", ["--screenshot", "a.png"])
    assert needed == "desktop" and words[-2:] == ["--screenshot", "a.png"]


def test_without_a_wheel_demo_makes_a_report_and_explains_why(monkeypatch, capsys) -> None:
    monkeypatch.setattr(demo, "has_window", lambda: False)
    words = ["--screenshot", "a.png", "--image", "b.dcm"]
    assert commands.plan("demo", words) == ("run", ["-m", "cxradain.commands.demo_page", "--image", "b.dcm"])
    assert "no slicer-core for" in capsys.readouterr().out


@linux
def test_only_missing_libraries_are_named() -> None:
    lacking = {"libEGL.so.1", "libxcb-cursor.so.0"}

    def found(screen: bool, files: bool = True) -> list[str]:
        return libraries.missing(screen, lambda name: name not in lacking, lambda patterns: files)

    assert found(screen=True) == ["libegl1", "libxcb-cursor0"]
    assert found(screen=False) == ["libegl1"]
    assert "fonts-dejavu-core" in found(screen=False, files=False)


@linux
def test_a_library_counts_as_installed_if_it_loads() -> None:
    assert libraries.loads("libc.so.6") and not libraries.loads("libnot-there.so.1")
    assert libraries.any_exists(["/nowhere/*", "/usr/*"]) and not libraries.any_exists(["/nowhere/*"])


def test_tests_use_an_x_server_where_one_is_installed(monkeypatch) -> None:
    monkeypatch.setattr(libraries, "has_screen", lambda: False)
    for there in ("/usr/bin/xvfb-run", None):
        monkeypatch.setattr(shutil, "which", lambda name, there=there: there)
        assert commands.on_screen("test", []) == (there is not None)
    assert commands.on_screen("demo", []) and not commands.on_screen("demo", ["--screenshot", "a.png"])


@pytest.fixture
def apt(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Two packages are missing, and apt-get is there: what it is told."""
    told: list[list[str]] = []

    def run(words: list[str], **_: object) -> subprocess.CompletedProcess:
        told.append(words)
        return subprocess.CompletedProcess(words, 0, b"")

    monkeypatch.setattr(libraries, "missing", lambda screen: ["libegl1", "libgl1"])
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get")
    monkeypatch.setattr(subprocess, "run", run)
    return told


@linux
def test_root_gets_the_missing_libraries_installed(apt, monkeypatch, capsys) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    libraries.provide(screen=True)
    assert [words[:2] for words in apt] == [["apt-get", "update"], ["apt-get", "install"]]
    assert apt[1][-2:] == ["libegl1", "libgl1"]
    assert "installing libegl1, libgl1 with apt-get" in capsys.readouterr().out


@linux
def test_other_users_get_the_command_that_installs_the_libraries(apt, monkeypatch, capsys) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SetupError, match=r"sudo apt-get install libegl1 libgl1\n"):
        libraries.provide(screen=True)
    libraries.provide(screen=False, required=False)
    assert "tests of the window are left out" in capsys.readouterr().err
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SetupError, match="packages of Debian"):
        libraries.provide(screen=True)
    assert apt == []


@linux
def test_a_failed_apt_is_reported_with_its_output(apt, monkeypatch, capsys) -> None:
    def fail(words: list[str], **_: object) -> subprocess.CompletedProcess:
        return subprocess.CompletedProcess(words, 100, b"Reading...\nE: no network")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(SetupError, match=r"exit code 100:(.|\n)*no network"):
        libraries.provide(screen=True)
    libraries.provide(screen=True, required=False)
    said = capsys.readouterr().err
    assert "no network" in said and "tests of the window are left out" in said
