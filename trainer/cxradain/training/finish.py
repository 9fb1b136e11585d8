"""The end of a training: the weights that it gives, as a model with its card."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file

from ..models.card import make_card, write_card
from ..models.model import parameter_count, save_weights
from . import BEST, MODEL
from .checkpoint import options_as_json
from .loop import Training
from .updates import LESSER, NonFiniteLoss


def write_trained_model(
    training: Training, command: Sequence[str], name: str = "", version: str = "1"
) -> Path:
    """Write the model's folder in a training's, and return it: the best weights by validation, else the last
    averaged ones.

    Args:
        training: at its end.
        command: the arguments of `cxradain`, which the card names as `redact_command` gives them.
        name, version: the model's; by default the name of the training's folder, and 1.

    Raises NonFiniteLoss for weights that are no numbers, and OSError.
    """
    model = training.model
    if training.best:
        state = load_file(training.out / BEST)
        model.load_state_dict({k.removeprefix("model."): v for k, v in state.items()})
    if not all(bool(value.isfinite().all()) for value in model.state_dict().values()):
        raise NonFiniteLoss(f"The last step made weights that are no numbers: no model is written.{LESSER}")
    options = training.options
    card = make_card(
        name=name or training.out.name,
        version=version,
        data=training.images.described(),
        training={
            "command": shlex.join(["cxradain", *redact_command(command)]),
            "preset": options.preset,
            "seed": options.seed,
            "hours": round(training.seconds / 3600, 2),
            "device": device_name(training.fabric.device),
            "precision": training.conditions["precision"],
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
    folder = save_weights(model, training.out / MODEL, training.updates.discriminator)
    write_card(folder, card)
    return folder


PRIVATE = {"--session": "SESSION", "--reader": "NAME", "--reference": "DIR"}


def redact_command(arguments: Sequence[str]) -> list[str]:
    """A command line without what may identify people, for a card, which is passed on with its model.

    Of paths the last part stays; readers, sessions and reference sets, and in a round also its folder and
    base data, are replaced by placeholders.
    """
    redacted: list[str] = []
    is_round = any(_placeholder(argument.partition("=")[0], PRIVATE) == "SESSION" for argument in arguments)
    private = PRIVATE | ({"--out": "DIR", "--data": "DIR"} if is_round else {})
    pending = ""  # stands for the next argument, the value of a private option
    for argument in arguments:
        flag, equals, _ = argument.partition("=")
        if pending:
            redacted.append(pending)
            pending = ""
        elif (placeholder := _placeholder(flag, private)) and equals:
            redacted.append(f"{flag}={placeholder}")
        else:
            pending = placeholder
            redacted.append(_without_folders(argument))
    return redacted


def _placeholder(flag: str, private: Mapping[str, str]) -> str:
    """What replaces the value of a private option, abbreviated as argparse allows or not; "" for others."""
    names = private if len(flag) > 2 and flag.startswith("--") else ()
    return next((private[name] for name in names if name.startswith(flag)), "")


def _without_folders(argument: str) -> str:
    flag, equals, path = argument.rpartition("=") if argument.startswith("--") else ("", "", argument)
    return flag + equals + Path(path).name if "/" in path or "\\" in path else argument


def device_name(device: torch.device) -> str:
    """The GPU's name, or the processor's kind and how many threads are used."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type} ({platform.machine()}, {torch.get_num_threads()} threads)"
