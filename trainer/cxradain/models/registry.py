"""The models on this computer and the one in use, which only the user changes. No torch.

    models/ID/          an added model: weights, card, discriminator
    registry.json       ids of the models that have been in use, the current one last

in the user's data folder (`home`). Bundled models are listed too and never changed. Files and folders are
replaced atomically, so a crash leaves either the old state or the new one.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from .. import CxradainError
from ..file_lock import lock_within
from ..files import LARGEST_FILE, MALFORMED, read_limited, replace_atomically, sync_folder, write_durably
from .card import read_card, write_card
from .folders import ADVERSARY, CARD, WEIGHTS, ModelError, bundled_models

MODELS, REGISTRY, LOCK = "models", "registry.json", "registry.lock"
GATE = "gate.json"
PARTIAL = ".part"  # suffix of a folder that is being written or deleted
LOCK_TIMEOUT = 30.0  # seconds to wait for another process; copying a model takes far less
# The part of a comparison that a card keeps. No single images: a model may be shared.
COMPARED = ("verdict", "text", "n", "incumbent", "difference", "candidate_dice", "incumbent_dice", "sets")
MAX_NAME = 60  # characters
RELEASE = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}")  # a version such as 0.2.0
# The environment variable that names the user's data folder, and its default in the home folder.
DATA_FOLDERS = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Application Support")}


Trial = Callable[[Path], None]
"""Raises ModelError if the model in the folder cannot be used."""


class RegistryError(CxradainError):
    """A model cannot be added, used or deleted; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """A model as lists show it, from its card.

    created: a date.
    parent: name and version of the model from which it was trained.
    bytes: its size on disk.
    verdict: the gate's, "" if it was not compared.
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
    verdict: str


def data_folder() -> Path:
    """The platform's folder for a user's application data, e.g. ~/.local/share/CXRAdaINSeg."""
    variable, default = DATA_FOLDERS.get(sys.platform, ("XDG_DATA_HOME", ".local/share"))
    return Path(os.environ.get(variable) or Path.home() / default) / "CXRAdaINSeg"


def home() -> Path:
    """The registry's folder: CXRADAIN_HOME, or else `data_folder`."""
    return Path(os.environ.get("CXRADAIN_HOME") or data_folder())


def default_model() -> Path:
    """The folder of the model in use: the promoted one, or else the bundled default.

    Raises ModelError if there is none.
    """
    try:
        return Registry().current().folder
    except RegistryError as error:
        raise ModelError(str(error)) from error


