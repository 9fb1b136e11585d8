"""The model's predictions for volumes: requested once, then cached while the image is unchanged."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from cxradain.imaging.quality import MaskQuality

from ..processes.EngineProcess import FAILED, OFF, STARTING
from ..scene.LungSegments import ModelMask
from ..scene.VolumeImages import imageKey, radiographFields
from ..Settings import setting

MAX_CACHED = 8  # predictions
OUTDATED = ("", "")  # in place of the engine's device and model: it has to load those of the settings


@dataclass
class CachedPrediction:
    """One result of the engine; its arrays are compressed, for they are large and mostly uniform."""

    mode: str
    modelId: str
    modelHash: str = ""
    device: str = ""
    backend: str = ""
    notes: tuple[str, ...] = ()
    suspicions: tuple[str, ...] = ()  # codes of suspicion.BY_CODE
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
        """Whether an array is there."""
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
        """The labels, and where they come from."""
        return ModelMask(self.labels, self.modelId, self.modelHash, self.mode, self.suspicions, self.quality)


def qualityIn(header: dict) -> MaskQuality | None:
    """How likely the masks in an answer of the engine are right, where it says that."""
    return MaskQuality.from_json(header["quality"]) if header["quality"] is not None else None


class Predictions:
    """Asks the engine; `engine` is an EngineProcess or what behaves like one."""

    def __init__(self, engine):
        self.engine = engine
        self._cache: OrderedDict[tuple[str, str, str], CachedPrediction] = OrderedDict()
        self._loaded: tuple[str, str] | None = None  # device and model that the running engine has
        engine.stateChanged.connect(self._onState)

    def clear(self) -> None:
        """Empty the cache."""
        self._cache.clear()

    def cached(self, volume, mode: str, model: str | None = None) -> CachedPrediction | None:
        """The prediction that is cached for a volume, by the model of the settings or of a folder."""
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
        """Predict a volume; `onDone` at once and None where it is cached, else the request's id.

        model: a model's folder; None: that of the settings. Raises VolumeImages.UnfitVolume.
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
        """Have the engine predict (H, W) pixels, without caching. model: as in `predict`."""
        self.ensureModel(onError, model)
        arrays = {"pixels": pixels}
        return self.engine.request(
            "predict", arrays, onResult, onProgress, onError, mode=mode, views=list(views), **fields
        )

    def identify(self, onDone: Callable[[str, str], None], onError: Callable[[str, str], None]) -> int:
        """Have the engine load the model of the settings; onDone(its id, hash of its weights)."""
        return self._load(lambda header, arrays: onDone(header["model_id"], header["model_hash"]), onError)

    def modelChanged(self) -> None:
        """Another model is in use: empty the cache, and have the engine load it at the next request."""
        self.clear()
        self._loaded = OUTDATED

    def score(self, volume, mask: ModelMask) -> float | None:
        """How far student and teacher disagree on a volume, where the model of a mask has been asked."""
        image, model = imageKey(volume), mask.modelHash
        made = [each for key, each in self._cache.items() if key[0] == image and each.modelHash == model]
        return next((each.score for each in made if each.score is not None), None)

    def ensureModel(self, onError, model: str | None = None) -> None:
        """Have the engine load a model, as in `predict`, on the device of the settings, unless it has."""
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
        self._loaded = (device, model)  # after the request, which may start the engine and so reset this
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

    def _cacheKey(self, volume, mode: str, model: str | None) -> tuple[str, str, str]:
        return imageKey(volume), mode, _folder(model)

    def _onState(self, state: str, text: str) -> None:
        if state in (OFF, FAILED, STARTING):
            self._loaded = None


def _folder(model: str | None) -> str:
    """The folder of a model, that of the settings for None; "" is the one that came along."""
    return setting("model") if model is None else model
