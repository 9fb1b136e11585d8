"""ONNX Runtime in torch's place: the same masks, without torch, and the CPU where another provider fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from cxradain.imaging.folders import find_files
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models import backends, onnx_backend
from cxradain.models.backends import choose_backend, open_backend
from cxradain.models.card import ModelError
from cxradain.models.devices import DeviceError
from cxradain.models.folders import WEIGHTS, bundled_models, samples_folder
from cxradain.models.model import load_model
from cxradain.models.onnx_backend import OnnxBackend, choose_device
from cxradain.models.onnx_graph import tensor_shapes, write_pass
from cxradain.models.registry import Registry
from cxradain.models.segmenter import Segmenter
from cxradain.models.tasks import MODES
from cxradain.models.weights import read_weights
from engine_client import Engine, EngineError
from light_python import light_path
from safetensors.numpy import load_file, save_file
from small_models import CONFIG, chest, drawn, save_small_model

FEW = 1e-4  # of an image's pixels
PASSES = ("student", "direct", "adapt")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_small_model(tmp_path_factory.mktemp("model"))


@pytest.mark.parametrize("folder", bundled_models(), ids=lambda folder: folder.name)
def test_masks_are_torchs_but_for_one_pixel_in_ten_thousand(folder: Path) -> None:
    one, other = (Segmenter(folder, "cpu", backend=name) for name in ("onnxruntime", "torch"))
    assert (one.card, one.canvas, one.model_id) == (other.card, other.canvas, other.model_id)
    for path in find_files([samples_folder()]).files:
        radiograph = read_radiograph(path)
        for mode in MODES:
            both = (each.predict(radiograph, mode, explain=True, quality=False) for each in (one, other))
            found, expected = both
            assert np.mean(found.labels != expected.labels) < FEW, (path.name, mode)
            assert np.mean(np.abs(found.probability - expected.probability)) < FEW
            assert np.mean(np.abs(found.as_normal - expected.as_normal)) < FEW
            assert found.disagreement_score == pytest.approx(expected.disagreement_score, abs=1e-4)


@pytest.mark.parametrize("mode", MODES)
def test_a_pass_of_random_weights_gives_torchs_probabilities(model: Path, mode: str) -> None:
    images = np.random.default_rng(0).uniform(-1, 1, (3, 1, 64, 64)).astype(np.float32)
    with torch.inference_mode():
        expected = load_model(model).segment(torch.from_numpy(images), mode).softmax(1).numpy()
    found = OnnxBackend(model, "cpu").predict(images, mode, explain=False)
    assert np.allclose([each.probability for each in found], expected, atol=1e-4)
    assert all(each.as_normal is None and each.other_probability is None for each in found)


@pytest.mark.parametrize("name", PASSES)
def test_graphs_are_sound_by_onnxs_own_checker(model: Path, name: str) -> None:
    weights = read_weights(model / WEIGHTS, tensor_shapes(CONFIG), "the card")
    graph = onnx.load_from_string(write_pass(name, CONFIG, weights))
    onnx.checker.check_model(graph, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(graph, strict_mode=True).graph.output[0]
    sides = [side.dim_param or side.dim_value for side in inferred.type.tensor_type.shape.dim]
    assert sides == ["batch", 1 if name == "adapt" else 3, 64, 64]


def test_weights_saved_anew_are_the_ones_computed_with(tmp_path: Path) -> None:
    folder = save_small_model(tmp_path)
    before = Segmenter(folder, "cpu", backend="onnxruntime").predict(drawn())
    weights = load_file(folder / WEIGHTS)
    turned = {name: value if "to_mask.conv" not in name else value[::-1] for name, value in weights.items()}
    size = (folder / WEIGHTS).stat().st_size
    save_file({name: np.ascontiguousarray(value) for name, value in turned.items()}, folder / WEIGHTS)
    assert (folder / WEIGHTS).stat().st_size == size
    after = Segmenter(folder, "cpu", backend="onnxruntime").predict(drawn())
    assert np.allclose(after.canvas_probability, before.canvas_probability[::-1], atol=1e-6)


@pytest.mark.parametrize("change", ["missing", "smaller"])
def test_weights_that_do_not_fit_the_card_are_refused_by_name(tmp_path: Path, change: str) -> None:
    folder = save_small_model(tmp_path)
    weights, name = load_file(folder / WEIGHTS), "generator.encoder.2.conv1.weight"
    value = weights.pop(name)
    if change == "smaller":
        weights[name] = np.ascontiguousarray(value[:, 1:])
    save_file(weights, folder / WEIGHTS)
    with pytest.raises(ModelError, match=rf"{WEIGHTS}: does not fit .*{name}"):
        OnnxBackend(folder)


def test_what_only_torch_computes_is_refused_or_left_to_torch(model: Path) -> None:
    with pytest.raises(DeviceError, match=r"bf16.*torch"):
        OnnxBackend(model, precision="bf16")
    with pytest.raises(ValueError, match=r"fp8.*fp16"):
        OnnxBackend(model, precision="fp8")
    assert Segmenter(model, "cpu", "bf16").backend.name.startswith("torch ")


# --- which backend, which device -------------------------------------------------------------------------


def test_the_backend_is_chosen_by_what_is_installed_and_reaches_the_device(monkeypatch) -> None:
    installed = {"onnxruntime", "torch"}
    monkeypatch.setattr(backends, "is_installed", lambda name: name in installed)
    monkeypatch.setattr(backends, "has_nvidia_driver", lambda: False)
    monkeypatch.setattr(onnx_backend, "devices", lambda: ["cpu"])
    assert choose_backend() == choose_backend(device="cpu") == "onnxruntime"
    assert choose_backend("torch") == choose_backend(device="cuda:1") == "torch"
    assert choose_backend(device="mps") == choose_backend(precision="bf16") == "torch"
    monkeypatch.setattr(backends, "has_nvidia_driver", lambda: True)
    assert choose_backend() == "torch" and choose_backend(device="cpu") == "onnxruntime"
    monkeypatch.setattr(onnx_backend, "devices", lambda: ["cuda", "cpu"])
    assert choose_backend() == choose_backend(device="cuda:1") == "onnxruntime"
    installed.remove("torch")
    assert choose_backend(device="mps") == "onnxruntime", "which says what devices there are"
    with pytest.raises(DeviceError, match=r"torch: not installed"):
        choose_backend("torch")
    installed.clear()
    with pytest.raises(DeviceError, match="Neither onnxruntime nor torch"):
        choose_backend()
    with pytest.raises(ValueError, match=r"abacus.*onnxruntime"):
        choose_backend("abacus")


def test_devices_are_the_providers_of_the_runtime(monkeypatch) -> None:
    with pytest.raises(DeviceError, match=r"abacus.*directml"):
        choose_device("abacus")
    for name in ("cpu:1", "cuda:x"):
        with pytest.raises(DeviceError, match="no such device"):
            choose_device(name)
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnx_backend.onnxruntime, "get_available_providers", lambda: providers)
    assert choose_device("auto") == choose_device("cuda") == ("cuda", 0)
    assert choose_device("cuda:2") == ("cuda", 2) and choose_device("cpu") == ("cpu", 0)
    assert [each["name"] for each in onnx_backend.runtime()["devices"]] == ["cuda", "cpu"]
    with pytest.raises(DeviceError, match=r"coreml.*cuda, cpu"):
        choose_device("coreml")


class Gpu:
    """A session of the CPU's that passes for one on a GPU; it fails after so many runs, or gives zeros."""

    def __init__(self, session: Any, runs: int, factor: float, provider: str) -> None:
        self.session, self.runs, self.factor, self.provider = session, runs, factor, provider

    def get_providers(self) -> list[str]:
        return [self.provider, "CPUExecutionProvider"]

    def run(self, *arguments: Any) -> list[np.ndarray]:
        self.runs -= 1
        if self.runs < 0:
            raise Exception("[ONNXRuntimeError] : 1 : FAIL : CUDA failure 2: out of memory\nsecond line")
        return [output * np.float32(self.factor) for output in self.session.run(*arguments)]


