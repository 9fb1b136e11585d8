"""The end of a training: the weights that validation chose, as a model with its card."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file

from ..card import make_card, write_card
from ..model import parameter_count, save_model
from .checkpoint import options_as_json
from .loop import BEST, Training


def finish(training: Training, command: Sequence[str] = ()) -> Path:
    """Write `<out>/model/` and return it; the best weights by validation, else the last averaged ones."""
    model, best = training.model, training.out / BEST
    if best.is_file():
        state = load_file(best)
        model.load_state_dict({k.removeprefix("model."): v for k, v in state.items()})
    options = training.options
    card = make_card(
        name=training.out.name,
        version="1",
        data=training.images.directory,
        training={
            "command": " ".join(["cxradain", *command]),
            "preset": options.preset,
            "seed": options.seed,
            "hours": round(training.seconds / 3600, 2),
            "device": device_name(training.fabric.device),
            "torch": torch.__version__,
            "parameters": parameter_count(model),
            "validation": training.best,
            "options": options_as_json(options),
        },
    )
    card["configuration"] = asdict(model.config)
    folder = save_model(model, training.out / "model", card)
    write_card(folder, card)
    return folder


def device_name(device: torch.device) -> str:
    """What a reader of the card knows the device by."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type} ({platform.machine()}, {torch.get_num_threads()} threads)"
