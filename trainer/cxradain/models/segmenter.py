"""From a radiograph to both lungs: letterbox, network, clean-up, and back to full size.

Numpy only; a backend runs the network (`devices.Backend`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..imaging.assessment import UpperPart, assess
from ..imaging.exposed import content
from ..imaging.letterbox import Letterbox
from ..imaging.lungs import BACKGROUND, LEFT, RIGHT, clean_probability, most_probable_labels
from ..imaging.quality import MaskQuality
from ..imaging.radiograph import Radiograph
from .backends import open_backend
from .devices import Backend, BackendName, CanvasPrediction, Precision
from .registry import default_model
from .tasks import MODES, Mode

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, eq=False)
class Prediction:
    """The lungs in one radiograph of (H, W) pixels.

    `as_normal`, `disagreement` and `disagreement_score` are None without `explain`, `quality` is None without
    `quality` (arguments of `Segmenter.predict`).
    """

    radiograph: Radiograph
    labels: np.ndarray
    """(H, W) uint8: 0 background, 1 the patient's right lung, 2 the left."""
    find_probability: Callable[[], np.ndarray] = field(repr=False)
    """Computes `probability`, which is slow for a large radiograph and rarely used."""
    canvas_probability: np.ndarray
    """(3, S, S) float32 in 0..1: the network's output on its canvas, of background, right and left lung. It
    still contains what the clean-up removed, which a click may bring back."""
    mode: Mode
    model_id: str
    device: str
    quality: MaskQuality | None = None
    """How likely the masks are right, what argues against them, and where."""
    notes: tuple[str, ...] = ()
    """What was done differently from the request, for people."""
    as_normal: np.ndarray | None = None
    """(H, W) float32 in 0..1: the radiograph translated to the normal domain, which the teacher segments."""
    disagreement: np.ndarray | None = None
    """(H, W) float32 in 0..1: |lung probability - the teacher's| (in teacher mode: - the student's)."""
    disagreement_score: float | None = None
    """0 (equal) to 1 (no overlap): `disagreement_score()` of the two."""

    @cached_property
    def probability(self) -> np.ndarray:
        """(H, W) float32 in 0..1: the probability of lung, right or left."""
        return self.find_probability()

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes of `lungs.FLAG_TEXT`, why to look at the masks; empty if nothing stands out."""
        return self.quality.flags if self.quality is not None else ()

    @property
    def right(self) -> np.ndarray:
        """(H, W) bool: the patient's right lung."""
        return self.labels == RIGHT

    @property
    def left(self) -> np.ndarray:
        """(H, W) bool: the patient's left lung."""
        return self.labels == LEFT


class Segmenter:
    """A loaded model that segments radiographs.

    Args:
        model: a model's folder, None for the one in use (`registry.default_model`), or a torch module with
            `config`, `card` and `segment` like AdaINModel, which is copied.
        device: "auto" (a GPU if the backend has one, else the CPU), "cpu", "cuda", "cuda:N"; with torch also
            "mps", with ONNX Runtime "directml" and "coreml".
        precision: "fp32", "bf16", "fp16" or "auto", which is fp32 except for torch on CUDA.
        backend: "onnxruntime", "torch" or "auto" (`backends.choose_backend`), or a backend, which replaces
            the other three arguments.

    Attributes:
        card: the model's card.
        canvas: side of the network's square input, in pixels.
        model_id: how to cite the model: name and version, or part of the weights' hash.
        device: the device in use, for people, e.g. "cuda:0 (NVIDIA H100)".

    On the CPU, results are reproducible bit by bit. Raises ModelError and DeviceError.
    """

    def __init__(
        self,
        model: nn.Module | str | Path | None = None,
        device: str = "auto",
        precision: Precision = "auto",
        backend: Backend | BackendName = "auto",
    ) -> None:
        if isinstance(backend, str):
            backend = open_backend(default_model() if model is None else model, device, precision, backend)
        self.backend: Backend = backend
        self.card, self.canvas = backend.card, backend.canvas
        self.model_id, self.device = backend.model_id, backend.device

    def predict(
        self, radiograph: Radiograph, mode: Mode = "student", explain: bool = False, quality: bool = True
    ) -> Prediction:
        """Segment both lungs of one radiograph; see `predict_batch`."""
        return self.predict_batch([radiograph], mode, explain, quality)[0]

    def predict_batch(
        self,
        radiographs: Sequence[Radiograph],
        mode: Mode = "student",
        explain: bool = False,
        quality: bool = True,
    ) -> list[Prediction]:
        """Segment both lungs of each radiograph, all in one batch.

        The network sees them upright, turned as their facts say, and without wide borders
        (`exposed.content`); the results are mapped back to the stored pixels.

        Args:
            radiographs: of any sizes.
            mode: student, teacher or direct, as in `AdaINModel.segment`.
            explain: adds the as-normal translation and the disagreement (two more passes).
            quality: adds the quality of the masks (one more pass, in teacher mode two).

        Raises RadiographError, naming the radiograph, for one without contrast, and ValueError for an unknown
        mode.
        """
        if mode not in MODES:
            raise ValueError(f"no mode {mode!r}: one of {', '.join(MODES)}")
        if not radiographs:
            return []
        upright = [radiograph.upright() for radiograph in radiographs]
        parts, places, images, upper = [], [], [], []
        for each in upright:
            intensities = each.intensities()
            places.append(content(intensities))
            part = each.part(*places[-1])
            intensities = intensities if part is each else part.intensities()
            parts.append((part, part.letterbox(self.canvas)))
            images.append(parts[-1][1].to_canvas(intensities))
            if quality:
                upper.append(UpperPart(parts[-1][1]).to_canvas(intensities))
        outputs = self._compute(images, mode, explain)
        again: list[np.ndarray | None] = [None] * len(parts)
        if quality:
            answers = self._compute(upper, mode)
            again = [
                UpperPart(letterbox).on_whole(answer.probability)
                for (_, letterbox), answer in zip(parts, answers, strict=True)
            ]
        found = [
            self._finish(*part, output, mode, answer)
            for part, output, answer in zip(parts, outputs, again, strict=True)
        ]
        return [
            turned_back(put_back(prediction, whole, place), radiograph)
            for prediction, whole, place, radiograph in zip(found, upright, places, radiographs, strict=True)
        ]

    def _compute(
        self, canvases: list[np.ndarray], mode: Mode, explain: bool = False
    ) -> list[CanvasPrediction]:
        """Run the network on canvases (S, S) in 0..1."""
        return self.backend.predict(np.stack(canvases)[:, np.newaxis] * 2 - 1, mode, explain)

    def _finish(
        self,
        radiograph: Radiograph,
        letterbox: Letterbox,
        output: CanvasPrediction,
        mode: Mode,
        upper: np.ndarray | None = None,
    ) -> Prediction:
        """From the network's output to the radiograph's size; `upper` as in `assess`."""
        cleaned = clean_probability(output.probability)
        shown = letterbox.reached_from(most_probable_labels(cleaned) != BACKGROUND)
        labels = np.zeros(radiograph.shape, np.uint8)
        labels[shown] = most_probable_labels(letterbox.from_canvas(cleaned, shown))
        prediction = Prediction(
            radiograph=radiograph,
            labels=labels,
            find_probability=lambda: _lung(letterbox.from_canvas(cleaned)),
            canvas_probability=output.probability,
            mode=mode,
            model_id=self.model_id,
            device=output.device,
            quality=None if upper is None else assess(cleaned, output.probability, upper, letterbox),
            notes=output.notes,
        )
        if output.other_probability is None or output.as_normal is None:
            return prediction
        own, other = _lung(cleaned), _lung(clean_probability(output.other_probability))
        return replace(
            prediction,
            as_normal=letterbox.from_canvas(np.clip(output.as_normal / 2 + 0.5, 0, 1)),
            disagreement=letterbox.from_canvas(np.abs(own - other)),
            disagreement_score=disagreement_score(own, other),
        )


