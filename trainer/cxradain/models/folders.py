"""Where models and samples lie, without torch: the files of a model, and what came along."""

from __future__ import annotations

import os
from pathlib import Path

WEIGHTS, CARD = "weights.safetensors", "card.json"
ADVERSARY = "discriminator.safetensors"  # for training on alone
DEFAULT = "compact"


def models_folder() -> Path:
    """Where models are bundled: `Resources/Models` beside `trainer/`, or CXRADAIN_MODELS."""
    return Path(os.environ.get("CXRADAIN_MODELS") or Path(__file__).parents[3] / "Resources" / "Models")


def bundled_models() -> list[Path]:
    """Folders of the models that came along, the default one first, then by name."""
    found = sorted(card.parent for card in models_folder().glob(f"*/{CARD}"))
    return sorted(found, key=lambda folder: folder.name != DEFAULT)


def samples_folder() -> Path:
    """Where sample radiographs are bundled, and nothing else: `Resources/SampleData`, with `samples.csv`."""
    return Path(__file__).parents[3] / "Resources" / "SampleData"
