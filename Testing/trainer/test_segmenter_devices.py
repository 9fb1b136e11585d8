"""The segmenter's devices: how they are chosen, and what it does where memory lacks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cxradain.models import devices
from cxradain.models.devices import DeviceError, arithmetic, choose_device
from cxradain.models.segmenter import Segmenter
from small_models import drawn, small_model


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(small_model(), device="cpu")


class Short:
    """Passes of a device with memory for so many images only."""

    def __init__(self, segmenter: Segmenter, room: int, error: type[RuntimeError] = RuntimeError):
        self.passes, self.room, self.error, self.tried = segmenter._passes, room, error, []

    def __call__(self, model, device, images, *rest):
        if device.type != "cpu":
            self.tried.append(len(images))
            if len(images) > self.room:
                raise self.error("CUDA out of memory. Tried to allocate 20 MiB")
            device = torch.device("cpu")
        return self.passes(model, device, images, *rest)


def on_a_gpu_with_room_for(images: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Segmenter, Short]:
    """A segmenter that takes the CPU for a CUDA device of little memory."""
    segmenter = Segmenter(small_model(), device="cpu")
    segmenter.device = torch.device("cuda", 0)
    short = Short(segmenter, images, torch.cuda.OutOfMemoryError)
    monkeypatch.setattr(segmenter, "_passes", short)
    monkeypatch.setattr(
        "cxradain.models.segmenter.describe", lambda device: "GPU" if device.type == "cuda" else "cpu"
    )
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    return segmenter, short


def test_lack_of_memory_makes_the_batch_smaller_and_is_said(monkeypatch, segmenter: Segmenter) -> None:
    small, short = on_a_gpu_with_room_for(2, monkeypatch)
    radiographs = [drawn(f"r{i}", seed=i) for i in range(5)]
    results = small.predict_batch(radiographs)
    assert max(short.tried) == 5 and 2 in short.tried
    for result, radiograph in zip(results, radiographs, strict=True):
        assert np.allclose(result.probability, segmenter.predict(radiograph).probability, atol=1e-4)
        assert len(result.notes) == 1 and "smaller batches" in result.notes[0]


def test_without_memory_for_one_image_the_cpu_computes_it_and_is_said(monkeypatch, segmenter) -> None:
    small, short = on_a_gpu_with_room_for(0, monkeypatch)
    results = small.predict_batch([drawn(), drawn()], reasons=True)
    assert short.tried == [2, 1, 1]
    for result in results:
        assert result.device == "cpu"
        assert len(result.notes) == 1 and "CPU" in result.notes[0]
        assert np.allclose(result.probability, segmenter.predict(drawn()).probability, atol=1e-4)


def test_other_faults_of_a_device_are_not_taken_for_a_lack_of_memory(monkeypatch) -> None:
    small, _ = on_a_gpu_with_room_for(0, monkeypatch)

    def fail(*_):
        raise RuntimeError("CUDA error: an illegal instruction was encountered")

    monkeypatch.setattr(small, "_passes", fail)
    with pytest.raises(RuntimeError, match="illegal instruction"):
        small.predict(drawn())


def test_a_device_without_room_for_the_model_gives_way_to_the_cpu(monkeypatch, segmenter) -> None:
    monkeypatch.setattr("cxradain.models.segmenter.choose_device", lambda name: torch.device("meta"))

    def full(self, device):
        if device.type == "meta":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return self

    monkeypatch.setattr("cxradain.models.model.AdaINModel.to", full)
    found = Segmenter(small_model()).predict(drawn())
    assert found.device == "cpu" and "memory for the model" in found.notes[0]
    assert np.array_equal(found.labels, segmenter.predict(drawn()).labels)


def test_devices_are_chosen_by_name(monkeypatch) -> None:
    assert choose_device("cpu").type == "cpu"
    with pytest.raises(DeviceError, match=r"abacus.*cuda:N"):
        choose_device("abacus")
    monkeypatch.setattr(devices, "_accelerators", lambda: [])
    assert choose_device("auto").type == "cpu"
    for name in ("cuda", "mps"):
        with pytest.raises(DeviceError, match=f"{name}: not on this machine, which has cpu"):
            choose_device(name)
    monkeypatch.setattr(devices, "_accelerators", lambda: ["cuda", "mps"])
    monkeypatch.setattr(devices, "_computes", lambda device: device.type == "mps")
    assert choose_device("auto").type == "mps"
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert choose_device("cuda:0").index == 0
    with pytest.raises(DeviceError, match=r"cuda:3.*1 CUDA"):
        choose_device("cuda:3")


def test_the_arithmetic_follows_the_device(monkeypatch) -> None:
    matrix = torch.ones(4, 4)
    for precision, expected in (("auto", torch.float32), ("bf16", torch.bfloat16), ("fp32", torch.float32)):
        with arithmetic(torch.device("cpu"), precision):
            assert (matrix @ matrix).dtype == expected
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    assert devices._fastest_on_cuda() == "fp16"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    assert devices._fastest_on_cuda() == "bf16"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_gives_the_cpus_lungs(segmenter: Segmenter) -> None:
    found = Segmenter(small_model(), device="cuda").predict(drawn(), reasons=True)
    alone = segmenter.predict(drawn(), reasons=True)
    assert found.device.startswith("cuda")
    assert np.abs(found.probability - alone.probability).mean() < 0.05
