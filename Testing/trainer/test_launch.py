"""Where a training runs: the faster precision where none is named; impossible devices are refused."""

import time
from contextlib import contextmanager, nullcontext

import pytest
import torch
from cxradain.models.devices import DeviceError
from cxradain.training import launch as launching
from cxradain.training.launch import computed_on, faster_precision, launch, precision_of


@contextmanager
def slow(*_):
    time.sleep(0.3)
    yield


def test_the_faster_precision_is_chosen(monkeypatch):
    monkeypatch.setattr(launching.torch, "autocast", slow)
    assert faster_precision(torch.device("cpu")) == "32-true"
    monkeypatch.setattr(launching.torch, "autocast", lambda *_: nullcontext())
    monkeypatch.setattr(launching, "nullcontext", slow)
    assert faster_precision(torch.device("cpu")) == "bf16-mixed"


def test_auto_is_resolved_before_the_training_and_a_named_precision_stays(monkeypatch):
    monkeypatch.setattr(launching, "faster_precision", lambda device: "bf16-mixed")
    single, mixed = "single precision", "mixed precision with bfloat16"
    for asked, expected, text in (("auto", "bf16-mixed", mixed), ("32-true", "32-true", single)):
        fabric = launch("cpu", asked)
        assert precision_of(fabric) == expected
        assert computed_on(fabric).startswith("cpu (") and computed_on(fabric).endswith(f"), {text}")


def test_a_device_that_is_not_there_is_refused():
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError):
            launch("cuda", "32-true")
