"""What the model says of a volume: asked of the engine once, then kept while the image stays as it is."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..scene.VolumeImages import imageKey, radiographFields
from ..Settings import setting

KEPT = 8  # volumes
CHANGED = ("", "")  # in place of the device and model that the engine has: it is to load what is set


@dataclass
class Prediction:
    """One result of the engine; arrays are kept packed, for they are large and mostly alike."""

    mode: str
    modelId: str
    modelHash: str = ""
    device: str = ""
    notes: tuple[str, ...] = ()
    flags: tuple[dict, ...] = ()  # of "code" and "text"
    score: float | None = None  # disagreement of student and teacher, 0..1
    seconds: float | None = None
    shape: tuple[int, int] = (0, 0)
    _arrays: dict[str, bytes] = field(default_factory=dict)

    def keep(self, name: str, array: np.ndarray) -> None:
        """Keep an (H, W) uint8 array under a name."""
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


class Predictions:
    """Asks the engine; `engine` is an EngineProcess or what behaves like one."""

    def __init__(self, engine):
        self.engine = engine
        self._kept: OrderedDict[tuple[str, str, str], Prediction] = OrderedDict()
        self._loaded: tuple[str, str] | None = None  # device and model that the running engine has
        engine.stateChanged.connect(self._onState)

    def forget(self) -> None:
        """Drop all that is kept."""
        self._kept.clear()

    def known(self, volume, mode: str) -> Prediction | None:
        """What was said of a volume already."""
        return self._kept.get(self._name(volume, mode))

    def ask(
        self,
        volume,
        mode: str,
        views: tuple[str, ...],
        onDone: Callable[[Prediction], None],
        onProgress: Callable[[float, str], None],
        onError: Callable[[str, str], None],
    ) -> int | None:
        """Predict a volume; `onDone` at once and None where all is known, else the request's id to cancel.

        Raises VolumeImages.UnfitVolume.
        """
        found = self.known(volume, mode)
        if found is not None and all(found.has(view) for view in views):
            onDone(found)
            return None
        name = self._name(volume, mode)
        fields, pixels = radiographFields(volume)

        def onResult(header, arrays):
            onDone(self._keep(name, header, arrays))

        return self.request(fields, pixels, mode, views, onResult, onError, onProgress)

    def request(self, fields, pixels, mode, views, onResult, onError, onProgress=None) -> int:
        """Have the engine predict (H, W) pixels by the model that is set; nothing is kept of it here."""
        self._loadAsSet(onError)
        return self.engine.request(
            "predict",
            {"pixels": pixels},
            onResult=onResult,
            onProgress=onProgress,
            onError=onError,
            mode=mode,
            views=list(views),
            **fields,
        )

    def cancel(self, identity: int) -> None:
        """Want a request no more."""
        self.engine.cancel(identity)

    def identify(self, onDone: Callable[[str, str], None], onError: Callable[[str, str], None]) -> int:
        """Have the engine load the model that is set, and say which: onDone(id, hash of its weights)."""
        return self._load(lambda header, arrays: onDone(header["model_id"], header["model_hash"]), onError)

    def modelChanged(self) -> None:
        """Another model has become the one to use: forget what the last one said, and load this one."""
        self.forget()
        self._loaded = CHANGED

    def madeBy(self, volume, modelId: str, labels: np.ndarray) -> Prediction | None:
        """What a model said of a volume: that with these labels, else the last."""
        key = imageKey(volume)
        said = [kept for name, kept in self._kept.items() if name[0] == key and kept.modelId == modelId]
        same = (kept for kept in said if np.array_equal(kept.labels, labels))
        return next(same, said[-1] if said else None)

    def _loadAsSet(self, onError) -> None:
        """Have the engine load the chosen model on the chosen device, unless it has."""
        wanted = (setting("device"), setting("model"))
        if self._loaded == wanted or (self._loaded is None and wanted == ("auto", "")):
            return  # a new engine loads its own model by itself
        self._load(None, onError)

    def _load(self, onResult, onError) -> int:
        device, model = setting("device"), setting("model")

        def onLoadError(text, code):
            self._loaded = CHANGED
            onError(text, code)

        request = self.engine.request(
            "load", onResult=onResult, onError=onLoadError, device=device, model=model or None
        )
        self._loaded = (device, model)  # after the request, for an engine that starts has none yet
        return request

    def _keep(self, name, header, arrays) -> Prediction:
        prediction = self._kept.pop(name, None)
        if prediction is None:
            prediction = Prediction(
                mode=header["mode"],
                modelId=header["model_id"],
                modelHash=header.get("model_hash", ""),
                device=header["device"],
                notes=tuple(header.get("notes", ())),
                flags=tuple(header.get("flags", ())),
                seconds=header.get("seconds"),
            )
        if header.get("disagreement_score") is not None:
            prediction.score = header["disagreement_score"]
        for key, array in arrays.items():
            prediction.keep(key, array)
        self._kept[name] = prediction
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return prediction

    def _name(self, volume, mode: str) -> tuple[str, str, str]:
        return imageKey(volume), mode, setting("model")

    def _onState(self, state: str, text: str) -> None:
        if state in ("off", "failed", "starting"):
            self._loaded = None
