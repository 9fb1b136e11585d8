"""What `run.py bench gpu` packs, measures, trains and brings back: on the CPU, with few weights."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from cxradain.datasets import read_manifest, read_mask
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models import card
from cxradain.models.model import load_model
from cxradain.training.data import at_canvas
from small_trainings import PAPER_OPTIONS
from train_in_processes import TINY
from training_data import make_training_folder, shared_or_none

BENCHMARK = Path(__file__).resolve().parents[1] / "benchmarks" / "gpu.py"


@pytest.fixture(scope="module")
def gpu() -> ModuleType:
    """What `run.py bench gpu` runs."""
    spec = importlib.util.spec_from_file_location("benchmark_gpu", BENCHMARK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def packed(gpu: ModuleType, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    data = make_training_folder(folder / "data", shared_or_none(request))
    gpu.pack(data, folder / "gpu.zip")
    return folder / "gpu.zip"


def data_of(packed: Path, folder: Path) -> Path:
    """The images of a packed file and what belongs to them, without the packages."""
    with zipfile.ZipFile(packed) as file:
        file.extractall(folder, [name for name in file.namelist() if name.startswith("data/")])
    return folder / "data"


def test_images_for_measuring_stay_and_the_file_starts_by_itself(gpu: ModuleType, packed: Path) -> None:
    with zipfile.ZipFile(packed) as file:
        names = file.namelist()
        manifest = file.read("data/manifest.csv").decode()
    assert "dev_abnormal" not in manifest
    assert sum(name.startswith("data/images/") for name in names) == len(manifest.splitlines()) - 1 == 13
    assert {f"packages/{name}/__init__.py" for name in gpu.PACKAGES} <= set(names)
    shown = subprocess.run(
        [sys.executable, packed, "--help"], capture_output=True, text=True, check=True, env={"PATH": ""}
    )
    assert "--minutes" in shown.stdout


def test_a_packed_file_that_is_too_large_is_refused(
    gpu: ModuleType, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "LIMIT", 1000)
    monkeypatch.setattr(gpu, "PACKAGES", ())
    with pytest.raises(ValueError, match="more than 1000"):
        gpu.pack(packed.parent / "data", packed.parent / "other.zip")
    assert not (packed.parent / "other.zip").exists()


def test_a_dry_run_measures_trains_and_brings_the_model_back(
    gpu: ModuleType, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(card.PRESETS, "tiny", TINY)
    monkeypatch.setattr(gpu, "PIECE", 20_000)
    data = data_of(packed, tmp_path / "there")
    out = tmp_path / "results"
    machine = gpu.Machine("cpu", backend="", repeats=1, workers=0)
    stages = tuple(replace(stage, steps=2) for stage in PAPER_OPTIONS.stages)
    options = replace(PAPER_OPTIONS, stages=stages)
    gpu.run(data, out, 60.0, ("tiny",), (2,), options, machine)

    figures = json.loads((out / "figures.json").read_text())
    assert [row["compiled"] for row in figures["inference"]] == [False, False]
    assert all(row["ratio"] > 0 for row in figures["inference"])
    kinds = {(row["kind"], row["order"]) for row in figures["iterations"] if row["order"] != "plain"}
    assert len(kinds) == 4
    assert figures["training"]["finished"]
    assert figures["training"]["steps"] == {"adaptation": 2, "distillation": 2}
    pieces = sorted(out.glob("model.tar.gz.*"))
    assert len(pieces) == figures["training"]["pieces"] > 1
    assert max(piece.stat().st_size for piece in pieces) <= 20_000
    gpu.join(out, tmp_path / "model")
    assert load_model(tmp_path / "model").config == TINY
    pieces[0].unlink()
    with pytest.raises(FileNotFoundError, match="pieces"):
        gpu.join(out, tmp_path / "again")


def test_compiled_passes_and_iterations_are_measured_too(
    gpu: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(card.PRESETS, "tiny", TINY)
    machine = gpu.Machine("cpu", backend="eager", repeats=1, workers=0)
    rows = gpu.images_per_second("tiny", (1,), machine, gpu.Clock(3600))
    assert [row["compiled"] for row in rows if row["ratio"] > 0] == [False, True, False, True]
    rows = importlib.import_module("training").measure(
        "segmentation", TINY, ["32-true"], "sequence", 1, "cpu", "eager"
    )
    assert [row["precision"] for row in rows] == ["32-true", "32-true", "32-true, compiled"]


def test_without_time_a_training_still_brings_a_model_back(
    gpu: ModuleType, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(card.PRESETS, "tiny", TINY)
    data = data_of(packed, tmp_path / "there")
    out = tmp_path / "results"
    machine = gpu.Machine("cpu", backend="", repeats=1, workers=0)
    gpu.run(data, out, 0.0, ("tiny",), (1,), PAPER_OPTIONS, machine)
    figures = json.loads((out / "figures.json").read_text())
    assert "ratio" not in figures["inference"][0]
    assert not figures["training"]["finished"]
    gpu.join(out, tmp_path / "model")
    assert load_model(tmp_path / "model").config == TINY


def test_a_machine_with_little_more_than_torch_reads_the_images_and_has_all_that_trains(
    gpu: ModuleType, packed: Path, tmp_path: Path
) -> None:
    missing = tmp_path / "missing"
    missing.mkdir()
    for name in ("pydicom", "SimpleITK", "skimage", "onnxruntime", "rich", "tensorboard"):
        (missing / f"{name}.py").write_text(f"raise ModuleNotFoundError({name!r}, name={name!r})")
    with zipfile.ZipFile(packed) as file:
        file.extractall(tmp_path / "there")
    data = gpu.unpack(tmp_path / "there" / "data", tmp_path / "data")
    dicom = tmp_path / "image.dcm"
    dicom.write_bytes(bytes(128) + b"DICM")
    there = [str(tmp_path / "there" / name) for name in ("trainer", "Testing/benchmarks", "packages")]
    code = f"""
import sys
sys.path[:0] = {there}
import inference, training, cxradain.training.finish, cxradain.training.launch, cxradain.training.loop
from cxradain.training.data import TrainingImages
images = TrainingImages({str(data)!r}, 64)
print(images.load(next(case for of in images.labelled.values() for case in of), True)[1].shape)
from cxradain.imaging.radiograph import RadiographError, read_radiograph
try:
    read_radiograph({str(dicom)!r})
except RadiographError as error:
    print(error)
"""
    environment = os.environ | {"PYTHONPATH": str(missing)}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("(64, 64)") and "needs pydicom, which is not installed" in ran.stdout


def test_packed_images_are_as_those_of_the_data(gpu: ModuleType, packed: Path, tmp_path: Path) -> None:
    data = gpu.unpack(data_of(packed, tmp_path), tmp_path / "again")
    before = {case.id: case for case in read_manifest(packed.parent / "data")}
    for case in read_manifest(data):
        other = before[case.id]
        assert (case.split, case.source, case.patient_group) == (
            other.split,
            other.source,
            other.patient_group,
        )
        pairs = [
            at_canvas(read_radiograph(each.image), read_mask(each) if each.mask else None, 256)
            for each in (case, other)
        ]
        (image, labels), (expected, expected_labels) = pairs
        assert abs(image.astype(float) - expected).mean() < 3
        assert (labels is None) == (expected_labels is None)
        assert labels is None or (labels == expected_labels).all()
