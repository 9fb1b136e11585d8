"""A change of the code leaves the shipped model's masks as they were: checksums on the bundled samples.

    PYTHONPATH=trainer python Testing/trainer/test_predictions.py     writes predictions.json anew

Write it anew when the shipped model changes, or when a change of the masks is meant.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cxradain.imaging.folders import find_files
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models.folders import bundled_models, samples_folder
from cxradain.models.segmenter import Segmenter
from cxradain.models.tasks import MODES

EXPECTED = Path(__file__).with_name("predictions.json")
TOLERANCE = 1e-4  # of the image's pixels, where other arithmetic may round a border pixel differently


def arithmetic() -> dict[str, str]:
    """What the last bits of a probability depend on."""
    return {"torch": torch.__version__, "cpu": torch.backends.cpu.get_cpu_capability()}


def describe(path: Path, segmenter: Segmenter) -> dict[str, Any]:
    """By mode: the mask's SHA-256 and the lungs' areas in pixels."""
    radiograph = read_radiograph(path)
    masks = {mode: segmenter.predict(radiograph, mode).labels for mode in MODES}
    return {
        mode: {
            "sha256": hashlib.sha256(labels.tobytes()).hexdigest(),
            "right": int(np.count_nonzero(labels == 1)),
            "left": int(np.count_nonzero(labels == 2)),
            "pixels": labels.size,
        }
        for mode, labels in masks.items()
    }


def samples() -> list[Path]:
    return find_files([samples_folder()]).files


@contextmanager
def one_thread() -> Iterator[None]:
    """The number of threads decides the order of sums."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@pytest.fixture(scope="module")
def segmenter() -> Iterator[Segmenter]:
    with one_thread():
        yield Segmenter(bundled_models()[0], "cpu", backend="torch")


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.stem)
def test_predictions_are_those_recorded_in_predictions_json(path: Path, segmenter: Segmenter) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert segmenter.model_id == expected["model"], "write predictions.json anew for another model"
    same_arithmetic = arithmetic() == expected["arithmetic"]
    for mode, mask in describe(path, segmenter).items():
        before = expected["masks"][path.name][mode]
        if same_arithmetic:
            assert mask == before, mode
        for lung in ("right", "left"):
            assert abs(mask[lung] - before[lung]) <= TOLERANCE * mask["pixels"], (mode, lung)


def main() -> None:
    """Write what the shipped model gives now."""
    segmenter = Segmenter(bundled_models()[0], "cpu", backend="torch")
    with one_thread():
        masks = {path.name: describe(path, segmenter) for path in samples()}
    made = {"model": segmenter.model_id, "arithmetic": arithmetic(), "masks": masks}
    EXPECTED.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
