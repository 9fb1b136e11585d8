"""A Python on this computer that can make environments, as 3D Slicer's own cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

VERSIONS = ("3.12", "3.11", "3.13")  # that the pinned packages are there for
ASK = (
    "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2], sys.maxsize > 1 << 32, "
    "sys.executable, sep='\\n')"
)
PATIENCE = 20  # seconds that one gets to answer
HIDDEN = 0
if sys.platform == "win32":
    HIDDEN = subprocess.CREATE_NO_WINDOW


def plainPython(variables: dict[str, str]) -> str | None:
    """The path of one, or None. Each is asked, which takes a moment: a name on the path may be but a stub.

    variables: that it runs with, and on whose PATH it is looked for.
    """
    path = next((value for name, value in variables.items() if name.upper() == "PATH"), "")
    for name, *words in _candidates():
        program = shutil.which(name, path=path)
        if program and (found := _answer([program, *words], variables)):
            return found
    return None


def _candidates() -> list[list[str]]:
    named = [[f"python{version}"] for version in VERSIONS]
    if os.name != "nt":
        return named  # a Mac's python3 may be a stub that offers to install developer tools
    return [*named, *(["py", f"-{version}"] for version in VERSIONS), ["python"], ["python3"]]


def _answer(words: list[str], variables: dict[str, str]) -> str | None:
    """The path of the Python behind the words, where it will do."""
    quiet = {"PYTHONIOENCODING": "utf-8", "PYTHON_MANAGER_AUTOMATIC_INSTALL": "false"}
    try:
        asked = subprocess.run(
            [*words, "-c", ASK],
            env=variables | quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            creationflags=HIDDEN,
            check=True,
        )
        version, wide, program = asked.stdout.decode("utf-8").splitlines()
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    # What the Microsoft Store's writes into the user's folders, other programs do not see.
    store = "WindowsApps" in program
    return program if version in VERSIONS and wide == "True" and not store else None
