"""All images of the session segmented in the background, with how far it is and how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable

from slicer.i18n import tr as _

from ..ModelMasks import ModelMasks
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
