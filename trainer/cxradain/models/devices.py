"""Where a model runs: the device, the arithmetic that pays there, and what counts as a lack of memory."""

from __future__ import annotations

import ctypes
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

from .. import CxradainError

Precision = Literal["auto", "fp32", "bf16", "fp16"]
PRECISIONS: tuple[Precision, ...] = ("auto", "fp32", "bf16", "fp16")

CPU = torch.device("cpu")
REDUCED = {"bf16": torch.bfloat16, "fp16": torch.float16}


class DeviceError(CxradainError, ValueError):
    """The device asked for is not one, or is not there; the message says what is."""


def choose_device(name: str = "auto") -> torch.device:
    """The device called "auto" (CUDA, then MPS, then the CPU), "cpu", "cuda", "cuda:N" or "mps".

    "auto" takes an accelerator only if it computes: one too old for this build of torch is there and of no
    use. Raises DeviceError for a name that is no device, and for a device that is not there.
    """
    if name == "auto":
        return next((d for d in map(torch.device, _accelerators()) if _computes(d)), CPU)
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DeviceError(f"{name}: no such device; choose auto, cpu, cuda, cuda:N or mps") from None
    there = ("cpu", *_accelerators())
    if device.type not in there:
        raise DeviceError(f"{name}: not on this machine, which has {', '.join(there)}")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(f"{name}: this machine has {torch.cuda.device_count()} CUDA device(s), from cuda:0")
    return device


def describe(device: torch.device) -> str:
    """The device in words, e.g. "cuda:0 (NVIDIA H100)"."""
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else str(device)


def arithmetic(device: torch.device, precision: Precision = "auto") -> AbstractContextManager:
    """A context in which convolutions run in this precision.

    "auto" is bf16 on CUDA devices that have it, fp16 on others, and fp32 on the CPU and on MPS.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"no precision {precision!r}: one of {', '.join(PRECISIONS)}")
    if precision == "auto":
        precision = _fastest_on_cuda() if device.type == "cuda" else "fp32"
    return nullcontext() if precision == "fp32" else torch.autocast(device.type, REDUCED[precision])


def lacks_memory(error: RuntimeError) -> bool:
    """Whether an accelerator ran out of memory; CUDA has an exception for it, MPS only a message."""
    return isinstance(error, torch.cuda.OutOfMemoryError) or "out of memory" in str(error)


def _accelerators() -> list[str]:
    cuda = ["cuda"] if torch.cuda.is_available() else []
    return cuda + (["mps"] if torch.backends.mps.is_available() else [])


def _computes(device: torch.device) -> bool:
    try:
        return bool((torch.ones(1, device=device) + 1).item() == 2)
    except RuntimeError:
        return False


def _fastest_on_cuda() -> Precision:
    return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


# Parameters of glibc's mallopt.
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4


def keep_memory() -> bool:
    """Have glibc keep freed blocks instead of giving them back; True where that is possible.

    A training frees and takes the same large blocks in every step. By default each is mapped and unmapped,
    and all its pages are faulted in anew. To be called before the first large block; elsewhere than on glibc
    nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    settings = ((MMAP_MAX, 0), (TRIM_THRESHOLD, 2**31 - 1), (TOP_PAD, 256 * 2**20))
    return all([mallopt(name, value) == 1 for name, value in settings])
