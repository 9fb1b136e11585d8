"""Trainings of a few steps, and what they leave behind."""

import json
from dataclasses import replace
from pathlib import Path

import torch
from cxradain.training.data import TrainingImages
from cxradain.training.loop import Training
from cxradain.training.options import LIGHT, PAPER, Stage, TrainOptions
from cxradain.training.progress import PROGRESS
from lightning_fabric import Fabric
from safetensors import safe_open

STAGES = (
    Stage("adaptation", 4, labelled=4, adaptation=2, adaptation_every=2, restored=2),
    Stage("distillation", 4, labelled=4, unlabelled=2),
)
OPTIONS = replace(LIGHT, model="tiny", stages=STAGES, r1_every=2)
PAPER_OPTIONS = replace(
    PAPER,
    model="tiny",
    stages=(Stage("adaptation", 3, adaptation=1), Stage("distillation", 3, labelled=0, unlabelled=1)),
)


def make_training(images: TrainingImages, out: Path, options: TrainOptions = OPTIONS, **more) -> Training:
    """One on the CPU, in this process; its `progress` is to be closed."""
    fabric = Fabric(accelerator="cpu", devices=1, precision="32-true")
    return Training(options, images, out, fabric, workers=0, validate_every=2, **more)


def stop_after(steps: int):
    """A `should_stop` that says so at that step of a run."""
    calls = iter(range(1, 10**6))
    return lambda: next(calls) >= steps


def content(path: Path) -> tuple[dict, dict[str, torch.Tensor]]:
    """State and tensors of a checkpoint; without the seconds, which no two runs share."""
    with safe_open(path, framework="pt") as file:
        state = json.loads(file.metadata()["state"])
        state.pop("seconds", None)
        return state, {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118


def assert_same(one: Path, other: Path) -> None:
    (state, tensors), (other_state, other_tensors) = content(one), content(other)
    assert state == other_state
    assert tensors.keys() == other_tensors.keys()
    assert [key for key in tensors if not torch.equal(tensors[key], other_tensors[key])] == []


def lines(out: Path, kind: str) -> list[dict]:
    events = [json.loads(line) for line in (out / PROGRESS).read_text(encoding="utf-8").splitlines()]
    return [line for line in events if kind in line]
