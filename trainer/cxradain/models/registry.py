"""The models kept on this computer, and which of them is in use. Nothing is put in use by itself.

    models/ID/          a kept model: weights, card, discriminator
    registry.json       ids of the models that were in use, the present one last

in the user's data folder (`home`). Bundled models are listed with them and never changed. A file or folder is
replaced in one step, so a crash leaves the old state or the new one.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from .. import CxradainError
from ..file_lock import taken
from ..files import replace_atomically, sync_folder, write_durably
from .card import read_card, write_card
from .folders import ADVERSARY, CARD, WEIGHTS, ModelError, bundled_models

__all__ = ["MODELS", "REGISTRY", "Entry", "Registry", "RegistryError", "home"]

MODELS = "models"
GATE = "gate.json"
PART = ".part"  # how the name of a folder ends that is being made or deleted
# Of a comparison, what a card keeps; single images are not named in it, for a model may be passed on.
COMPARED = ("verdict", "text", "n", "incumbent", "difference", "candidate_dice", "incumbent_dice", "sets")
LONGEST_NAME = 60  # characters


@dataclass(frozen=True)
class Entry:
    """A model as lists show it, by what its card says.

    created: a date.
    parent: name and version of the one it was trained on from.
    bytes: on the disk.
    data: what it was trained on, with hashes of a session's images and masks.
    figures: what was measured; `compared`: what the gate found, {} where it was not compared.
    verdict: of the gate, "" likewise.
    """

    id: str
    name: str
    version: str
    folder: Path
    parent: str
    created: str
    bytes: int
    bundled: bool
    current: bool
    data: list[dict[str, Any]]
    figures: dict[str, Any]
    compared: dict[str, Any]
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
        """Bundled models first, then the kept ones by name and number; `damaged` ones are left out.

        Raises RegistryError for a damaged `registry.json`.
        """
        bundled = bundled_models()
        cards = {folder: _card(folder) for folder in (*bundled, *self._kept())}
        whole = {folder: card for folder, card in cards.items() if card is not None}
        current = self._current(list(whole), bundled)
        found = [_entry(f, card, f in bundled, f == current) for f, card in whole.items()]
        return sorted(found, key=lambda e: (not e.bundled, "" if e.bundled else e.name, _number(e.version)))

    def damaged(self) -> list[Path]:
        """Folders of kept models whose cards cannot be read; restore them from a copy, or remove them."""
        return [folder for folder in self._kept() if _card(folder) is None]

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
        entries = self.models()
        for entry in entries:
            if entry.id == id:
                return entry
        there = ", ".join(entry.id for entry in entries) or "none"
        raise RegistryError(f"There is no model {id!r}. There are: {there}.")

    def keep(self, model: Path, gate: Path | None = None) -> Entry:
        """Copy a trained model's folder in, under the next version; returns its entry. It is not in use yet.

        gate: the `gate.json` of its comparison. Raises RegistryError, and OSError where the disk is full.
        """
        card = _card(model)
        if card is None or not (model / WEIGHTS).is_file():
            raise RegistryError(f"{model}: is no model: {WEIGHTS} or a readable {CARD} is missing.")
        name = _plain(str(card.get("name") or "model"))
        with changing(self.folder):
            self._remove_leftovers()
            number = 1 + self._last(name)
            id = f"{name}-round-{number}"
            card |= {"name": name, "version": f"round {number}"}
            if gate is not None:
                card["compared"] = _compared(gate)
            place = self.folder / MODELS / id
            part = place.with_name(f".{id}{PART}")
            try:
                for source in (model / WEIGHTS, model / ADVERSARY):
                    if source.is_file():
                        replace_atomically(part / source.name, partial(shutil.copyfile, source))
                _write_card(part, card, model)
                sync_folder(part)
                os.replace(part, place)
                sync_folder(place.parent)
            finally:
                shutil.rmtree(part, ignore_errors=True)
        return self.get(id)

    def promote(self, id: str) -> Entry:
        """Use a model from now on. Raises RegistryError and OSError."""
        with changing(self.folder):
            if not self.get(id).current:
                state = read_state(self.folder)
                write_state(self.folder, replace(state, used=[*state.used, id]))
        return self.get(id)

    def adopt(self, model: Path) -> Entry:
        """Keep a round's model with the comparison that lies beside its folder, and use it from now on. The
        same weights are kept once. Raises as `keep` and `promote` do."""
        gate = model.parent / GATE
        return self.promote((self._same(model) or self.keep(model, gate if gate.is_file() else None)).id)

    def rollback(self) -> Entry:
        """Use the model again that was in use before this one; the first bundled one before all others.

        Raises RegistryError where there was none before, and OSError.
        """
        with changing(self.folder):
            state = read_state(self.folder)
            entries = self.models()
            there = {entry.id for entry in entries}
            used = [id for id in state.used if id in there]
            if not used:
                raise RegistryError("No other model was in use before this one.")
            write_state(self.folder, replace(state, used=used[:-1]))
        return self.current()

    def delete(self, id: str) -> int:
        """Delete a kept model; returns the bytes that this frees. Raises RegistryError, also where it is in
        use or came along with the extension, and OSError."""
        with changing(self.folder):
            self._remove_leftovers()
            entry = self.get(id)
            if entry.bundled:
                raise RegistryError(f"{id}: came along with the extension and stays.")
            if entry.current:
                raise RegistryError(f"{id}: is in use. Roll back or promote another one first.")
            state = read_state(self.folder)
            numbers = {**state.numbers, entry.name: self._last(entry.name)}
            write_state(self.folder, State([other for other in state.used if other != id], numbers))
            gone = entry.folder.with_name(f".{id}{PART}")
            os.replace(entry.folder, gone)
            shutil.rmtree(gone)
        return entry.bytes

    def clear(self) -> int:
        """Delete every kept model, whole or damaged, and use the first bundled one; returns the bytes that
        this frees. Numbers that were given stay so. Raises RegistryError and OSError."""
        with changing(self.folder):
            kept = [entry for entry in self.models() if not entry.bundled]
            numbers = {entry.name: self._last(entry.name) for entry in kept}
            write_state(self.folder, State([], {**read_state(self.folder).numbers, **numbers}))
            for folder in self._kept():
                gone = folder.with_name(f".{folder.name}{PART}")
                os.replace(folder, gone)
            self._remove_leftovers()
        return sum(entry.bytes for entry in kept)

    def _kept(self) -> list[Path]:
        """Folders of kept models, but not what is being made or deleted."""
        found = (self.folder / MODELS).glob("*/")
        return sorted(path for path in found if path.is_dir() and not path.name.startswith("."))

    def _same(self, model: Path) -> Entry | None:
        """The kept model that has a folder's weights."""
        kept = [entry for entry in self.models() if not entry.bundled]
        pairs = [(entry, model / WEIGHTS, entry.folder / WEIGHTS) for entry in kept]
        there = ((e, a, b) for e, a, b in pairs if a.is_file() and b.is_file())
        return next((e for e, a, b in there if filecmp.cmp(a, b, shallow=False)), None)

    def _current(self, whole: list[Path], bundled: list[Path]) -> Path | None:
        places = {folder.name: folder for folder in whole}
        used = (places[id] for id in reversed(read_state(self.folder).used) if id in places)
        return next(used, next((folder for folder in bundled if folder in whole), None))

    def _last(self, name: str) -> int:
        """The highest number that a model of a name ever had; names that differ in case alone are alike, as
        they are for many file systems."""
        alike = re.compile(rf"{re.escape(name)}-round-(\d+)", re.IGNORECASE)
        matches = (alike.fullmatch(folder.name) for folder in self._kept())
        numbers = read_state(self.folder).numbers.items()
        given = [number for other, number in numbers if other.casefold() == name.casefold()]
        return max([int(match.group(1)) for match in matches if match] + given, default=0)

    def _remove_leftovers(self) -> None:
        """What a crash left half made or half deleted."""
        for path in (self.folder / MODELS).glob(f".*{PART}"):
            shutil.rmtree(path, ignore_errors=True)


