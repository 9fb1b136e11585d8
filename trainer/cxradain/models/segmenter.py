"""A radiograph in, both lungs out: canvas, generator, clean-up and the way back to the radiograph's size."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..imaging.letterbox import Letterbox
from ..imaging.lungs import LEFT, RIGHT, clean_probability, most_probable_labels, quality_flags
from ..imaging.radiograph import Radiograph
from . import tasks
from .devices import CPU, PRECISIONS, Precision, arithmetic, choose_device, describe, lacks_memory
from .model import AdaINModel, load_model
from .tasks import MODES, Mode


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What was found in one radiograph of (H, W) pixels.

    `as_normal`, `disagreement` and `disagreement_score` are None unless the reasons were asked for.
    """

    radiograph: Radiograph
    labels: np.ndarray
    """(H, W) uint8: 0 background, 1 the patient's right lung, 2 the left."""
    probability: np.ndarray
    """(H, W) float32 in 0..1: of lung, right or left."""
    canvas_probability: np.ndarray
    """(3, S, S) float32 in 0..1: of background, right and left lung as the network gave them, on its canvas;
    what the clean-up took away is there still, and a click may want it back."""
    mode: Mode
    flags: tuple[str, ...]
    """Codes of `lungs.FLAG_TEXT`."""
    model_id: str
    device: str
    notes: tuple[str, ...] = ()
    """What went otherwise than asked, in plain words."""
    as_normal: np.ndarray | None = None
    """(H, W) float32 in 0..1: the radiograph as the teacher sees it, translated to the normal domain."""
    disagreement: np.ndarray | None = None
    """(H, W) float32 in 0..1: |lung probability here - the teacher's| (in teacher mode, the student's)."""
    disagreement_score: float | None = None
    """0 (alike) to 1 (nothing shared): `disagreement_score()` of the two."""

    @property
    def right(self) -> np.ndarray:
        """(H, W) bool: the patient's right lung."""
        return self.labels == RIGHT

    @property
    def left(self) -> np.ndarray:
        """(H, W) bool: the patient's left lung."""
        return self.labels == LEFT


@dataclass(frozen=True, eq=False)
class _Passes:
    """Of a batch on the canvas, float32: class probabilities, and with reasons those of the other way to the
    mask, (B, 3, S, S), and the translation, (B, S, S) in -1..1."""

    probability: np.ndarray
    other: np.ndarray | None = None
    as_normal: np.ndarray | None = None
    device: str = "cpu"
    notes: tuple[str, ...] = ()


