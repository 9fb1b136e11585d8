"""Data that tests may need: the shared radiographs, where there are any, real DICOM files, a small model."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

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


@pytest.fixture
def make(tmp_path: Path) -> Callable:
    """Writes a DICOM image with the given attributes and reads it."""
    from cxradain.imaging.radiograph import read_radiograph
    from dicom_files import drawing, write

    def call(pixels: np.ndarray | None = None, **attributes):
        return read_radiograph(
            write(tmp_path / "made.dcm", drawing() if pixels is None else pixels, **attributes)
        )

    return call


@pytest.fixture(params=["copies", "references"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A session to export, of either kind."""
    from export_data import make_session

    return make_session(tmp_path, request.param)


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Radiographs to train with."""
    from training_data import make_training_folder, shared_or_none

    return make_training_folder(tmp_path_factory.mktemp("cxr"), shared_or_none(request))


@pytest.fixture(scope="module")
def images(folder: Path):
    """Those, as a training reads them."""
    from cxradain.training.data import TrainingImages
    from training_data import CANVAS

    return TrainingImages(folder, CANVAS)


@pytest.fixture
def begin(images, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Makes trainings of tiny networks, and closes their files at the end."""
    from cxradain.models import model
    from small_trainings import make_training
    from train_in_processes import TINY

    monkeypatch.setitem(model.PRESETS, "tiny", TINY)

    def make(*arguments, **more):
        training = make_training(images, *arguments, **more)
        request.addfinalizer(training.progress.close)
        return training

    return make
