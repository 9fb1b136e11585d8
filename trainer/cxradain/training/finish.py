"""The end of a training: the weights that validation chose, as a model with its card."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file

from ..models.card import make_card, write_card
from ..models.model import parameter_count, save_model
from .checkpoint import options_as_json
from .loop import BEST, Training


def finish(
    training: Training, command: Sequence[str], precision: str, name: str = "", version: str = "1"
) -> Path:
    """Write `<out>/model/` and return it; the best weights by validation, else the last averaged ones.

    `name` and `version` are the model's (by default the folder's name). `command` is what stood on the
    command line; of its paths the card keeps the last name alone, and nothing of those that may tell who.
    """
    model = training.model
    if training.best:
        state = load_file(training.out / BEST)
        model.load_state_dict({k.removeprefix("model."): v for k, v in state.items()})
    options = training.options
    card = make_card(
        name=name or training.out.name,
        version=version,
        data=training.images.described(),
        training={
            "command": shlex.join(["cxradain", *shown_command(command)]),
            "preset": options.preset,
            "seed": options.seed,
            "hours": round(training.seconds / 3600, 2),
            "device": device_name(training.fabric.device),
            "precision": precision,
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            "validation": training.best,
            "options": options_as_json(options),
        },
    )
    # A model that another was begun from brought its card along.
    parent = {key: model.card[key] for key in ("name", "version", "weights_sha256") if key in model.card}
    card["parent"] = parent or None
    card["parameters"] = parameter_count(model)
    card["configuration"] = asdict(model.config)
    folder = save_model(model, training.out / "model", card, training.updates.discriminator)
    write_card(folder, card)
    return folder


PRIVATE = {"--session": "SESSION", "--reader": "NAME", "--reference": "DIR"}


def shown_command(words: Sequence[str]) -> list[str]:
    """What a card says of a command line: a model is passed on, and where things lay on the machine that
    trained says nothing to its reader, but people's names, and names of sessions and of reference sets."""
    found: list[str] = []
    stands_for, of_session = "", any(_stands_for(word.partition("=")[0]) == "SESSION" for word in words)
    private = PRIVATE | ({"--out": "DIR", "--data": "DIR"} if of_session else {})
    for word in words:
        flag, equals, _ = word.partition("=")
        if stands_for:
            found.append(stands_for)
            stands_for = ""
        elif (hidden := _stands_for(flag, private)) and equals:
            found.append(f"{flag}={hidden}")
        else:
            stands_for = hidden
            found.append(_without_folders(word))
    return found


def _stands_for(flag: str, private: Mapping[str, str] = PRIVATE) -> str:
    """What takes the place of a private option's value, also of one cut short as argparse allows."""
    names = private if len(flag) > 2 and flag.startswith("--") else ()
    return next((private[name] for name in names if name.startswith(flag)), "")


def _without_folders(word: str) -> str:
    flag, equals, path = word.rpartition("=") if word.startswith("--") else ("", "", word)
    return flag + equals + Path(path).name if "/" in path or "\\" in path else word


def device_name(device: torch.device) -> str:
    """What a reader of the card knows the device by."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type} ({platform.machine()}, {torch.get_num_threads()} threads)"