CUDA = "CUDAExecutionProvider"


@pytest.mark.parametrize(
    ("runs", "factor", "provider", "expected"),
    [
        (99, 1.0, CUDA, None),
        (0, 1.0, CUDA, "CUDA failure 2: out of memory"),
        (1, 1.0, CUDA, "CUDA failure 2: out of memory"),  # not in the trial, but in use
        (99, 0.0, CUDA, "differ from the CPU's"),
        (99, np.nan, CUDA, "differ from the CPU's"),
        (99, 1.0, "CPUExecutionProvider", "cannot be loaded"),
    ],
)
def test_a_provider_that_fails_or_computes_wrongly_is_given_up_for_the_cpu(
    monkeypatch, model: Path, runs: int, factor: float, provider: str, expected: str | None
) -> None:
    def opened(content: bytes, kind: str, number: int = 0) -> Any:
        session = open_session(content, "cpu")
        return session if kind == "cpu" else Gpu(session, runs, factor, provider)

    open_session = onnx_backend.open_session
    monkeypatch.setattr(onnx_backend, "open_session", opened)
    monkeypatch.setattr(onnx_backend, "devices", lambda: ["cuda", "cpu"])
    segmenter = Segmenter(backend=OnnxBackend(model))
    plain = Segmenter(model, "cpu", backend="onnxruntime")
    for mode in MODES:
        found = segmenter.predict(drawn(), mode, explain=True)
        assert np.array_equal(found.labels, plain.predict(drawn(), mode).labels)
        if expected is None:
            assert (found.device, found.notes) == ("cuda", ())
        else:
            assert found.device == "cpu" and len(found.notes) == 1
            assert expected in found.notes[0] and "the CPU is used" in found.notes[0]
            assert "second line" not in found.notes[0]


