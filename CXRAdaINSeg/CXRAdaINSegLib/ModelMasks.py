"""Masks of status auto for images of the session: each read, predicted by the engine, and kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from .logic.Predictions import Predictions
from .logic.ReadAhead import ReadAhead
from .processes.SessionWorker import SessionWorker

READ_AHEAD = 2  # images that wait for the engine


class ModelMasks:
    """One run over `keys`, in their order; begins at once.

    onMade(key, disagreement or None): a mask was kept. onEnd(failed, text): how many could not be segmented,
    and why it ended before the last, "" where it did not.
    """

    def __init__(
        self,
        worker: SessionWorker,
        reading: ReadAhead,
        predictions: Predictions,
        keys: Iterable[str],
        mode: str,
        reasons: bool,
        onMade: Callable[[str, float | None], None],
        onEnd: Callable[[int, str], None],
    ):
        self._worker, self._reader, self._predictions = worker, reading, predictions
        self._mode, self._reasons = mode, reasons
        self._onMade, self._onEnd = onMade, onEnd
        self._toRead = deque(keys)
        self._ready: deque[tuple[str, object]] = deque()  # keys and radiographs
        self._reading = self._predicting = self._keeping = 0
        self._request: int | None = None
        self._failed = 0
        self._ended = False
        self._goOn()

    def cancel(self, text: str = "") -> None:
        """Make no more; those that are kept stay."""
        request, self._request = self._request, None
        self._end(text)
        if request is not None:
            self._predictions.cancel(request)

    def _goOn(self) -> None:
        if self._ended:
            return
        while self._toRead and self._reading + len(self._ready) < READ_AHEAD:
            self._read(self._toRead.popleft())
        if self._ready and not self._predicting:
            self._predict(*self._ready.popleft())
        if not (self._toRead or self._ready or self._reading or self._predicting or self._keeping):
            self._end("")

    def _read(self, key: str) -> None:
        self._reading += 1

        def arrived(found):
            self._reading -= 1
            self._ready.append((key, found))
            self._goOn()

        def failed(text, code):
            self._reading -= 1
            self._missed(text, code)

        self._reader.read(key, arrived, failed)

    def _predict(self, key: str, found) -> None:
        self._predicting += 1

        def predicted(header, arrays):
            self._predicting, self._request = 0, None
            if not self._ended:
                self._keep(key, header, arrays["labels"])
            self._goOn()

        def failed(text, code):
            self._predicting, self._request = 0, None
            self._missed(text, code)

        fields = {
            "key": key,
            "name": found.name,
            "inverted": found.inverted,
            "window": found.window,
            "spacing": found.spacing,
        }
        views = ("disagreement",) if self._reasons else ()
        self._request = self._predictions.request(fields, found.pixels, self._mode, views, predicted, failed)

    def _keep(self, key: str, header: dict, labels) -> None:
        self._keeping += 1

        def kept(_header, _arrays):
            self._keeping -= 1
            if not self._ended:
                self._onMade(key, header["disagreement_score"])
            self._goOn()

        def failed(text, code):
            self._keeping -= 1
            self._end(text)

        origin = {
            "model_id": header["model_id"],
            "model_hash": header["model_hash"],
            "mode": header["mode"],
            "flags": [flag["code"] for flag in header["flags"]],
            "disagreement": header["disagreement_score"],
        }
        self._worker.request(
            "keep", {"labels": labels}, onResult=kept, onError=failed, key=key, origin=origin
        )

    def _missed(self, text: str, code: str) -> None:
        """One image that cannot be segmented; where it is not the image's fault, the last one."""
        if code != "radiograph":
            self._end("" if code == "cancelled" else text)
            return
        self._failed += 1
        self._goOn()

    def _end(self, text: str) -> None:
        if not self._ended:
            self._ended = True
            self._ready.clear()
            self._toRead.clear()
            self._onEnd(self._failed, text)
