"""A model's weights as they are read from its folder: safetensors to numpy. No torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from .folders import ModelError

Weights = dict[str, np.ndarray]


def read_weights(path: Path) -> Weights:
    """The tensors of a safetensors file by name, in float32.

    Raises ModelError, naming the file, where it is damaged or holds what is no number.
    """
    try:
        weights = {name: value.astype(np.float32) for name, value in load_file(path).items()}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: not readable as safetensors ({error}); copy the model again") from error
    # A network of these finds nothing, and would say so of every lung.
    if not all(np.isfinite(value).all() for value in weights.values()):
        raise ModelError(f"{path}: holds weights that are no numbers (NaN or infinite); copy the model again")
    return weights


def model_id(card: Mapping[str, Any], weights: Mapping[str, np.ndarray]) -> str:
    """What to cite a model by: its card's name and version, or 12 digits of its weights' SHA-256."""
    name, version = (str(card.get(key) or "") for key in ("name", "version"))
    if name and version:
        return f"{name} {version}"
    digest = hashlib.sha256()
    for key, value in sorted(weights.items()):
        digest.update(key.encode())
        digest.update(value.tobytes())
    return f"{name} {digest.hexdigest()[:12]}".strip()
