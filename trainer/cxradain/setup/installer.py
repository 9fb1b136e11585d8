"""Creating a virtual environment, and installing into it by pip with a line of progress per package."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from . import PYTHON, SetupError

# pip's output, such as "Downloading numpy-2.4.6-cp311-....whl (16.9 MB)" or "Processing /a/numpy-..."
FETCHED = re.compile(
    r"\s*(Downloading|Using cached|Processing) (?:.*/)?([^/\s]+?)-([^-/\s]+)(?:-[^/\s]*\.whl|\.tar\.gz)"
    r"(?: \((\S+ \S?B)\))?(?: \(.*)?"
)
ENVIRONMENT = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_USER": "0",
    "PIP_NO_INPUT": "1",
    "PYTHONUNBUFFERED": "1",
}


def make_venv(folder: Path) -> None:
    """Create a virtual environment with pip in an empty folder. Raises SetupError."""
    if importlib.util.find_spec("ensurepip") is None:
        mend_ensurepip()
    base = getattr(sys, "_base_executable", None) or sys.executable
    run_quietly([base, "-m", "venv", str(folder)], variables())


def mend_ensurepip() -> None:
    """Install Debian's package with ensurepip, only as root in CI; otherwise raise SetupError, which says
    what to do."""
    package = f"python{PYTHON}-venv"
    if not (shutil.which("apt-get") and sys.base_prefix == "/usr"):
        raise SetupError(
            f"this Python ({sys.executable}) comes without ensurepip, which makes environments. Install your "
            "system's package for Python's venv, or a complete Python 3.12, then try again."
        )
    root = os.geteuid() == 0
    if not (root and os.environ.get("CI") == "true"):
        command = ("" if root else "sudo ") + f"apt-get install {package}"
        raise SetupError(
            f"this Python comes without ensurepip, which makes environments. Run:\n\n    {command}\n"
        )
    print(f"This Python comes without ensurepip: installing {package} with apt-get.", flush=True)
    apt_install([package])
    importlib.invalidate_caches()


def apt_install(packages: list[str]) -> None:
    """Install Debian packages, as root. Raises SetupError with the last lines of apt-get's output."""
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    quiet = variables() | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "--quiet"], install):
        run_quietly(command, quiet)


def run_quietly(command: list[str], environment: dict[str, str]) -> None:
    """Run a program. Raises SetupError with the last lines of its output if it fails."""
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        tail = "\n    ".join(done.stdout.decode(errors="replace").strip().splitlines()[-10:])
        raise SetupError(
            f"'{' '.join(command)}' failed with exit code {done.returncode}:\n    {tail}\n"
            "Mend the cause, then try again."
        )


def pip_install(
    python: Path,
    arguments: list[str],
    lock_descriptor: int | None = None,
    environment: dict[str, str] | None = None,
) -> None:
    """Run `pip install` with these arguments, printing a line for each package. Raises SetupError.

    lock_descriptor: of a lock file, which pip keeps locked if this process ends. environment: pip's
        environment variables, by default `variables`.
    """
    inherited: Any = {} if os.name == "nt" or lock_descriptor is None else {"pass_fds": (lock_descriptor,)}
    last: deque[str] = deque(maxlen=25)
    with subprocess.Popen(
        [str(python), "-m", "pip", "install", "--progress-bar", "off", *arguments],
        env=environment or variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **inherited,
    ) as pip:
        for raw in pip.stdout or ():
            line = raw.decode(errors="replace").rstrip()
            last.append(line)
            if progress := describe_progress(line):
                print(f"  {progress}", flush=True)
    if pip.returncode:
        tail = "\n    ".join(last)
        raise SetupError(
            f"pip failed with exit code {pip.returncode}; its last lines:\n    {tail}\n"
            "Mend the cause (network, disk space, proxy), then try again; nothing is fetched twice."
        )


def describe_progress(line: str) -> str | None:
    """A line of pip's output, shortened: a fetched package or the installation; None for other lines."""
    if fetched := FETCHED.fullmatch(line):
        how, name, version, size = fetched.groups()
        sized = f" ({size})" if size else ""
        return f"{'fetching' if how == 'Downloading' else 'have'} {name} {unquote(version)}{sized}"
    if line.startswith("Installing collected packages:"):
        count = line.count(",") + 1
        return f"installing {count} package{'s' if count > 1 else ''} (a minute or so)"
    return None


def half_installed(folder: Path) -> bool:
    """Whether a package is half installed: pip writes INSTALLER after all its files."""
    packages = folder.glob("**/site-packages/*.dist-info")
    return any(not (package / "INSTALLER").exists() for package in packages)


def variables() -> dict[str, str]:
    """The environment variables for pip and venv, without PYTHONHOME and PYTHONPATH."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    return kept | ENVIRONMENT
