"""`registry.json`: which models were in use, and the last number given to each name.

It is changed by one program at a time, and replaced in one step.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..file_lock import taken
from .durable import write_durably

REGISTRY, LOCK = "registry.json", "registry.lock"
PATIENCE = 30.0  # seconds to wait for another program's change; copying a model takes far less


class RegistryError(Exception):
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
