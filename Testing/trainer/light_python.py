"""A Python that has what segmenting needs, and neither torch nor what a training or a test alone needs."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path

from cxradain.setup.environment import Environment
from engine_client import PACKAGE_PARENT


def required(name: str) -> list[str]:
    """The packages that lock.txt gives for a set of requirements."""
    environment = Environment(Path("nowhere"), PACKAGE_PARENT.parent / "requirements")
    return [line.partition("==")[0] for line in environment.locked(name) if "==" in line]


def light_path(folder: Path) -> str:
    """The PYTHONPATH, of links in an empty folder, of a Python that is started with -S."""
    needed = {each.lower() for each in required("run")}
    for package in distributions():
        if package.name.lower() in needed:
            for name in {file.parts[0] for file in package.files or () if file.parts[0] != ".."}:
                with suppress(FileExistsError):
                    (folder / name).symlink_to(package.locate_file(name))
    return os.pathsep.join(map(str, (folder, PACKAGE_PARENT)))
