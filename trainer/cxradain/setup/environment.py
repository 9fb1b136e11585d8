"""The environment .venv: its state, and how it is created, filled and repaired.

Its state is a file in it, cxradain.json, replaced atomically: python (the version that created it, "3.12"),
torch (the requested build, or null), installed (set of requirements, or "torch" -> hash of its lines) and
busy (true while it is being changed; if found true, that was interrupted).

Only sets with training need torch. It is installed first and separately, as its build is the user's choice;
then the rest, each file checked against the hashes in lock.txt.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..file_lock import lock
from . import PYTHON, SetupError

# Each set with the sets that it includes, itself last.
SETS = {
    "run": ("run",),
    "desktop": ("run", "desktop"),
    "train": ("run", "train"),
    "test": ("run", "desktop", "train", "test"),
}


class Environment:
    """A virtual environment in `folder`, with sets of requirements from files such as run.txt.

    torch: a requirement instead of the pinned torch; None keeps the one that was installed.
    """

    def __init__(self, folder: Path, requirements: Path, torch: str | None = None) -> None:
        self.folder, self.requirements = folder, requirements
        self.state: Any = self._read_state()  # None without an environment
        self.torch = torch or (self.state or {}).get("torch")

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def lines(self, name: str) -> list[str]:
        """The requirements of a set, including those of the sets that it includes, which come first."""
        lines: list[str] = []
        for included in SETS[name]:
            for line in (self.requirements / f"{included}.txt").read_text(encoding="utf-8").splitlines():
                line = line.partition("#")[0].strip()
                if line and not line.startswith("-r "):
                    lines.append(self.torch if self.torch and line.startswith("torch==") else line)
        return lines

    def locked(self, name: str) -> list[str]:
        """The lines of lock.txt for a set: everything but torch, with hashes."""
        text = (self.requirements / "lock.txt").read_text(encoding="utf-8")
        blocks = (block.partition("\n") for block in text.split("\n# ")[1:])
        return [line for sets, _, lines in blocks if name in sets.split() for line in lines.splitlines()]

    def digest(self, name: str) -> str:
        """A hash of the requirements of a set, or of "torch"."""
        lines = [self._torch()] if name == "torch" else self.lines(name) + self.locked(name)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _torch(self) -> str:
        return self.torch or next(line for line in self.lines("train") if line.startswith("torch=="))

    def recreate_reason(self) -> str | None:
        """Why the environment must be recreated, for people; None if it need not be."""
        if self.state is None:
            return "there is none yet"
        if self.state.get("busy"):
            return "its installation was interrupted"
        if self.state.get("python") != PYTHON:
            return f"it was made with Python {self.state.get('python')}, and this is {PYTHON}"
        if "torch" in self.state["installed"] and self.state.get("torch") != self.torch:
            return "another torch is asked for"
        return None if self.python.exists() else "its Python is gone"

    def ready(self, name: str) -> bool:
        """Whether a set is installed according to the current requirements."""
        return self.recreate_reason() is None and self.state["installed"].get(name) == self.digest(name)

    def prepare(self, name: str, recreate: bool = False) -> None:
        """Install a set unless it is installed already, which is a quick check. Raises SetupError."""
        if self.ready(name) and not recreate:
            return
        with self._locked("made") as lock_descriptor:
            self.state = self._read_state()  # another process may have done it meanwhile
            reason = "as you asked" if recreate else self.recreate_reason()
            if reason:
                self._make(reason)
            if not self.ready(name):
                self._install(name, lock_descriptor)

    def remove(self) -> None:
        """Delete the environment, if there is one. Raises SetupError."""
        if not self.folder.exists():
            print(f"There is no {self.folder}.")
            return
        with self._locked("removed"):
            self._refuse_foreign()
            self._empty()
            self._state_file.unlink()
            if not self.folder.is_symlink():
                self.folder.rmdir()
        print(f"Removed {self.folder}.")

    @contextmanager
    def _locked(self, purpose: str) -> Iterator[int]:
        """Be the only process that changes the environment; yields the lock's descriptor. Raises
        SetupError."""
        try:
            with lock(self.folder.with_name(self.folder.name + ".lock"), _say_that_it_waits) as descriptor:
                yield descriptor
        except OSError as error:
            raise SetupError(f"{self.folder} cannot be {purpose}: {error}") from error

    def _make(self, reason: str) -> None:
        self._refuse_foreign()
        print(f"Making the environment {self.folder} with Python {PYTHON} ({reason}).", flush=True)
        self.folder.mkdir(exist_ok=True)
        self.write_state({"python": PYTHON, "torch": self.torch, "installed": {}, "busy": True})
        self._empty()
        self._fill()
        self.write_state(self.state | {"busy": False})

    def _fill(self) -> None:
        from . import installer

        installer.make_venv(self.folder)

    def _steps(self, name: str) -> list[list[str]]:
        """The arguments of successive calls of `pip install`."""
        steps = []
        if "train" in SETS[name] and self.state["installed"].get("torch") != self.digest("torch"):
            # Dependencies that torch shares with others, in the locked versions.
            pins = [line.removesuffix(" \\") for line in self.locked("test") if "==" in line]
            constraints = self._listing("constraints", pins)
            steps.append([*shlex.split(self._torch()), "-c", str(constraints)])
        listing = self._listing(name, self._missing(name))
        return [*steps, ["--no-deps", "--require-hashes", "-r", str(listing)]]

    def _missing(self, name: str) -> list[str]:
        return self.locked(name)  # pip skips what is installed

    def _installed(self, name: str) -> dict[str, Any]:
        """The changes of the state once a set is installed."""
        torch = ("torch",) if "train" in SETS[name] else ()
        installed = {each: self.digest(each) for each in (*torch, *SETS[name])}
        return {"torch": self.torch, "installed": self.state["installed"] | installed, "busy": False}

    def _install(self, name: str, lock_descriptor: int) -> None:
        from . import installer

        before = self.state
        self.write_state(before | {"busy": True})
        print(f"Installing what '{name}' needs; this is done once.", flush=True)
        try:
            for arguments in self._steps(name):
                installer.pip_install(self.python, arguments, lock_descriptor)
        except SetupError:
            # if pip failed before it changed anything, the environment is still good
            self.write_state(before | {"busy": installer.half_installed(self.folder)})
            raise
        self.write_state(before | self._installed(name))

    def _listing(self, name: str, lines: list[str]) -> Path:
        path = self.folder / f"{name}.txt"
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return path

    def _refuse_foreign(self) -> None:
        """Raise SetupError for an environment that run.py did not create."""
        if self.folder.exists() and not self._state_file.exists() and any(self.folder.iterdir()):
            raise SetupError(
                f"{self.folder} was not made by run.py. Move it away, or delete it, then try again."
            )

    def _empty(self) -> None:
        """Delete everything but the state, which records an interruption."""
        import shutil

        self.write_state((self._read_state() or {}) | {"busy": True})
        for path in self.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path != self._state_file:
                path.unlink()

    @property
    def _state_file(self) -> Path:
        return self.folder / "cxradain.json"

    def _read_state(self) -> dict[str, Any] | None:
        try:
            state = json.loads(self._state_file.read_bytes())
        except OSError:
            return None
        except ValueError:
            return {"busy": True}
        return state if isinstance(state, dict) else {"busy": True}

    def write_state(self, state: dict[str, Any]) -> None:
        """Replace the state file atomically."""
        new = self._state_file.with_suffix(".new")
        new.write_text(json.dumps(state, indent=1), encoding="utf-8")
        os.replace(new, self._state_file)
        self.state = state


def _say_that_it_waits() -> None:
    print("Another run.py is at work on the environment: waiting for it.", flush=True)