class Registry:
    """The registry in a folder (default: `home`), read again at every call."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = Path(folder) if folder is not None else home()

    def models(self) -> list[Entry]:
        """Bundled models first, then added ones by name and number, without the `damaged` ones.

        Raises RegistryError for a damaged `registry.json`.
        """
        bundled = bundled_models()
        folders = (*bundled, *self._added())
        cards = {folder: card for folder in folders if (card := _card(folder)) is not None}
        by_id = {folder.name: folder for folder in cards}
        used = (by_id[id] for id in reversed(read_state(self.folder).used) if id in by_id)
        current = next(used, next((folder for folder in bundled if folder in cards), None))
        entries = [_entry(f, card, f in bundled, f == current) for f, card in cards.items()]
        return sorted(entries, key=lambda e: (not e.bundled, "" if e.bundled else e.name, _number(e.version)))

    def damaged(self) -> list[Path]:
        """Folders of added models whose cards cannot be read."""
        return [folder for folder in self._added() if _card(folder) is None]

    def current(self) -> Entry:
        """The model in use; the first bundled one if none was promoted or the promoted ones are gone.

        Raises RegistryError if there is no model, and for a damaged `registry.json`.
        """
        current = [entry for entry in self.models() if entry.current]
        if not current:
            raise RegistryError("There is no model on this computer. Reinstall the extension.")
        return current[0]

    def get(self, id: str) -> Entry:
        """The model with this id. Raises RegistryError if there is none."""
        entries = self.models()
        named = [entry for entry in entries if entry.id == id]
        if not named:
            ids = ", ".join(entry.id for entry in entries) or "none"
            raise RegistryError(f"There is no model {id!r}. Available: {ids}.")
        return named[0]

    def add(self, model: Path, gate: Path | None = None) -> Entry:
        """Copy a trained model's folder into the registry under the next version, without using it yet. A
        release such as 0.2.0, which used to be bundled, keeps its version.

        gate: the `gate.json` of its comparison. Raises RegistryError, and OSError if the disk is full.
        """
        card = _card(model)
        if card is None or not (model / WEIGHTS).is_file():
            raise RegistryError(f"{model}: is not a model: {WEIGHTS} or a readable {CARD} is missing.")
        name = _folder_name(str(card.get("name") or "model"))
        with locked(self.folder):
            self._remove_leftovers()
            version = str(card.get("version"))
            if not RELEASE.fullmatch(version) or (self.folder / MODELS / f"{name}-{version}").exists():
                version = f"round {1 + self._last_number(name)}"
            id = f"{name}-{version}".replace(" ", "-")
            card |= {"name": name, "version": version}
            if gate is not None:
                card["compared"] = _compared(gate)
            destination = self.folder / MODELS / id
            partial_folder = destination.with_name(f".{id}{PARTIAL}")
            try:
                for source in (model / WEIGHTS, model / ADVERSARY):
                    if source.is_symlink() or (source.is_file() and source.stat().st_size > LARGEST_FILE):
                        raise RegistryError(f"{source}: is a link or over 1 GB. Copy the model itself here.")
                    if source.is_file():
                        replace_atomically(partial_folder / source.name, partial(shutil.copyfile, source))
                write_card(partial_folder, card)
                sync_folder(partial_folder)
                os.replace(partial_folder, destination)
                sync_folder(destination.parent)
            except (KeyError, TypeError, AttributeError) as error:
                raise RegistryError(
                    f"{model / CARD}: is incomplete ({error!r}). Train the model again."
                ) from error
            finally:
                shutil.rmtree(partial_folder, ignore_errors=True)
        return self.get(id)

    def promote(self, id: str) -> Entry:
        """Make a model the one in use. Raises RegistryError and OSError."""
        with locked(self.folder):
            if not self.get(id).current:
                state = read_state(self.folder)
                write_state(self.folder, replace(state, used=[*state.used, id]))
        return self.get(id)

    def promote_folder(self, model: Path, try_model: Trial = lambda folder: None) -> Entry:
        """Add a round's model with the comparison beside its folder, and make it the one in use.

        The same weights are added only once. `try_model` is called with the folder before anything is stored.
        Raises the errors of `try_model`, `add` and `promote`.
        """
        try_model(model)
        gate = model.parent / GATE
        entry = self._with_same_weights(model) or self.add(model, gate if gate.is_file() else None)
        return self.promote(entry.id)

    def use(self, model: str, try_model: Trial = lambda folder: None) -> Entry:
        """Try a model, named by its id or folder, and make it the one in use; a folder is added first."""
        folder = Path(model)
        if (folder / CARD).is_file():
            return self.promote_folder(folder, try_model)
        try_model(self.get(model).folder)
        return self.promote(model)

    def find(self, model: str) -> Path:
        """The folder of a model that is named by its folder or its id. Raises RegistryError."""
        folder = Path(model)
        return folder if (folder / CARD).is_file() else self.get(model).folder

    def rollback(self) -> Entry:
        """Go back to the model that was in use before, in the end to the first bundled one.

        Raises RegistryError if there was none before, and OSError.
        """
        with locked(self.folder):
            state = read_state(self.folder)
            ids = {entry.id for entry in self.models()}
            used = [id for id in state.used if id in ids]
            if not used:
                raise RegistryError("No other model was in use before this one.")
            write_state(self.folder, replace(state, used=used[:-1]))
        return self.current()

    def delete(self, id: str) -> int:
        """Delete an added model; returns the bytes that this frees. Raises RegistryError, also for a bundled
        model and for the one in use, and OSError."""
        with locked(self.folder):
            self._remove_leftovers()
            entry = self.get(id)
            if entry.bundled:
                raise RegistryError(f"{id} is bundled with the extension and cannot be deleted.")
            if entry.current:
                raise RegistryError(f"{id}: is in use. Roll back or promote another one first.")
            state = read_state(self.folder)
            numbers = {**state.numbers, entry.name: self._last_number(entry.name)}
            write_state(self.folder, State([other for other in state.used if other != id], numbers))
            doomed = entry.folder.with_name(f".{id}{PARTIAL}")
            os.replace(entry.folder, doomed)
            shutil.rmtree(doomed)
        return entry.bytes

    def delete_all(self) -> int:
        """Delete all added models, including damaged ones, and use the first bundled one; returns the bytes
        that this frees, not counting damaged ones. Version numbers are not reused. Raises RegistryError and
        OSError."""
        with locked(self.folder):
            added = [entry for entry in self.models() if not entry.bundled]
            numbers = {entry.name: self._last_number(entry.name) for entry in added}
            write_state(self.folder, State([], {**read_state(self.folder).numbers, **numbers}))
            for folder in self._added():
                os.replace(folder, folder.with_name(f".{folder.name}{PARTIAL}"))
            self._remove_leftovers()
        return sum(entry.bytes for entry in added)

    def _added(self) -> list[Path]:
        """Folders of added models, except those that are being written or deleted."""
        folders = (self.folder / MODELS).glob("*/")
        return sorted(path for path in folders if path.is_dir() and not path.name.startswith("."))

    def _with_same_weights(self, model: Path) -> Entry | None:
        """The added model with the same weights as a folder."""
        for entry in self.models():
            if not entry.bundled and has_same_weights(model, entry.folder):
                return entry
        return None

    def _last_number(self, name: str) -> int:
        """The highest number ever given to a model of this name; case is ignored, as by many file systems."""
        pattern = re.compile(rf"{re.escape(name)}-round-(\d+)", re.IGNORECASE)
        matches = (pattern.fullmatch(folder.name) for folder in self._added())
        numbers = read_state(self.folder).numbers.items()
        used = [number for other, number in numbers if other.casefold() == name.casefold()]
        return max([int(match.group(1)) for match in matches if match] + used, default=0)

    def _remove_leftovers(self) -> None:
        """Delete what a crash left half written or half deleted."""
        for path in (self.folder / MODELS).glob(f".*{PARTIAL}"):
            shutil.rmtree(path, ignore_errors=True)


def _entry(folder: Path, card: dict[str, Any], bundled: bool, current: bool) -> Entry:
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
        current=current,
        verdict=str((card.get("compared") or {}).get("verdict") or ""),
    )


def _card(folder: Path) -> dict[str, Any] | None:
    """A model's card, None if it cannot be read."""
    try:
        return read_card(folder)
    except ModelError:
        return None


