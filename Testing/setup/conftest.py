"""Stubs of pip and of the environment's Python: nothing is installed by these tests."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

STUB = """\
import os, pathlib, signal, sys
here = pathlib.Path(__file__).parent
words = sys.argv[1:]
if words[:3] == ["-m", "pip", "install"]:
    with open(here / "pip.log", "a") as log:
        if "-r" not in words:
            (here / "torch.log").write_text(" ".join(words[words.index("off") + 1 :]))
        listing = words[words.index("-r") + 1] if "-r" in words else "torch"
        log.write(pathlib.Path(listing).stem + "\\n")
    print("  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl (16.9 MB)")
    print("Installing collected packages: numpy, torch")
    if os.environ.get("STUB_HALF"):
        packages = pathlib.Path(os.environ["STUB_HALF"], "lib/python/site-packages")
        (packages / "half-1.dist-info").mkdir(parents=True)
    sys.exit(int(os.environ.get("STUB_PIP_CODE", "0")))
print("PYTHONPATH", os.environ.get("PYTHONPATH"), "PYTHONHOME", os.environ.get("PYTHONHOME"))
print("CWD", os.getcwd())
print("WORDS", words, flush=True)
if "sleep" in words:
    signal.signal(signal.SIGINT, lambda *_: sys.exit(42))
    print("asleep", flush=True)
    signal.pause()
sys.exit(7 if "fail" in words else 0)
"""


@pytest.fixture
def stub(tmp_path: Path) -> Callable[[Path], None]:
    """Makes a folder an environment with a stub in place of Python."""
    program = tmp_path / "stub.py"
    program.write_text(STUB)

    def make(folder: Path) -> None:
        python = folder / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n')
        python.chmod(0o755)

    return make


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    """A copy of the project's requirements, to be changed."""
    return Path(shutil.copytree(ROOT / "requirements", tmp_path / "requirements"))
