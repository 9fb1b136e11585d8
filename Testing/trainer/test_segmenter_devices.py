"""The segmenter's devices: how they are chosen, and what it does when memory runs out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from cxradain.models import devices, torch_backend
from cxradain.models.devices import DeviceError
from cxradain.models.segmenter import Segmenter
from cxradain.models.torch_backend import TorchBackend, arithmetic, choose_device, resolve_precision
from small_models import drawn, small_model


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(small_model(), device="cpu")


class SmallGpu(TorchBackend):
    """Takes the CPU for a CUDA device with memory for so many images only."""

    def __init__(self, images: int) -> None:
        super().__init__(small_model(), "cpu")
        self.torch_device, self.room, self.tried = torch.device("cuda", 0), images, []

    def run(self, model, device, images, *rest):
        if device.type != "cpu":
            self.tried.append(len(images))
            if len(images) > self.room:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 MiB")
            device = torch.device("cpu")
        return super().run(model, device, images, *rest)


@pytest.fixture
def no_cuda_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """What only a real CUDA device could answer."""
    monkeypatch.setattr(
        torch_backend, "describe", lambda device: "GPU" if device.type == "cuda" else str(device)
    )
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)


@pytest.mark.usefixtures("no_cuda_calls")
def test_out_of_memory_makes_the_batch_smaller_and_is_noted(segmenter: Segmenter) -> None:
    gpu = SmallGpu(2)
    radiographs = [drawn(f"r{i}", seed=i) for i in range(5)]
    results = Segmenter(backend=gpu).predict_batch(radiographs)
    assert max(gpu.tried) == 5 and 2 in gpu.tried
    for result, radiograph in zip(results, radiographs, strict=True):
        assert result.radiograph is radiograph
        assert np.allclose(result.probability, segmenter.predict(radiograph).probability, atol=1e-4)
        assert len(result.notes) == 1 and "smaller batches" in result.notes[0]


@pytest.mark.usefixtures("no_cuda_calls")
def test_out_of_memory_for_one_image_falls_back_to_the_cpu_and_is_noted(segmenter: Segmenter) -> None:
    gpu = SmallGpu(0)
    results = Segmenter(backend=gpu).predict_batch([drawn(), drawn()], explain=True, quality=False)
    assert gpu.tried == [2, 1, 1]
    for result in results:
        assert result.device == "cpu"
        assert len(result.notes) == 1 and "CPU" in result.notes[0]
        assert np.allclose(result.probability, segmenter.predict(drawn()).probability, atol=1e-4)


@pytest.mark.usefixtures("no_cuda_calls")
def test_other_device_errors_are_not_treated_as_out_of_memory() -> None:
    class Broken(SmallGpu):
        def run(self, *_):
            raise RuntimeError("CUDA error: an illegal instruction was encountered")

    with pytest.raises(RuntimeError, match="illegal instruction"):
        Segmenter(backend=Broken(0)).predict(drawn())


def test_a_device_too_small_for_the_model_falls_back_to_the_cpu(monkeypatch, segmenter) -> None:
    monkeypatch.setattr(torch_backend, "choose_device", lambda name: torch.device("meta"))

    def full(self, device):
        if device.type == "meta":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return self

    monkeypatch.setattr("cxradain.models.model.AdaINModel.to", full)
    found = Segmenter(small_model()).predict(drawn())
    assert found.device == "cpu" and "memory for the model" in found.notes[0]
    assert np.array_equal(found.labels, segmenter.predict(drawn()).labels)


def test_another_backend_needs_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from cxradain.imaging.radiograph import Radiograph\n"
        "from cxradain.models.devices import CanvasPrediction\n"
        "from cxradain.models.segmenter import Segmenter\n"
        "class Halves:\n"
        "    card, canvas, model_id, device = {}, 64, 'halves 0', 'paper'\n"
        "    def predict(self, images, mode, explain):\n"
        "        assert images.shape == (1, 1, 64, 64) and images.dtype == np.float32\n"
        "        probability = np.zeros((3, 64, 64), np.float32)\n"
        "        probability[1, :, :32], probability[2, :, 32:] = 1, 1\n"
        "        return [CanvasPrediction(probability, self.device, ('by hand',))]\n"
        "pixels = np.arange(10_000, dtype=np.uint16).reshape(100, 100)\n"
        "prediction = Segmenter(backend=Halves()).predict(Radiograph(pixels, 'ramp'))\n"
        "assert prediction.right[:, :49].all() and prediction.left[:, 51:].all()\n"
        "assert (prediction.model_id, prediction.notes) == ('halves 0', ('by hand',))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(devices.__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_devices_are_chosen_by_name(monkeypatch) -> None:
    assert choose_device("cpu").type == "cpu"
    with pytest.raises(DeviceError, match=r"abacus.*cuda:N"):
        choose_device("abacus")
    monkeypatch.setattr(torch_backend, "accelerators", lambda: [])
    assert choose_device("auto").type == "cpu"
    for name in ("cuda", "mps"):
        with pytest.raises(DeviceError, match=f"{name}: not on this machine, which has cpu"):
            choose_device(name)
    monkeypatch.setattr(torch_backend, "accelerators", lambda: ["cuda", "mps"])
    monkeypatch.setattr(torch_backend, "computes", lambda device: device.type == "mps")
    assert choose_device("auto").type == "mps"
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert choose_device("cuda:0").index == 0
    with pytest.raises(DeviceError, match=r"cuda:3.*1 CUDA"):
        choose_device("cuda:3")


def test_precision_follows_the_device(monkeypatch) -> None:
    matrix = torch.ones(4, 4)
    for precision, expected in (("auto", torch.float32), ("bf16", torch.bfloat16), ("fp32", torch.float32)):
        with arithmetic(torch.device("cpu"), precision):
            assert (matrix @ matrix).dtype == expected
    for supported, expected in ((False, "fp16"), (True, "bf16")):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, s=supported: s)
        assert resolve_precision(torch.device("cuda")) == expected


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_and_cpu_predict_the_same_lungs(segmenter: Segmenter) -> None:
    found = Segmenter(small_model(), device="cuda").predict(drawn(), explain=True)
    alone = segmenter.predict(drawn(), explain=True)
    assert found.device.startswith("cuda")
    assert np.abs(found.probability - alone.probability).mean() < 0.05
