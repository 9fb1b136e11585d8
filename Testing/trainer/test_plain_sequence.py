"""Our updates, which share passes, have the losses of the paper's plain sequence of passes."""

from __future__ import annotations

import importlib.util
from copy import deepcopy
from pathlib import Path
from types import ModuleType

import pytest
import torch
from cxradain.models.model import AdaINModel, new_discriminator
from cxradain.training.options import Stage
from train_in_processes import TINY

BENCHMARK = Path(__file__).resolve().parents[1] / "benchmarks" / "training.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """What `run.py bench training` runs."""
    spec = importlib.util.spec_from_file_location("benchmark_training", BENCHMARK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("order", ["sequence", "together"])
@pytest.mark.parametrize("kind", ["adaptation", "segmentation", "distillation"])
def test_losses_equal_those_of_a_plain_training_loop(benchmark: ModuleType, kind: str, order: str) -> None:
    torch.manual_seed(3)
    model = AdaINModel(TINY).train()
    adversary = new_discriminator(TINY)
    batch = benchmark.make_batch(TINY.canvas, torch.device("cpu"))
    part = {k: v for k, v in batch.items() if k.startswith(benchmark.KINDS[kind])}
    plain = benchmark.PlainSequence(deepcopy(model), deepcopy(adversary), benchmark.STILL)
    expected = benchmark.floats(getattr(plain, kind)(part))
    updates = benchmark.ours(model, adversary, order, "32-true", "cpu", benchmark.STILL)
    stage = Stage(kind, 1, adaptation=int(kind == "adaptation"), unlabelled=int(kind == "distillation"))
    compared = benchmark.differences(expected, updates.step(part, stage, 0, 0), order)
    assert compared and all(value > 0.01 for value, _ in compared.values()), compared
    assert all(abs(far) < 1e-4 for _, far in compared.values()), compared
