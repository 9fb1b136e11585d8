"""Where a training runs: its processes, devices and precision, by Lightning Fabric."""

from __future__ import annotations

import platform
import time
from contextlib import nullcontext
from typing import Any, Literal

import torch
import torch.nn.functional as F
from lightning_fabric import Fabric

from ..models.devices import DeviceError
from .options import Precision

PRECISION_NAMES = {"32-true": "single precision", "bf16-mixed": "mixed precision with bfloat16"}
TIMED = 2  # timed steps for each precision; the fastest counts


def launch(
    accelerator: str = "auto",
    precision: Precision = "auto",
    threads: int | None = None,
    devices: int = 1,
    num_nodes: int = 1,
    strategy: str = "auto",
) -> Fabric:
    """Start Lightning Fabric for a training; `threads` on the CPU (None: all).

    Several processes average their gradients by DDP, with `find_unused_parameters` since no update uses all
    weights. Raises DeviceError if the devices are not available.
    """
    if threads:
        torch.set_num_threads(threads)
    several = devices > 1 or num_nodes > 1 or strategy == "ddp"
    strategy = "ddp_find_unused_parameters_true" if several else "auto"

    def fabric(precision: str) -> Fabric:
        how: Any = {"accelerator": accelerator, "precision": precision, "strategy": strategy}
        return Fabric(devices=devices, num_nodes=num_nodes, **how)

    try:
        if precision == "auto":
            precision = faster_precision(fabric("32-true").device)
        chosen = fabric(precision)
    except (RuntimeError, ValueError) as error:
        raise DeviceError(str(error)) from error
    chosen.launch()
    return chosen


def faster_precision(device: torch.device) -> Literal["32-true", "bf16-mixed"]:
    """The faster of single and mixed precision on a device, by measurement: a CPU without bfloat16
    instructions takes several times as long with it."""
    image = torch.randn(2, 32, 64, 64, device=device)
    weight = torch.randn(32, 32, 3, 3, device=device, requires_grad=True)

    def seconds(mixed: bool) -> float:
        times = []
        for _ in range(1 + TIMED):  # the first one warms up
            started = time.perf_counter()
            with torch.autocast(device.type, torch.bfloat16) if mixed else nullcontext():
                loss = F.conv2d(F.conv2d(image, weight, padding=1), weight, padding=1).float().square().mean()
            loss.backward()
            loss.item()  # waits for a GPU
            times.append(time.perf_counter() - started)
        return min(times[1:])

    if device.type not in ("cpu", "cuda"):
        return "32-true"  # mixed precision is untested on other devices
    return "bf16-mixed" if seconds(True) < seconds(False) else "32-true"


def computed_on(fabric: Fabric) -> str:
    """The device and precision of a training in words: "cpu (x86_64, 2 threads), single precision"."""
    return f"{device_name(fabric.device)}, {PRECISION_NAMES[precision_of(fabric)]}"


def precision_of(fabric: Fabric) -> str:
    """A key of `PRECISION_NAMES`, which "auto" has been decided for."""
    return str(fabric.strategy.precision.precision)


def device_name(device: torch.device) -> str:
    """The GPU's name, or the kind of processor and the number of threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type != "cpu":
        return f"{device.type} ({platform.machine()})"
    return f"{device.type} ({platform.machine()}, {threads_of(device)} threads)"


def threads_of(device: torch.device) -> int:
    """The number of threads that compute on a processor; 0 for a GPU."""
    return torch.get_num_threads() if device.type == "cpu" else 0
