"""Damaged and made-up inputs, some of each kind: a short run of `run.py bench fuzz`, which has 20,000."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from cxradain.imaging import decoder

BENCHMARK = Path(__file__).resolve().parents[1] / "benchmarks" / "fuzz.py"
INPUTS = 40  # of a target, each always the same


@pytest.fixture(scope="module")
def fuzz() -> Iterator[ModuleType]:
    """What `run.py bench fuzz` runs."""
    spec = importlib.util.spec_from_file_location("benchmark_fuzz", BENCHMARK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    patience = decoder.PATIENCE
    yield module
    decoder.PATIENCE = patience


@pytest.mark.parametrize("target", ["images", "masks", "archives", "models", "sessions", "rounds", "frames"])
def test_odd_inputs_are_read_or_refused_in_words_that_name_the_file(fuzz: ModuleType, target: str) -> None:
    outcomes, failures = fuzz.run_chunk(target, 2, range(INPUTS))
    assert not failures, failures
    assert outcomes["read"] + outcomes["refused"] == INPUTS
    # Of a session, too, a file may be damaged that the reader can do without; rounds are read to the last.
    assert outcomes["read"] and (outcomes["refused"] or target == "rounds")


def test_a_target_that_the_short_run_leaves_out_is_noticed(fuzz: ModuleType) -> None:
    assert set(fuzz.TARGETS) == {"images", "masks", "archives", "models", "sessions", "rounds", "frames"}


def test_a_wrong_answer_is_counted_as_a_failure(fuzz: ModuleType, monkeypatch) -> None:
    def nameless(folder: Path, chance: object) -> str:
        return fuzz.must_name(ValueError("something is wrong"), folder / "a.png")

    monkeypatch.setitem(fuzz.TARGETS, "images", (nameless, 1))
    outcomes, failures = fuzz.run_chunk("images", 2, range(3))
    assert len(failures) == 3 and "does not name a.png" in failures[0].text and not outcomes["refused"]