def _compared(gate: Path) -> dict[str, Any]:
    """The part of a comparison that a card keeps. Raises RegistryError if `gate.json` is damaged."""
    try:
        content = json.loads(read_limited(gate))
        return {key: content[key] for key in COMPARED if key in content}
    except (OSError, *MALFORMED) as error:
        raise RegistryError(f"{gate}: cannot be read. Compare the two models again.") from error


def _number(version: str) -> int:
    match = re.fullmatch(r"round (\d+)", version)
    return int(match.group(1)) if match else 0


def _folder_name(name: str) -> str:
    """The name as a folder name that every system allows."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:MAX_NAME].strip(".") or "model"


@dataclass(frozen=True)
class State:
    """The content of `registry.json`.

    used: ids of the models that have been in use, the current one last.
    numbers: the last number given to each name, so that none is given twice, not even after a deletion.
    """

    used: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)


def read_state(folder: Path) -> State:
    """The state in a registry's folder, empty if there is none. Raises RegistryError for a damaged file."""
    path = folder / REGISTRY
    try:
        content = json.loads(path.read_bytes())
        state = State(content["used"], content.get("numbers", {}))
        ids_are_texts = isinstance(state.used, list) and all(isinstance(id, str) for id in state.used)
        if not ids_are_texts or not all(type(number) is int for number in state.numbers.values()):
            raise TypeError
    except FileNotFoundError:
        return State()
    except (OSError, *MALFORMED) as error:
        raise RegistryError(
            f"{path}: cannot be read. Remove it to go back to the bundled model; kept models stay."
        ) from error
    return state


def has_same_weights(model: Path, other: Path) -> bool:
    """Whether the models in two folders have the same weights; False if one has none."""
    pair = model / WEIGHTS, other / WEIGHTS
    return all(path.is_file() for path in pair) and filecmp.cmp(*pair, shallow=False)


def write_state(folder: Path, state: State) -> None:
    """Replace `registry.json` atomically. Raises OSError."""
    write_durably(folder / REGISTRY, (json.dumps(asdict(state), indent=1) + "\n").encode())


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from changing the registry; the lock ends with the process at the latest.

    Raises RegistryError if another process holds the lock for longer than `LOCK_TIMEOUT`, and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with lock_within(folder / LOCK, LOCK_TIMEOUT) as held:
        if not held:
            raise RegistryError(f"{folder}: another program is changing the models. Try again later.")
        yield
