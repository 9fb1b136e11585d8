"""The interface of a backend, precisions, and device errors. No torch."""

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
    """The requested device or backend does not exist or is not available; the message names those that
    are."""


@dataclass(frozen=True, eq=False)
class CanvasPrediction:
    """The output of a backend for one image, on the network's canvas of S x S pixels."""

    probability: np.ndarray
    """(3, S, S) float32 in 0..1: probabilities of background, right and left lung."""
    device: str
    """The device that was used, for people, e.g. "cuda:0 (NVIDIA H100)"."""
    notes: tuple[str, ...] = ()
    """What was done differently from the request, for people."""
    other_probability: np.ndarray | None = None
    """(3, S, S) float32 in 0..1, only with explanations: the teacher's, or in teacher mode the student's."""
    as_normal: np.ndarray | None = None
    """(S, S) float32 in -1..1, only with explanations: the image translated to the normal domain."""


class Backend(Protocol):
    """A loaded model, run by ONNX Runtime (`onnx_backend`) or torch (`torch_backend`)."""

    @property
    def name(self) -> str:
        """The library and its version, e.g. "onnxruntime 1.32.0"."""

    @property
    def card(self) -> dict[str, Any]:
        """The model's card."""

    @property
    def canvas(self) -> int:
        """Side of the network's square input, in pixels."""

    @property
    def model_id(self) -> str:
        """How to cite the model: name and version, or part of the weights' hash."""

    @property
    def device(self) -> str:
        """The device in use, for people, e.g. "cpu"."""

    def predict(self, images: np.ndarray, mode: Mode, explain: bool) -> list[CanvasPrediction]:
        """Segment images (B, 1, S, S), float32 in -1..1; `explain` adds the explanations. Keeps their
        order."""


def system_memory() -> int | None:
    """This computer's memory in bytes, None if unknown."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


# Parameters of glibc's mallopt.
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4


def keep_memory() -> bool:
    """Make glibc keep freed blocks instead of returning them to the system; returns whether it can.

    A training frees and allocates the same large blocks in every step; by default each is mapped and
    unmapped, and all its pages are faulted in again. Call it before the first large allocation; without glibc
    it does nothing.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    settings = ((MMAP_MAX, 0), (TRIM_THRESHOLD, 2**31 - 1), (TOP_PAD, 256 * 2**20))
    return all([mallopt(name, value) == 1 for name, value in settings])
