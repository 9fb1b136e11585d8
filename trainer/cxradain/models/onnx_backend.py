"""The ONNX Runtime backend, on the CPU or another execution provider. No torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime

from .card import configuration_of, read_card
from .devices import PRECISIONS, CanvasPrediction, DeviceError, Precision, system_memory
from .folders import CARD, WEIGHTS
from .onnx_graph import IMAGE, Pass, tensor_shapes, write_pass
from .tasks import Mode
from .weights import model_id, read_weights

# Device name -> ONNX Runtime's execution provider and a text for people, in order of preference.
PROVIDERS = {
    "cuda": ("CUDAExecutionProvider", "NVIDIA GPU (CUDA)"),
    "directml": ("DmlExecutionProvider", "GPU (DirectML)"),
    "coreml": ("CoreMLExecutionProvider", "Apple GPU or Neural Engine (Core ML)"),
    "cpu": ("CPUExecutionProvider", "CPU"),
}
CPU = "cpu"
ERRORS_ONLY = 3  # log level; warnings concern ONNX Runtime's own optimizations
# Largest accepted mean difference between an accelerator and the CPU on a trial image, in -1..1 or 0..1. Half
# precision stays below it; a provider with a faulty operation does not.
TOLERANCE = 0.02


class OnnxBackend:
    """A model loaded in ONNX Runtime (`devices.Backend`), in fp32.

    Args:
        model: a model's folder.
        device: "auto" (the first of PROVIDERS that this runtime has), "cpu", "cuda", "cuda:N", "directml" or
            "coreml".
        precision: "auto" or "fp32".

    If a provider fails, or its results differ from the CPU's, the CPU is used instead, and the `notes` of
    every prediction say so. Raises ModelError, DeviceError, and ValueError for an unknown precision.
    """

    def __init__(self, model: str | Path, device: str = "auto", precision: Precision = "auto") -> None:
        if precision not in PRECISIONS:
            raise ValueError(f"no precision {precision!r}: one of {', '.join(PRECISIONS)}")
        if precision not in ("auto", "fp32"):
            raise DeviceError(f"{precision}: ONNX Runtime computes in fp32 here; {precision} needs torch")
        folder = Path(model)
        self.card: dict[str, Any] = read_card(folder)
        self._config = configuration_of(self.card, folder)
        weights = read_weights(folder / WEIGHTS, tensor_shapes(self._config), f"the configuration in {CARD}")
        self.model_id = model_id(self.card, weights)
        self.canvas: int = self._config.canvas
        # The style encoder is used in training only.
        self._weights = {
            name: value for name, value in weights.items() if not name.startswith("style_encoder.")
        }
        self._kind, self._number = choose_device(device)
        self._notes: tuple[str, ...] = ()
        self._sessions: dict[Pass, Any] = {}
        self._session("student")  # the default mode; this also tests the device

    @property
    def name(self) -> str:
        """The library and its version."""
        return runtime_name()

    @property
    def device(self) -> str:
        """The device in use, for people."""
        return f"{self._kind}:{self._number}" if self._number else self._kind

    def predict(self, images: np.ndarray, mode: Mode, explain: bool) -> list[CanvasPrediction]:
        """Segment images (B, 1, S, S), float32 in -1..1, all in one pass."""
        as_normal = teacher = other = None
        if explain or mode == "teacher":
            as_normal = self._run("adapt", images)
            teacher = self._run("direct", as_normal)
        own = teacher if teacher is not None and mode == "teacher" else self._run(cast(Pass, mode), images)
        if explain:
            other = self._run("student", images) if mode == "teacher" else teacher
        return [
            CanvasPrediction(
                probability,
                self.device,
                self._notes,
                None if other is None else other[index],
                None if as_normal is None or not explain else as_normal[index, 0],
            )
            for index, probability in enumerate(own)
        ]

    def _run(self, name: Pass, images: np.ndarray) -> np.ndarray:
        session = self._session(name)
        if self._kind == CPU:
            return _outputs(session, images)
        try:
            return _outputs(session, images)
        except Exception as error:  # a provider's errors have no common type
            self._use_cpu(_first_line(error))
        return _outputs(self._session(name), images)

    def _session(self, name: Pass) -> Any:
        """The session of a pass, created on first use."""
        if name not in self._sessions:
            model = write_pass(name, self._config, self._weights)
            session = self._open_accelerated(model) if self._kind != CPU else None
            self._sessions[name] = session or open_session(model, CPU)
        return self._sessions[name]

    def _open_accelerated(self, model: bytes) -> Any | None:
        """The session on the accelerator; None if it fails or differs from the CPU, which is used from then
        on."""
        trial = np.linspace(-1, 1, self.canvas**2, dtype=np.float32).reshape(1, 1, self.canvas, self.canvas)
        try:
            session = open_session(model, self._kind, self._number)
            if session.get_providers()[0] != PROVIDERS[self._kind][0]:
                raise DeviceError("its libraries or its driver cannot be loaded")
            difference = np.abs(_outputs(session, trial) - _outputs(open_session(model, CPU), trial)).mean()
            if not difference <= TOLERANCE:
                raise DeviceError(f"its results differ from the CPU's by {difference:.2g}")
        except Exception as error:  # as above
            self._use_cpu(_first_line(error))
            return None
        return session

    def _use_cpu(self, why: str) -> None:
        self._notes = (f"{PROVIDERS[self._kind][1]} could not be used ({why}): the CPU is used.",)
        self._kind, self._number = CPU, 0
        self._sessions.clear()


def open_session(model: bytes, kind: str, number: int = 0) -> Any:
    """Open a session of an ONNX model on a device; ONNX Runtime may fall back to the CPU by itself."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ERRORS_ONLY
    options.enable_cpu_mem_arena = False  # as fast here, and an idle engine holds 40 MB less
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 0)  # 0: one a core
    wanted: list[Any] = [PROVIDERS[CPU][0]]
    if kind != CPU:
        # Full precision on CUDA; DirectML does not support memory patterns.
        settings = {"cuda": {"device_id": number, "use_tf32": 0}, "directml": {"device_id": number}}
        wanted.insert(0, (PROVIDERS[kind][0], settings.get(kind, {})))
        options.enable_mem_pattern = kind != "directml"
    return onnxruntime.InferenceSession(model, options, providers=wanted)


