"""The choice of the backend that runs a model: ONNX Runtime or torch. Only the chosen one is imported."""

from __future__ import annotations

import ctypes
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .devices import BACKENDS, Backend, BackendName, DeviceError, Precision
from .folders import ModelError

if TYPE_CHECKING:
    from torch import nn


def open_backend(
    model: nn.Module | str | Path,
    device: str = "auto",
    precision: Precision = "auto",
    backend: BackendName = "auto",
) -> Backend:
    """Load a model, given by its folder or as a torch module, into a backend (`choose_backend`).

    Raises ModelError, DeviceError, and ValueError for an unknown precision or backend.
    """
    if not isinstance(model, (str, Path)):
        backend = "torch"
    if choose_backend(backend, device, precision) == "torch":
        from .torch_backend import TorchBackend  # torch takes seconds

        return TorchBackend(model, device, precision)
    from .onnx_backend import OnnxBackend

    assert isinstance(model, (str, Path))  # torch modules were handled above
    return OnnxBackend(model, device, precision)


def choose_backend(
    name: BackendName = "auto", device: str = "auto", precision: Precision = "auto"
) -> Literal["onnxruntime", "torch"]:
    """Choose a backend. "auto" prefers ONNX Runtime, which starts and runs faster on a CPU, and takes torch
    if only torch is installed, or ONNX Runtime cannot use the requested device or precision. For the device
    "auto" it also takes torch where there is NVIDIA's driver and ONNX Runtime has no GPU; whether torch has
    one is not asked, as importing it takes seconds.

    Raises DeviceError if the backend is not installed, and ValueError for an unknown name.
    """
    if name not in BACKENDS:
        raise ValueError(f"no backend {name!r}: one of {', '.join(BACKENDS)}")
    installed = [each for each in ("onnxruntime", "torch") if is_installed(each)]
    if name != "auto" and name not in installed:
        raise DeviceError(f"{name}: not installed in {sys.executable}. Install it in the setup.")
    if not installed:
        raise DeviceError(
            f"Neither onnxruntime nor torch is installed in {sys.executable}. Install one in the setup, or "
            "choose another Python there."
        )
    if name == "torch" or "onnxruntime" not in installed:
        return "torch"
    if name == "onnxruntime" or "torch" not in installed:
        return "onnxruntime"
    try:
        from .onnx_backend import devices
    except ImportError:  # a system library is missing, such as Microsoft's C++ runtime
        return "torch"
    kind = device.partition(":")[0]
    reachable = kind in devices() if kind != "auto" else devices() != ["cpu"] or not has_nvidia_driver()
    return "onnxruntime" if reachable and precision in ("auto", "fp32") else "torch"


def try_model(folder: Path) -> None:
    """Load a model and run it once on the CPU. Raises ModelError, also for an output of NaN or infinity, and
    DeviceError if no backend is installed."""
    with np.errstate(over="ignore", invalid="ignore"):  # the result is checked below
        backend = open_backend(folder, "cpu")
        slope = np.linspace(-1, 1, backend.canvas, dtype=np.float32)
        (prediction,) = backend.predict(np.add.outer(slope, slope)[None, None] / 2, "student", False)
    if not np.isfinite(prediction.probability).all():
        raise ModelError(f"{folder}: the model gives no numbers (NaN or infinite); copy or train it again")


def runtime(backend: BackendName = "auto") -> dict[str, Any]:
    """Describe the backend: `backend` (name and version) and `devices`, each with `name` (for
    `open_backend`), `text` (for people) and `memory` (bytes, None if unknown).

    Raises as `choose_backend`.
    """
    if choose_backend(backend) == "torch":
        from . import torch_backend

        return torch_backend.runtime()
    from . import onnx_backend

    return onnx_backend.runtime()


def is_installed(package: str) -> bool:
    """Whether this Python has a package, without importing it."""
    spec = find_spec(package)
    return spec is not None and spec.origin is not None  # a bare folder of that name has no origin


def has_nvidia_driver() -> bool:
    """Whether NVIDIA's driver library can be loaded."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True
