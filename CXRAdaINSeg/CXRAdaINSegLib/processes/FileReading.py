"""Radiographs' files read one after the other, in a thread, while the window goes on: it waits for none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread

from cxradain.imaging import decoder
from cxradain.imaging.decoder import DecoderError
from cxradain.imaging.radiograph import Radiograph, RadiographError, find_radiographs, read_radiograph

from .. import Widgets as ui

INTERVAL = 20  # ms between two looks at what the thread has read
SLICE = 0.005  # s a look: Python's threads may run only while the window's one waits
AHEAD = 2  # radiographs that are kept till the window takes them


class FileReading:
    """Reads files, and all images in folders, at once.

    The thread touches nothing of Qt or MRML: onRead(radiograph), onProblem(text), which names the file, and
    at last onEnd() are called from the event loop, on the main thread.
    """

    def __init__(
        self,
        paths: Iterable[str | Path],
        onRead: Callable[[Radiograph], None],
        onProblem: Callable[[str], None],
        onEnd: Callable[[], None],
    ):
        self._onRead, self._onProblem, self._onEnd = onRead, onProblem, onEnd
        self._arrived: Queue[Radiograph | str | None] = Queue(AHEAD)
        self._cancelled, self._closed = Event(), Event()
        self._timer = ui.singleShotTimer(INTERVAL, self._look)
        Thread(target=self._run, args=(list(paths),), daemon=True).start()
        self._timer.start()

    @property
    def cancelled(self) -> bool:
        """Whether the rest of the files is left out."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Read no more: the file at hand is given up, whatever it does. onEnd follows."""
        self._cancelled.set()
        decoder.interrupt()

    def close(self) -> None:
        """Read no more, and call nobody back."""
        self._timer.stop()
        self._closed.set()
        self.cancel()

    def _run(self, paths: list[str | Path]) -> None:
        try:
            for path in find_radiographs(paths):
                try:
                    self._put(read_radiograph(path))
                except (RadiographError, DecoderError) as error:
                    self._put(str(error))
                if self._cancelled.is_set():
                    break
        except OSError as error:
            self._put(str(error))
        finally:
            self._put(None)

    def _put(self, item: Radiograph | str | None) -> None:
        """Wait until the window takes it; once it was cancelled nothing but the end is of interest."""
        while item is None or not self._cancelled.is_set():
            if self._closed.is_set():
                return
            with suppress(Full):
                self._arrived.put(item, timeout=0.1)
                return

    def _look(self) -> None:
        try:
            item = self._arrived.get(timeout=SLICE)
        except Empty:
            self._timer.start()
            return
        if item is None:
            self._onEnd()
            return
        self._timer.start()
        if isinstance(item, str):
            self._onProblem(item)
        else:
            self._onRead(item)
