"""The end of a training: its weights written as a model with a card."""

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
from .launch import device_name
from .loop import Training
from .updates import ADVICE, NonFiniteLoss


def write_trained_model(
    training: Training, command: Sequence[str], name: str = "", version: str = "1"
) -> Path:
    """Write the model's folder in the training's folder and return it: the weights that validated best, or
    else the last averaged ones.

    Args:
        training: a finished one.
        command: the arguments of `cxradain` for the card (`redact_command`).
        name, version: of the model; by default the name of the training's folder, and 1.

    Raises NonFiniteLoss if a weight is NaN or infinite, and OSError.
    """
    model = training.model
    if training.best:
        state = load_file(training.out / BEST)
        model.load_state_dict({k.removeprefix("model."): v for k, v in state.items()})
    if not all(bool(value.isfinite().all()) for value in model.state_dict().values()):
        raise NonFiniteLoss(f"The last step made NaN or infinite weights; no model was written.{ADVICE}")
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
    # A model to start from brought its card along.
    parent = {key: model.card[key] for key in ("name", "version", "weights_sha256") if key in model.card}
    card["parent"] = parent or None
    card["parameters"] = parameter_count(model)
    card["configuration"] = asdict(model.config)
    folder = save_weights(model, training.out / MODEL, training.updates.discriminator)
    write_card(folder, card)
    return folder


PRIVATE = {"--session": "SESSION", "--reader": "NAME", "--reference": "DIR"}


def redact_command(arguments: Sequence[str]) -> list[str]:
    """A command line without what may identify people, for a card, which is shared with its model.

    Paths are reduced to their last part; readers, sessions and reference sets, and in a round also its folder
    and base data, are replaced by placeholders.
    """
    redacted: list[str] = []
    is_round = any(_placeholder(argument.partition("=")[0], PRIVATE) == "SESSION" for argument in arguments)
    private = PRIVATE | ({"--out": "DIR", "--data": "DIR"} if is_round else {})
    pending = ""  # placeholder for the next argument, the value of a private option
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
    """The placeholder for the value of a private option, also if it is abbreviated as argparse allows; "" for
    other options."""
    names = private if len(flag) > 2 and flag.startswith("--") else ()
    return next((private[name] for name in names if name.startswith(flag)), "")


def _without_folders(argument: str) -> str:
    flag, equals, path = argument.rpartition("=") if argument.startswith("--") else ("", "", argument)
    return flag + equals + Path(path).name if "/" in path or "\\" in path else argument
