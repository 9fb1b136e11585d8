"""The files of a model's folder, and where bundled models and sample radiographs are. No torch."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from .. import CxradainError
from ..files import read_limited

WEIGHTS, CARD = "weights.safetensors", "card.json"
ADVERSARY = "discriminator.safetensors"  # only for further training
DEFAULT = "compact"
RESOURCES = Path(__file__).parents[3] / "Resources"


class ModelError(CxradainError, ValueError):
    """A model's folder is missing, damaged or not a model; the message names the file."""


def models_folder() -> Path:
    """The folder of the bundled models: `Resources/Models` beside `trainer/`, or CXRADAIN_MODELS."""
    return Path(os.environ.get("CXRADAIN_MODELS") or RESOURCES / "Models")


def bundled_models() -> list[Path]:
    """Folders of the bundled models, the default one first, then by name."""
    folders = sorted(card.parent for card in models_folder().glob(f"*/{CARD}"))
    return sorted(folders, key=lambda folder: folder.name != DEFAULT)


def adversary_of(folder: str | Path) -> Path | None:
    """The discriminator's weights with which to continue training a model, None if there are none. A bundled
    model without its own uses the default model's, which has the same size and saw the same radiographs."""
    bundled = Path(folder).resolve().parent == models_folder().resolve()
    candidates = [Path(folder) / ADVERSARY, *([models_folder() / DEFAULT / ADVERSARY] if bundled else [])]
    return next((path for path in candidates if path.is_file()), None)


def samples_folder() -> Path:
    """The folder of the bundled sample radiographs, with `samples.csv`."""
    return RESOURCES / "SampleData"


def weights_hash(folder: str | Path) -> str:
    """SHA-256 of the weights file in a model's folder, as 64 hexadecimal digits.

    Raises ModelError, naming the file, if it cannot be read.
    """
    weights = Path(folder) / WEIGHTS
    try:
        return hashlib.sha256(read_limited(weights)).hexdigest()
    except OSError as error:
        raise ModelError(f"{weights}: cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise ModelError(f"{error}; copy the model again") from error
