"""The torch backend: the choice of device and precision, and the fallbacks when memory runs out."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from . import tasks
from .devices import PRECISIONS, CanvasPrediction, DeviceError, Precision, system_memory
from .model import load_model
from .tasks import Mode
from .weights import model_id

CPU = torch.device("cpu")
REDUCED = {"bf16": torch.bfloat16, "fp16": torch.float16}


class TorchBackend:
    """A model kept on a device (`devices.Backend`).

    Args:
        model: a model's folder, or a module with `config`, `card`, `segment` and, for explanations,
            `as_normal` and `generator` like AdaINModel, which is copied.
        device: "auto" (CUDA, then MPS, then the CPU), "cpu", "cuda", "cuda:N" or "mps".
        precision: "fp32", "bf16", "fp16" or "auto" (`resolve_precision`).

    Raises ModelError, DeviceError, and ValueError for an unknown precision.
    """

    def __init__(
        self, model: nn.Module | str | Path, device: str = "auto", precision: Precision = "auto"
    ) -> None:
        if precision not in PRECISIONS:
            raise ValueError(f"no precision {precision!r}: one of {', '.join(PRECISIONS)}")
        self.torch_device = choose_device(device)
        self.precision: Precision = precision
        loaded: Any = copy.deepcopy(model).to(CPU) if isinstance(model, nn.Module) else load_model(model)
        self._cpu_model = loaded.eval()
        self._notes: tuple[str, ...] = ()
        self._model = self._on_device()
        self.card: dict[str, Any] = self._cpu_model.card
        self.canvas: int = self._cpu_model.config.canvas
        weights = {name: value.numpy() for name, value in self._cpu_model.state_dict().items()}
        self.model_id = model_id(self.card, weights)

    @property
    def name(self) -> str:
        """The library and its version."""
        return f"torch {torch.__version__}"

    @property
    def device(self) -> str:
        """The device in use, for people."""
        return describe(self.torch_device)

    def predict(self, images: np.ndarray, mode: Mode, explain: bool) -> list[CanvasPrediction]:
        """Segment images (B, 1, S, S), float32 in -1..1, all in one pass.

        If the accelerator runs out of memory, the batch is halved and in the end computed on the CPU; `notes`
        say so.
        """
        predictions = self._within_memory(torch.from_numpy(images), mode, explain)
        return [replace(each, notes=self._notes + each.notes) for each in predictions]

    @torch.inference_mode()
    def run(
        self, model: Any, device: torch.device, images: Tensor, mode: Mode, explain: bool
    ) -> list[CanvasPrediction]:
        """Run the passes of `model`, which is on `device`, in this precision."""
        images = images.to(device)
        with arithmetic(device, self.precision):
            if not explain:
                probabilities = _probability(model.segment(images, mode))
                return [CanvasPrediction(each, describe(device)) for each in probabilities]
            as_normal = model.as_normal(images)
            teacher = tasks.segment(model.generator, as_normal)
            if mode == "teacher":
                own, other = teacher, model.segment(images, "student")
            else:
                own, other = model.segment(images, mode), teacher
        translated = as_normal.squeeze(1).float().cpu().numpy()
        each_image = zip(_probability(own), _probability(other), translated, strict=True)
        return [CanvasPrediction(a, describe(device), (), b, normal) for a, b, normal in each_image]

    def _within_memory(self, images: Tensor, mode: Mode, explain: bool) -> list[CanvasPrediction]:
        """Predict all at once, or else in halves, or else on the CPU."""
        try:
            return self.run(self._model, self.torch_device, images, mode, explain)
        except RuntimeError as error:
            if self.torch_device.type == "cpu" or not lacks_memory(error):
                raise
        # Outside the handler: its traceback would keep the failed attempt's tensors alive.
        if self.torch_device.type == "cuda":
            torch.cuda.empty_cache()
        if len(images) > 1:
            note = f"{self.device} lacked memory for {len(images)} images: smaller batches were used."
            halves = images.tensor_split(2)
            predictions = [each for half in halves for each in self._within_memory(half, mode, explain)]
        else:
            note = f"{self.device} lacked memory for one image: it was computed on the CPU."
            predictions = self.run(self._cpu_model, CPU, images, mode, explain)
        return [replace(each, notes=each.notes or (note,)) for each in predictions]

    def _on_device(self) -> Any:
        if self.torch_device == CPU:
            return self._cpu_model
        try:
            return copy.deepcopy(self._cpu_model).to(self.torch_device)
        except RuntimeError as error:
            if not lacks_memory(error):
                raise
        self._notes = (f"{self.device} lacked memory for the model: the CPU is used.",)
        self.torch_device = CPU
        return self._cpu_model


def choose_device(name: str = "auto") -> torch.device:
    """The device called "auto" (CUDA, then MPS, then the CPU), "cpu", "cuda", "cuda:N" or "mps".

    "auto" takes an accelerator only if it works: torch also lists one too old for this build. Raises
    DeviceError for an unknown device, and for one that this computer lacks.
    """
    if name == "auto":
        return next((device for device in map(torch.device, accelerators()) if computes(device)), CPU)
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DeviceError(f"{name}: no such device; choose auto, cpu, cuda, cuda:N or mps") from None
    available = ("cpu", *accelerators())
    if device.type not in available:
        raise DeviceError(f"{name}: not on this machine, which has {', '.join(available)}")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(f"{name}: this machine has {torch.cuda.device_count()} CUDA device(s), from cuda:0")
    return device


def runtime() -> dict[str, Any]:
    """torch's part of `backends.runtime`."""
    text = f"CPU, {torch.get_num_threads()} threads"
    devices: list[dict[str, Any]] = [{"name": "cpu", "text": text, "memory": system_memory()}]
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            gpu = torch.cuda.get_device_properties(index)
            devices.append({"name": f"cuda:{index}", "text": gpu.name, "memory": gpu.total_memory})
    if torch.backends.mps.is_available():
        devices.append({"name": "mps", "text": "Apple GPU", "memory": None})
    return {"backend": f"torch {torch.__version__}", "devices": devices}


def accelerators() -> list[str]:
    """The kinds of accelerators that torch reports, in order of preference."""
    cuda = ["cuda"] if torch.cuda.is_available() else []
    return cuda + (["mps"] if torch.backends.mps.is_available() else [])


def computes(device: torch.device) -> bool:
    """Whether a device can add two numbers."""
    try:
        return bool((torch.ones(1, device=device) + 1).item() == 2)
    except RuntimeError:
        return False


def describe(device: torch.device) -> str:
    """The device for people, e.g. "cuda:0 (NVIDIA H100)"."""
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else str(device)


def resolve_precision(device: torch.device, precision: Precision = "auto") -> Precision:
    """Resolve "auto": bf16 on CUDA devices that support it, fp16 on others, fp32 on CPU and MPS."""
    if precision != "auto":
        return precision
    if device.type != "cuda":
        return "fp32"
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


def arithmetic(device: torch.device, precision: Precision = "auto") -> AbstractContextManager[Any]:
    """A context in which torch computes in a precision (`resolve_precision`)."""
    precision = resolve_precision(device, precision)
    return nullcontext() if precision == "fp32" else torch.autocast(device.type, REDUCED[precision])


def lacks_memory(error: RuntimeError) -> bool:
    """Whether an accelerator ran out of memory; CUDA has its own exception, MPS only a message."""
    return isinstance(error, torch.cuda.OutOfMemoryError) or "out of memory" in str(error)


def _probability(logits: Tensor) -> np.ndarray:
    return logits.float().softmax(1).cpu().numpy()
