"""The complete state of a training in one safetensors file, from which it resumes exactly."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.optim import Optimizer

from ..models.folders import ModelError
from ..models.model import write_tensors
from .options import TrainOptions, options_by_flag


def save_checkpoint(
    path: Path, modules: dict[str, nn.Module], optimizers: dict[str, Optimizer], state: dict[str, Any]
) -> None:
    """Write the state of modules and optimizers, and the JSON-serializable `state`, atomically.

    Raises OSError.
    """
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        tensors |= {f"{name}.{k}": v for k, v in module.state_dict().items()}
    for name, optimizer in optimizers.items():
        for index, values in optimizer.state_dict()["state"].items():
            tensors |= {f"{name}.{index}.{k}": v for k, v in values.items()}
    tensors = {k: v.detach().contiguous().cpu().clone() for k, v in tensors.items()}
    write_tensors(path, tensors, {"state": json.dumps(state)})


def load_checkpoint(
    path: Path, modules: dict[str, nn.Module], optimizers: dict[str, Optimizer]
) -> dict[str, Any]:
    """Restore modules and optimizers in place; returns `state`. Raises ModelError, naming the file."""
    try:
        with safe_open(path, framework="pt") as file:
            state = json.loads(file.metadata()["state"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: is not a readable checkpoint ({error})") from error
    for name, module in modules.items():
        try:
            module.load_state_dict(_under(tensors, name))
        except RuntimeError as error:
            raise ModelError(f"{path}: was made with other networks ({error})") from error
    for name, optimizer in optimizers.items():
        whole = optimizer.state_dict()
        whole["state"] = {}
        for key, value in _under(tensors, name).items():
            index, entry = key.split(".", 1)
            whole["state"].setdefault(int(index), {})[entry] = value
        optimizer.load_state_dict(whole)
    return state


def _under(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {
        key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")
    }


def options_as_json(options: TrainOptions) -> dict[str, Any]:
    """The options as plain values by their names on the command line, as in checkpoints and cards."""
    values = json.loads(json.dumps(asdict(options)))
    return {flag: values[field.name] for flag, field in options_by_flag().items()}


def seeded(*key: int) -> torch.Generator:
    """A CPU random generator seeded by these numbers, such as those of a step."""
    generator = torch.Generator()
    digest = hashlib.sha256(repr(key).encode()).digest()  # Python's own hash may differ between versions
    generator.manual_seed(int.from_bytes(digest[:8], "big"))
    return generator
