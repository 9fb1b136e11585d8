"""The engine's requests: load or try a model, segment a radiograph, refine a mask by a click.

Its libraries may print, so the server imports this module after redirecting the standard streams.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from ..frames import Message
from ..imaging.radiograph import SMALLEST, Radiograph, RadiographError
from ..imaging.suspicion import suspicions
from ..models.backends import runtime, try_model
from ..models.clicks import Click
from ..models.devices import BackendName, DeviceError, Precision
from ..models.folders import ModelError, weights_hash
from ..models.refinement import Evidence, refine
from ..models.registry import Registry, RegistryError, default_model
from ..models.segmenter import Prediction, Segmenter
from ..models.tasks import MODES, Mode
from .protocol import VERSION, Reply, Report, RequestError

MAX_IMAGES = 4  # the most recent images, to which clicks may refer
VIEWS = ("probability", "as_normal", "disagreement")
# The reply's code for each error, and a suffix for its message.
ERRORS: dict[type[Exception], tuple[str, str]] = {
    ModelError: ("model", ". Choose another model, or install it again."),
    DeviceError: ("device", "."),
    RadiographError: ("radiograph", ""),
}


@dataclass
class _RecentImage:
    """A radiograph to which clicks may refer, with the loaded model's evidence."""

    radiograph: Radiograph
    evidence: Evidence | None = None


