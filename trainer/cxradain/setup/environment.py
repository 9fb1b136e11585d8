"""The environment .venv: what is in it, whether it will do, and how it is made, filled and mended.

Its state is one file in it, cxradain.json, replaced atomically:
python (the version it was made with, "3.12"), torch (the build asked for, or null), installed (set of
requirements, or "torch" -> hash of its lines) and busy (true while it is being changed: found so, that was
interrupted).

Only sets with training need torch. It is installed first, by itself, for which build of it is the user's
choice; then the rest, each file checked against the hashes in lock.txt.
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

# Each set with those that it holds, itself the last.
SETS = {
    "run": ("run",),
    "desktop": ("run", "desktop"),
    "train": ("run", "train"),
    "test": ("run", "desktop", "train", "test"),
}


class Environment:
    """A virtual environment in `folder` with sets of requirements, each in a file of its name, as run.txt.

    `torch` is a requirement in place of the pinned torch; None keeps what the environment was made with.
    """

    def __init__(self, folder: Path, requirements: Path, torch: str | None = None) -> None:
        self.folder, self.requirements = folder, requirements
        self.state: Any = self._read_state()  # None where there is no environment
        self.torch = torch or (self.state or {}).get("torch")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def lines(self, name: str) -> list[str]:
        """What a set asks for, one requirement a line, the sets that it holds first."""
        lines: list[str] = []
        for included in SETS[name]:
            for line in (self.requirements / f"{included}.txt").read_text(encoding="utf-8").splitlines():
                line = line.partition("#")[0].strip()
                if line and not line.startswith("-r "):
                    lines.append(self.torch if self.torch and line.startswith("torch==") else line)
        return lines

    def locked(self, name: str) -> list[str]:
        """Lines of lock.txt: all that a set needs beside torch, with hashes."""
        text = (self.requirements / "lock.txt").read_text(encoding="utf-8")
        blocks = (block.partition("\n") for block in text.split("\n# ")[1:])
        return [line for sets, _, lines in blocks if name in sets.split() for line in lines.splitlines()]

    def digest(self, name: str) -> str:
        """A hash of what is installed for a set, or for "torch"."""
        lines = [self._torch()] if name == "torch" else self.lines(name) + self.locked(name)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _torch(self) -> str:
        return self.torch or next(line for line in self.lines("train") if line.startswith("torch=="))

    def recreate_reason(self) -> str | None:
        """Why the environment must be made anew, for people; None where it need not."""
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
        """Whether the set is installed as the requirements now say."""
        return self.recreate_reason() is None and self.state["installed"].get(name) == self.digest(name)

    def prepare(self, name: str, recreate: bool = False) -> None:
        """Install the set where it is not; quick where it is. Raises SetupError."""
        if self.ready(name) and not recreate:
            return
        with self._locked("made") as lock_descriptor:
            self.state = self._read_state()  # another run may have done it meanwhile
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
        """Be the one process at work on the environment; gives the lock's descriptor. Raises SetupError."""
        try:
            with lock(self.folder.with_name(self.folder.name + ".lock")) as descriptor:
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
        """Arguments of `pip install`, one call after the other."""
        steps = []
        if "train" in SETS[name] and self.state["installed"].get("torch") != self.digest("torch"):
            # What comes with torch and is wanted by others, too, in the version that the lock has.
            pins = [line.removesuffix(" \\") for line in self.locked("test") if "==" in line]
            constraints = self._listing("constraints", pins)
            steps.append([*shlex.split(self._torch()), "-c", str(constraints)])
        listing = self._listing(name, self._missing(name))
        return [*steps, ["--no-deps", "--require-hashes", "-r", str(listing)]]

    def _missing(self, name: str) -> list[str]:
        return self.locked(name)  # pip leaves alone what is there

    def _installed(self, name: str) -> dict[str, Any]:
        """What the state changes by, once a set is installed."""
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
            # pip that gave up before it changed anything leaves the environment as good as it was
            self.write_state(before | {"busy": installer.half_installed(self.folder)})
            raise
        self.write_state(before | self._installed(name))

    def _listing(self, name: str, lines: list[str]) -> Path:
        path = self.folder / f"{name}.txt"
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return path

    def _refuse_foreign(self) -> None:
        """Never delete an environment that somebody made by hand."""
        if self.folder.exists() and not self._state_file.exists() and any(self.folder.iterdir()):
            raise SetupError(
                f"{self.folder} was not made by run.py. Move it away, or delete it, then try again."
            )

    def _empty(self) -> None:
        """Delete all but the state, which tells of an interruption until the end."""
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
        """Replace the file that says what the environment holds."""
        new = self._state_file.with_suffix(".new")
        new.write_text(json.dumps(state, indent=1), encoding="utf-8")
        os.replace(new, self._state_file)
        self.state = state
