"""A model of few and random weights, and a drawn chest: enough to test everything but how good it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from cxradain.imaging.radiograph import Radiograph
from cxradain.models.card import ModelConfig
from cxradain.models.model import AdaINModel, save_model

CONFIG = ModelConfig(
    canvas=64, width=4, max_width=8, style_width=4, style_max_width=8, code_hidden=8, code_size=4
)


def small_model(seed: int = 0) -> AdaINModel:
    """Random weights whose three modes give three different masks."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = AdaINModel(CONFIG)
        for name, value in model.named_parameters():
            if "code_to_affine" in name or name.startswith("code_generator"):
                torch.nn.init.normal_(value, std=0.5)
    return model.eval()


def save_small_model(folder: Path, name: str = "small", version: str = "1") -> Path:
    """The small model as a folder on disk."""
    return save_model(small_model(), folder, {"name": name, "version": version})


def chest(height: int = 150, width: int = 120, seed: int = 0) -> np.ndarray:
    """(height, width) uint16: two dark ellipses on bright noise."""
    rows, columns = np.mgrid[0:height, 0:width]
    lungs = np.zeros((height, width), bool)
    for middle in (0.3, 0.7):
        lungs |= ((rows / height - 0.5) / 0.36) ** 2 + ((columns / width - middle) / 0.15) ** 2 < 1
    noise = np.random.default_rng(seed).normal(0, 100, (height, width))
    return np.clip(np.where(lungs, 900, 3000) + noise, 0, 4095).astype(np.uint16)


def drawn(name: str = "drawn", **options) -> Radiograph:
    """The drawn chest as a radiograph."""
    return Radiograph(chest(**options), name)
