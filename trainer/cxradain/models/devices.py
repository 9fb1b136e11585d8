"""What computes a model's passes, without torch: a backend's interface, precisions, and errors of devices."""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from .. import CxradainError
from .tasks import Mode

Precision = Literal["auto", "fp32", "bf16", "fp16"]
PRECISIONS: tuple[Precision, ...] = ("auto", "fp32", "bf16", "fp16")
BackendName = Literal["auto", "onnxruntime", "torch"]
BACKENDS: tuple[BackendName, ...] = ("auto", "onnxruntime", "torch")


class DeviceError(CxradainError, ValueError):
    """The device or the backend asked for is not one, or this computer has none; the message names those it
    has."""


@dataclass(frozen=True, eq=False)
class CanvasPrediction:
    """What a backend gives for one image on the network's canvas of S pixels a side."""

    probability: np.ndarray
    """(3, S, S) float32 in 0..1: of background, right and left lung."""
    device: str
    """What computed it, for people, e.g. "cuda:0 (NVIDIA H100)"."""
    notes: tuple[str, ...] = ()
    """What was done otherwise than asked, in plain words."""
    other_probability: np.ndarray | None = None
    """(3, S, S) float32 in 0..1, with explanations only: by the teacher; in teacher mode by the student."""
    as_normal: np.ndarray | None = None
    """(S, S) float32 in -1..1, with explanations only: the image translated to the normal domain."""


class Backend(Protocol):
    """A loaded model with what computes it: ONNX Runtime (`onnx_backend`) or torch (`torch_backend`)."""

    @property
    def name(self) -> str:
        """What computes, with its version, e.g. "onnxruntime 1.32.0"."""

    @property
    def card(self) -> dict[str, Any]:
        """The model's card."""

    @property
    def canvas(self) -> int:
        """Side of the square that the network sees, in pixels."""

    @property
    def model_id(self) -> str:
        """What to cite the model by: name and version, or digits of the weights' hash."""

    @property
    def device(self) -> str:
        """The device in use, for people, e.g. "cpu"."""

    def predict(self, images: np.ndarray, mode: Mode, explain: bool) -> list[CanvasPrediction]:
        """Segment images (B, 1, S, S), float32 in -1..1, in their order; `explain`: with explanations."""


def system_memory() -> int | None:
    """This computer's memory in bytes, None where that cannot be told."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


# Parameters of glibc's mallopt.
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4


def keep_memory() -> bool:
    """Have glibc keep freed blocks instead of giving them back; True where that is possible.

    A training frees and allocates the same large blocks in every step. By default each is mapped and
    unmapped, and all its pages are faulted in anew. To be called before the first large block; elsewhere than
    on glibc nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    settings = ((MMAP_MAX, 0), (TRIM_THRESHOLD, 2**31 - 1), (TOP_PAD, 256 * 2**20))
    return all([mallopt(name, value) == 1 for name, value in settings])
