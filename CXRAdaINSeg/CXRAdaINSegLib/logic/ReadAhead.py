"""Radiographs of the session, read by its worker, the last few kept: the next one is there at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from cxradain.imaging.radiograph import Radiograph

from ..processes.SessionWorker import SessionWorker

KEPT = 3  # the one before, the one at hand, the next one

OnDone = Callable[[Radiograph], None]
OnError = Callable[[str, str], None]


class ReadAhead:
    """Reads each image once, whoever asks for it meanwhile."""

    def __init__(self, worker: SessionWorker):
        self._worker = worker
        self._kept: OrderedDict[str, Radiograph] = OrderedDict()
        self._waiting: dict[str, list[tuple[OnDone, OnError]]] = {}

    def has(self, key: str) -> bool:
        """Whether an image is there already."""
        return key in self._kept

    def read(
        self, key: str, onDone: OnDone = lambda radiograph: None, onError: OnError = lambda text, code: None
    ) -> None:
        """Have an image, or only have it read ahead; `onDone` at once where it is there."""
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

        def callbacks():  # not of those who asked anew after all was forgotten
            return self._waiting.pop(key) if self._waiting.get(key) is waiting else ()

        self._worker.request("read", onResult=arrived, onError=failed, key=key)

    def drop(self, keys) -> None:
        """Read these images anew when they are next asked for: their files' headers were mended."""
        for key in keys:
            self._kept.pop(key, None)

    def forget(self) -> None:
        """Another session: keep nothing, and call nobody back."""
        self._kept.clear()
        self._waiting.clear()