class Segmenter:
    """A model, kept warm on a device.

    Args:
        model: a model's folder, None for the one that came along, or a model, of which a copy is kept;
            any module with AdaINModel's `config`, `card` and `segment` will do where no reasons are asked.
        device: "auto" (CUDA, then MPS, then the CPU), "cpu", "cuda", "cuda:N" or "mps".
        precision: "fp32", "bf16", "fp16" or "auto" (`devices.arithmetic`).

    The number of threads is torch's own setting. On the CPU the same radiograph gives the same result, bit by
    bit. Raises model.ModelError and devices.DeviceError.
    """

    def __init__(
        self,
        model: AdaINModel | str | Path | None = None,
        device: str = "auto",
        precision: Precision = "auto",
    ):
        if precision not in PRECISIONS:
            raise ValueError(f"no precision {precision!r}: one of {', '.join(PRECISIONS)}")
        self.device = choose_device(device)
        self.precision: Precision = precision
        own = copy.deepcopy(model).to(CPU) if isinstance(model, nn.Module) else load_model(model)
        self._cpu_model: AdaINModel = own.eval()
        self.model_id = model_id(self._cpu_model)
        self._notes: tuple[str, ...] = ()
        self._model = self._on_device()

    @property
    def card(self) -> dict:
        """The model's card."""
        return self._cpu_model.card

    @property
    def canvas(self) -> int:
        """Side of the square the network sees, pixels."""
        return self._cpu_model.config.canvas

    def predict(self, radiograph: Radiograph, mode: Mode = "student", reasons: bool = False) -> Segmentation:
        """Find both lungs of one radiograph; see `predict_batch`."""
        return self.predict_batch([radiograph], mode, reasons)[0]

    def predict_batch(
        self, radiographs: Sequence[Radiograph], mode: Mode = "student", reasons: bool = False
    ) -> list[Segmentation]:
        """Find both lungs of each radiograph, all in one pass of the network.

        Args:
            radiographs: of any sizes.
            mode: student, teacher or direct, as in `AdaINModel.segment`.
            reasons: also the as-normal translation and the disagreement (two more passes).

        Where an accelerator lacks memory the batch is halved, then computed on the CPU, and `notes` say so.
        Raises RadiographError, naming the radiograph, for one without contrast, and ValueError for another
        mode.
        """
        if mode not in MODES:
            raise ValueError(f"no mode {mode!r}: one of {', '.join(MODES)}")
        if not radiographs:
            return []
        letterboxes = [Letterbox(r.shape, self.canvas) for r in radiographs]
        seen = [b.to_canvas(r.intensities()) for r, b in zip(radiographs, letterboxes, strict=True)]
        images = torch.from_numpy(np.stack(seen)).unsqueeze(1) * 2 - 1
        results: list[Segmentation] = []
        for passes in self._with_what_memory_there_is(images, mode, reasons):
            for index in range(len(passes.probability)):
                place = len(results)
                results.append(self._finish(radiographs[place], letterboxes[place], passes, index, mode))
        return results

    def _finish(
        self, radiograph: Radiograph, letterbox: Letterbox, passes: _Passes, index: int, mode: Mode
    ) -> Segmentation:
        """From the canvas back to the radiograph."""
        raw = passes.probability[index]
        cleaned = clean_probability(raw)
        flags = quality_flags(most_probable_labels(cleaned), raw, letterbox.content)
        enlarged = letterbox.from_canvas(cleaned)
        found = Segmentation(
            radiograph=radiograph,
            labels=most_probable_labels(enlarged),
            probability=_lung(enlarged),
            canvas_probability=raw,
            mode=mode,
            flags=flags,
            model_id=self.model_id,
            device=passes.device,
            notes=self._notes + passes.notes,
        )
        if passes.other is None or passes.as_normal is None:
            return found
        own, other = _lung(cleaned), _lung(clean_probability(passes.other[index]))
        return replace(
            found,
            as_normal=letterbox.from_canvas(np.clip(passes.as_normal[index] / 2 + 0.5, 0, 1)),
            disagreement=letterbox.from_canvas(np.abs(own - other)),
            disagreement_score=disagreement_score(own, other),
        )

    def _with_what_memory_there_is(self, images: Tensor, mode: Mode, reasons: bool) -> list[_Passes]:
        """The passes of a batch, in order: at once, else in halves, else on the CPU."""
        try:
            return [self._passes(self._model, self.device, images, mode, reasons)]
        except RuntimeError as error:
            if self.device.type == "cpu" or not lacks_memory(error):
                raise
        # Outside the handler, where the traceback no longer holds the failed attempt's tensors.
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        if len(images) > 1:
            note = (
                f"{describe(self.device)} lacked memory for {len(images)} images: smaller batches were used."
            )
            halves = images.tensor_split(2)
            parts = [p for half in halves for p in self._with_what_memory_there_is(half, mode, reasons)]
        else:
            note = f"{describe(self.device)} lacked memory for one image: it was computed on the CPU."
            parts = [self._passes(self._cpu_model, CPU, images, mode, reasons)]
        return [replace(part, notes=part.notes or (note,)) for part in parts]

    @torch.inference_mode()
    def _passes(
        self, model: AdaINModel, device: torch.device, images: Tensor, mode: Mode, reasons: bool
    ) -> _Passes:
        images = images.to(device)
        with arithmetic(device, self.precision):
            if not reasons:
                return _Passes(_probability(model.segment(images, mode)), device=describe(device))
            as_normal = model.as_normal(images)
            teacher = tasks.segment(model.generator, as_normal)
            if mode == "teacher":
                own, other = teacher, model.segment(images, "student")
            else:
                own, other = model.segment(images, mode), teacher
        return _Passes(
            _probability(own),
            _probability(other),
            as_normal.squeeze(1).float().cpu().numpy(),
            describe(device),
        )

    def _on_device(self) -> AdaINModel:
        if self.device == CPU:
            return self._cpu_model
        try:
            return copy.deepcopy(self._cpu_model).to(self.device)
        except RuntimeError as error:
            if not lacks_memory(error):
                raise
        self._notes = (f"{describe(self.device)} lacked memory for the model: the CPU is used.",)
        self.device = CPU
        return self._cpu_model


def disagreement_score(a: np.ndarray, b: np.ndarray) -> float:
    """How much of the lung two probability maps do not share: 0 (alike) to 1 (nothing in common).

    The mean |a - b| relative to the lung's size, sum |a - b| / sum max(a, b): 1 - IoU for soft masks. Two
    maps without lung agree.
    """
    size = float(np.maximum(a, b).sum())
    return float(np.abs(a - b).sum()) / size if size else 0.0


def model_id(model: AdaINModel) -> str:
    """What to cite a result's model by: the card's name and version, or 12 digits of the weights' SHA-256."""
    name, version = (str(model.card.get(key) or "") for key in ("name", "version"))
    if name and version:
        return f"{name} {version}"
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.cpu().numpy().tobytes())
    return f"{name} {digest.hexdigest()[:12]}".strip()


def _probability(logits: Tensor) -> np.ndarray:
    return logits.float().softmax(1).cpu().numpy()


def _lung(probability: np.ndarray) -> np.ndarray:
    return probability[RIGHT] + probability[LEFT]
