"""The model's predictions for volumes, requested once and cached while the image is unchanged."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from cxradain.imaging.quality import MaskQuality

from ..processes.EngineProcess import FAILED, OFF, STARTING
from ..scene.MaskProvenance import ModelMask
from ..scene.VolumeImages import imageKey, radiographFields
from ..Settings import setting
from ..Signal import Signal

MAX_CACHED = 8  # predictions
OUTDATED = ("", "")  # instead of the loaded device and model: those in the settings must be loaded


@dataclass
class CachedPrediction:
    """A result of the engine; its arrays are kept compressed, because they are large and mostly uniform."""

    mode: str
    modelId: str
    modelHash: str = ""
    device: str = ""
    backend: str = ""
    notes: tuple[str, ...] = ()
    suspicions: tuple[str, ...] = ()  # codes in suspicion.BY_CODE
    quality: MaskQuality | None = None
    score: float | None = None  # disagreement of student and teacher, 0..1
    seconds: float | None = None
    shape: tuple[int, int] = (0, 0)
    _arrays: dict[str, bytes] = field(default_factory=dict)

    def store(self, name: str, array: np.ndarray) -> None:
        """Add an (H, W) uint8 array under a name."""
        self.shape = array.shape
        self._arrays[name] = zlib.compress(np.ascontiguousarray(array).data, 1)

    def has(self, name: str) -> bool:
        """Whether it has an array."""
        return name in self._arrays

    def array(self, name: str) -> np.ndarray:
        """(H, W) uint8. Raises KeyError."""
        return np.frombuffer(zlib.decompress(self._arrays[name]), np.uint8).reshape(self.shape)

    @property
    def labels(self) -> np.ndarray:
        """(H, W) uint8: 0, 1 right lung, 2 left."""
        return self.array("labels")

    @property
    def mask(self) -> ModelMask:
        """The labels with their origin."""
        return ModelMask(self.labels, self.modelId, self.modelHash, self.mode, self.suspicions, self.quality)


def qualityIn(header: dict) -> MaskQuality | None:
    """The quality estimate in the engine's answer, or None."""
    return MaskQuality.from_json(header["quality"]) if header["quality"] is not None else None


class Predictions:
    """Requests and caches predictions. engine: an EngineProcess, or an object with its interface.

    Signal: outdated(), predictions were dropped because another model may be in use.
    """

    def __init__(self, engine):
        self.engine = engine
        self.outdated = Signal()
        self._cache: OrderedDict[tuple[str, str, str, int], CachedPrediction] = OrderedDict()
        self._generation = 0  # of the model in use: an answer of a former one may still be on its way
        self._loaded: tuple[str, str] | None = None  # device and model that the engine has loaded
        engine.stateChanged.connect(self._onState)

    def clear(self) -> None:
        """Empty the cache."""
        self._cache.clear()

    def cached(self, volume, mode: str, model: str | None = None) -> CachedPrediction | None:
        """The cached prediction for a volume, or None. model: a folder; None: the model in the settings."""
        return self._cache.get(self._cacheKey(volume, mode, model))

    def predict(
        self,
        volume,
        mode: str,
        views: tuple[str, ...],
        onDone: Callable[[CachedPrediction], None],
        onProgress: Callable[[float, str], None],
        onError: Callable[[str, str], None],
        model: str | None = None,
    ) -> int | None:
        """Predict a volume; returns the request's id, or None if cached, with `onDone` called at once.

        model: a model's folder; None: the model in the settings. Raises VolumeImages.UnfitVolume.
        """
        prediction = self.cached(volume, mode, model)
        if prediction is not None and all(prediction.has(view) for view in views):
            onDone(prediction)
            return None
        name = self._cacheKey(volume, mode, model)
        fields, pixels = radiographFields(volume)

        def onResult(header, arrays):
            onDone(self._store(name, header, arrays))

        return self.predictPixels(fields, pixels, mode, views, onResult, onError, onProgress, model)

    def predictPixels(
        self, fields, pixels, mode, views, onResult, onError, onProgress=None, model: str | None = None
    ) -> int:
        """Predict (H, W) pixels without caching; returns the request's id. model: as in `predict`."""
        self.ensureModel(onError, model)
        arrays = {"pixels": pixels}
        return self.engine.request(
            "predict", arrays, onResult, onProgress, onError, mode=mode, views=list(views), **fields
        )

    def identify(self, onDone: Callable[[str, str], None], onError: Callable[[str, str], None]) -> int:
        """Load the model in the settings; onDone(model id, hash of its weights). Returns the request's id."""
        return self._load(lambda header, arrays: onDone(header["model_id"], header["model_hash"]), onError)

    def modelChanged(self) -> None:
        """Another model is in use: empty the cache, and load the model before the next request."""
        self._loaded = OUTDATED
        self._drop()

    def score(self, volume, mask: ModelMask) -> float | None:
        """The disagreement of student and teacher on a volume, 0..1, by a mask's model; None if unknown."""
        image, model = imageKey(volume), mask.modelHash
        made = [each for key, each in self._cache.items() if key[0] == image and each.modelHash == model]
        return next((each.score for each in made if each.score is not None), None)

    def ensureModel(self, onError, model: str | None = None) -> None:
        """Load a model, as in `predict`, on the device in the settings, unless it is loaded."""
        wanted = (setting("device"), _folder(model))
        if self._loaded == wanted or (self._loaded is None and wanted == ("auto", "")):
            return  # a new engine loads the default model by itself
        self._load(None, onError, model)

    def _load(self, onResult, onError, model: str | None = None) -> int:
        device, model = setting("device"), _folder(model)

        def onLoadError(text, code):
            self._loaded = OUTDATED
            onError(text, code)

        request = self.engine.request(
            "load", onResult=onResult, onError=onLoadError, device=device, model=model or None
        )
        self._loaded = (device, model)  # last: the request may start the engine, which resets this
        return request

    def _store(self, name, header, arrays) -> CachedPrediction:
        prediction = self._cache.pop(name, None)
        if prediction is None:
            prediction = CachedPrediction(
                mode=header["mode"],
                modelId=header["model_id"],
                modelHash=header.get("model_hash", ""),
                device=header["device"],
                backend=header.get("backend", ""),
                notes=tuple(header.get("notes", ())),
                suspicions=tuple(each["code"] for each in header["suspicions"]),
                quality=qualityIn(header),
                seconds=header.get("seconds"),
            )
        if header.get("disagreement_score") is not None:
            prediction.score = header["disagreement_score"]
        for key, array in arrays.items():
            prediction.store(key, array)
        self._cache[name] = prediction
        while len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)
        return prediction

    def _cacheKey(self, volume, mode: str, model: str | None) -> tuple[str, str, str, int]:
        return imageKey(volume), mode, _folder(model), self._generation

    def _onState(self, state: str, text: str) -> None:
        if state in (OFF, FAILED, STARTING):
            self._loaded = None
        if state in (OFF, FAILED):  # the next one may be of another Python, or load another default model
            self._drop()

    def _drop(self) -> None:
        self._generation += 1
        if self._cache:
            self.clear()
            self.outdated.emit()


def _folder(model: str | None) -> str:
    """A model's folder; for None that in the settings, where "" is the model in use."""
    return setting("model") if model is None else model