# --- without torch -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., list[str]]]:
    """What starts a Python that has no torch; the words that follow are its own."""
    paths = light_path(tmp_path_factory.mktemp("light"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", paths)
        yield lambda *words: [sys.executable, "-S", *map(str, words)]


def output_of(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_that_segment_need_no_torch(light, tmp_path: Path) -> None:
    sample = samples_folder() / "nih_normal__00001281_000.png"
    for mode in MODES:
        output_of(light("-m", "cxradain", "segment", sample, "--output", tmp_path / mode, "--mode", mode))
        assert list((tmp_path / mode).iterdir())
    output_of(light("-m", "cxradain", "translate", sample, "--output", tmp_path / "normal"))
    text = output_of(light("-m", "cxradain", "info"))
    assert "computed by: onnxruntime" in text and "device: cpu" in text and "torch: not installed" in text


def test_a_model_is_tried_and_promoted_without_torch(light, model: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path))
    output_of(light("-m", "cxradain", "models", "promote", model))
    assert Registry().current().id == "small-round-1"


def test_the_demos_report_needs_no_torch(light, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    output_of(light("-m", "cxradain.commands.demo_page", "--no-open", "--output", page))
    assert "Dice against the reference" in page.read_text(encoding="utf-8")


def test_the_engine_answers_everything_without_torch(light, model: Path) -> None:
    with Engine(light("-m", "cxradain.engine")) as engine:
        assert engine.info["backend"].startswith("onnxruntime ")
        assert engine.info["devices"][-1]["name"] == "cpu"
        loaded = engine.request("load", model=str(model)).header
        assert loaded["backend"] == engine.info["backend"] and loaded["device"] == "cpu"
        image = {"key": "a", "name": "drawn"}
        views = ["probability", "as_normal", "disagreement"]
        for mode in MODES:
            reply = engine.request("predict", {"pixels": chest()}, mode=mode, views=views, **image)
            assert reply.header["backend"] == engine.info["backend"]
            assert set(reply.arrays) == {"labels", *views}
        labels = reply.arrays["labels"]
        outside = np.argwhere(labels == 0)
        row, column = outside[len(outside) // 2].tolist()
        click = {"row": row, "column": column, "action": "add", "lung": 1}
        refined = engine.request("refine", {"labels": labels}, click=click, key="a")
        assert refined.header["changed"] > 0


def test_the_engine_takes_the_backend_that_is_named(light) -> None:
    with Engine([sys.executable, "-m", "cxradain.engine", "--backend=torch"]) as engine:
        assert engine.info["backend"].startswith("torch ")
    with pytest.raises(EngineError, match=r"--abacus 3 is not understood"):
        Engine(light("-m", "cxradain.engine", "--abacus", "3"))
    with pytest.raises(EngineError, match=r"torch: not installed in .*setup"):
        Engine(light("-m", "cxradain.engine", "--backend", "torch"))


def test_a_torch_module_is_computed_by_torch_whatever_is_installed(model: Path) -> None:
    assert open_backend(load_model(model), "cpu").name.startswith("torch ")
