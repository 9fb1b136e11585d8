"""All images of the session segmented in the background, with how far it is and how long it will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from slicer.i18n import tr as _

from ..processes.SessionWorker import SessionWorker
from .OpenSession import OpenSession
from .Predictions import Predictions
from .ReadAhead import ReadAhead


class SegmentAll:
    """Makes masks where the model that is set has made none in this mode, nor the reader any.

    onMade(key, disagreement), onProgress(done 0..1, text), onEnd(text).
    """

    def __init__(
        self,
        opened: OpenSession,
        predictions: Predictions,
        onMade: Callable[[str, float | None], None],
        onProgress: Callable[[float, str], None],
        onEnd: Callable[[str], None],
    ):
        self._opened, self._predictions = opened, predictions
        self._onMade, self._onProgress, self._onEnd = onMade, onProgress, onEnd
        self._masks: ModelMasks | None = None
        self._turn: object = None  # of a start that still finds out what there is to do
        self._done = self._total = 0
        self._began = 0.0

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._turn is not None

    def start(self, mode: str, reader: str) -> None:
        """Begin; nothing where it runs already."""
        if self.running or self._opened.session is None:
            return
        turn = self._turn = object()
        self._onProgress(0.0, _("Loading the model"))

        def identified(modelId, modelHash):
            if self._turn is turn:
                self._opened.worker.request(
                    "lacking", onResult=listed, onError=failed, model_hash=modelHash, mode=mode, reader=reader
                )

        def listed(header, arrays):
            if self._turn is turn:
                self._begin(bytes(arrays["keys"]).decode().split(), mode)

        def failed(text, code):
            if self._turn is turn:
                self._ended(text)

        self._predictions.identify(identified, failed)

    def cancel(self) -> None:
        """Stop; the masks that were made stay."""
        if self._masks is not None:
            self._masks.cancel(_("Cancelled; the masks that were made stay."))
        elif self.running:
            self._ended(_("Cancelled."))

    def _begin(self, keys: list[str], mode: str) -> None:
        if not keys:
            self._ended(_("All images have masks of this model or yours already."))
            return
        self._done, self._total, self._began = 0, len(keys), time.monotonic()
        self._onProgress(0.0, f"0/{self._total}")
        worker = self._opened.worker
        # A reader of its own: the images at hand are not to give way to those that pass by.
        self._masks = ModelMasks(
            worker, ReadAhead(worker), self._predictions, keys, mode, True, self._made, self._finished
        )

    def _made(self, key: str, disagreement: float | None) -> None:
        self._done += 1
        left = (time.monotonic() - self._began) / self._done * (self._total - self._done)
        text = _("{done}/{total}, about {time} left").format(
            done=self._done, total=self._total, time=inWords(left)
        )
        self._onProgress(self._done / self._total, text)
        self._onMade(key, disagreement)

    def _finished(self, failed: int, text: str) -> None:
        lines = [text or _("{done} of {total} images segmented.").format(done=self._done, total=self._total)]
        if failed:
            lines.append(_("{count} could not be read or have no contrast.").format(count=failed))
        self._ended("\n".join(lines))

    def _ended(self, text: str) -> None:
        self._masks, self._turn = None, None
        self._onEnd(text)


def inWords(seconds: float) -> str:
    """A time, as people say it."""
    if seconds < 90:
        return _("{count} s").format(count=round(seconds))
    if seconds < 90 * 60:
        return _("{count} min").format(count=round(seconds / 60))
    return _("{count} h").format(count=f"{seconds / 3600:.1f}")


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
        self._request = self._predictions.predictPixels(
            fields, found.pixels, self._mode, views, predicted, failed
        )

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
