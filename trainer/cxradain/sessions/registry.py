"""The models kept on this computer, and which of them is in use. Nothing is put in use by itself.

    models/ID/          a kept model: weights, card, discriminator, and gate.json of its comparison
    registry.json       ids of the models that were in use, the present one last

in the user's data folder (`home`). Bundled models are listed with them and never changed. A file or folder is
replaced in one step, so a crash leaves the old state or the new one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files import replace_atomically
from ..model_folders import ADVERSARY, CARD, WEIGHTS, bundled_models

REGISTRY, MODELS, GATE = "registry.json", "models", "gate.json"
FILES = (WEIGHTS, CARD, "CARD.md", ADVERSARY)


class RegistryError(Exception):
    """A model cannot be kept, used or deleted; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """A model as lists show it. `created`: a date; `parent`: name and version of the one it was trained on
    from; `bytes`: on the disk; `figures`: what its card says was measured; `verdict`: of the gate, "" where
    it was not compared."""

    id: str
    name: str
    version: str
    folder: Path
    parent: str
    created: str
    bytes: int
    bundled: bool
    current: bool
    figures: dict[str, Any]
    verdict: str


def home() -> Path:
    """The user's data folder of this program: CXRADAIN_HOME, else the platform's own place."""
    if given := os.environ.get("CXRADAIN_HOME"):
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "CXRAdaINSeg"


class Registry:
    """The registry in a folder (default: `home`), read anew at every call."""

    def __init__(self, folder: Path | None = None):
        self.folder = Path(folder) if folder is not None else home()

    def models(self) -> list[Entry]:
        """Bundled models first, then the kept ones, oldest first; damaged ones are left out."""
        current = self._current_folder()
        kept = sorted(path.parent for path in (self.folder / MODELS).glob(f"*/{CARD}"))
        found = [_entry(folder, bundled=True, current=current) for folder in bundled_models()]
        found += [_entry(folder, bundled=False, current=current) for folder in kept]
        return [entry for entry in found if entry is not None]

    def current(self) -> Entry:
        """The model in use; the first bundled one where none was promoted or what was is gone.

        Raises RegistryError where there is none at all, and for a damaged `registry.json`.
        """
        for entry in self.models():
            if entry.current:
                return entry
        raise RegistryError("There is no model on this computer. Reinstall the extension.")

    def get(self, id: str) -> Entry:
        """Raises RegistryError where there is none of that id."""
        for entry in self.models():
            if entry.id == id:
                return entry
        there = ", ".join(entry.id for entry in self.models()) or "none"
        raise RegistryError(f"There is no model {id!r}. There are: {there}.")

    def keep(self, model: Path, gate: Path | None = None) -> Entry:
        """Copy a trained model's folder in, under the next version; returns its entry. It is not in use yet.

        gate: the `gate.json` of its comparison. Raises RegistryError, and OSError where the disk is full.
        """
        card = _card(model)
        if card is None or not (model / WEIGHTS).is_file():
            raise RegistryError(f"{model}: is no model: {WEIGHTS} or a readable {CARD} is missing.")
        name = _plain(str(card.get("name") or "model"))
        number = 1 + max((_number(entry) for entry in self.models() if entry.name == name), default=0)
        card |= {"name": name, "version": f"round {number}"}
        id = f"{name}-round-{number}"
        part = self.folder / MODELS / f".{id}.part"
        shutil.rmtree(part, ignore_errors=True)
        try:
            part.mkdir(parents=True)
            for file in FILES:
                if (model / file).is_file():
                    shutil.copyfile(model / file, part / file)
            text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
            replace_atomically(part / CARD, lambda path: path.write_text(text, encoding="utf-8"))
            if gate is not None:
                shutil.copyfile(gate, part / GATE)
            os.replace(part, self.folder / MODELS / id)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return self.get(id)

    def promote(self, id: str) -> Entry:
        """Use a model from now on. Raises RegistryError."""
        entry = self.get(id)
        history = self._history()
        if not entry.current:
            self._write([*history, id])
        return self.get(id)

    def rollback(self) -> Entry:
        """Use the model again that was in use before this one; the first bundled one before all others.

        Raises RegistryError where there was none before.
        """
        history = self._history()
        if not history:
            raise RegistryError("No other model was in use before this one.")
        there = {entry.id for entry in self.models()}
        left = [id for id in history[:-1] if id in there]
        self._write(left)
        return self.current()

    def delete(self, id: str) -> int:
        """Delete a kept model; returns the bytes that this frees. Raises RegistryError, also where it is in
        use or came along with the extension."""
        entry = self.get(id)
        if entry.bundled:
            raise RegistryError(f"{id}: came along with the extension and stays.")
        if entry.current:
            raise RegistryError(f"{id}: is in use. Roll back or promote another one first.")
        gone = entry.folder.with_name(f".{id}.part")
        os.replace(entry.folder, gone)
        shutil.rmtree(gone, ignore_errors=True)
        return entry.bytes

    # --- what is written ---

    def _current_folder(self) -> Path | None:
        bundled = bundled_models()
        places = {folder.name: folder for folder in bundled}
        places |= {path.parent.name: path.parent for path in (self.folder / MODELS).glob(f"*/{CARD}")}
        for id in reversed(self._history()):
            if id in places and _card(places[id]) is not None:
                return places[id]
        return bundled[0] if bundled else None

    def _history(self) -> list[str]:
        path = self.folder / REGISTRY
        try:
            used = json.loads(path.read_bytes())["used"]
            if not all(isinstance(id, str) for id in used):
                raise TypeError
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RegistryError(
                f"{path}: cannot be read. Remove it to go back to the bundled model; kept models stay."
            ) from error
        return used

    def _write(self, history: list[str]) -> None:
        text = json.dumps({"used": history}, indent=1) + "\n"
        replace_atomically(self.folder / REGISTRY, lambda path: path.write_text(text, encoding="utf-8"))


def _entry(folder: Path, bundled: bool, current: Path | None) -> Entry | None:
    card = _card(folder)
    if card is None:
        return None
    parent = card.get("parent") or {}
    return Entry(
        id=folder.name,
        name=str(card.get("name") or folder.name),
        version=str(card.get("version") or ""),
        folder=folder,
        parent=" ".join(str(parent[key]) for key in ("name", "version") if key in parent),
        created=str(card.get("created") or ""),
        bytes=sum(path.stat().st_size for path in folder.iterdir() if path.is_file()),
        bundled=bundled,
        current=folder == current,
        figures=card.get("measured") or {},
        verdict=_verdict(folder / GATE),
    )


def _card(folder: Path) -> dict[str, Any] | None:
    try:
        card = json.loads((folder / CARD).read_bytes())
    except (OSError, ValueError):
        return None
    return card if isinstance(card, dict) and isinstance(card.get("configuration"), dict) else None


def _verdict(path: Path) -> str:
    try:
        return str(json.loads(path.read_bytes())["verdict"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def _number(entry: Entry) -> int:
    match = re.fullmatch(r"round (\d+)", entry.version)
    return int(match.group(1)) if match else 0


def _plain(name: str) -> str:
    """A name that is a folder's on every system."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", name).strip(".") or "model"