def _entry(folder: Path, card: dict[str, Any], bundled: bool, current: bool) -> Entry:
    parent = card.get("parent") or {}
    compared = card.get("compared") or {}
    return Entry(
        id=folder.name,
        name=str(card.get("name") or folder.name),
        version=str(card.get("version") or ""),
        folder=folder,
        parent=" ".join(str(parent[key]) for key in ("name", "version") if key in parent),
        created=str(card.get("created") or ""),
        bytes=sum(path.stat().st_size for path in folder.iterdir() if path.is_file()),
        bundled=bundled,
        current=current,
        data=card.get("data") or [],
        figures=card.get("measured") or {},
        compared=compared,
        verdict=str(compared.get("verdict") or ""),
    )


def _card(folder: Path) -> dict[str, Any] | None:
    """A model's card, None where it cannot be read."""
    try:
        return read_card(folder)
    except ModelError:
        return None


def _write_card(folder: Path, card: dict[str, Any], model: Path) -> None:
    try:
        write_card(folder, card)
    except (KeyError, TypeError, AttributeError) as error:
        raise RegistryError(
            f"{model / CARD}: is no whole card ({error!r}). Train the model again."
        ) from error


def _compared(gate: Path) -> dict[str, Any]:
    """What a card says of a comparison. Raises RegistryError where `gate.json` is damaged."""
    try:
        told = json.loads(gate.read_bytes())
        return {key: told[key] for key in COMPARED if key in told}
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise RegistryError(f"{gate}: cannot be read. Compare the two models again.") from error


