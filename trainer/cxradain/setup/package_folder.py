"""A folder of packages for this Python, which cannot create a virtual environment.

3D Slicer's Python finds its standard library only by PYTHONHOME, and its shared library by what the launcher
sets: an environment made from it would not start. Instead pip fills a new folder, whose packages are moved
into place once all are there, so a failed or cancelled download keeps what worked.
`cxradain.setup.run_with_path` runs a module with the folder first on the path.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from . import PYTHON, installer
from .environment import SETS, Environment

PACKAGES = "site-packages"


class PackageFolder(Environment):
    """As Environment, but for this Python."""

    @property
    def python(self) -> Path:
        return Path(sys.executable)

    @property
    def packages(self) -> Path:
        """The folder for the path."""
        return self.folder / PACKAGES

    def complete(self) -> bool:
        """Whether the engine can run with it, perhaps with older requirements."""
        return (
            super().recreate_reason() is None and self.packages.is_dir() and "run" in self.state["installed"]
        )

    def recreate_reason(self) -> str | None:
        """As in Environment; pip replaces nothing in such a folder, so new versions need a new folder."""
        if reason := super().recreate_reason():
            return reason
        if not self.packages.is_dir():
            return "it has no packages for such a Python"
        installed = self.state["installed"]
        changed = any(self.digest(each) != installed[each] for each in installed)
        return "other versions are asked for" if changed else None

    def _fill(self) -> None:
        self.packages.mkdir()

    def _missing(self, name: str) -> list[str]:
        installed = {line for each in SETS for line in self.locked(each) if each in self.state["installed"]}
        return [line for line in self.locked(name) if line not in installed]

    def _install(self, name: str, lock_descriptor: int) -> None:
        print(f"Installing what '{name}' needs for Python {PYTHON}; this is done once.", flush=True)
        new = self.folder / "new"
        shutil.rmtree(new, ignore_errors=True)  # from a cancelled installation
        # On the same disk, so that files are moved, not copied; and /tmp may be too small for torch.
        (temporary := new / "temporary").mkdir(parents=True)
        variables = dict(os.environ) | installer.ENVIRONMENT
        variables |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
        steps = list(enumerate(self._steps(name)))
        try:
            for number, arguments in steps:
                installer.pip_install(
                    self.python, ["--target", str(new / str(number)), *arguments], lock_descriptor, variables
                )
            before = self.state
            self.write_state(before | {"busy": True})
            for number, _words in steps:
                _merge(new / str(number), self.packages)
            self.write_state(before | self._installed(name))
        finally:
            shutil.rmtree(new, ignore_errors=True)


def complete_packages(folder: Path) -> Path | None:
    """The folder to put on this Python's path; None if it is missing or incomplete."""
    environment = PackageFolder(folder, folder)
    return environment.packages if environment.complete() else None


def _merge(source: Path, into: Path) -> None:
    """Move a folder's content into another; packages may share folders, as namespace packages do."""
    for path in sorted(source.iterdir()):
        target = into / path.name
        if path.is_dir() and target.is_dir():
            _merge(path, target)
        else:
            os.replace(path, target)