def put_back(prediction: Prediction, radiograph: Radiograph, place: tuple[slice, slice]) -> Prediction:
    """A prediction for some rows and columns of a radiograph, mapped to all of it."""
    if prediction.radiograph is radiograph:
        return prediction

    def whole(value: np.ndarray) -> np.ndarray:
        result = np.zeros((*value.shape[:-2], *radiograph.shape), value.dtype)
        result[(..., *place)] = value
        return result

    probability = prediction.canvas_probability
    before, after = (each.letterbox(probability.shape[-1]) for each in (prediction.radiograph, radiograph))
    canvas = after.to_canvas(whole(before.from_canvas(probability)))
    canvas[BACKGROUND] += 1 - canvas.sum(axis=0)  # which is all that is around the part
    quality = prediction.quality and prediction.quality.moved(place[0].start, place[1].start)
    return _mapped(prediction, radiograph, whole, canvas, quality)


def turned_back(prediction: Prediction, radiograph: Radiograph) -> Prediction:
    """A prediction for `radiograph.upright()`, turned back to the stored pixels of the radiograph."""
    turn = radiograph.facts.turn
    if not turn:
        return prediction

    def back(value: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(turn.undo(value))

    size = prediction.canvas_probability.shape[-1]
    before, after = (each.letterbox(size) for each in (prediction.radiograph, radiograph))
    # The image may be a pixel off center, so turning the whole canvas would misplace it.
    canvas = np.zeros_like(prediction.canvas_probability)
    canvas[BACKGROUND] = 1
    canvas[(slice(None), *after.content)] = turn.undo(
        prediction.canvas_probability[(slice(None), *before.content)]
    )
    quality = prediction.quality and prediction.quality.turned_back(turn, radiograph.shape)
    return _mapped(prediction, radiograph, back, canvas, quality)


def _mapped(
    prediction: Prediction,
    radiograph: Radiograph,
    mapping: Callable[[np.ndarray], np.ndarray],
    canvas: np.ndarray,
    quality: MaskQuality | None,
) -> Prediction:
    """The prediction with its images mapped to another radiograph's pixels, and with that one's quality."""
    as_normal, disagreement = prediction.as_normal, prediction.disagreement
    return replace(
        prediction,
        radiograph=radiograph,
        labels=mapping(prediction.labels),
        find_probability=lambda: mapping(prediction.probability),
        canvas_probability=canvas,
        quality=quality,
        as_normal=None if as_normal is None else mapping(as_normal),
        disagreement=None if disagreement is None else mapping(disagreement),
    )


def disagreement_score(a: np.ndarray, b: np.ndarray) -> float:
    """How much two lung probability maps differ: 0 (equal) to 1 (no overlap).

    The soft 1 - IoU, sum |a - b| / sum max(a, b); 0 for two maps without lung.
    """
    size = float(np.maximum(a, b).sum())
    return float(np.abs(a - b).sum()) / size if size else 0.0


def _lung(probability: np.ndarray) -> np.ndarray:
    return probability[RIGHT] + probability[LEFT]