def _number(version: str) -> int:
    match = re.fullmatch(r"round (\d+)", version)
    return int(match.group(1)) if match else 0


def _plain(name: str) -> str:
    """A name that is a folder's on every system."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:LONGEST_NAME].strip(".") or "model"


REGISTRY, LOCK = "registry.json", "registry.lock"
PATIENCE = 30.0  # seconds to wait for another program's change; copying a model takes far less


class RegistryError(CxradainError):
    """A model cannot be kept, used or deleted; the message says why and what to do."""


@dataclass(frozen=True)
class State:
    """used: ids of the models that were in use, the present one last. numbers: the last one of each name, so
    that a version is never given twice, also after a model was deleted."""

    used: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)


def read_state(folder: Path) -> State:
    """Of a registry's folder; empty where there is none. Raises RegistryError where it is damaged."""
    path = folder / REGISTRY
    try:
        told = json.loads(path.read_bytes())
        state = State(told["used"], told.get("numbers", {}))
        if not isinstance(state.used, list) or not all(isinstance(id, str) for id in state.used):
            raise TypeError
        if not all(type(number) is int for number in state.numbers.values()):
            raise TypeError
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RegistryError(
            f"{path}: cannot be read. Remove it to go back to the bundled model; kept models stay."
        ) from error
    return state


def write_state(folder: Path, state: State) -> None:
    """Replace the file in one step. Raises OSError."""
    write_durably(folder / REGISTRY, (json.dumps(asdict(state), indent=1) + "\n").encode())


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Inside, no other program changes the registry. The lock ends with the process, too.

    Raises RegistryError where another one does not end, and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + PATIENCE
        while not taken(descriptor):
            if time.monotonic() > until:
                raise RegistryError(f"{folder}: another program is changing the models. Try again later.")
            time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


# --- files ---------------------------------------------------------------------------------------


def default_model() -> Path:
    """The model in use: the promoted one, else the bundled one. Raises ModelError where there is none."""

    try:
        return Registry().current().folder
    except RegistryError as error:
        raise ModelError(str(error)) from error
