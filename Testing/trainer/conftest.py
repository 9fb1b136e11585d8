"""Data that tests may need: the shared radiographs, where there are any, real DICOM files, a small model."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

# Models that tests keep are not the user's.
os.environ["CXRADAIN_HOME"] = tempfile.mkdtemp(prefix="cxradain-home-")

# The tests' networks are tiny: threads cost them more than they give, above all when tests run side by side.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# How long an example takes says more of the machine than of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The prepared radiographs: $CXRADAIN_DATA, else ../shared/data/cxr beside the checkout."""
    directory = Path(os.environ.get("CXRADAIN_DATA") or CHECKOUT.parent / "shared" / "data" / "cxr")
    if not (directory / "manifest.csv").is_file():
        pytest.skip(f"no shared radiographs at {directory}; CXRADAIN_DATA may name their folder")
    return directory


@pytest.fixture(scope="session")
def real_dicom() -> Callable[[str], Path]:
    """Path of a file of pydicom-data, by name; a missing package is a failure, for the tests require it."""
    import data_store

    folder = Path(data_store.__file__).parent / "data"

    def path(name: str) -> Path:
        found = folder / name
        assert found.is_file(), f"pydicom-data has no {name}"
        return found

    return path


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of bundled models holds the small one alone."""
    from small_models import save_small_model

    folder = tmp_path / "models"
    save_small_model(folder / "compact")
    monkeypatch.setenv("CXRADAIN_MODELS", str(folder))
    return folder


@pytest.fixture
def inbox(tmp_path: Path, models: Path) -> Path:
    """A folder of two radiographs."""
    from small_models import chest

    folder = tmp_path / "in"
    folder.mkdir()
    for seed, name in enumerate(("a.png", "b.png")):
        Image.fromarray((chest(seed=seed) // 16).astype(np.uint8)).save(folder / name)
    return folder