def choose_device(name: str) -> tuple[str, int]:
    """The device (a key of PROVIDERS) and its number, for "auto", "cpu", "cuda:1" and so on.

    Raises DeviceError for an unknown device, and for one that this build cannot use.
    """
    available = devices()
    kind, _, number = name.partition(":")
    if name == "auto":
        return available[0], 0
    if kind not in PROVIDERS or not (number or "0").isdecimal() or (number and kind == CPU):
        raise DeviceError(f"{name}: no such device; choose auto, {', '.join(PROVIDERS)} or cuda:N")
    if kind not in available:
        raise DeviceError(f"{name}: ONNX Runtime has no such device here, but {', '.join(available)}")
    return kind, int(number or 0)


def devices() -> list[str]:
    """The keys of PROVIDERS that this build of ONNX Runtime supports, in order of preference."""
    available = onnxruntime.get_available_providers()
    return [name for name, (provider, _) in PROVIDERS.items() if provider in available]


def runtime_name() -> str:
    """ "onnxruntime" with its version."""
    return f"onnxruntime {onnxruntime.__version__}"


def runtime() -> dict[str, Any]:
    """ONNX Runtime's part of `backends.runtime`."""
    texts = [
        {"name": name, "text": PROVIDERS[name][1], "memory": system_memory() if name == CPU else None}
        for name in devices()
    ]
    return {"backend": runtime_name(), "devices": texts}


def _outputs(session: Any, images: np.ndarray) -> np.ndarray:
    return session.run(None, {IMAGE: images})[0]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
