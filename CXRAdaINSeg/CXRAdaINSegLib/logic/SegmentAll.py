"""Segments the session's images in the background: all, with progress and time left, or the next few."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

from cxradain.imaging.radiograph import Radiograph
from cxradain.imaging.turn import Turn
from slicer.i18n import tr as _

from ..Texts import durationText
from .ReadAhead import ReadAhead
from .Worklist import Worklist

READ_AHEAD = 2  # images to read while the engine is working
# The session worker's error codes: the session does not have the image, or it was turned meanwhile.
REMOVED, TURNED = "no_image", "turned"


class SegmentAll:
    """Segments the images that have no mask by the reader, nor by the chosen model in this mode.

    onMade(key), onProgress(done 0..1, text), onEnd(text).
    """

    def __init__(
        self,
        worklist: Worklist,
        onMade: Callable[[str], None],
        onProgress: Callable[[float, str], None],
        onEnd: Callable[[str], None],
    ):
        self._worklist = worklist
        self._onMade, self._onProgress, self._onEnd = onMade, onProgress, onEnd
        self._masks: ModelMasks | None = None
        self._run: object = None  # identifies the run, so that late callbacks of a cancelled one are dropped
        self._done = self._total = 0
        self._began = 0.0

    @property
    def running(self) -> bool:
        """Whether it is running."""
        return self._run is not None

    def start(self, mode: str, reader: str) -> None:
        """Start, unless it is running."""
        if self.running or self._worklist.session is None:
            return
        run = self._run = object()
        self._onProgress(0.0, _("Loading the model"))

        def identified(modelId, modelHash):
            if self._run is run:
                self._worklist.opened.worker.request(
                    "unsegmented",
                    onResult=listed,
                    onError=failed,
                    model_hash=modelHash,
                    mode=mode,
                    reader=reader,
                )

        def listed(header, arrays):
            if self._run is run:
                self._begin(bytes(arrays["keys"]).decode().split(), mode)

        def failed(text, code):
            if self._run is run:
                self._ended(text)

        self._worklist.segmenting.predictions.identify(identified, failed)

    def cancel(self) -> None:
        """Cancel; masks made so far stay."""
        if self._masks is not None:
            self._masks.cancel(_("Cancelled; the masks that were made stay."))
        elif self.running:
            self._ended(_("Cancelled."))

    def _begin(self, keys: list[str], mode: str) -> None:
        if not keys:
            isEmpty = not self._worklist.session.images()
            allDone = _("All images have masks of this model or yours already.")
            self._ended(_("The session has no radiographs yet. Add some.") if isEmpty else allDone)
            return
        self._done, self._total, self._began = 0, len(keys), time.monotonic()
        self._onProgress(0.0, f"0/{self._total}")
        # A cache of its own, so that the images near the current one stay in the worklist's.
        readAhead = ReadAhead(self._worklist.opened.worker)
        self._masks = ModelMasks(self._worklist, readAhead, keys, mode, self._made, self._finished)

    def _made(self, key: str) -> None:
        self._done += 1
        left = (time.monotonic() - self._began) / self._done * (self._total - self._done)
        text = _("{done}/{total}, about {time} left").format(
            done=self._done, total=self._total, time=durationText(left)
        )
        self._onProgress(self._done / self._total, text)
        self._onMade(key)

    def _finished(self, failed: int, text: str) -> None:
        total = self._total - (self._masks.removed if self._masks is not None else 0)
        lines = [text or _("Images segmented: {done} of {total}.").format(done=self._done, total=total)]
        if failed:
            lines.append(_("Not readable or without contrast: {count}.").format(count=failed))
        self._ended("\n".join(lines))

    def _ended(self, text: str) -> None:
        self._masks, self._run = None, None
        self._onEnd(text)


class ModelMasks:
    """Segments the images `keys` in this order, starting at once.

    onMade(key): a mask was saved. onEnd(failed, text): how many images could not be
    segmented, and why the run ended early, or "". `removed` counts those that are not in the session any
    more. An image that is turned while it is segmented is segmented again: its mask is of the turn before.
    """

    def __init__(
        self,
        worklist: Worklist,
        readAhead: ReadAhead,
        keys: Iterable[str],
        mode: str,
        onMade: Callable[[str], None],
        onEnd: Callable[[int, str], None],
    ):
        self._worker, self._readAhead = worklist.opened.worker, readAhead
        self._predictions = worklist.segmenting.predictions
        self._mode = mode
        self._onMade, self._onEnd = onMade, onEnd
        self._keys = deque(keys)
        self._busy = self._ended = False
        self._saving = self._failed = self.removed = 0
        self._request: int | None = None
        self._next()

    def cancel(self, text: str = "") -> None:
        """Cancel; masks saved so far stay."""
        request, self._request = self._request, None
        self._end(text)
        if request is not None:
            self._predictions.engine.cancel(request)

    def _next(self) -> None:
        """Predict the next image, and read those after it meanwhile."""
        if self._ended or self._busy:
            return
        if self._keys:
            self._busy = True
            key = self._keys.popleft()
            self._readAhead.read(key, partial(self._predict, key), self._skip)
            for later in islice(self._keys, READ_AHEAD):
                self._readAhead.read(later)
        elif not self._saving:
            self._end("")

    def _predict(self, key: str, radiograph: Radiograph) -> None:
        if self._ended:
            return

        def predicted(header, arrays):
            self._request, self._busy = None, False
            if not self._ended:
                self._save(key, header, arrays["labels"], radiograph.facts.turn)
            self._next()

        fields = {"key": key} | radiograph.to_json()
        self._request = self._predictions.predictPixels(
            fields, radiograph.pixels, self._mode, (), predicted, self._skip
        )

    def _save(self, key: str, header: dict, labels, turn: Turn) -> None:
        self._saving += 1

        def saved(_header, _arrays):
            self._saving -= 1
            if not self._ended:
                self._onMade(key)
            self._next()

        origin = {field: header[field] for field in ("model_id", "model_hash", "mode")}
        origin["flags"] = [each["code"] for each in header["suspicions"]]
        origin["disagreement"] = header["disagreement_score"]
        origin["quality"] = header["quality"]

        def failed(text, code):
            if code not in (REMOVED, TURNED):
                self._end(text)
                return
            self._saving -= 1
            if code == REMOVED:
                self.removed += 1
            elif not self._ended:
                self._readAhead.drop([key])
                self._keys.append(key)
            self._next()

        fields = {"key": key, "origin": origin, "turn": turn.to_json()}
        self._worker.request("keep", {"labels": labels}, saved, onError=failed, **fields)

    def _skip(self, text: str, code: str) -> None:
        """Skip an image that cannot be segmented or was removed; end the run if the image is not the
        cause."""
        self._request, self._busy = None, False
        if code == REMOVED:
            self.removed += 1
        elif code == "radiograph":
            self._failed += 1
        else:
            self._end("" if code == "cancelled" else text)
            return
        self._next()

    def _end(self, text: str) -> None:
        if not self._ended:
            self._ended = True
            self._keys.clear()
            self._onEnd(self._failed, text)
