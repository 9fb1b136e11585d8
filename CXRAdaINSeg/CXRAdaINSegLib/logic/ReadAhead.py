"""Reads the session's radiographs ahead in its worker process, so that the next one is shown at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from cxradain.imaging.radiograph import Radiograph

from ..processes.SessionWorker import SessionWorker

KEPT = 3  # the previous, the current and the next image

OnDone = Callable[[Radiograph], None]
OnError = Callable[[str, str], None]


class ReadAhead:
    """Caches the last few images; an image requested again while it is being read is read only once."""

    def __init__(self, worker: SessionWorker):
        self._worker = worker
        self._kept: OrderedDict[str, Radiograph] = OrderedDict()
        self._waiting: dict[str, list[tuple[OnDone, OnError]]] = {}

    def has(self, key: str) -> bool:
        """Whether an image is cached."""
        return key in self._kept

    def read(
        self, key: str, onDone: OnDone = lambda radiograph: None, onError: OnError = lambda text, code: None
    ) -> None:
        """Read an image, then call `onDone`, at once if it is cached; no callbacks: only cache it."""
        if key in self._kept:
            self._kept.move_to_end(key)
            onDone(self._kept[key])
            return
        waiting = self._waiting.setdefault(key, [])
        waiting.append((onDone, onError))
        if len(waiting) > 1:
            return

        def arrived(header, arrays):
            self._kept[key] = radiograph = Radiograph.from_json(arrays["pixels"], header)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            for done, _failed in callbacks():
                done(radiograph)

        def failed(text, code):
            for _done, report in callbacks():
                report(text, code)

        def callbacks():  # not those of a newer request, made after `forget`
            return self._waiting.pop(key) if self._waiting.get(key) is waiting else ()

        self._worker.request("read", onResult=arrived, onError=failed, key=key)

    def drop(self, keys) -> None:
        """Remove images from the cache, because their headers have changed."""
        for key in keys:
            self._kept.pop(key, None)

    def forget(self) -> None:
        """Clear the cache and drop pending callbacks, for another session."""
        self._kept.clear()
        self._waiting.clear()
