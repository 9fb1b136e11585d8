"""The extension configured, built and installed by CMake against a small stand-in of Slicer's macros."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).parent / "slicer_stand_in"


def cmake(*words: object) -> str:
    """Run the cmake of this environment; returns what it printed."""
    command = [str(Path(sys.executable).with_name("cmake")), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def build(tmp_path_factory) -> Path:
    """The build tree."""
    folder = tmp_path_factory.mktemp("cmake") / "build"
    ninja = Path(sys.executable).with_name("ninja")
    # Nothing is compiled, so any compiler will do, or none.
    compilers = [
        word
        for language in ("C", "CXX")
        for word in (f"-DCMAKE_{language}_COMPILER={sys.executable}", f"-DCMAKE_{language}_COMPILER_FORCED=1")
    ]
    places = [f"-DSlicer_DIR={STAND_IN}", f"-DCMAKE_MAKE_PROGRAM={ninja}", "-DBUILD_TESTING=ON"]
    cmake("-S", ROOT, "-B", folder, "-G", "Ninja", *places, *compilers)
    cmake("--build", folder)
    return folder


@pytest.fixture(scope="session")
def installed(build, tmp_path_factory) -> Path:
    """The folder of modules of the installed tree."""
    prefix = tmp_path_factory.mktemp("installed")
    cmake("--install", build, "--prefix", prefix, "--component", "RuntimeLibraries")
    return prefix / "lib" / "Slicer-5.12" / "qt-scripted-modules"