class InferenceService:
    """The service of requests on models (`protocol.Service`), with a backend (`backends.choose_backend`)."""

    def __init__(self, backend: BackendName = "auto") -> None:
        self._backend = backend
        self._segmenter: Segmenter | None = None
        self._model_hash = ""
        self._images: OrderedDict[str, _RecentImage] = OrderedDict()
        self._requests = {
            "hello": lambda request, report: (self.info(), {}),
            "load": self._load,
            "try": self._try,
            "predict": self._predict,
            "refine": self._refine,
        }

    def do(self, request: Message, report: Report) -> Reply:
        """As `protocol.Service.do`."""
        name = str(request.header.get("do"))
        if name not in self._requests:
            raise RequestError(
                f"The engine knows no request {name!r}. Are its version and the panel's one?", "internal"
            )
        try:
            return self._requests[name](request, report)
        except tuple(ERRORS) as error:
            code, advice = next(value for kind, value in ERRORS.items() if isinstance(error, kind))
            raise RequestError(f"{error}{advice}", code) from error
        except RuntimeError as error:
            if "CUDA" not in str(error) and "MPS" not in str(error):
                raise
            first = str(error).splitlines()[0]
            raise RequestError(
                f"The device failed: {first}. Restart the engine or choose the CPU.", "device"
            ) from error

    def info(self) -> dict[str, Any]:
        """Versions, the backend, devices with their memory in bytes, and models, the one in use first."""
        return {
            "protocol": VERSION,
            "version": __version__,
            "python": sys.version.split()[0],
            "executable": sys.executable,
            "models": _models(),
            **runtime(self._backend),
        }

    def _load(self, request: Message, report: Report) -> Reply:
        report(0.0, "Loading the model")
        fields = request.header
        folder = fields.get("model") or default_model()
        precision: Precision = fields.get("precision") or "auto"
        segmenter = Segmenter(folder, fields.get("device") or "auto", precision, self._backend)
        self._segmenter, self._model_hash = segmenter, weights_hash(folder)
        for image in self._images.values():  # of the previous model
            image.evidence = None
        loaded = {
            "model_id": segmenter.model_id,
            "model_hash": self._model_hash,
            "device": segmenter.device,
            "backend": segmenter.backend.name,
            "canvas": segmenter.canvas,
            "card": segmenter.card,
        }
        return loaded, {}

    def _try(self, request: Message, report: Report) -> Reply:
        """Load a model and run it once, beside the loaded one, before it may be promoted."""
        report(0.0, "Trying the model")
        try_model(Path(str(request.header["model"])))
        return {}, {}

    def _predict(self, request: Message, report: Report) -> Reply:
        mode = request.header.get("mode") or "student"
        views = list(request.header.get("views") or ())
        if mode not in MODES or not set(views) <= set(VIEWS):
            raise RequestError(f"no mode {mode!r} or no view among {views}", "internal")
        image = self._remember(request)
        explain = bool({"as_normal", "disagreement"} & set(views))
        prediction = self._segment(image, mode, explain, report)
        report(0.9, "Sending the masks")
        header = {
            "mode": mode,
            "model_id": prediction.model_id,
            "model_hash": self._model_hash,
            "device": prediction.device,
            "backend": self._segmenter.backend.name if self._segmenter else "",
            "notes": list(prediction.notes),
            "suspicions": [each.to_json() for each in suspicions(image.radiograph)],
            "quality": prediction.quality.to_json() if prediction.quality is not None else None,
            "disagreement_score": prediction.disagreement_score,
        }
        # 0..1 as uint8 0..255.
        pictures = {name: (getattr(prediction, name) * 255 + 0.5).astype(np.uint8) for name in views}
        return header, {"labels": prediction.labels, **pictures}

    def _refine(self, request: Message, report: Report) -> Reply:
        key = request.header["key"]
        if "pixels" in request.arrays:
            self._remember(request)
        if key not in self._images:
            raise RequestError(
                "The engine does not hold this image any more. Send it again.", "unknown_image"
            )
        self._images.move_to_end(key)
        image = self._images[key]
        shape, labels = image.radiograph.shape, request.arrays.get("labels")
        if labels is None or labels.shape != shape or labels.dtype != np.uint8:
            raise RequestError(f"a click needs the labels as they are, uint8 of {shape}", "internal")
        if image.evidence is None:
            # Without the quality, which would keep the click waiting.
            self._segment(image, "student", False, report, quality=False)
        assert image.evidence is not None  # set by segmenting
        try:
            click, *earlier = map(
                Click.from_json, [request.header["click"], *request.header.get("earlier", ())]
            )
            refinement = refine(labels, image.evidence, click, earlier)
        except ValueError as error:
            raise RequestError(str(error), "internal") from error
        header = {name: getattr(refinement, name) for name in ("changed", "box", "probability")}
        return header, {"patch": refinement.patch}

    def _remember(self, request: Message) -> _RecentImage:
        """Keep a request's image under its key, dropping the least recently used ones."""
        fields, pixels = request.header, request.arrays.get("pixels")
        if pixels is None or pixels.ndim != 2 or pixels.dtype == bool:
            raise RequestError("an image needs its pixels as an array of (H, W) numbers", "internal")
        name = str(fields.get("name") or "the image")
        if min(pixels.shape) < SMALLEST:
            raise RadiographError(name, f"is only {pixels.shape[1]} x {pixels.shape[0]} pixels.")
        if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
            raise RadiographError(
                name, "holds values that are no numbers (NaN or infinite). Export it again."
            )
        try:
            radiograph = Radiograph.from_json(pixels, fields)
        except ValueError as error:
            raise RequestError(f"{name}: {error}", "internal") from error
        self._images.pop(fields["key"], None)
        image = self._images[fields["key"]] = _RecentImage(radiograph)
        while len(self._images) > MAX_IMAGES:
            self._images.popitem(last=False)
        return image

    def _segment(
        self, image: _RecentImage, mode: Mode, explain: bool, report: Report, quality: bool = True
    ) -> Prediction:
        if self._segmenter is None:
            self._load(Message({}), report)
        assert self._segmenter is not None  # set by loading
        report(0.3, "Finding the lungs")
        prediction = self._segmenter.predict(image.radiograph, mode, explain, quality)
        image.evidence = Evidence(
            image.radiograph.intensities(), prediction.canvas_probability, image.radiograph.facts.aspect
        )
        return prediction


def _models() -> list[dict[str, str]]:
    """The models, the one in use first; none if the registry is damaged, which loading a model reports."""
    try:
        entries = sorted(Registry().models(), key=lambda entry: not entry.current)
    except RegistryError:
        return []
    return [
        {"name": entry.id, "path": str(entry.folder), "model_id": f"{entry.name} {entry.version}".strip()}
        for entry in entries
    ]
